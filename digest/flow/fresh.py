"""What a visit brought becomes what is so of the source today."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from digest import ingest, store
from digest.app import Source


def note_day(
    connection: Connection,
    source: Source,
    visit: ingest.Visit,
    now: datetime,
    *,
    digest: str | None = None,
) -> None:
    """Record what is so of ``source`` on its day after this visit, whose papers are stored;
    ``digest`` is the SHA-256 of the bytes it gave."""
    day = ingest.day_of(source.calendar, now)
    start = ingest.start_of(source.calendar, day)
    new = store.source_days.count_new(connection, source.name, since=start)
    if digest and store.source_days.had_before(connection, source.name, digest, since=start):
        visit = replace(visit, dated=None)
    before = store.source_days.get(connection, source.name, day)
    after = ingest.judge(source.name, replace(visit, new=new), source.calendar, before, now)
    if after is not None:
        store.source_days.save(connection, after)
    elif before is not None:
        store.source_days.forget(connection, source.name, day)
