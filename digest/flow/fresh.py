"""A visit becomes what is so of the source today, and its days what readers are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest import compose, ingest, store
from digest.app import App, Source
from digest.model import SourceDay, Subscriber

_LOOK_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The sources that readers count on, and the last days of each, newest first; and when a backup
    was restored, for the readers (their ids) who were not told yet."""

    sources: tuple[Source, ...]
    days: Mapping[str, Sequence[SourceDay]]
    now: datetime
    restored: Mapping[str, datetime]

    def notices_for(self, subscriber: Subscriber) -> tuple[str, ...]:
        """Return what a reader is told of papers they miss since their last issue."""
        language = subscriber.wishes.language
        told = self.notices(subscriber.last_issue_on, language)
        restored_at = self.restored.get(subscriber.id)
        if restored_at is None:
            return told
        on = compose.issue_date(subscriber.wishes.schedule, restored_at)
        return (*told, compose.restored(on, language))

    def notices(self, last_issue_on: date | None, language: str = "en") -> tuple[str, ...]:
        """Return what a reader is told about papers they miss since their last issue."""
        since = last_issue_on or (self.now - _LOOK_BACK).date()
        found = (
            ingest.find_gap(
                _called(source),
                self.days.get(source.name, ()),
                source.calendar,
                last_issue_on=since,
                now=self.now,
            )
            for source in self.sources
        )
        return compose.notices(filter(None, found), language)


def find_gaps(app: App, connection: Connection, now: datetime, readers: Sequence[str] = ()) -> Gaps:
    """Return how the sources are doing; a folder that promises nothing is nobody's to miss."""
    days: dict[str, list[SourceDay]] = {}
    for day in store.source_days.since(connection, (now - _LOOK_BACK).date()):
        days.setdefault(day.source, []).append(day)
    counted_on = tuple(each for each in app.sources if each.url or each.calendar)
    restored = store.recovery.untold(connection, readers)
    return Gaps(sources=counted_on, days=days, now=now, restored=restored)


def _called(source: Source) -> str:
    """The name readers know a source by: of a mere address, its host."""
    return urlsplit(source.name).hostname or source.name if source.url else source.name


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
