"""The delivery ledger: claims fenced by tokens, settlements, and books that balance.

::

    QUEUED → CLAIMED → SENDING → SENT | FAILED | UNCERTAIN
       ↑        └────────┴──→ QUEUED again (with due_at), or back when the owner died
       └── FAILED | UNCERTAIN, when the operator says so

Every write after a claim names the claim's token and the state it expects; a process that was
frozen, given up for dead and thawed again finds its token gone and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from digest.model import (
    Books,
    Delivery,
    DeliveryState,
    LetterKind,
    Settlement,
    SubscriberState,
)
from digest.store.pace import FREE, IN_FLIGHT, Pace, ready, within
from digest.store.schema import deliveries, issues, letters, subscribers

RETRIABLE = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
ORDERS = {
    "due": deliveries.c.due_at,
    "address": subscribers.c.email,
    "state": deliveries.c.state,
    "attempts": deliveries.c.attempts,
    "settled": deliveries.c.settled_at,
}
RELEASED: dict[str, Any] = {"token": None, "owner": None, "claimed_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """A delivery with whom it goes to, and what it brings: the issue of a date, or a letter."""

    delivery: Delivery
    email: str
    issue_on: date | None
    letter: LetterKind | None


def queue(
    connection: Connection,
    *,
    delivery_id: str,
    subscriber_id: str,
    issue_id: str | None = None,
    letter_id: str | None = None,
    due_at: datetime,
    expires_at: datetime,
) -> None:
    """Queue the delivery of an issue or of a letter."""
    connection.execute(
        insert(deliveries).values(
            id=delivery_id,
            issue_id=issue_id,
            letter_id=letter_id,
            subscriber_id=subscriber_id,
            state=DeliveryState.QUEUED,
            attempts=0,
            due_at=due_at,
            expires_at=expires_at,
        )
    )


def claim(
    connection: Connection,
    *,
    owner: str,
    token: str,
    transport: str,
    now: datetime,
    limit: int,
    pace: Pace = FREE,
) -> tuple[Delivery, ...]:
    """Claim up to ``limit`` queued deliveries that are due and that ``pace`` has room for, longest
    waiting first."""
    if pace.limited:
        ids = within(connection, pace, now=now, limit=limit)
    else:
        ids = _next(connection, now=now, limit=limit)
    rows = connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.QUEUED)
        .values(
            state=DeliveryState.CLAIMED,
            owner=owner,
            token=token,
            transport=transport,
            claimed_at=now,
        )
        .returning(*deliveries.c)
    ).all()
    order = {delivery_id: place for place, delivery_id in enumerate(ids)}
    return tuple(delivery_of(row) for row in sorted(rows, key=lambda row: order[row.id]))


def _next(connection: Connection, *, now: datetime, limit: int) -> Sequence[str]:
    query = (
        select(deliveries.c.id)
        .where(*ready(now))
        .order_by(deliveries.c.due_at)  # as the index is: thousands are due at the same moment
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(query).scalars().all()


def begin_sending(
    connection: Connection, claimed: Sequence[Delivery], *, now: datetime
) -> frozenset[str]:
    """Move claimed deliveries to SENDING before their content is said to the server; returns the
    ids.

    Whoever has paused or left since the claim is not among them: those become SUPPRESSED. Asking
    again changes nothing: the answer to a commit may be lost on its way to us.
    """
    if not claimed:
        return frozenset()
    mine = _fence(claimed)
    sending = frozenset(connection.execute(_BEGIN, {**mine, "now": now}).scalars())
    if len(sending) < len(claimed):
        connection.execute(_SUPPRESS, {**mine, "now": now})
    return sending


def settle(
    connection: Connection, settlements: Sequence[Settlement], *, now: datetime
) -> frozenset[str]:
    """Record what became of deliveries; returns the ids of those whose claim was lost meanwhile.

    What is ``SENT`` need not be looked back on: only then its subscriber is covered until the issue
    was made, so that the papers of one that is lost stay within the window of the next.
    """
    settled: set[str] = set()
    alike = attrgetter("state", "error", "due_at", "counts", "offered")
    groups: dict[Any, list[Settlement]] = {}
    for settlement in settlements:
        groups.setdefault(alike(settlement), []).append(settlement)
    for group in groups.values():
        settled |= _settle_alike(connection, group, now=now)
    return frozenset(each.delivery_id for each in settlements) - settled


def _settle_alike(
    connection: Connection, group: Sequence[Settlement], *, now: datetime
) -> set[str]:
    first = group[0]
    rows = connection.execute(
        _SETTLE,
        {
            "ids": [each.delivery_id for each in group],
            "tokens": list({each.token for each in group}),
            "new_state": first.state,
            "new_error": first.error,
            "counted": int(first.counts),
            "waits_on": first.state is DeliveryState.QUEUED and not first.offered,
            "new_due_at": first.due_at,
            "now": now,
        },
    ).all()
    issued = [row for row in rows if row.issue_id]
    if issued and first.state is DeliveryState.SENT:
        theirs = {"ids": [row.subscriber_id for row in issued]}
        connection.execute(_COVER, {**theirs, "issues": [row.issue_id for row in issued]})
    return {row.id for row in rows}


def release(connection: Connection, claimed: Sequence[Delivery]) -> None:
    """Give claims back that were never used."""
    if claimed:
        connection.execute(_RELEASE, _fence(claimed))


def anything_waits(connection: Connection, *, now: datetime) -> bool:
    """Whether a delivery is due, or held by some process."""
    due = and_(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.due_at <= now)
    query = select(deliveries.c.id).where(or_(due, deliveries.c.state.in_(IN_FLIGHT))).limit(1)
    return connection.execute(query).first() is not None


def books(connection: Connection) -> Books:
    """Return how many issues' deliveries are in each state; their sum is the number of issues."""
    query = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.issue_id.is_not(None))
        .group_by(deliveries.c.state)
    )
    counted = {state: number for state, number in connection.execute(query)}
    return {state: counted.get(state, 0) for state in DeliveryState}


def listed(
    connection: Connection,
    *,
    state: DeliveryState | None = None,
    order: str = "due",
    down: bool = True,
    limit: int,
    offset: int = 0,
) -> tuple[DeliveryRecord, ...]:
    """Return deliveries of issues and letters by one of ``ORDERS``."""
    by = ORDERS[order]
    query = (
        select(deliveries, subscribers.c.email, issues.c.date, letters.c.kind)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .outerjoin(issues, issues.c.id == deliveries.c.issue_id)
        .outerjoin(letters, letters.c.id == deliveries.c.letter_id)
        .order_by((by.desc() if down else by.asc()).nulls_last(), deliveries.c.id)
        .limit(limit)
        .offset(offset)
    )
    if state is not None:
        query = query.where(deliveries.c.state == state)
    return tuple(
        DeliveryRecord(
            delivery=delivery_of(row),
            email=row.email,
            issue_on=row.date,
            letter=LetterKind(row.kind) if row.kind else None,
        )
        for row in connection.execute(query)
    )


def retry(
    connection: Connection,
    delivery_id: str,
    *,
    state: DeliveryState,
    settled_at: datetime,
    now: datetime,
) -> bool:
    """Queue a FAILED or UNCERTAIN delivery again, at once.

    False when it no longer stands as it did (``state``, ``settled_at``), when its reader wants no
    mail, or when it has expired: its papers are candidates of the next issue by then, and would
    come twice.
    """
    queued = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id == delivery_id,
            deliveries.c.state == state,
            deliveries.c.state.in_(RETRIABLE),
            deliveries.c.settled_at == settled_at,
            deliveries.c.expires_at > now,
            wanted(),
        )
        .values(state=DeliveryState.QUEUED, due_at=now)
    )
    return queued.rowcount == 1


def wanted() -> ColumnElement[bool]:
    """Whether a delivery may still be sent: its reader is active, or it is a letter, which they
    asked for in whatever state they are."""
    active = exists().where(
        subscribers.c.id == deliveries.c.subscriber_id,
        subscribers.c.state == SubscriberState.ACTIVE,
    )
    return or_(deliveries.c.letter_id.is_not(None), active)


def _fence(claimed: Sequence[Delivery]) -> dict[str, Any]:
    """What the statements fenced by the claims' tokens are told."""
    return {
        "ids": [each.id for each in claimed],
        "tokens": list({each.token for each in claimed}),
    }


# Made once: these are executed for every handful of messages, and making them takes longer than
# the database does.
_MINE = (
    deliveries.c.id.in_(bindparam("ids", expanding=True)),
    deliveries.c.token.in_(bindparam("tokens", expanding=True)),
)
_HELD = (*_MINE, deliveries.c.state.in_(IN_FLIGHT))
_CLAIMED = (*_MINE, deliveries.c.state == DeliveryState.CLAIMED)
_BEGIN = (
    update(deliveries)
    .where(*_HELD, wanted())
    .values(state=DeliveryState.SENDING, claimed_at=bindparam("now"))
    .returning(deliveries.c.id)
)
_SUPPRESS = (
    update(deliveries)
    .where(*_HELD, ~wanted())
    .values(state=DeliveryState.SUPPRESSED, settled_at=bindparam("now"), **RELEASED)
)
_RELEASE = update(deliveries).where(*_CLAIMED).values(state=DeliveryState.QUEUED, **RELEASED)
# Settled never before the issue was made, though the clock may have been put back since: what was
# sent long ago is not looked into when the next issue is made. What nobody was offered is not
# settled at all: it takes no room from what may go out within a minute.
_NOW = bindparam("now", type_=issues.c.created_at.type)
_MADE_AT = select(issues.c.created_at).where(issues.c.id == deliveries.c.issue_id).scalar_subquery()
_SETTLE = (
    update(deliveries)
    .where(*_HELD)
    .values(
        state=bindparam("new_state"),
        error=bindparam("new_error"),
        due_at=func.coalesce(
            bindparam("new_due_at", type_=deliveries.c.due_at.type), deliveries.c.due_at
        ),
        settled_at=case(
            (bindparam("waits_on", type_=Boolean), deliveries.c.settled_at),
            (_MADE_AT > _NOW, _MADE_AT),
            else_=_NOW,
        ),
        attempts=deliveries.c.attempts + bindparam("counted"),
        **RELEASED,
    )
    .returning(deliveries.c.id, deliveries.c.subscriber_id, deliveries.c.issue_id)
)
_COVER = (
    update(subscribers)
    .where(subscribers.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        covered_until=select(func.max(issues.c.created_at))
        .where(
            issues.c.id.in_(bindparam("issues", expanding=True)),
            issues.c.subscriber_id == subscribers.c.id,
        )
        .scalar_subquery()
    )
)


def delivery_of(row: Row[Any]) -> Delivery:
    """Return the delivery in a row."""
    return Delivery(
        id=row.id,
        issue_id=row.issue_id,
        letter_id=row.letter_id,
        subscriber_id=row.subscriber_id,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        expires_at=row.expires_at,
        token=row.token,
        error=row.error,
        settled_at=row.settled_at,
    )
