"""The whole way round: we send, a real Postfix delivers or reports, and what follows follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digest import flow
from digest.model import DeliveryState, SubscriberState
from tests import postfix
from tests.deliver.servers import HOST, free_port
from tests.flow.world import GRAPHS, World, open_world

READER, NOBODY, RETURNED = "ada@example.net", "nobody@example.net", "bounces@example.org"


@contextmanager
def open_here(database: str, folder: Path, port: int, bounces: dict[str, Any]) -> Iterator[World]:
    settings: dict[str, Any] = {
        "transport": "smtp",
        "smtp": {"host": HOST, "port": port, "security": "none"},
        "sender": {"address": "digest@example.org", "bounces": RETURNED},
        "bounces": bounces,
    }
    with open_world(database, folder, **settings) as world:
        world.drop_papers()
        yield world


def state_of(world: World, address: str) -> SubscriberState:
    return flow.find_by_email(world.app, address).state


def send_to_both(world: World) -> None:
    for address in (READER, NOBODY):
        world.subscribe(address, GRAPHS)
    assert world.run().sent == 2, "Postfix takes both, and looks for mailboxes later"


def test_a_report_comes_back_through_the_door_to_a_suppression(
    database: str, tmp_path: Path
) -> None:
    door_port = free_port()
    there = {RETURNED: f"lmtp:inet:{HOST}:{door_port}"}
    with (
        postfix.running(READER, transports=there) as server,
        open_here(database, tmp_path, server.port, {"listen": {"port": door_port}}) as world,
    ):
        door = flow.open_door(world.app)
        assert door is not None
        door.start()
        try:
            send_to_both(world)
            (mail,) = server.mails(READER)
            assert mail["Return-Path"].startswith("<bounces+")
            server.wait(lambda: state_of(world, NOBODY) is SubscriberState.UNSUBSCRIBED)
        finally:
            door.stop()
        _check(world)


def test_a_report_comes_back_through_a_maildir_to_a_suppression(
    database: str, tmp_path: Path
) -> None:
    with postfix.running(READER, RETURNED) as server:
        folder = server.maildir(RETURNED)
        with open_here(database, tmp_path, server.port, {"maildir": folder}) as world:
            send_to_both(world)
            server.mails(RETURNED)
            assert flow.fetch_bounces(world.app) == 1
            assert [each.name[-2:] for each in (folder / "cur").iterdir()] == [",S"]
            _check(world)


def _check(world: World) -> None:
    assert state_of(world, READER) is SubscriberState.ACTIVE
    assert state_of(world, NOBODY) is SubscriberState.UNSUBSCRIBED
    flow.fetch_bounces(world.app)
    assert world.books() == {DeliveryState.SENT: 1, DeliveryState.BOUNCED: 1}
    answer = flow.why(world.app, NOBODY)
    assert answer.suppressed == "its mail came back (no-mailbox 5.1.1)"
    assert [each.kind for each in answer.bounces] == ["hard"]


def test_a_mailbox_that_is_full_costs_nobody_their_issues(database: str, tmp_path: Path) -> None:
    with postfix.running(
        READER,
        RETURNED,
        transports={READER: "error:4.2.2 mailbox is full"},
        settings=("maximal_queue_lifetime = 0",),  # one try, then it comes back
    ) as server:
        folder = server.maildir(RETURNED)
        with open_here(database, tmp_path, server.port, {"maildir": folder}) as world:
            world.subscribe(READER, GRAPHS)
            world.run()
            server.mails(RETURNED)
            assert flow.fetch_bounces(world.app) == 1
            assert state_of(world, READER) is SubscriberState.ACTIVE
            (found,) = flow.why(world.app, READER).bounces
            assert (found.kind, found.reason) == ("soft", "mailbox-full")
