"""Subscribers, their schedule as a row (``due_at``), and the turns they had."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from digest.model import DeliveryState, Selection, Subscriber, SubscriberState, Wishes
from digest.store import people, upsert
from digest.store.people import WISHES, readable
from digest.store.schema import (
    bounces,
    deliveries,
    issue_papers,
    issues,
    letters,
    subscribers,
    suppressions,
    turns,
    votes,
)

ORDERS = {
    "address": subscribers.c.email,
    "state": subscribers.c.state,
    "due": subscribers.c.due_at,
    "last": subscribers.c.last_issue_on,
    "since": subscribers.c.created_at,
}
_OPEN = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)


class TurnResult(StrEnum):
    """What came of a subscriber's being due."""

    ISSUE = "issue"
    NOTE = "note"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of one subscriber: what came of it, and why, in a sentence."""

    date: date
    taken_at: datetime
    result: TurnResult
    candidates: int
    above_floor: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A subscriber whose turn it is.

    Papers first seen before ``covered_until`` were sent to them, or judged and left out; those
    before ``fresh_from`` may have been sent, and are not sent again (see recovery.py).
    """

    subscriber: Subscriber
    covered_until: datetime
    fresh_from: datetime | None = None


def add(
    connection: Connection,
    subscriber: Subscriber,
    *,
    covered_until: datetime | None = None,
    from_config: bool = False,
) -> bool:
    """Store a new subscriber; False when the address is there already.

    Their first issue looks back to ``covered_until`` (default: when they came).
    """
    added = connection.execute(
        upsert.insert(connection, subscribers)
        .on_conflict_do_nothing()
        .values(
            id=subscriber.id,
            email=subscriber.email,
            state=subscriber.state,
            wishes=WISHES.dump_python(subscriber.wishes, mode="json"),
            from_config=from_config,
            created_at=subscriber.created_at,
            due_at=subscriber.due_at,
            last_issue_on=subscriber.last_issue_on,
            paused_until=subscriber.paused_until,
            covered_until=covered_until or subscriber.created_at,
        )
        .returning(subscribers.c.id)
    )
    return added.first() is not None


def change(
    connection: Connection,
    subscriber_id: str,
    *,
    wishes: Wishes,
    due_at: datetime,
    from_config: bool,
) -> None:
    """Replace what a subscriber asked for; whoever had left or paused is active again."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(
            wishes=WISHES.dump_python(wishes, mode="json"),
            due_at=due_at,
            from_config=from_config,
            state=SubscriberState.ACTIVE,
            paused_until=None,
        )
    )


def pause(connection: Connection, subscriber_id: str, *, until: datetime, due_at: datetime) -> None:
    """Pause a subscriber until a moment; ``due_at`` is the first turn after it."""
    connection.execute(
        update(subscribers)
        .where(
            subscribers.c.id == subscriber_id,
            subscribers.c.state.in_((SubscriberState.ACTIVE, SubscriberState.PAUSED)),
        )
        .values(state=SubscriberState.PAUSED, paused_until=until, due_at=due_at)
    )


def wake(connection: Connection, *, now: datetime) -> int:
    """Make whose pause is over active again; returns how many those are."""
    return connection.execute(
        update(subscribers)
        .where(subscribers.c.state == SubscriberState.PAUSED, subscribers.c.paused_until <= now)
        .values(state=SubscriberState.ACTIVE, paused_until=None)
    ).rowcount


def erase(connection: Connection, subscriber_id: str) -> None:
    """Delete a subscriber and all that is known of them; suppressions stay, as keyed hashes."""
    theirs = select(issues.c.id).where(issues.c.subscriber_id == subscriber_id)
    connection.execute(delete(issue_papers).where(issue_papers.c.issue_id.in_(theirs)))
    for table in (bounces, deliveries, issues, letters, turns, votes):
        connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    connection.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))


def set_state(connection: Connection, subscriber_id: str, state: SubscriberState) -> None:
    """Move a subscriber to ``state``."""
    connection.execute(
        update(subscribers).where(subscribers.c.id == subscriber_id).values(state=state)
    )


def leave_config(connection: Connection, subscriber_id: str) -> None:
    """Unsubscribe somebody whom config.yaml no longer lists; listed again, they are back."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(state=SubscriberState.UNSUBSCRIBED, from_config=False)
    )


def by_email(connection: Connection, email: str) -> Subscriber | None:
    """Return the subscriber with this (normalised) address."""
    query = select(subscribers).where(subscribers.c.email == email)
    row = connection.execute(query).one_or_none()
    return people.subscriber(row) if row else None


def hold(connection: Connection, email: str) -> Subscriber | None:
    """Return the subscriber with this address; nobody else changes them in this transaction."""
    query = select(subscribers).where(subscribers.c.email == email).with_for_update()
    row = connection.execute(query).one_or_none()
    return people.subscriber(row) if row else None


def load(connection: Connection, ids: Iterable[str]) -> dict[str, Subscriber]:
    """Return the subscribers with these ids (at most a few hundred)."""
    query = select(subscribers).where(subscribers.c.id.in_(list(ids)))
    return {row.id: reader for row, reader in readable(connection.execute(query))}


def everyone(connection: Connection) -> tuple[Subscriber, ...]:
    """Return all subscribers by address."""
    query = select(subscribers).order_by(subscribers.c.email)
    return tuple(people.subscriber(row) for row in connection.execute(query))


def listed(
    connection: Connection,
    *,
    holding: str = "",
    state: SubscriberState | None = None,
    order: str = "address",
    down: bool = False,
    limit: int,
    offset: int = 0,
) -> tuple[Subscriber, ...]:
    """Return subscribers whose address holds ``holding``, by one of ``ORDERS``."""
    by = ORDERS[order]
    query = (
        select(subscribers)
        .where(subscribers.c.email.icontains(holding, autoescape=True))
        .order_by((by.desc() if down else by.asc()).nulls_last(), subscribers.c.id)
        .limit(limit)
        .offset(offset)
    )
    if state is not None:
        query = query.where(subscribers.c.state == state)
    return tuple(people.subscriber(row) for row in connection.execute(query))


def from_config(connection: Connection) -> tuple[Subscriber, ...]:
    """Return the subscribers that config.yaml listed when it was last read."""
    query = select(subscribers).where(subscribers.c.from_config)
    return tuple(people.subscriber(row) for row in connection.execute(query))


def due(connection: Connection, *, now: datetime, after_id: str, limit: int) -> tuple[Due, ...]:
    """Return up to ``limit`` active subscribers whose turn it is, in the order of their ids.

    Whoever has an issue's delivery open waits for its end: its papers are neither delivered nor
    free.
    """
    under_way = exists().where(
        deliveries.c.subscriber_id == subscribers.c.id,
        deliveries.c.issue_id.is_not(None),
        deliveries.c.state.in_(_OPEN),
    )
    query = (
        select(subscribers)
        .where(
            subscribers.c.state == SubscriberState.ACTIVE,
            subscribers.c.due_at <= now,
            subscribers.c.id > after_id,
            ~under_way,
        )
        .order_by(subscribers.c.id)
        .limit(limit)
    )
    return tuple(
        Due(
            subscriber=reader,
            covered_until=row.covered_until,
            fresh_from=row.fresh_from,
        )
        for row, reader in readable(connection.execute(query))
    )


def longest_wait(connection: Connection, *, now: datetime) -> datetime | None:
    """Return the longest-ago ``covered_until`` among the active subscribers who are due."""
    query = select(func.min(subscribers.c.covered_until)).where(
        subscribers.c.state == SubscriberState.ACTIVE, subscribers.c.due_at <= now
    )
    return connection.execute(query).scalar()


def next_due(connection: Connection) -> datetime | None:
    """Return when the next active subscriber is due."""
    query = (
        select(subscribers.c.due_at)
        .where(subscribers.c.state == SubscriberState.ACTIVE)
        .order_by(subscribers.c.due_at)
        .limit(1)
    )
    return connection.execute(query).scalar()


def take_turn(
    connection: Connection,
    subscriber: Subscriber,
    *,
    next_due_at: datetime,
    issue_on: date | None,
    covered_until: datetime | None = None,
) -> bool:
    """Move ``due_at`` on; True for exactly one of all who try with the same subscriber value.

    ``issue_on`` and ``covered_until`` stay as they were where they are None.

    The conditional UPDATE is the lock: it fails when somebody else took the turn, or when the
    subscriber has paused, left or changed their wishes since ``subscriber`` was read.
    """
    covered = {} if covered_until is None else {"covered_until": covered_until}
    taken = connection.execute(
        update(subscribers)
        .where(
            subscribers.c.id == subscriber.id,
            subscribers.c.state == SubscriberState.ACTIVE,
            subscribers.c.due_at == subscriber.due_at,
        )
        .values(
            due_at=next_due_at,
            last_issue_on=issue_on or subscriber.last_issue_on,
            **covered,
        )
    )
    return taken.rowcount == 1


def step_aside(connection: Connection, subscriber: Subscriber, *, until: datetime) -> None:
    """Move a subscriber whose turn failed out of the way; their window stays where it was."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber.id, subscribers.c.due_at == subscriber.due_at)
        .values(due_at=until)
    )


def record_turn(
    connection: Connection,
    subscriber_id: str,
    *,
    on: date,
    now: datetime,
    result: TurnResult,
    selection: Selection,
    why: str,
) -> None:
    """Remember what came of a turn, and why."""
    connection.execute(
        insert(turns).values(
            subscriber_id=subscriber_id,
            date=on,
            taken_at=now,
            result=result,
            candidates=selection.candidates,
            above_floor=selection.above_floor,
            why=why,
        )
    )


def turns_of(connection: Connection, subscriber_id: str, *, limit: int | None) -> tuple[Turn, ...]:
    """Return the last turns of one subscriber, newest first."""
    query = (
        select(turns)
        .where(turns.c.subscriber_id == subscriber_id)
        .order_by(turns.c.id.desc())
        .limit(limit)
    )
    return tuple(_turn(row) for row in connection.execute(query))


def count_by_state(connection: Connection) -> dict[SubscriberState, int]:
    """Return how many subscribers stand where."""
    query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
    return {SubscriberState(state): number for state, number in connection.execute(query)}


def count_beyond_ascii(connection: Connection) -> int:
    """Return how many subscribers who have not left have an address that is not ASCII."""
    query = select(subscribers.c.email).where(subscribers.c.state != SubscriberState.UNSUBSCRIBED)
    return sum(not email.isascii() for email in connection.scalars(query))


def suppress(connection: Connection, address_key: str, reason: str, *, now: datetime) -> None:
    """Never write to this address again (``address_key`` is the keyed hash of it)."""
    connection.execute(
        upsert.insert(connection, suppressions)
        .on_conflict_do_nothing()
        .values(address_key=address_key, reason=reason, since=now)
    )


def suppression(connection: Connection, address_key: str) -> str | None:
    """Return why we must not write to this address; None if we may."""
    query = select(suppressions.c.reason).where(suppressions.c.address_key == address_key)
    return connection.execute(query).scalar_one_or_none()


def unsuppress(connection: Connection, address_key: str) -> None:
    """Forget a suppression: its owner asked for issues again."""
    connection.execute(suppressions.delete().where(suppressions.c.address_key == address_key))


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        date=row.date,
        taken_at=row.taken_at,
        result=TurnResult(row.result),
        candidates=row.candidates,
        above_floor=row.above_floor,
        why=row.why,
    )
