"""After a backup was restored: what may have been sent since is not sent again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from digest.model import DeliveryState, SubscriberState
from digest.store import upsert
from digest.store.deliveries import RELEASED
from digest.store.schema import deliveries, subscribers, suppressions

_OPEN = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.SENDING)
_SAID = "A backup was restored: this may have been sent after it was made."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Who wants no mail: suppressed addresses (keyed hash, reason, since), and the ids of those who
    have left or paused (until when)."""

    suppressed: tuple[tuple[str, str, datetime], ...] = ()
    left: tuple[str, ...] = ()
    paused: tuple[tuple[str, datetime, datetime], ...] = ()  # with when they are due


def refusals(connection: Connection) -> Refusals:
    """Return who wants no mail."""
    people = connection.execute(
        select(
            subscribers.c.id,
            subscribers.c.state,
            subscribers.c.paused_until,
            subscribers.c.due_at,
        ).where(subscribers.c.state.in_((SubscriberState.UNSUBSCRIBED, SubscriberState.PAUSED)))
    ).all()
    return Refusals(
        suppressed=tuple(
            (row.address_key, row.reason, row.since)
            for row in connection.execute(select(suppressions))
        ),
        left=tuple(row.id for row in people if row.state == SubscriberState.UNSUBSCRIBED),
        paused=tuple(
            (row.id, row.paused_until, row.due_at) for row in people if row.paused_until is not None
        ),
    )


def refuse(connection: Connection, known: Refusals) -> None:
    """Let those who wanted no mail before a restore have none after it."""
    for key, reason, since in known.suppressed:
        connection.execute(
            upsert.insert(connection, suppressions)
            .on_conflict_do_nothing()
            .values(address_key=key, reason=reason, since=since)
        )
    for each in known.left:
        _change(connection, each, state=SubscriberState.UNSUBSCRIBED)
    for each, until, due_at in known.paused:
        _change(connection, each, state=SubscriberState.PAUSED, paused_until=until, due_at=due_at)


def _change(connection: Connection, subscriber_id: str, **values: object) -> None:
    theirs = (subscribers.c.id == subscriber_id, subscribers.c.state == SubscriberState.ACTIVE)
    connection.execute(update(subscribers).where(*theirs).values(values))


def doubt(connection: Connection, *, now: datetime, fresh_from: datetime) -> int:
    """Take all that was about to be sent when the backup was made for possibly sent, and let the
    papers first seen before ``fresh_from`` be no candidates of whoever was due since or had
    something under way; returns how many deliveries became uncertain."""
    waiting = select(deliveries.c.subscriber_id).where(
        deliveries.c.state.in_(_OPEN), deliveries.c.issue_id.is_not(None)
    )
    connection.execute(
        update(subscribers)
        .where(or_(subscribers.c.due_at <= now, subscribers.c.id.in_(waiting)))
        .values(fresh_from=fresh_from)
    )
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state.in_(_OPEN))
        .values(state=DeliveryState.UNCERTAIN, error=_SAID, settled_at=now, **RELEASED)
    ).rowcount


def set_fresh_from(connection: Connection, *, was: datetime, to: datetime) -> None:
    """Move the moment that ``doubt`` set."""
    connection.execute(
        update(subscribers).where(subscribers.c.fresh_from == was).values(fresh_from=to)
    )


def untold(connection: Connection, ids: Iterable[str]) -> dict[str, datetime]:
    """Return when papers begin to count again for those of ``ids`` who were sent nothing since."""
    query = select(subscribers.c.id, subscribers.c.fresh_from).where(
        subscribers.c.id.in_(list(ids)), subscribers.c.fresh_from > subscribers.c.covered_until
    )
    return {row.id: row.fresh_from for row in connection.execute(query)}


def fresh_from(connection: Connection, subscriber_id: str) -> datetime | None:
    """Return since when papers count for one subscriber; None: there was no restore."""
    query = select(subscribers.c.fresh_from).where(subscribers.c.id == subscriber_id)
    return connection.execute(query).scalar_one_or_none()
