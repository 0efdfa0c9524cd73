"""What is so of each source on each day of its calendar, and what it announced when."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select

from digest.model import Freshness, SourceDay
from digest.store import upsert
from digest.store.schema import announcements, listings, source_days

_MEMORY: Final = timedelta(days=31)  # how long ago a paper counts as announced before


def get(connection: Connection, source: str, day: date) -> SourceDay | None:
    """Return what is so of a source on a day, as far as it is known."""
    query = select(source_days).where(source_days.c.source == source, source_days.c.date == day)
    row = connection.execute(query).one_or_none()
    return _day(row) if row else None


def save(connection: Connection, day: SourceDay) -> None:
    """Record what is so of a source on a day, in place of what was."""
    values = {
        "freshness": day.freshness,
        "reason": day.reason,
        "papers": day.papers,
        "checked_at": day.checked_at,
    }
    connection.execute(
        upsert.insert(connection, source_days)
        .values(source=day.source, date=day.date, **values)
        .on_conflict_do_update(index_elements=["source", "date"], set_=values)
    )


def forget(connection: Connection, source: str, day: date) -> None:
    """Record that it cannot be told yet what is so of a source on a day."""
    connection.execute(
        delete(source_days).where(source_days.c.source == source, source_days.c.date == day)
    )


def since(connection: Connection, first: date) -> tuple[SourceDay, ...]:
    """Return the days since ``first`` of all sources, newest first."""
    query = (
        select(source_days)
        .where(source_days.c.date >= first)
        .order_by(source_days.c.date.desc(), source_days.c.source)
    )
    return tuple(_day(row) for row in connection.execute(query))


def latest(
    connection: Connection, freshness: Iterable[Freshness] = tuple(Freshness)
) -> dict[str, SourceDay]:
    """Return the last day of each source that was one of ``freshness``."""
    wanted = source_days.c.freshness.in_(list(freshness))
    last = (
        select(source_days.c.source, func.max(source_days.c.date).label("date"))
        .where(wanted)
        .group_by(source_days.c.source)
        .subquery()
    )
    query = select(source_days).join(
        last, (last.c.source == source_days.c.source) & (last.c.date == source_days.c.date)
    )
    return {row.source: _day(row) for row in connection.execute(query)}


def count_new(connection: Connection, source: str, *, since: datetime) -> int:
    """Return how many papers a source announced since a moment, and not in the month before it."""
    today = _announced(source).where(listings.c.ingested_at >= since)
    earlier = _announced(source).where(
        listings.c.ingested_at < since, listings.c.ingested_at >= since - _MEMORY
    )
    new = today.except_(earlier).subquery()
    return connection.execute(select(func.count()).select_from(new)).scalar_one()


def announced_before(connection: Connection, source: str, *, before: datetime) -> frozenset[str]:
    """Return the ids of the papers a source announced in the month before a moment."""
    query = _announced(source).where(
        listings.c.ingested_at < before, listings.c.ingested_at >= before - _MEMORY
    )
    return frozenset(connection.execute(query).scalars())


def had_before(connection: Connection, source: str, digest: str, *, since: datetime) -> bool:
    """Whether a source had given the very same bytes (their SHA-256) before a moment."""
    query = select(listings.c.id).where(
        listings.c.source == source, listings.c.digest == digest, listings.c.ingested_at < since
    )
    return connection.execute(query.limit(1)).first() is not None


def _announced(source: str) -> Any:
    return (
        select(announcements.c.paper_id)
        .join(listings, listings.c.id == announcements.c.listing_id)
        .where(listings.c.source == source)
    )


def _day(row: Any) -> SourceDay:
    return SourceDay(
        source=row.source,
        date=row.date,
        freshness=Freshness(row.freshness),
        reason=row.reason,
        papers=row.papers,
        checked_at=row.checked_at,
    )
