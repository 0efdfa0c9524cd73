"""Housekeeping before any work: nothing is held by the dead, nothing waits in vain."""

from datetime import datetime

from digest import deliver, store
from digest.app import App
from digest.model import DeliveryState

_REPLAYABLE = frozenset(name for name, kind in deliver.TRANSPORTS.items() if kind.replayable)


def put_in_order(app: App, now: datetime) -> None:
    """Free what dead processes held, expire what the next issue replaces, take out what paused or
    gone subscribers have queued, hasten what a wrong clock put off, and forget the attempts that
    count no longer."""
    give_back_orphans(app, now)
    with store.writing(app.engine) as connection:
        store.subscribers.wake(connection, now=now)
        store.upkeep.suppress_unwanted(connection, now=now)
        store.upkeep.expire(connection, now=now)
        store.upkeep.hasten(connection, now=now, longest=deliver.LONGEST_WAIT)
        store.attempts.forget(connection, now=now)


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
