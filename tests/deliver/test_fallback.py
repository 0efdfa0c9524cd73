"""Other mail servers take over where the first lets us not in."""

import pytest

from digest.deliver import open_smtp, send
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
