"""Subscribers, their turns, and suppressions."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Engine

from digest import store
from digest.model import (
    Cadence,
    DeliveryState,
    Interest,
    Selection,
    Settlement,
    SubscriberState,
    WhenEmpty,
)
from digest.store.subscribers import TurnResult
from tests.build import NOON, issue, schedule, subscriber, wishes

EVERYTHING = Interest(
    name="Everything",
    text="all of it",
    keywords=("a b",),
    must=("x | y",),
    exclude=("survey",),
    authors=("Grace Hopper",),
    categories=("cs.LG",),
    weight=2.5,
)
TOMORROW = NOON + timedelta(days=1)


def test_a_subscriber_comes_back_as_they_were(engine: Engine) -> None:
    asked = wishes(
        EVERYTHING,
        schedule=schedule(Cadence.DAYS, weekdays=(1, 3), hour=22, timezone="Pacific/Auckland"),
        size=3,
        when_empty=WhenEmpty.NOTE,
    )
    stored = replace(subscriber(wishes=asked), last_issue_on=date(2026, 1, 2))
    with store.writing(engine) as connection:
        store.subscribers.add(connection, stored)
    with store.reading(engine) as connection:
        assert store.subscribers.by_email(connection, stored.email) == stored
        assert store.subscribers.by_email(connection, "nobody@example.org") is None
        assert store.subscribers.everyone(connection) == (stored,)


def test_who_is_due(engine: Engine) -> None:
    with store.writing(engine) as connection:
        for number, (state, due_at) in enumerate(
            [
                (SubscriberState.ACTIVE, NOON),
                (SubscriberState.ACTIVE, NOON + timedelta(microseconds=1)),
                (SubscriberState.PAUSED, NOON),
                (SubscriberState.UNSUBSCRIBED, NOON),
                (SubscriberState.PENDING, NOON),
                (SubscriberState.ACTIVE, NOON - timedelta(days=3)),
            ]
        ):
            each = subscriber(f"{number}@example.org", id=str(number), state=state, due_at=due_at)
            store.subscribers.add(connection, each)
        due = store.subscribers.due(connection, now=NOON, after_id="", limit=9)
        rest = store.subscribers.due(connection, now=NOON, after_id="0", limit=9)
    assert [each.subscriber.id for each in due] == ["0", "5"]
    assert [each.subscriber.id for each in rest] == ["5"]


def test_whoever_has_a_message_under_way_waits(engine: Engine) -> None:
    with store.writing(engine) as connection:
        store.subscribers.add(connection, subscriber())
        store.issues.add(connection, issue(), delivery_id="d")
        (claimed,) = store.deliveries.claim(
            connection, owner="o", token="t", transport="smtp", now=NOON, limit=1
        )
        assert store.subscribers.due(connection, now=NOON, after_id="", limit=9) == ()
        sent = Settlement(delivery_id=claimed.id, token="t", state=DeliveryState.SENT)
        store.deliveries.settle(connection, [sent], now=NOON)
        assert len(store.subscribers.due(connection, now=NOON, after_id="", limit=9)) == 1


def test_a_turn_is_taken_once(engine: Engine) -> None:
    reader = subscriber()
    with store.writing(engine) as connection:
        store.subscribers.add(connection, reader)
    taken = []
    for _ in range(2):
        with store.writing(engine) as connection:
            taken.append(
                store.subscribers.take_turn(
                    connection, reader, next_due_at=TOMORROW, issue_on=NOON.date()
                )
            )
    assert taken == [True, False]
    with store.reading(engine) as connection:
        after = store.subscribers.by_email(connection, reader.email)
        assert store.subscribers.next_due(connection) == TOMORROW
    assert after == replace(reader, due_at=TOMORROW, last_issue_on=NOON.date())


def test_a_skipped_turn_keeps_the_last_issue_date(engine: Engine) -> None:
    reader = replace(subscriber(), last_issue_on=date(2026, 11, 1))
    with store.writing(engine) as connection:
        store.subscribers.add(connection, reader)
        assert store.subscribers.take_turn(connection, reader, next_due_at=TOMORROW, issue_on=None)
        after = store.subscribers.by_email(connection, reader.email)
    assert after is not None
    assert after.last_issue_on == date(2026, 11, 1)


def test_a_reader_who_left_takes_no_turn(engine: Engine) -> None:
    reader = subscriber()
    with store.writing(engine) as connection:
        store.subscribers.add(connection, reader)
        store.subscribers.set_state(connection, reader.id, SubscriberState.UNSUBSCRIBED)
        assert not store.subscribers.take_turn(
            connection, reader, next_due_at=TOMORROW, issue_on=None
        )


def test_turns_are_remembered_newest_first(engine: Engine) -> None:
    with store.writing(engine) as connection:
        store.subscribers.add(connection, subscriber())
        for days, result in enumerate((TurnResult.SKIPPED, TurnResult.ISSUE)):
            store.subscribers.record_turn(
                connection,
                "s1",
                on=NOON.date(),
                now=NOON + timedelta(days=days),
                result=result,
                selection=Selection(matches=(), candidates=9, above_floor=days),
                why="because",
            )
        turns = store.subscribers.turns_of(connection, "s1", limit=5)
    assert [(turn.result, turn.above_floor) for turn in turns] == [
        (TurnResult.ISSUE, 1),
        (TurnResult.SKIPPED, 0),
    ]


def test_a_suppression_stays_until_its_owner_asks_again(engine: Engine) -> None:
    with store.writing(engine) as connection:
        store.subscribers.suppress(connection, "key", "no such mailbox", now=NOON)
        store.subscribers.suppress(connection, "key", "again", now=NOON)
        assert store.subscribers.suppression(connection, "key") == "no such mailbox"
        store.subscribers.unsuppress(connection, "key")
        assert store.subscribers.suppression(connection, "key") is None


def test_config_readers_are_known_apart(engine: Engine) -> None:
    with store.writing(engine) as connection:
        store.subscribers.add(connection, subscriber("a@example.org", id="a"), from_config=True)
        store.subscribers.add(connection, subscriber("b@example.org", id="b"))
        assert [each.id for each in store.subscribers.from_config(connection)] == ["a"]
        store.subscribers.leave_config(connection, "a")
        assert store.subscribers.from_config(connection) == ()
        left = store.subscribers.by_email(connection, "a@example.org")
    assert left is not None
    assert left.state is SubscriberState.UNSUBSCRIBED
