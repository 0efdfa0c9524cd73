"""A mail server that answers anything, anywhere: each message has one outcome, the true one."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver import Security, SmtpServer, SmtpTransport, connection
from digest.model import Envelope, Outcome, OutcomeKind
from tests.deliver.servers import HOST

MESSAGES = 3
_DOT = b"\r\n.\r\n"
_USUAL = {"CONNECT": b"220 hello", "DATA": b"354 go on", "QUIT": b"221 bye"}

_CODES = st.sampled_from(
    ["250", "251", "354", "421", "450", "451 4.7.1", "500", "550 5.1.1", "554 5.7.1", "552", "999"]
)
_REPLY = st.builds(lambda code: f"{code} said\r\n".encode(), _CODES)
_ANSWERS = st.one_of(
    st.none(),  # the usual answer
    st.none(),
    _REPLY,
    st.builds(lambda *lines: b"".join(lines), _REPLY, _REPLY),  # one too many
    st.sampled_from(
        [
            b"",
            b"25",
            b"250",
            b"250-and\r\n",
            b"250-and\r\n250 done\r\n",
            b"\0\xff\r\n",
            b"hello\r\n",
        ]
    ),
)


@dataclass(frozen=True)
class Step:
    """What the server does when its turn comes: says ``answer`` (``None``: the usual), byte by byte
    or at once, and perhaps hangs up before or after."""

    answer: bytes | None = None
    drips: bool = False
    hangs_up: bool = False


_STEPS = st.lists(
    st.builds(Step, _ANSWERS, st.booleans(), st.sampled_from([False, False, False, True])),
    max_size=12,
)


@dataclass
class Odd:
    """The server: what it did, message by message."""

    steps: list[Step]
    pipelining: bool
    whole: list[str] = field(default_factory=list)  # whose content came to its final dot
    accepted: list[str] = field(default_factory=list)  # what it then said yes to

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                peer, _ = listener.accept()
                with peer, suppress(OSError):
                    peer.settimeout(2)
                    self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        if not self._answer(peer, "CONNECT"):
            return
        heard, name, content = b"", "", False
        while data := peer.recv(65536):
            heard += data
            while (_DOT if content else b"\r\n") in heard:
                line, _, heard = heard.partition(_DOT if content else b"\r\n")
                verb = "." if content else line[:4].decode().upper()
                if verb == "RCPT":
                    name = line.decode().partition("<")[2].partition("@")[0]
                if content:
                    self.whole.append(name)
                said = self._answer(peer, verb)
                if said is None:
                    return
                if content and re.match(rb"2\d\d[ \r]", said):
                    self.accepted.append(name)
                content = verb == "DATA" and said.startswith(b"354")

    def _answer(self, peer: socket.socket, verb: str) -> bytes | None:
        """Say something; returns what, or ``None`` after hanging up."""
        usual = _USUAL.get(verb, b"250 fine") + b"\r\n"
        if verb == "EHLO" and self.pipelining:
            usual = b"250-hello\r\n250 PIPELINING\r\n"
        greeting = verb in ("CONNECT", "EHLO", "HELO")
        step = self.steps.pop(0) if self.steps and not greeting else Step()
        said = usual if step.answer is None else step.answer
        if step.drips and said.count(b"\n") < 2:
            for byte in said:
                peer.sendall(bytes([byte]))
        else:
            peer.sendall(said)
        if not step.hangs_up:
            return said
        if verb == "." and re.match(rb"2\d\d[ \r]", said) and said.endswith(b"\n"):
            self.accepted.append(self.whole[-1])
        return None


@contextmanager
def running(server: Odd) -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert not thread.is_alive()


def outcomes(port: int, connections: int) -> dict[str, Outcome]:
    transport = SmtpTransport(
        SmtpServer(host=HOST, port=port, security=Security.NONE, timeout=0.3, dot_timeout=0.3),
        connections=connections,
    )
    left = [f"r{number}" for number in range(MESSAGES)]
    found: dict[str, Outcome] = {}
    while len(found) < MESSAGES:
        while left and transport.room():
            name = left.pop(0)
            content = b"Subject: dull\r\n\r\n" + b"dull\r\n" * 100
            letter = Envelope(
                id=name, sender="d@example.org", recipient=f"{name}@example.org", content=content
            )
            transport.offer(letter)
        progress = transport.wait()
        for name, outcome in progress.outcomes:
            assert name not in found, "one outcome each"
            found[name] = outcome
        for name in progress.ready:
            assert name not in found, "what has an outcome is not ready"
            transport.release(name)
    assert transport.wait() == transport.wait(), "nothing is on its way any more"
    assert transport.room() == connections
    transport.close()
    return found


@pytest.fixture(autouse=True)
def _short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.05)


@settings(max_examples=120)
@given(_STEPS, st.booleans(), st.sampled_from([1, 2]))
def test_whatever_a_server_says_each_outcome_is_true(
    steps: list[Step], pipelining: bool, connections: int
) -> None:
    server = Odd(list(steps), pipelining)
    with running(server) as port:
        found = outcomes(port, connections)
    assert len(server.whole) == len(set(server.whole)), "no message is sent twice"
    for name, outcome in found.items():
        if outcome.kind is OutcomeKind.ACCEPTED:
            assert name in server.whole
        elif outcome.kind is OutcomeKind.UNKNOWN:
            assert outcome.code is None
        elif outcome.code is None or not outcome.kind:
            assert name not in server.whole, "what may have arrived is not tried again"
        assert (name in server.accepted) <= (
            outcome.kind in (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN)
        )


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_server_that_behaves_gets_everything(pipelining: bool) -> None:
    server = Odd([], pipelining)
    with running(server) as port:
        found = outcomes(port, 2)
    assert {outcome.kind for outcome in found.values()} == {OutcomeKind.ACCEPTED}
    assert sorted(server.accepted) == sorted(found)
