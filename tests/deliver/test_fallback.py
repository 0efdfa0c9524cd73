"""Other mail servers take over where the first lets us not in."""

from dataclasses import replace

import pytest

from digest.deliver import Transport, open_smtp, send
from digest.model import OutcomeKind
from tests.deliver.servers import Inbox, free_port, mail_server, smtp_sink
from tests.deliver.test_smtp import envelope, plain


def test_another_server_takes_over_where_the_first_is_away() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        transport = open_smtp(plain(free_port()), fallbacks=[plain(free_port()), plain(port)])
        assert send(transport, envelope()).kind is OutcomeKind.ACCEPTED
        assert send(transport, envelope()).kind is OutcomeKind.ACCEPTED
        transport.close()
    assert (len(inbox.messages), inbox.connections) == (2, 1)


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_another_server_takes_what_the_first_is_too_busy_for(command: str) -> None:
    inbox = Inbox()
    with smtp_sink("-Q", command) as first, mail_server(inbox) as second:
        transport = open_smtp(plain(first), fallbacks=[plain(second)])
        assert send(transport, envelope()).kind is OutcomeKind.ACCEPTED
        transport.close()
    assert len(inbox.messages) == 1


def test_where_all_servers_are_away_the_last_is_named() -> None:
    port = free_port()
    transport = open_smtp(plain(free_port()), fallbacks=[plain(port)])
    outcome = send(transport, envelope())
    transport.close()
    assert outcome.kind is OutcomeKind.BUSY
    assert str(port) in outcome.reply


@pytest.mark.parametrize("answer", [("-Q", "MAIL"), ("-r", "MAIL", "-b", "450 4.7.1 later")])
def test_another_server_takes_all_that_several_lines_were_refused(answer: tuple[str, ...]) -> None:
    inbox = Inbox()
    with smtp_sink(*answer) as first, mail_server(inbox) as second:
        transport = open_smtp(plain(first), connections=3, fallbacks=[plain(second)])
        kinds = _hand_over(transport, [f"r{number}@example.org" for number in range(9)])
        transport.close()
    assert kinds == [OutcomeKind.ACCEPTED] * 9
    assert len(inbox.messages) == 9


def test_a_message_goes_round_once_where_all_servers_are_busy() -> None:
    with smtp_sink("-Q", "MAIL") as first, smtp_sink("-Q", ".") as second:
        transport = open_smtp(plain(first), connections=3, fallbacks=[plain(second)])
        kinds = _hand_over(transport, [f"r{number}@example.org" for number in range(3)])
        transport.close()
    assert kinds == [OutcomeKind.BUSY] * 3


def _hand_over(transport: Transport, recipients: list[str]) -> list[OutcomeKind]:
    """Send to all of them, as many at a time as the transport has room for."""
    waiting = [replace(envelope(each), id=each) for each in recipients]
    kinds: list[OutcomeKind] = []
    while len(kinds) < len(recipients):
        while waiting and transport.room():
            transport.offer(waiting.pop())
        progress = transport.wait()
        kinds += [outcome.kind for _, outcome in progress.outcomes]
        for each in progress.ready:
            transport.release(each)
    return kinds
