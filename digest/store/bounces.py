"""What came back of what was sent, and what it says of a reader's mailbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from digest.model import Bounce, BounceKind, BounceReason, Delivery, DeliveryState
from digest.store import upsert
from digest.store.deliveries import delivery_of
from digest.store.schema import bounces, deliveries

_CAME_BACK = (BounceKind.HARD, BounceKind.SOFT)
_GONE_OUT = (DeliveryState.SENT, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceRecord:
    """A bounce as it is remembered; ``delivery_id`` is None where nothing proves which it was."""

    subscriber_id: str
    delivery_id: str | None
    kind: BounceKind
    reason: BounceReason
    status: str
    words: str
    came_at: datetime


def find_delivery(connection: Connection, message_id: str) -> Delivery | None:
    """Return the delivery of the issue or letter with this id."""
    query = select(deliveries).where(
        or_(deliveries.c.issue_id == message_id, deliveries.c.letter_id == message_id)
    )
    row = connection.execute(query).one_or_none()
    return delivery_of(row) if row else None


def record(
    connection: Connection,
    bounce: Bounce,
    *,
    key: str,
    subscriber_id: str,
    delivery_id: str | None,
    now: datetime,
) -> bool:
    """Remember a bounce; False when it is known under this key."""
    added = connection.execute(
        upsert.insert(connection, bounces)
        .on_conflict_do_nothing()
        .values(
            key=key,
            subscriber_id=subscriber_id,
            delivery_id=delivery_id,
            kind=bounce.kind,
            reason=bounce.reason,
            status=bounce.status,
            words=bounce.words,
            came_at=now,
        )
        .returning(bounces.c.key)
    )
    return added.first() is not None


def settle_returned(connection: Connection, *, since: datetime) -> int:
    """Make deliveries whose mail has come back since a moment BOUNCED; returns how many.

    One that is still being sent is left alone: whoever records that it was sent calls this again.
    """
    returned = select(bounces.c.delivery_id).where(
        bounces.c.came_at >= since, bounces.c.kind.in_(_CAME_BACK)
    )
    words = select(func.max(bounces.c.words)).where(bounces.c.delivery_id == deliveries.c.id)
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(returned), deliveries.c.state.in_(_GONE_OUT))
        .values(state=DeliveryState.BOUNCED, error=words.scalar_subquery())
    ).rowcount


def softly_returned(
    connection: Connection, subscriber_id: str, *, since: datetime, arrived_by: datetime
) -> int:
    """Return how many issues came back softly since a moment, and since the last that arrived.

    One has arrived that was sent before ``arrived_by`` and has not come back; one that came back
    before its sending was recorded is later than any that arrived.
    """
    arrived = (
        select(func.max(deliveries.c.settled_at))
        .where(
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.issue_id.is_not(None),
            deliveries.c.state == DeliveryState.SENT,
            deliveries.c.settled_at <= arrived_by,
        )
        .scalar_subquery()
    )
    query = (
        select(func.count(func.distinct(bounces.c.delivery_id)))
        .join(deliveries, deliveries.c.id == bounces.c.delivery_id)
        .where(
            bounces.c.subscriber_id == subscriber_id,
            bounces.c.kind == BounceKind.SOFT,
            bounces.c.came_at >= since,
            deliveries.c.issue_id.is_not(None),
            or_(
                arrived.is_(None),
                deliveries.c.settled_at.is_(None),
                deliveries.c.settled_at > arrived,
            ),
        )
    )
    return connection.execute(query).scalar_one()


def of_subscriber(
    connection: Connection, subscriber_id: str, *, limit: int | None
) -> tuple[BounceRecord, ...]:
    """Return what came back of one subscriber's mail, newest first."""
    query = (
        select(bounces)
        .where(bounces.c.subscriber_id == subscriber_id)
        .order_by(bounces.c.came_at.desc(), bounces.c.key)
        .limit(limit)
    )
    return tuple(_record(row) for row in connection.execute(query))


def count_by_kind(connection: Connection, *, since: datetime) -> dict[BounceKind, int]:
    """Return how much came back since a moment, proven or not."""
    query = (
        select(bounces.c.kind, func.count())
        .where(bounces.c.came_at >= since)
        .group_by(bounces.c.kind)
    )
    return {BounceKind(kind): number for kind, number in connection.execute(query)}


def _record(row: Row[Any]) -> BounceRecord:
    return BounceRecord(
        subscriber_id=row.subscriber_id,
        delivery_id=row.delivery_id,
        kind=BounceKind(row.kind),
        reason=BounceReason(row.reason),
        status=row.status,
        words=row.words,
        came_at=row.came_at,
    )
