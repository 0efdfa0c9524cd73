"""Every phase of SMTP against servers that break off exactly there."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import (
    Security,
    SmtpServer,
    SmtpTransport,
    Transport,
    connection,
    open_smtp,
    send,
)
from digest.deliver.answer import Phase, judge
from digest.deliver.wire import to_wire
from digest.model import Envelope, Outcome, OutcomeKind
from tests.deliver.servers import HOST, Inbox, captured, free_port, mail_server, smtp_sink

LETTER = b"Subject: dull\r\n\r\nNothing happened.\r\n"


def envelope(
    recipient: str = "ada@example.org",
    *,
    sender: str = "digest+i1@example.org",
    content: bytes = LETTER,
) -> Envelope:
    return Envelope(id="i1", sender=sender, recipient=recipient, content=content)


def plain(port: int, *, timeout: float = 10, dot_timeout: float = 10) -> SmtpServer:
    return SmtpServer(
        host=HOST, port=port, security=Security.NONE, timeout=timeout, dot_timeout=dot_timeout
    )


@contextmanager
def opened(server: SmtpServer) -> Iterator[SmtpTransport]:
    transport = open_smtp(server)
    try:
        yield transport
    finally:
        transport.close()


def sent(server: SmtpServer, letter: Envelope | None = None) -> Outcome:
    with opened(server) as transport:
        return send(transport, letter or envelope())


def test_a_message_arrives_with_its_envelope() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        outcome = sent(plain(port))
    assert outcome == Outcome(kind=OutcomeKind.ACCEPTED, reply="2.0.0 taken", code=250)
    [received] = inbox.messages
    assert received.sender == "digest+i1@example.org"
    assert received.recipients == ("ada@example.org",)
    assert received.content == LETTER


def test_many_messages_share_one_connection() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, opened(plain(port)) as transport:
        for number in range(25):
            send(transport, envelope(f"reader{number}@example.org"))
    assert [message.recipients[0] for message in inbox.messages] == [
        f"reader{number}@example.org" for number in range(25)
    ]
    assert inbox.connections == 1


def test_a_transport_reopens_after_close() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        transport: Transport = open_smtp(plain(port))
        transport.close()
        send(transport, envelope())
        transport.close()
        send(transport, envelope())
        transport.close()
    assert inbox.connections == 2


def test_lines_with_dots_arrive_unchanged() -> None:
    inbox = Inbox()
    content = b".\r\n..\r\n.a\r\n\r\n.\r\n...\r\nb.\r\n.\r\n"
    with mail_server(inbox) as port:
        assert sent(plain(port), envelope(content=content)).kind is OutcomeKind.ACCEPTED
    assert [message.content for message in inbox.messages] == [content]


LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\x00"])).map(b"".join)


@given(LINES)
def test_the_wire_form_is_crlf_with_one_final_dot_and_unstuffs_to_the_message(
    content: bytes,
) -> None:
    wire = to_wire(content)
    assert wire.count(b"\r\n") == wire.count(b"\r") == wire.count(b"\n")
    *lines, last, end = wire.split(b"\r\n")
    assert (last, end) == (b".", b"")
    assert b"." not in lines
    unstuffed = [line[1:] if line.startswith(b".") else line for line in lines]
    assert unstuffed == _lines(content)


def _lines(content: bytes) -> list[bytes]:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


# smtp-sink: what it is told to do → what that means. Its soft reply is 450 4.3.0, its hard one
# 500 5.3.0 unless -b or -B say otherwise.
FAULTS = [
    (["-q", "RCPT"], OutcomeKind.DEFERRED, None),
    (["-q", "DATA"], OutcomeKind.DEFERRED, None),
    (["-q", "."], OutcomeKind.UNKNOWN, None),
    (["-q", "MAIL"], OutcomeKind.DEFERRED, None),
    (["-q", "EHLO"], OutcomeKind.BUSY, None),
    (["-q", "CONNECT"], OutcomeKind.BUSY, None),
    (["-Q", "EHLO"], OutcomeKind.BUSY, 421),
    (["-Q", "MAIL"], OutcomeKind.BUSY, 421),
    (["-Q", "RCPT"], OutcomeKind.BUSY, 421),
    (["-Q", "DATA"], OutcomeKind.BUSY, 421),
    (["-Q", "."], OutcomeKind.BUSY, 421),
    (["-r", "CONNECT"], OutcomeKind.BUSY, 450),
    (["-r", "MAIL"], OutcomeKind.DEFERRED, 450),
    (["-r", "RCPT"], OutcomeKind.DEFERRED, 450),
    (["-r", "DATA"], OutcomeKind.DEFERRED, 450),
    (["-r", "."], OutcomeKind.DEFERRED, 450),
    (["-f", "MAIL"], OutcomeKind.POLICY, 500),
    (["-f", "RCPT"], OutcomeKind.REJECTED, 500),
    (["-f", "DATA"], OutcomeKind.REJECTED, 500),
    (["-f", "."], OutcomeKind.REJECTED, 500),
    (["-f", "RCPT", "-B", "550 5.1.1 nobody"], OutcomeKind.NO_MAILBOX, 550),
    (["-f", "RCPT", "-B", "554 5.7.1 relay access denied"], OutcomeKind.POLICY, 554),
    (["-f", ".", "-B", "550 5.7.1 looks like spam"], OutcomeKind.POLICY, 550),
    (["-f", "MAIL", "-B", "530 log in first"], OutcomeKind.POLICY, 530),
    (["-A", "0"], OutcomeKind.REJECTED, 550),
]


@pytest.mark.parametrize(("options", "kind", "code"), FAULTS, ids=lambda value: str(value))
def test_each_fault_has_its_outcome(
    options: list[str], kind: OutcomeKind, code: int | None
) -> None:
    with smtp_sink(*options) as port:
        outcome = sent(plain(port))
    assert (outcome.kind, outcome.code) == (kind, code)
    assert outcome.reply


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("CONNECT", OutcomeKind.BUSY),
        ("MAIL", OutcomeKind.DEFERRED),
        ("RCPT", OutcomeKind.DEFERRED),
        ("DATA", OutcomeKind.DEFERRED),
        (".", OutcomeKind.UNKNOWN),
    ],
)
def test_a_silent_server_is_left_after_the_timeout(
    command: str, kind: OutcomeKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.1)
    with smtp_sink("-p", "-W", f"{command}:30") as port:
        assert sent(plain(port, timeout=0.3, dot_timeout=0.3)).kind is kind


def test_the_answer_to_a_whole_message_may_take_longer_than_others() -> None:
    with smtp_sink("-W", ".:1") as port:
        assert sent(plain(port, timeout=0.3, dot_timeout=20)).kind is OutcomeKind.ACCEPTED


def test_nobody_listening_is_busy_and_names_the_server() -> None:
    port = free_port()
    outcome = sent(plain(port))
    assert outcome.kind is OutcomeKind.BUSY
    assert outcome.reply == f"no connection to {HOST}:{port}: Connection refused"


def test_an_unknown_host_is_busy_and_named() -> None:
    server = SmtpServer(host="mail.invalid", port=25, security=Security.NONE)
    assert sent(server).reply.startswith("no connection to mail.invalid:25: ")


def test_only_accepted_and_unknown_messages_can_have_arrived(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    for options in (["-q", "DATA"], ["-r", "RCPT"], ["-Q", "DATA"]):
        with smtp_sink("-D", str(dump), *options) as port:
            sent(plain(port))
    assert captured(dump) == 0
    with smtp_sink("-D", str(dump)) as port:
        sent(plain(port))
    assert captured(dump) == 1


def test_after_a_refusal_the_next_message_goes_out_on_the_same_connection() -> None:
    class OneRefused(Inbox):
        async def handle_RCPT(
            self,
            server: SMTP,
            session: Session,
            letter: SmtpEnvelope,
            address: str,
            options: list[str],
        ) -> str:
            if address.startswith("nobody"):
                return "550 5.1.1 no such mailbox"
            letter.rcpt_tos.append(address)
            return "250 ok"

    inbox = OneRefused()
    with mail_server(inbox) as port, opened(plain(port)) as transport:
        kinds = [
            send(transport, envelope(name + "@example.org")).kind
            for name in ("ada", "nobody", "bob")
        ]
    assert kinds == [OutcomeKind.ACCEPTED, OutcomeKind.NO_MAILBOX, OutcomeKind.ACCEPTED]
    assert [message.recipients for message in inbox.messages] == [
        ("ada@example.org",),
        ("bob@example.org",),
    ]
    assert inbox.connections == 1


def test_a_connection_dropped_while_idle_is_opened_again() -> None:
    inbox = Inbox()
    with mail_server(inbox, timeout=0.2) as port, opened(plain(port)) as transport:
        send(transport, envelope())
        _wait_for_the_server_to_hang_up(transport)
        assert send(transport, envelope()).kind is OutcomeKind.ACCEPTED
    assert len(inbox.messages) == inbox.connections == 2


def _wait_for_the_server_to_hang_up(transport: SmtpTransport) -> None:
    [idle] = transport._lines
    idle.sock.setblocking(True)
    while idle.sock.recv(1024):
        pass
    idle.sock.setblocking(False)


def test_a_server_that_takes_few_messages_per_connection_is_dialled_again() -> None:
    class Two(Inbox):
        async def handle_MAIL(
            self,
            server: SMTP,
            session: Session,
            letter: SmtpEnvelope,
            address: str,
            options: list[str],
        ) -> str:
            here = [m for m in self.messages if m.peer == str(session.peer)]
            if len(here) == 2:
                return "421 4.7.0 too many messages on this connection"
            letter.mail_from = address
            return "250 ok"

    inbox = Two()
    with mail_server(inbox) as port, opened(plain(port)) as transport:
        kinds = {send(transport, envelope()).kind for _ in range(6)}
    assert kinds == {OutcomeKind.ACCEPTED}
    assert (len(inbox.messages), inbox.connections) == (6, 3)


class _Interrupt(BaseException):
    """What Ctrl-C is, apart from its name."""


def test_an_interrupted_conversation_is_not_taken_up_again(tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise _Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    dump = tmp_path / "dump"
    with smtp_sink("-p", "-W", "RCPT:1", "-D", str(dump)) as port, opened(plain(port)) as transport:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(_Interrupt):
            send(transport, envelope("interrupted@example.org"))
        assert send(transport, envelope()).kind is OutcomeKind.ACCEPTED
    signal.signal(signal.SIGALRM, before)
    assert captured(dump) == 1
    assert "interrupted" not in dump.read_text()


BAD_ADDRESSES = [
    '"ada\r\nRCPT TO:<eve@example.com>"@example.org',
    "ada\r\nRCPT TO:<eve@example.com>",
    "ada@example.org\n",
    '"ada"@example.org',
    "ada@example.org> SIZE=1",
    "a da@example.org",
    "ada@exa mple.org",
    "ä dä@example.org",
    "ä\x85\u2028dä@example.org",
    "ädä@example.org> SIZE=1",
    "ädä@example.org\r\nRCPT TO:<eve@example.com>",
    "ä" * 33 + "@example.org",
    "ada@exämple.org",
    "ada",
    "@example.org",
    "ada@",
    "ada@-example.org",
    ".ada@example.org",
    "ada@@example.org",
    "<ada@example.org>",
    "Ada <ada@example.org>",
    "ada@example.org,eve@example.com",
    "",
    "a" * 65 + "@example.org",
    "ada@" + "x" * 64 + ".org",
    "ada@" + ".".join(["example"] * 32),
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_an_odd_address_never_reaches_the_wire(address: str) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port, opened(plain(port)) as transport:
        to, by = send(transport, envelope(address)), send(transport, envelope(sender=address))
        send(transport, envelope())
    assert (to.kind, by.kind) == (OutcomeKind.REJECTED, OutcomeKind.REJECTED)
    assert "the recipient's address" in to.reply
    assert "the sender's address" in by.reply
    assert to.reply.isascii()
    assert to.reply.isprintable()
    assert [message.recipients for message in inbox.messages] == [("ada@example.org",)]


@given(st.text(), st.sampled_from(' "\r\n\t<>(),;:[]\\\0\x7f\x85\xa0\u2028\u3000'), st.text())
def test_an_address_with_an_odd_character_is_always_refused(
    before: str, odd: str, after: str
) -> None:
    server = plain(free_port())
    recipient = f"{before}{odd}{after}@example.org"
    assert sent(server, envelope(recipient)).kind is OutcomeKind.REJECTED


@pytest.mark.parametrize(
    "address",
    ["ada@example.org", "a.b+tag@x-y.example.org", "o'neil@example.org", "root@localhost"],
)
def test_plain_addresses_are_written_to(address: str) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        sent(plain(port), envelope(address))
    assert [message.recipients for message in inbox.messages] == [(address,)]


@pytest.mark.parametrize(
    ("phase", "code", "reply", "kind"),
    [
        (Phase.MAIL, 250, "2.1.0 ok", OutcomeKind.ACCEPTED),
        (Phase.MAIL, 555, "no such parameter", OutcomeKind.POLICY),
        (Phase.RCPT, 501, "5.1.3 bad syntax", OutcomeKind.NO_MAILBOX),
        (Phase.DATA, 354, "go on", OutcomeKind.ACCEPTED),
        (Phase.DATA, 250, "ok", OutcomeKind.DEFERRED),
        (Phase.RCPT, 354, "go on", OutcomeKind.DEFERRED),
        (Phase.RCPT, 251, "will forward", OutcomeKind.ACCEPTED),
        (Phase.RCPT, -1, "garbage", OutcomeKind.DEFERRED),
        (Phase.DOT, -1, "garbage", OutcomeKind.UNKNOWN),
        (Phase.DOT, 354, "go on", OutcomeKind.UNKNOWN),
        (Phase.DOT, 250, "queued", OutcomeKind.ACCEPTED),
        (Phase.DOT, 550, "5.1.1 late", OutcomeKind.REJECTED),
        (Phase.DOT, 552, "5.2.2 mailbox full", OutcomeKind.REJECTED),
        (Phase.RCPT, 550, "no code of the enhanced kind", OutcomeKind.REJECTED),
        (Phase.RCPT, 550, "5.1.10 null MX", OutcomeKind.NO_MAILBOX),
        (Phase.RCPT, 450, "4.1.1 not now", OutcomeKind.DEFERRED),
        (Phase.RCPT, 450, "4.7.1 greylisted", OutcomeKind.THROTTLED),
        (Phase.DOT, 421, "4.7.28 too much mail", OutcomeKind.BUSY),
        (Phase.DOT, 451, "4.7.650 too much mail", OutcomeKind.THROTTLED),
        (Phase.MAIL, 451, "4.7.0 not you, for now", OutcomeKind.BUSY),
        (Phase.RCPT, 550, "5.1.8 sender's domain not found", OutcomeKind.POLICY),
        (Phase.RCPT, 553, "5.1.7 bad sender", OutcomeKind.POLICY),
        (Phase.MAIL, 553, "not our sender", OutcomeKind.POLICY),
        (Phase.MAIL, 552, "too large", OutcomeKind.REJECTED),
        (Phase.MAIL, 554, "5.3.4 too large", OutcomeKind.REJECTED),
        (Phase.DATA, 535, "log in", OutcomeKind.POLICY),
        (Phase.DATA, 503, "5.5.1 bad sequence", OutcomeKind.DEFERRED),
    ],
)
def test_each_answer_has_its_meaning(
    phase: Phase, code: int, reply: str, kind: OutcomeKind
) -> None:
    assert judge(phase, code, reply).kind is kind


@given(st.sampled_from(Phase), st.integers(-1, 999), st.text())
def test_an_answer_is_unknown_only_after_the_dot_and_suppresses_only_at_rcpt(
    phase: Phase, code: int, reply: str
) -> None:
    kind = judge(phase, code, reply).kind
    assert phase is Phase.DOT or kind is not OutcomeKind.UNKNOWN
    assert phase is Phase.RCPT or kind is not OutcomeKind.NO_MAILBOX
