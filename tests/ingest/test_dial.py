"""Only public addresses are dialled, whatever a name, a redirect or a name server says."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import RetrieveError
from digest.ingest.dial import Resolve, is_public, resolve
from digest.ingest.fetch import fetch, open_client
from digest.model import Validators
from tests.deliver.servers import certificate, tls
from tests.ingest.server import Pauses, Source, open_source

NOTHING = Validators()


@pytest.fixture
def source() -> Iterator[Source]:
    with open_source() as opened:
        yield opened


def ask(
    url: str, *, private: tuple[str, ...] = (), resolve: Resolve = resolve, attempts: int = 1
) -> bytes:
    with open_client(timeout=2, private=private, resolve=resolve) as client:
        payload = fetch(client, url, NOTHING, attempts=attempts, sleep=Pauses())
    assert payload is not None
    return payload.content


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "64:ff9b::7f00:1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::8.8.8.8",
        "fc00::1",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_what_not_everybody_may_reach_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2001:4860:4860::8888",
        "64:ff9b::8.8.8.8",
        "::ffff:8.8.8.8",
    ],
)
def test_what_everybody_may_reach_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_carried_by_another_is_never_more_public(inner: object) -> None:
    inner = ip_address(str(inner))
    number = int(inner)
    carriers = (0xFFFF << 32 | number, 0x2002 << 112 | number << 80, 0x64FF9B << 96 | number)
    assert {is_public(ip_address(carrier)) for carrier in carriers} == {is_public(inner)}


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.1", "0.0.0.0", "0"],
)
def test_no_spelling_of_a_local_host_is_asked(source: Source, host: str) -> None:
    with pytest.raises(RetrieveError, match=r"is no public address.*add .* to .*ingest\.private"):
        ask(f"http://{host}:{source.server_port}/owls")
    assert source.asked == []


def test_addresses_of_version_6_in_brackets_are_checked() -> None:
    for host in ("[::1]", "[::ffff:127.0.0.1]", "[::]", "[fe80::1]"):
        with pytest.raises(RetrieveError, match="is no public address"):
            ask(f"http://{host}:9/")


def test_a_redirect_is_checked_like_the_first_address(source: Source) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return {"papers.example.org": ["127.0.0.1"], "inside.example.org": ["10.1.2.3"]}[host]

    for target in ("inside.example.org/", "10.1.2.3/", "169.254.169.254/latest/meta-data/"):
        url = f"http://papers.example.org:{source.server_port}/to/{target}"
        with pytest.raises(RetrieveError, match="is no public address"):
            ask(url, private=("127.0.0.1",), resolve=lambda host, port: names(resolve, host, port))


def names(resolve: Resolve, host: str, port: int) -> list[str]:
    return [host] if host[0].isdigit() else resolve(host, port)


def test_one_address_that_is_not_public_spoils_the_name(source: Source) -> None:
    for answer in (["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["10.0.0.1"]):
        with pytest.raises(RetrieveError, match=r"papers\.example\.org leads to 1"):
            ask(
                f"http://papers.example.org:{source.server_port}/owls",
                resolve=lambda host, port, answer=answer: answer,  # type: ignore[misc]
            )
    assert source.asked == []


def test_a_name_server_that_changes_its_mind_is_not_asked_again(source: Source) -> None:
    answers = iter([["127.0.0.2", "127.0.0.1"], ["10.0.0.1"]])
    asked = ask(
        f"http://papers.example.org:{source.server_port}/owls",
        private=("127.0.0.0/30",),
        resolve=lambda host, port: next(answers),
    )
    assert asked == b"owls", "the second address is dialled when nobody answers at the first"
    with pytest.raises(RetrieveError, match=r"leads to 10\.0\.0\.1"):
        ask("http://papers.example.org/", resolve=lambda host, port: next(answers))


def test_what_the_operator_trusts_is_asked(source: Source) -> None:
    assert ask(source.url("owls"), private=("10.0.0.0/8", "127.0.0.0/8")) == b"owls"
    with pytest.raises(RetrieveError, match="is no public address"):
        ask(source.url("owls"), private=("127.0.0.2",))


def test_a_name_that_does_not_exist_is_said() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(RetrieveError, match=r"papers\.example\.org is not found: Name or service"):
        ask("http://papers.example.org/", resolve=resolve)
    for host in ("a" * 64 + ".example.org", "example..org"):
        with pytest.raises(RetrieveError, match=r"cannot be reached|no http or https address"):
            ask(f"http://{host}/")


def test_tls_is_checked_for_the_name_and_not_given_up_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path, "papers.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))

    def ask_there(host: str, path: str) -> bytes:
        url = f"https://ada:secret@{host}:{server.server_port}/{path}"
        return ask(url, private=("127.0.0.1",), resolve=lambda host, port: ["127.0.0.1"])

    with open_source(tls(pem)) as server:
        assert ask_there("papers.example.org", "owls") == b"owls"
        with pytest.raises(RetrieveError, match=r"cannot be reached .*certificate verify failed"):
            ask_there("other.example.org", "owls")
        leads = r"^https://papers\.example\.org:\d+/to/a\.org leads from https to http://a\.org"
        with pytest.raises(RetrieveError, match=leads):
            ask_there("papers.example.org", "to/a.org")


def test_the_proxy_of_the_environment_is_used_and_never_asked_for_local_addresses(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{source.server_port}")
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{source.server_port}")
    monkeypatch.setenv("no_proxy", "inside.example.org")
    with pytest.raises(RetrieveError, match="answers 404"):
        ask("http://papers.example.org/missing")
    assert source.lines[-1] == "GET http://papers.example.org/missing HTTP/1.1"
    for host in ("169.254.169.254", "2130706433", "[::1]"):
        with pytest.raises(RetrieveError, match="is no public address"):
            ask(f"http://{host}/")
    with pytest.raises(RetrieveError, match=r"inside\.example\.org leads to 10\.0\.0\.1"):
        ask("http://inside.example.org/", resolve=lambda host, port: ["10.0.0.1"])
    assert len(source.lines) == 1
