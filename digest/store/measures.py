"""What is counted for whoever watches: asked of the tables, so that all processes agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from digest.model import BounceKind, DeliveryState
from digest.store.schema import announcements, bounces, deliveries, listings, sources, turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How many deliveries are due, and since when the longest waiting one is."""

    waiting: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """How many issues failed or are of uncertain fate since a moment, the last server's words, and
    how many turns failed."""

    failed: int
    uncertain: int
    words: str | None
    turns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """How many issues were put off again and again while none was taken, and the last server's
    words."""

    waiting: int
    words: str | None


def losses(connection: Connection, *, since: datetime) -> Losses:
    """Return what was lost since a moment."""
    lost = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
    query = (
        select(deliveries.c.state, deliveries.c.error)
        .where(
            deliveries.c.state.in_(lost),
            deliveries.c.issue_id.is_not(None),
            deliveries.c.settled_at > since,
        )
        .order_by(deliveries.c.settled_at.desc())
    )
    rows = connection.execute(query).all()
    failed = [row.error for row in rows if row.state == DeliveryState.FAILED]
    turned = select(func.count()).where(turns.c.result == "failed", turns.c.taken_at > since)
    return Losses(
        failed=len(failed),
        uncertain=len(rows) - len(failed),
        words=failed[0] if failed else None,
        turns=connection.execute(turned).scalar_one(),
    )


def stuck(connection: Connection, *, since: datetime) -> Stuck:
    """Return how many issues were put off twice or more, unless one was sent since a moment."""
    of_issue = deliveries.c.issue_id.is_not(None)
    sent = (deliveries.c.state == DeliveryState.SENT, deliveries.c.settled_at > since)
    if connection.execute(select(deliveries.c.id).where(*sent, of_issue).limit(1)).first():
        return Stuck(waiting=0, words=None)
    put_off = (deliveries.c.state == DeliveryState.QUEUED, deliveries.c.attempts > 1, of_issue)
    waiting = select(func.count()).select_from(deliveries).where(*put_off)
    words = select(deliveries.c.error).where(*put_off).order_by(deliveries.c.settled_at.desc())
    return Stuck(
        waiting=connection.execute(waiting).scalar_one(),
        words=connection.execute(words.limit(1)).scalar(),
    )


def queue(connection: Connection, *, now: datetime) -> Queue:
    """Return what is due and not handed over yet."""
    query = select(func.count().label("waiting"), func.min(deliveries.c.due_at).label("since"))
    due = (deliveries.c.state == DeliveryState.QUEUED, deliveries.c.due_at <= now)
    row = connection.execute(query.where(*due)).one()
    return Queue(waiting=row.waiting, since=row.since)


def announced(connection: Connection) -> Mapping[str, int]:
    """Return how many papers each source announced."""
    query = (
        select(listings.c.source, func.count())
        .join(announcements, announcements.c.listing_id == listings.c.id)
        .group_by(listings.c.source)
    )
    return {source: number for source, number in connection.execute(query)}


def turns_by_result(connection: Connection) -> Mapping[str, int]:
    """Return how many turns ended in an issue, a note, nothing or a failure."""
    query = select(turns.c.result, func.count()).group_by(turns.c.result)
    return {result: number for result, number in connection.execute(query)}


def deliveries_by_state(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Return how many deliveries of issues and letters are in each state; also those that none is
    in, so that the first that fails is seen to be one more."""
    is_issue = deliveries.c.issue_id.is_not(None)
    query = select(is_issue, deliveries.c.state, func.count())
    rows = connection.execute(query.group_by(is_issue, deliveries.c.state))
    found = {("issue" if issue else "letter", state): number for issue, state, number in rows}
    return {(of, state): 0 for of in ("issue", "letter") for state in DeliveryState} | found


def bounces_by_kind(connection: Connection) -> Mapping[str, int]:
    """Return how many mails came back of each kind."""
    query = select(bounces.c.kind, func.count()).group_by(bounces.c.kind)
    found = {kind: number for kind, number in connection.execute(query)}
    return {BounceKind.HARD: 0, BounceKind.SOFT: 0, BounceKind.COMPLAINT: 0} | found


def heard_at(connection: Connection) -> Mapping[str, datetime]:
    """Return when each source last answered as it should, or brought a listing."""
    brought = select(listings.c.source, func.max(listings.c.ingested_at))
    found = {name: at for name, at in connection.execute(brought.group_by(listings.c.source))}
    answered = select(sources.c.name, sources.c.checked_at).where(
        sources.c.error.is_(None), sources.c.checked_at.is_not(None)
    )
    for name, at in connection.execute(answered):
        found[name] = max(at, found.get(name, at))
    return found
