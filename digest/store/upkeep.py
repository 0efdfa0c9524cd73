"""What keeps the ledger in order: nothing is held by the dead, nothing waits in vain."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, case, exists, func, or_, select, true, update

from digest.model import DeliveryState, SubscriberState
from digest.store.deliveries import RELEASED, wanted
from digest.store.pace import IN_FLIGHT
from digest.store.schema import deliveries, issues, subscribers

LONGEST_CLAIM = timedelta(minutes=15)
SKEW = timedelta(minutes=15)  # by how much the clocks of two machines may differ


def owners_in_flight(connection: Connection) -> tuple[str, ...]:
    """Return the processes that hold claims."""
    query = select(deliveries.c.owner).where(deliveries.c.state.in_(IN_FLIGHT)).distinct()
    return tuple(owner for owner in connection.execute(query).scalars() if owner)


def give_back(
    connection: Connection,
    *,
    dead: Sequence[str],
    orphaned: Callable[[str], DeliveryState],
    now: datetime,
) -> int:
    """Free what the ``dead`` processes held, and what anybody held for longer than
    ``LONGEST_CLAIM`` (a frozen process is as good as dead); returns how many deliveries that were.

    CLAIMED was never offered and is QUEUED again. What a SENDING one becomes is for ``orphaned``
    to say, given the name of the transport it was being handed to.
    """
    held = or_(deliveries.c.owner.in_(dead), deliveries.c.claimed_at < now - LONGEST_CLAIM)
    freed = connection.execute(
        update(deliveries)
        .where(held, deliveries.c.state == DeliveryState.CLAIMED)
        .values(state=DeliveryState.QUEUED, **RELEASED)
    ).rowcount
    sending = (held, deliveries.c.state == DeliveryState.SENDING)
    names = connection.execute(select(deliveries.c.transport).where(*sending).distinct())
    for name in names.scalars().all():
        state = orphaned(name)
        freed += connection.execute(
            update(deliveries)
            .where(*sending, deliveries.c.transport == name)
            .values(state=state, error=_orphan_error(state), settled_at=now, **RELEASED)
        ).rowcount
    return freed


def hasten(connection: Connection, *, now: datetime, longest: timedelta) -> int:
    """Let nothing queued wait longer than ``longest``; returns how many did.

    A clock that was ahead for a while leaves moments behind that do not come.
    """
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.due_at > now + longest)
        .values(due_at=now)
    ).rowcount


def ahead_of_time(connection: Connection, *, now: datetime, longest: timedelta) -> frozenset[str]:
    """Return the ids of active subscribers whose turn a clock that was ahead has put off.

    What was covered, or made an issue, later than now tells of such a clock, and so does a turn
    that is further away than ``longest``, the longest time from one to the next.
    """
    tomorrow = (now + timedelta(days=1)).date()  # by UTC: the date it may be somewhere
    query = select(subscribers.c.id).where(
        subscribers.c.state == SubscriberState.ACTIVE,
        subscribers.c.due_at > now,
        or_(
            subscribers.c.covered_until > now + SKEW,
            subscribers.c.last_issue_on > tomorrow,
            subscribers.c.due_at > now + longest,
        ),
    )
    return frozenset(connection.execute(query).scalars())


def recall(
    connection: Connection, subscriber_id: str, *, today: date, due_at: datetime, now: datetime
) -> None:
    """Give a subscriber back the turn at ``due_at``, as if there were no issues after ``today``."""
    last_issue_on = (
        select(func.max(issues.c.date))
        .where(issues.c.subscriber_id == subscriber_id, issues.c.date <= today)
        .scalar_subquery()
    )
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(
            due_at=due_at,
            last_issue_on=last_issue_on,
            covered_until=case(
                (subscribers.c.covered_until > now, now), else_=subscribers.c.covered_until
            ),
        )
    )


def expire(connection: Connection, *, now: datetime) -> int:
    """Give up queued issues whose subscriber is due for the next one, and letters that are too old;
    returns how many.

    The papers of an issue were not delivered, so they are candidates of that next issue.
    """
    overdue = exists().where(
        subscribers.c.id == deliveries.c.subscriber_id,
        subscribers.c.state == SubscriberState.ACTIVE,
        subscribers.c.due_at <= now,
    )
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state == DeliveryState.QUEUED,
            or_(deliveries.c.expires_at <= now, and_(deliveries.c.issue_id.is_not(None), overdue)),
        )
        .values(
            state=DeliveryState.FAILED,
            settled_at=now,
            error=case(
                (deliveries.c.error.is_not(None), "Expired; before that: " + deliveries.c.error),
                (
                    deliveries.c.letter_id.is_not(None),
                    "Not sent in time; it can be asked for again.",
                ),
                else_="Not sent before the next issue was due; its papers are in that one.",
            ),
        )
    ).rowcount


def suppress_unwanted(connection: Connection, *, now: datetime, of: str | None = None) -> int:
    """Take what paused or gone subscribers have queued out of the queue; returns how many.

    ``of`` is the only subscriber to look at: the queue may be long.
    """
    theirs = true() if of is None else deliveries.c.subscriber_id == of
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.QUEUED, theirs, ~wanted())
        .values(state=DeliveryState.SUPPRESSED, settled_at=now)
    ).rowcount


def _orphan_error(state: DeliveryState) -> str | None:
    if state is DeliveryState.QUEUED:
        return None
    return "The sending process died; the mail server may or may not have taken the message."
