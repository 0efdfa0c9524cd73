"""What the operator sees, and what a press of theirs does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest import flow, store
from digest.app import Source
from digest.flow import Order
from digest.flow.admin import ROWS, quartiles
from digest.model import Delivery, DeliveryState, Settlement, Subscriber, SubscriberState
from tests.build import NOON, subscriber
from tests.flow.world import GRAPHS, ROBOTS, World

BY_ADDRESS = Order(by="address")


@pytest.fixture
def settled(world: World) -> Subscriber:
    """A reader whose one issue is made but not delivered."""
    world.drop_papers()
    reader = world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)
    return reader


def settle(world: World, state: DeliveryState, error: str | None = "550 no") -> Delivery:
    """Make ``state`` the fate of what is queued, as a worker would."""
    with store.writing(world.app.engine) as connection:
        (claimed,) = store.deliveries.claim(
            connection, owner="o", token="t", transport="smtp", now=world.clock.now, limit=9
        )
        store.deliveries.begin_sending(connection, [claimed], now=world.clock.now)
        settlement = Settlement(delivery_id=claimed.id, token="t", state=state, error=error)
        assert not store.deliveries.settle(connection, [settlement], now=world.clock.now)
    return only(world)


def only(world: World) -> Delivery:
    (row,) = deliveries(world).rows
    return row.delivery


def deliveries(world: World, state: DeliveryState | None = None) -> flow.DeliveryTable:
    return flow.find_deliveries(world.app, state=state, order=Order(by="due"), page=1)


def retry(world: World, seen: Delivery) -> bool:
    assert seen.settled_at is not None
    return flow.retry(world.app, seen.id, state=seen.state, settled_at=seen.settled_at)


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNCERTAIN])
def test_a_retry_sends_the_message_again(
    world: World, settled: Subscriber, state: DeliveryState
) -> None:
    seen = settle(world, state)
    assert deliveries(world).retriable == {seen.id}
    assert retry(world, seen)
    assert world.books() == {DeliveryState.QUEUED: 1}
    assert flow.deliver_issues(world.app).sent == 1
    assert len(world.mails("ada@example.org")) == 1


def test_pressing_twice_is_pressing_once(world: World, settled: Subscriber) -> None:
    seen = settle(world, DeliveryState.FAILED)
    assert retry(world, seen)
    assert not retry(world, seen)
    world.clock.move(minutes=1)
    again = settle(world, DeliveryState.FAILED)
    assert not retry(world, seen), "an old form does not answer for a new failure"
    assert retry(world, again)


@pytest.mark.parametrize(
    "state", [s for s in DeliveryState if s not in ("failed", "uncertain", "queued")]
)
def test_nothing_else_is_ever_retried(
    world: World, settled: Subscriber, state: DeliveryState
) -> None:
    seen = settle(world, state, error=None)
    assert deliveries(world).retriable == frozenset()
    assert not retry(world, seen)
    assert world.books() == {state: 1}


def test_a_form_for_a_failure_does_not_answer_for_the_uncertain(
    world: World, settled: Subscriber
) -> None:
    seen = settle(world, DeliveryState.UNCERTAIN)
    assert not retry(world, replace(seen, state=DeliveryState.FAILED))
    assert not retry(world, replace(seen, id="another"))
    assert world.books() == {DeliveryState.UNCERTAIN: 1}


def test_an_issue_whose_papers_come_with_the_next_is_too_late(
    world: World, settled: Subscriber
) -> None:
    seen = settle(world, DeliveryState.FAILED)
    world.clock.move(days=2)
    assert deliveries(world).retriable == frozenset()
    assert not retry(world, seen)


def test_whoever_left_is_not_written_to_by_a_retry(world: World, settled: Subscriber) -> None:
    seen = settle(world, DeliveryState.FAILED)
    flow.unsubscribe(world.app, settled)
    assert not retry(world, seen)
    assert world.books() == {DeliveryState.FAILED: 1}


def test_a_held_source_is_not_asked_until_released(world: World) -> None:
    world.drop_papers()
    app = replace(world.app, sources=(Source(name="page", file=world.inbox / "dump.txt"),))
    for _ in range(2):
        assert flow.hold(app, "page", until=NOON + timedelta(days=1))
    assert flow.ingest_listings(app, patient=True) == ()
    (supply,) = flow.overview(app).supplies
    assert (supply.record.hold_until, supply.listed_at) == (NOON + timedelta(days=1), None)
    for _ in range(2):
        assert flow.hold(app, "page", until=None)
    assert len(flow.ingest_listings(app, patient=True)) == 1
    (supply,) = flow.overview(app).supplies
    assert (supply.record.hold_until, supply.listed_at) == (None, NOON)


def test_what_is_no_source_cannot_be_held(world: World) -> None:
    assert not flow.hold(world.app, "another", until=NOON)
    assert not flow.hold(world.app, "inbox", until=NOON), "a folder is never asked"
    (supply,) = flow.overview(world.app).supplies
    assert (supply.record.name, supply.holdable) == ("inbox", False)
    with store.reading(world.app.engine) as connection:
        assert store.sources.everything(connection) == ()


def test_the_overview_counts_the_days(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bela@example.org", ROBOTS)
    world.run()
    days = {day.date.day: day for day in flow.overview(world.app).days}
    assert len(days) == 30
    assert [(n, day.papers) for n, day in days.items() if day.papers] == [(19, 5)]
    assert [(n, day.issues, day.sent) for n, day in days.items() if day.issues] == [(20, 2, 2)]
    low, median, high = days[20].scores or (0, 0, 0)
    assert 0 < low <= median <= high <= 1
    assert days[19].scores is None


def test_quartiles() -> None:
    assert quartiles({0.5: 1}) == (0.5, 0.5, 0.5)
    assert quartiles({0.9: 1, 0.2: 2, 0.4: 1}) == (0.2, 0.2, 0.4)
    assert quartiles({n: 10 for n in range(1, 5)}) == (1, 2, 3)


def test_subscribers_are_found_by_address_and_state(world: World) -> None:
    ada = world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bela@example.org", GRAPHS)
    world.subscribe("under_score@example.net", GRAPHS)
    flow.unsubscribe(world.app, ada)

    def found(holding: str = "", state: SubscriberState | None = None, **more: bool) -> list[str]:
        order = Order(by="address", **more)
        table = flow.find_subscribers(world.app, holding=holding, state=state, order=order, page=1)
        return [row.email.partition("@")[0] for row in table.rows]

    assert found() == ["ada", "bela", "under_score"]
    assert found(down=True) == ["under_score", "bela", "ada"]
    assert found("EXAMPLE.ORG") == ["ada", "bela"]
    assert found("_") == ["under_score"]
    assert found("%") == []
    assert found(state=SubscriberState.ACTIVE) == ["bela", "under_score"]


@pytest.mark.parametrize("by", [*store.subscribers.ORDERS, "nonsense", "email; DROP TABLE x"])
def test_subscribers_come_in_every_order(world: World, by: str) -> None:
    with store.writing(world.app.engine) as connection:
        for n in range(ROWS + 1):
            reader = subscriber(f"r{n:03}@example.org", id=f"s{n}")
            store.subscribers.add(connection, reader)
    tables = [
        flow.find_subscribers(world.app, holding="", state=None, order=Order(by=by), page=page)
        for page in (1, 2, 3)
    ]
    assert [(len(table.rows), table.more) for table in tables] == [
        (ROWS, True),
        (1, False),
        (0, False),
    ]
    assert len({row.id for table in tables for row in table.rows}) == ROWS + 1
    known = by in store.subscribers.ORDERS
    assert tables[0].order == (Order(by=by) if known else BY_ADDRESS)


@pytest.mark.parametrize("by", [*store.deliveries.ORDERS, "nonsense"])
def test_deliveries_come_in_every_order_and_by_state(
    world: World, settled: Subscriber, by: str
) -> None:
    flow.sign_up(world.app, "bela@example.org", settled.wishes)
    for down in (True, False):
        table = flow.find_deliveries(world.app, state=None, order=Order(by=by, down=down), page=1)
        assert {row.email for row in table.rows} == {"ada@example.org", "bela@example.org"}
    assert {(row.issue_on, row.letter) for row in table.rows} == {
        (NOON.date(), None),
        (None, "confirm"),
    }
    assert len(deliveries(world, DeliveryState.QUEUED).rows) == 2
    assert deliveries(world, DeliveryState.SENT).rows == ()


def test_one_subscriber_is_explained(world: World) -> None:
    ada = world.subscribe("ada@example.org", GRAPHS)
    assert flow.explain(world.app, ada.id) == flow.why(world.app, "ada@example.org")
    assert flow.explain(world.app, "nobody") is None
