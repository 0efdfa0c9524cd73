"""Addresses that are not ASCII before the @ (RFC 6531), at servers that take them or do not."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dkim
import pytest
from aiosmtpd.smtp import SMTP, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope

from digest import deliver, flow
from digest.deliver import open_smtp, send
from digest.model import DeliveryState, OutcomeKind, SubscriberState
from tests import postfix
from tests.deliver.servers import HOST, Inbox, free_port, mail_server
from tests.deliver.test_dkim import signed
from tests.deliver.test_envelope import message
from tests.deliver.test_smtp import envelope, opened, plain
from tests.flow.world import GRAPHS, World, open_world

JÜRGEN, USER, ADA = "jürgen@example.net", "用户@xn--fsqu00a.example", "ada@example.net"


@dataclass(slots=True)
class Asked(Inbox):
    """An inbox that also keeps the parameters of each MAIL."""

    options: list[list[str]] = field(default_factory=list)

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        letter: SmtpEnvelope,
        address: str,
        options: list[str],
    ) -> str:
        self.options.append(options)
        letter.mail_from = address
        return "250 ok"


def test_the_parameter_is_said_for_whom_it_is_needed_and_nobody_else() -> None:
    inbox = Asked()
    with mail_server(inbox, enable_SMTPUTF8=True) as port, opened(plain(port)) as transport:
        kinds = {send(transport, envelope(to)).kind for to in (ADA, JÜRGEN, USER, ADA)}
    assert kinds == {OutcomeKind.ACCEPTED}
    assert [each.recipients for each in inbox.messages] == [(ADA,), (JÜRGEN,), (USER,), (ADA,)]
    needed = ["SMTPUTF8", "BODY=8BITMIME"]
    assert inbox.options == [[], needed, needed, []]
    assert inbox.connections == 1


def test_what_arrives_is_what_was_sealed_and_signed() -> None:
    inbox = Inbox()
    letter = deliver.seal(message(recipient=JÜRGEN))
    with mail_server(inbox, enable_SMTPUTF8=True) as port, opened(plain(port)) as transport:
        assert send(transport, letter).kind is OutcomeKind.ACCEPTED
    assert [each.content for each in inbox.messages] == [letter.content]
    assert f"\r\nTo: {JÜRGEN}\r\n".encode() in letter.content


def test_without_the_extension_one_message_fails_and_says_what_to_do() -> None:
    inbox = Asked()
    with mail_server(inbox, enable_SMTPUTF8=False) as port, opened(plain(port)) as transport:
        before, failed, after = (send(transport, envelope(to)) for to in (ADA, JÜRGEN, ADA))
    assert (before.kind, after.kind) == (OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED)
    assert (failed.kind, failed.code) == (OutcomeKind.NO_UTF8, None)
    assert failed.reply.startswith(f"not sent: {HOST}:{port} does not offer SMTPUTF8")
    assert "have it turned on" in failed.reply
    assert JÜRGEN not in failed.reply
    assert inbox.options == [[], []], "it never heard of the other"
    assert inbox.connections == 1


@dataclass(slots=True)
class InVain(Inbox):
    """A server that offers SMTPUTF8 and refuses what needs it, at ``phase``."""

    phase: str = ""
    answer: str = ""

    def _say(self, phase: str, refused: bool) -> str:
        return self.answer if refused and phase == self.phase else "250 ok"

    async def handle_MAIL(
        self, server: SMTP, session: Session, letter: SmtpEnvelope, address: str, options: list[str]
    ) -> str:
        said = self._say("MAIL", "SMTPUTF8" in options)
        letter.mail_from = address if said.startswith("2") else None
        return said

    async def handle_RCPT(
        self, server: SMTP, session: Session, letter: SmtpEnvelope, address: str, options: list[str]
    ) -> str:
        said = self._say("RCPT", not address.isascii())
        letter.rcpt_tos += [address] if said.startswith("2") else []
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:
        return self._say("DATA", not envelope.rcpt_tos[0].isascii())


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("MAIL", "555 parameters not recognised"),
        ("MAIL", "501 5.5.4 unsupported option"),
        ("MAIL", "550 5.6.7 not here"),
        ("RCPT", "501 5.1.3 bad syntax of the address"),
        ("RCPT", "553 5.6.7 ASCII only"),
        ("DATA", "550 5.6.9 the next server has no SMTPUTF8"),
    ],
)
def test_a_server_that_offers_it_in_vain_costs_nobody_else_anything(
    phase: str, answer: str
) -> None:
    inbox = InVain(phase=phase, answer=answer)
    with mail_server(inbox, enable_SMTPUTF8=True) as port, opened(plain(port)) as transport:
        failed, after = (send(transport, envelope(to)) for to in (JÜRGEN, ADA))
    assert (failed.kind, failed.code) == (OutcomeKind.NO_UTF8, int(answer[:3]))
    assert not deliver.stops_run(failed)
    assert not deliver.suppresses(failed)
    assert after.kind is OutcomeKind.ACCEPTED


def test_several_at_once_are_told_apart() -> None:
    inbox = Inbox()
    readers = {f"i{n}": (JÜRGEN if n % 3 == 0 else f"r{n}@example.net") for n in range(12)}
    outcomes: dict[str, OutcomeKind] = {}
    with mail_server(inbox, enable_SMTPUTF8=False) as port:
        transport = open_smtp(plain(port), connections=3)
        waiting = [deliver.seal(message(id=id, recipient=to)) for id, to in readers.items()]
        while len(outcomes) < len(readers):
            while waiting and transport.room():
                transport.offer(waiting.pop())
            progress = transport.wait()
            outcomes |= {id: outcome.kind for id, outcome in progress.outcomes}
            for id in progress.ready:
                transport.release(id)
        transport.close()
    assert {id for id, kind in outcomes.items() if kind is OutcomeKind.NO_UTF8} == {
        id for id, to in readers.items() if to == JÜRGEN
    }
    assert {to for each in inbox.messages for to in each.recipients} == {*readers.values()} - {
        JÜRGEN
    }


def test_a_server_that_stands_in_is_no_last_word() -> None:
    inbox = Inbox()
    with mail_server(inbox, enable_SMTPUTF8=False) as port:
        transport = open_smtp(plain(free_port()), fallbacks=[plain(port)])
        kinds = [send(transport, envelope(to)).kind for to in (JÜRGEN, ADA)]
        transport.close()
    assert kinds == [OutcomeKind.DEFERRED, OutcomeKind.ACCEPTED]


@contextmanager
def open_here(database: str, folder: Path, port: int, **more: Any) -> Iterator[World]:
    settings: dict[str, Any] = {
        "transport": "smtp",
        "smtp": {"host": HOST, "port": port, "security": "none"},
        "sender": {"address": "digest@example.org", "bounces": "bounces@example.org"},
        **more,
    }
    with open_world(database, folder, **settings) as world:
        world.drop_papers()
        yield world


def test_a_server_without_it_costs_nobody_else_their_issue(database: str, tmp_path: Path) -> None:
    readers = [f"jürgen{n}@example.net" for n in range(25)]
    with (
        mail_server(Inbox(), enable_SMTPUTF8=False) as port,
        open_here(database, tmp_path, port) as world,
    ):
        for reader in (*readers, *(f"r{n}@example.net" for n in range(5))):
            world.subscribe(reader, GRAPHS)
        run = world.run()
        assert run.error is None
        assert world.books() == {DeliveryState.SENT: 5, DeliveryState.FAILED: 25}
        answer = flow.why(world.app, readers[0])
        assert answer.subscriber.state is SubscriberState.ACTIVE
        assert answer.suppressed is None
        assert "does not offer SMTPUTF8" in (answer.issues[0].error or "")
        assert any("does not offer SMTPUTF8" in each.said for each in answer.causes)
    with (
        mail_server(inbox := Inbox(), enable_SMTPUTF8=True) as port,
        open_here(database, tmp_path, port) as world,
    ):
        world.clock.move(days=3)
        assert world.run().sent == 25, "the papers come with the next issue"
        assert {each.recipients[0] for each in inbox.messages} == set(readers)


POSTFIX = ("smtputf8_enable = yes", "smtputf8_autodetect_classes = all")


def test_postfix_puts_it_into_a_mailbox_with_its_signature(database: str, tmp_path: Path) -> None:
    (tmp_path / "s1.pem").write_bytes(deliver.make_key("ed25519"))
    key = deliver.read_key((tmp_path / "s1.pem").read_bytes(), domain="example.org", selector="s1")
    with postfix.running(JÜRGEN, ADA, settings=POSTFIX) as server:
        keys = [{"selector": "s1", "key_file": tmp_path / "s1.pem"}]
        with open_here(database, tmp_path, server.port, dkim=keys) as world:
            for reader in (JÜRGEN, ADA):
                world.subscribe(reader, GRAPHS)
            assert world.run().sent == 2
        (mail,) = server.mails(JÜRGEN)
        server.mails(ADA)
        (content,) = (each.read_bytes() for each in (server.maildir(JÜRGEN) / "new").iterdir())
    assert str(mail["To"]) == JÜRGEN
    assert re.fullmatch(r"<bounces\+[a-z0-9-]+@example\.org>", mail["Return-Path"])
    record = key.record.encode()
    assert dkim.verify(content, dnsfunc=lambda name, timeout=5: record)


def test_postfix_reports_of_it_lead_to_a_suppression(database: str, tmp_path: Path) -> None:
    returned = "bounces@example.org"
    nobody = "niemand-ü@example.net"
    with postfix.running(JÜRGEN, returned, settings=POSTFIX) as server:
        folder = server.maildir(returned)
        with open_here(database, tmp_path, server.port, bounces={"maildir": folder}) as world:
            world.subscribe(JÜRGEN, GRAPHS)
            world.subscribe(nobody, GRAPHS)
            assert world.run().sent == 2
            server.mails(returned)
            assert flow.fetch_bounces(world.app) == 1
            assert world.books() == {DeliveryState.SENT: 1, DeliveryState.BOUNCED: 1}
            assert flow.why(world.app, JÜRGEN).subscriber.state is SubscriberState.ACTIVE
            answer = flow.why(world.app, nobody)
            assert answer.suppressed == "its mail came back (no-mailbox 5.1.1)"


def test_postfix_refuses_what_it_was_told_not_to_take(database: str, tmp_path: Path) -> None:
    with (
        postfix.running(ADA, settings=("smtputf8_enable = no",)) as server,
        open_here(database, tmp_path, server.port) as world,
    ):
        for reader in (JÜRGEN, ADA):
            world.subscribe(reader, GRAPHS)
        assert world.run().sent == 1
        assert world.books() == {DeliveryState.SENT: 1, DeliveryState.FAILED: 1}


@pytest.mark.parametrize("to", [JÜRGEN, USER])
def test_a_signed_message_stays_the_same_on_the_wire(to: str) -> None:
    inbox = Inbox()
    letter = deliver.seal(message(recipient=to))
    content = signed(letter)
    with mail_server(inbox, enable_SMTPUTF8=True) as port, opened(plain(port)) as transport:
        send(transport, envelope(to, content=content))
    assert [each.content for each in inbox.messages] == [content]
