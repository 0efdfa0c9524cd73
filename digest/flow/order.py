"""Housekeeping before any work: nothing is held by the dead, nothing waits in vain."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from digest import compose, deliver, store
from digest.app import App
from digest.errors import InputError
from digest.model import DeliveryState

_REPLAYABLE = frozenset(name for name, kind in deliver.TRANSPORTS.items() if kind.replayable)


def put_in_order(app: App, now: datetime) -> None:
    """Free what dead processes held, expire what the next issue replaces, take out what paused or
    gone subscribers have queued, hasten what a clock that was ahead put off, and forget the
    attempts that count no longer."""
    give_back_orphans(app, now)
    with store.writing(app.engine) as connection:
        store.subscribers.wake(connection, now=now)
        store.upkeep.suppress_unwanted(connection, now=now)
        store.upkeep.expire(connection, now=now)
        store.upkeep.hasten(connection, now=now, longest=deliver.LONGEST_WAIT)
        _recall(connection, now)
        store.attempts.forget(connection, now=now)


def _recall(connection: Connection, now: datetime) -> None:
    """Let nobody wait for a turn longer than their schedule says: a clock was ahead."""
    longest = compose.LONGEST_PERIOD
    ids = store.upkeep.ahead_of_time(connection, now=now, longest=longest)
    for each in store.subscribers.load(connection, ids).values() if ids else ():
        with suppress(InputError):  # of a schedule that cannot be used: their turn will say so
            schedule = each.wishes.schedule
            due_at = min(each.due_at, compose.next_due(schedule, after=now, last_issue_on=None))
            today = compose.issue_date(schedule, now)
            store.upkeep.recall(connection, each.id, today=today, due_at=due_at, now=now)


def give_back_orphans(app: App, now: datetime) -> int:
    """Free the deliveries of processes that died; returns how many those were."""
    with store.reading(app.engine) as connection:
        owners = store.upkeep.owners_in_flight(connection)
    if not owners:
        return 0
    dead = store.owners.dead(app.engine, owners)
    with store.writing(app.engine) as connection:
        return store.upkeep.give_back(connection, dead=dead, orphaned=_orphaned, now=now)


def _orphaned(transport: str) -> DeliveryState:
    return deliver.orphaned(transport in _REPLAYABLE)
