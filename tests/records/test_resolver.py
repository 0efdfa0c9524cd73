"""Asking a real name server on this machine."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset
import pytest

from digest.errors import DnsError
from digest.records import open_resolver

HOST = "127.0.0.1"
RECORDS = {
    "TXT": '"v=spf1 " "-all"',
    "A": "203.0.113.1",
    "AAAA": "2001:db8::1",
    "MX": "10 mx.example.org.",
}


@contextmanager
def name_server(*, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> Iterator[int]:
    """Answer one question after the other about ``example.org`` on a free port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((HOST, 0))

    def serve() -> None:
        while True:
            query, asker = sock.recvfrom(4096)
            if not query:
                return
            sock.sendto(_answer(dns.message.from_wire(query), rcode), asker)

    thread = threading.Thread(target=serve)
    thread.start()
    port = sock.getsockname()[1]
    try:
        yield port
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HOST, port))
        thread.join()
        sock.close()


def _answer(query: dns.message.Message, rcode: dns.rcode.Rcode) -> bytes:
    answer = dns.message.make_response(query)
    answer.set_rcode(rcode)
    question = query.question[0]
    kind = question.rdtype.name
    if rcode == dns.rcode.NOERROR and str(question.name) == "example.org.":
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, RECORDS[kind]))
    return answer.to_wire()


def test_records_come_as_text() -> None:
    with name_server() as port:
        resolve = open_resolver(timeout=10, servers=[HOST], port=port)
        assert resolve("example.org", "TXT") == ("v=spf1 -all",)
        assert resolve("example.org", "A") == ("203.0.113.1",)
        assert resolve("example.org", "AAAA") == ("2001:db8::1",)
        assert resolve("example.org", "MX") == ("mx.example.org",)


def test_no_record_is_an_answer() -> None:
    with name_server() as port:
        resolve = open_resolver(timeout=10, servers=[HOST], port=port)
        assert resolve("other.example", "TXT") == ()
    with name_server(rcode=dns.rcode.NXDOMAIN) as port:
        resolve = open_resolver(timeout=10, servers=[HOST], port=port)
        assert resolve("example.org", "TXT") == ()


def test_a_server_that_fails_or_is_silent_is_none() -> None:
    with name_server(rcode=dns.rcode.REFUSED) as port:
        resolve = open_resolver(timeout=1, servers=[HOST], port=port)
        with pytest.raises(DnsError, match=r"do not tell the TXT records of example\.org"):
            resolve("example.org", "TXT")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((HOST, 0))
        resolve = open_resolver(timeout=0.2, servers=[HOST], port=silent.getsockname()[1])
        with pytest.raises(DnsError, match="LifetimeTimeout"):
            resolve("example.org", "A")


def test_a_name_that_is_none_is_told() -> None:
    with pytest.raises(DnsError):
        open_resolver(timeout=1, servers=[HOST])(f"{'a' * 70}.example.org", "TXT")
