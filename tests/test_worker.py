"""The worker: it delivers what is queued, outlives failures, and stops when it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from digest import deliver, flow, store, worker
from digest.app import App
from digest.errors import TransportError
from digest.model import Envelope, Outcome
from tests.flow.world import GRAPHS, World

READERS = [f"r{number}@example.org" for number in range(5)]


@pytest.fixture
def queued(world: World) -> World:
    """An installation with five issues waiting."""
    world.drop_papers()
    for reader in READERS:
        world.subscribe(reader, GRAPHS)
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)
    assert world.books() == {"queued": len(READERS)}
    return world


@contextmanager
def working(app: App) -> Iterator[threading.Event]:
    """A worker in a thread, which has ended by the end of the block."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.work, args=(app, stop))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def until(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_what_is_queued_is_delivered(queued: World) -> None:
    with working(queued.app):
        until(lambda: queued.books() == {"sent": len(READERS)})
    assert sorted(str(mail["To"]) for mail in queued.mails()) == READERS


def test_books_that_do_not_balance_are_told_after_each_run(queued: World) -> None:
    with store.writing(queued.app.engine) as connection:
        connection.execute(
            text("DELETE FROM deliveries WHERE id = (SELECT min(id) FROM deliveries)")
        )
    with capture_logs() as logs, working(queued.app):
        until(lambda: any(each["event"] == "books.unbalanced" for each in logs))


def test_what_is_queued_later_is_delivered_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "WAIT_SECONDS", 0.05)
    world.drop_papers()
    flow.ingest_listings(world.app)
    with working(world.app):
        world.subscribe("ada@example.org", GRAPHS)
        flow.prepare_issues(world.app)
        until(lambda: world.books() == {"sent": 1})


def test_an_idle_worker_stops_at_once(world: World) -> None:
    with working(world.app) as stop:
        time.sleep(0.2)
        began = time.monotonic()
        stop.set()
    assert time.monotonic() - began < worker.WAIT_SECONDS / 2


@pytest.mark.parametrize(
    "error", [TransportError("The outbox is full."), ZeroDivisionError("a bug")]
)
def test_a_worker_outlives_a_transport_that_cannot_be_opened(
    queued: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.05)
    failures = iter([error, error])

    def open_transport() -> deliver.Transport:
        for each in failures:
            raise each
        return queued.app.open_transport()

    with (
        capture_logs() as logs,
        working(replace(queued.app, open_transport=open_transport)),
    ):
        until(lambda: queued.books() == {"sent": len(READERS)})
    told = [each for each in logs if each["event"] == "delivery.stopped"]
    assert len(told) == 2
    assert str(error) in str(told[0])


def test_a_worker_does_not_hammer_a_server_that_refuses_us(
    queued: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password tried every five seconds locks the account."""
    monkeypatch.setattr(worker, "WAIT_SECONDS", 0.01)
    opened: list[int] = []

    def open_transport() -> deliver.Transport:
        opened.append(1)
        raise TransportError("The password is wrong.")

    with working(replace(queued.app, open_transport=open_transport)):
        until(lambda: bool(opened))
        time.sleep(0.3)
    assert len(opened) == 1


def test_an_idle_worker_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening the outbox reads all that ever went into it."""
    monkeypatch.setattr(worker, "WAIT_SECONDS", 0.01)
    opened: list[int] = []

    def open_transport() -> deliver.Transport:
        opened.append(1)
        return world.app.open_transport()

    with working(replace(world.app, open_transport=open_transport)):
        until(lambda: bool(opened))
        time.sleep(0.3)
    assert len(opened) == 1


@dataclass
class _Slow(deliver.OneByOne):
    """An outbox that waits in the middle of each message."""

    outbox: deliver.OutboxTransport
    under_way: threading.Event
    go_on: threading.Event
    replayable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, envelope: Envelope) -> Outcome:
        self.under_way.set()
        assert self.go_on.wait(10)
        return self.outbox.send(envelope)

    def close(self) -> None:
        self.outbox.close()


@pytest.mark.parametrize(
    "claim",
    [
        1,
        50,
    ],
)
def test_told_to_stop_it_finishes_one_message_and_gives_the_rest_back(
    queued: World, claim: int
) -> None:
    under_way, go_on = threading.Event(), threading.Event()
    app = replace(
        queued.app,
        claim=claim,
        open_transport=lambda: _Slow(deliver.open_outbox(queued.outbox), under_way, go_on),
    )
    with working(app) as stop:
        assert under_way.wait(10)
        stop.set()
        go_on.set()
    assert queued.books() == {"sent": 1, "queued": len(READERS) - 1}
    assert len(queued.mails()) == 1
    with working(queued.app):
        until(lambda: queued.books() == {"sent": len(READERS)})
    assert sorted(str(mail["To"]) for mail in queued.mails()) == READERS
