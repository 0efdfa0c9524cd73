"""Where mail that comes back is found: read once, lost never, whatever happens on the way."""

import smtplib
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest import bounce, flow, ingest, store
from digest.app import Bounces
from digest.errors import RetrieveError
from digest.model import DeliveryState, Subscriber, SubscriberState
from tests import dovecot
from tests.bounce.samples import block, mail, report
from tests.deliver.servers import free_port
from tests.flow.test_bounce import NO_SUCH, path_of, returned, sent, state_of
from tests.flow.test_bounce import world as world
from tests.flow.world import World

LETTER = mail("Dear people, I like this.", From="ada@example.net", Subject="Re: 5 papers")


def configured(world: World, **bounces: Any) -> World:
    return replace(world, app=replace(world.app, bounces=Bounces(**bounces)))


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(mails):
        (folder / "new" / f"{number}.host").write_bytes(content)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(f"{each.parent.name}/{each.name}" for each in folder.glob("*/*"))


def test_a_maildir_is_read_once_and_letters_to_people_stay_new(
    world: World, tmp_path: Path
) -> None:
    reader = sent(world)
    folder = maildir(tmp_path / "mail", returned(world, reader), LETTER)
    world = configured(world, maildir=folder)
    assert flow.fetch_bounces(world.app) == 2
    assert names(folder) == ["cur/0.host:2,S", "new/1.host"]
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    assert flow.fetch_bounces(world.app) == 0


def die_before_the_commit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store.mails, "remember", dying)
        with pytest.raises(KeyboardInterrupt):
            flow.fetch_bounces(world.app)


def test_a_crash_before_the_commit_loses_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sent(world)
    folder = maildir(tmp_path / "mail", returned(world, reader))
    world = configured(world, maildir=folder)

    die_before_the_commit(world, monkeypatch)
    assert names(folder) == ["new/0.host"]
    assert state_of(world, reader) is SubscriberState.ACTIVE, "nothing of it was kept"
    assert flow.fetch_bounces(world.app) == 1
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED


def test_a_crash_after_the_commit_doubles_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sent(world)
    folder = maildir(tmp_path / "mail", returned(world, reader, "4.2.2", "452 mailbox full"))
    world = configured(world, maildir=folder)

    def dying(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "settle", dying)
        with pytest.raises(KeyboardInterrupt):
            flow.fetch_bounces(world.app)
    assert flow.fetch_bounces(world.app) == 0
    assert len(flow.why(world.app, reader.email).bounces) == 1


def test_a_mail_that_breaks_us_stops_no_other(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sent(world)
    folder = maildir(tmp_path / "mail", b"Subject: break\n\n", returned(world, reader))
    world = configured(world, maildir=folder)
    read = bounce.read

    def breaking(content: bytes) -> object:
        if content.startswith(b"Subject: break"):
            raise ZeroDivisionError("made to fail")
        return read(content)

    monkeypatch.setattr(bounce, "read", breaking)
    flow.fetch_bounces(world.app)
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    assert "new/0.host" in names(folder)


def test_an_mbox_is_read_where_it_grew_and_stays_as_it_is(world: World, tmp_path: Path) -> None:
    reader = sent(world)
    box = tmp_path / "box"
    first = b"From a@b.c Fri Nov 20 12:00:00 2026\n" + LETTER + b"\n\n"
    box.write_bytes(first)
    world = configured(world, mbox=box)
    assert [flow.fetch_bounces(world.app) for _ in range(2)] == [1, 0]
    more = b"From a@b.c Fri Nov 20 13:00:00 2026\n" + returned(world, reader) + b"\n"
    box.write_bytes(first + more)
    assert [flow.fetch_bounces(world.app) for _ in range(2)] == [1, 0]
    assert box.read_bytes() == first + more
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED


def test_a_place_that_is_not_there_stops_no_other(world: World, tmp_path: Path) -> None:
    reader = sent(world)
    box = tmp_path / "box"
    box.write_bytes(b"From a@b.c Fri Nov 20 12:00:00 2026\n" + returned(world, reader) + b"\n")
    world = configured(world, maildir=tmp_path / "nowhere", mbox=box)
    with pytest.raises(RetrieveError, match="nowhere cannot be read"):
        flow.fetch_bounces(world.app)
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED


@pytest.fixture
def imap() -> Iterator[dovecot.Dovecot]:
    with dovecot.running() as server:
        yield server


def server(running: dovecot.Dovecot, **more: Any) -> bounce.ImapServer:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": running.port,
        "security": "none",
        "username": dovecot.USER,
        "password": dovecot.PASSWORD,
    }
    return bounce.ImapServer(**(values | more))


def test_an_imap_mailbox_is_read_once_and_letters_stay_unseen(
    world: World, imap: dovecot.Dovecot
) -> None:
    reader = sent(world)
    maildir(imap.maildir, returned(world, reader), LETTER)
    world = configured(world, imap=server(imap))
    assert [flow.fetch_bounces(world.app) for _ in range(2)] == [2, 0]
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    with bounce.open_mailbox(server(imap)) as mailbox:
        (left,) = mailbox.unseen(())
    assert b"I like this" in left[1]


def test_an_imap_message_whose_commit_failed_stays_unseen(
    world: World, imap: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = sent(world)
    maildir(imap.maildir, returned(world, reader))
    world = configured(world, imap=server(imap))

    die_before_the_commit(world, monkeypatch)
    assert state_of(world, reader) is SubscriberState.ACTIVE
    assert flow.fetch_bounces(world.app) == 1
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"password": "another"}, "refuses the login of bounces: check username and password"),
        ({"password": "pässword"}, "username and password may hold ASCII only"),
        ({"mailbox": "No/such"}, "has no mailbox “No/such”: set bounces.imap.mailbox"),
        ({"security": "tls"}, "check host, port and security"),
        ({"security": "starttls"}, "check host, port and security"),
    ],
)
def test_what_is_wrong_with_imap_is_one_sentence(
    imap: dovecot.Dovecot, wrong: dict[str, str], sentence: str
) -> None:
    with pytest.raises(RetrieveError, match=sentence), bounce.open_mailbox(server(imap, **wrong)):
        pass


@pytest.mark.parametrize("speaks_lmtp", [True, False])
def test_mail_servers_hand_returned_mail_over_at_the_door(world: World, speaks_lmtp: bool) -> None:
    reader = sent(world)
    port = free_port()
    world = configured(world, listen=("127.0.0.1", port, speaks_lmtp))
    with opened(world):
        client = smtplib.LMTP if speaks_lmtp else smtplib.SMTP
        with client("127.0.0.1", port) as speaking:
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                speaking.sendmail("", ["ada@example.org"], LETTER)
            plain = report(block(reader.email, "5.1.1", NO_SUCH), original="\n")
            speaking.sendmail("", [path_of(world, reader)], plain)
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    assert world.books() == {DeliveryState.BOUNCED: 1}


def test_what_cannot_be_recorded_is_not_taken(world: World) -> None:
    reader: Subscriber = sent(world)
    port = free_port()
    world = configured(world, listen=("127.0.0.1", port, True))
    content = returned(world, reader)
    world.app.engine.dispose()
    broken = replace(world.app, engine=store.open_engine("sqlite:////nowhere/digest.db"))
    with (
        opened(replace(world, app=broken)),
        smtplib.LMTP("127.0.0.1", port) as speaking,
        pytest.raises(smtplib.SMTPDataError, match="451"),
    ):
        speaking.sendmail("", [path_of(world, reader)], content)
    broken.engine.dispose()


def opened(world: World) -> ExitStack:
    """Open the door until the end of the block."""
    door = flow.open_door(world.app)
    assert door is not None
    stack = ExitStack()
    door.start()
    stack.callback(door.stop)
    assert threading.active_count() > 1
    return stack


def test_there_is_no_door_unless_asked_for(world: World) -> None:
    assert flow.open_door(world.app) is None
