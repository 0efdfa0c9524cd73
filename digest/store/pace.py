"""How much goes out at once and in a minute, for each recipient's domain and altogether: counted in
the ledger, and so by all workers together.

What is claimed counts as being at the server until it is settled, and as handed over for a minute
from then on: the server never sees more than the limits, whatever minute is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    text,
)

from digest.model import DeliveryState
from digest.store.schema import deliveries, subscribers

IN_FLIGHT = (DeliveryState.CLAIMED, DeliveryState.SENDING)

_MINUTE = timedelta(minutes=1)
_LOCK = 7_446_236  # any number that nobody else takes

# What was settled and never offered: expired, or its reader has left.
_KEPT_HERE = or_(
    deliveries.c.state == DeliveryState.SUPPRESSED,
    and_(deliveries.c.state == DeliveryState.FAILED, deliveries.c.attempts == 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many messages may be under way to a domain at once, and handed over within any minute,
    to a domain and altogether; 0 sets no limit."""

    per_domain: int = 0
    per_domain_per_minute: int = 0
    per_minute: int = 0

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return bool(self.per_domain or self.per_domain_per_minute or self.per_minute)


FREE = Pace()


def ready(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Whether a delivery is queued, due and not too late."""
    return (
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.due_at <= now,
        deliveries.c.expires_at > now,
    )


def within(connection: Connection, pace: Pace, *, now: datetime, limit: int) -> Sequence[str]:
    """Return the ids of up to ``limit`` ready deliveries that there is room for: letters, which
    somebody waits for, and then what waits longest. Whoever else asks waits for the transaction to
    end."""
    if connection.dialect.name == "postgresql":  # SQLite has but one writer at a time
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    domain = _domain(connection)
    busy = _busy(pace, domain, now)
    if pace.per_minute:
        lately = connection.execute(select(func.coalesce(func.sum(busy.c.lately), 0))).scalar_one()
        limit = max(0, min(limit, pace.per_minute - int(lately)))
    waiting = _waiting(domain, now)
    query = (
        select(waiting.c.id)
        .outerjoin(busy, busy.c.domain == waiting.c.domain)
        .where(*_room(pace, waiting.c.place, busy))
        .order_by(waiting.c.is_issue, waiting.c.due_at, waiting.c.id)
        .limit(limit)
    )
    return connection.execute(query).scalars().all()


def held_back(connection: Connection, *, now: datetime) -> bool:
    """Whether anything is ready: what a claim left for want of room."""
    query = select(deliveries.c.id).where(*ready(now)).limit(1)
    return connection.execute(query).first() is not None


def _busy(pace: Pace, domain: ColumnElement[str], now: datetime) -> CTE:
    """How many of each domain are under way, and how many were lately or are now."""
    flying: ColumnElement[bool] = deliveries.c.state.in_(IN_FLIGHT)
    counts = [flying]
    if pace.per_minute or pace.per_domain_per_minute:
        counts.append(and_(deliveries.c.settled_at > now - _MINUTE, ~_KEPT_HERE))
    return (
        select(
            domain.label("domain"),
            func.sum(case((flying, 1), else_=0)).label("flying"),
            func.count().label("lately"),
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(or_(*counts))
        .group_by(domain)
        .cte()
    )


def _waiting(domain: ColumnElement[str], now: datetime) -> Subquery:
    """What is ready, each with its place among those of its domain."""
    is_issue = case((deliveries.c.letter_id.is_(None), 1), else_=0)
    place = func.row_number().over(
        partition_by=domain, order_by=(is_issue, deliveries.c.due_at, deliveries.c.id)
    )
    return (
        select(
            deliveries.c.id,
            deliveries.c.due_at,
            is_issue.label("is_issue"),
            domain.label("domain"),
            place.label("place"),
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(*ready(now))
        .subquery()
    )


def _room(pace: Pace, place: ColumnElement[int], busy: CTE) -> list[ColumnElement[bool]]:
    limits = ((busy.c.flying, pace.per_domain), (busy.c.lately, pace.per_domain_per_minute))
    return [place + func.coalesce(taken, 0) <= most for taken, most in limits if most]


def _domain(connection: Connection) -> ColumnElement[str]:
    """Return the domain of a subscriber's address, which has one @."""
    find = func.strpos if connection.dialect.name == "postgresql" else func.instr
    email = subscribers.c.email
    return func.lower(func.substr(email, find(email, "@") + 1))
