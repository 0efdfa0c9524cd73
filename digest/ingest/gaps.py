"""The days of a source → what its readers miss."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from digest.ingest.freshness import announces, day_of, due_at
from digest.model import Calendar, Freshness, Gap, SourceDay

_MISSING: Final = (Freshness.LATE, Freshness.STALE, Freshness.BROKEN)
_CAME: Final = (Freshness.FRESH, Freshness.PARTIAL)


def find_gap(
    called: str,
    days: Sequence[SourceDay],
    calendar: Calendar | None,
    *,
    last_issue_on: date,
    now: datetime,
) -> Gap | None:
    """Return what is missing of the source ``called`` that to its readers, if anything is.

    ``days`` are its last ones, newest first. Days on which it promised nothing, or nothing yet,
    count only if papers came. A source that is late, stale or broken on the last day that counts is
    missing since the last one on which papers (broken: an answer) came; one that was partial since
    the day ``last_issue_on`` was partial then.
    """
    counting = [day for day in days if _counts(day, calendar, now)]
    if not counting:
        return None
    last = counting[0]
    if last.freshness in _MISSING:
        return Gap(source=called, freshness=last.freshness, since=_last_good(counting))
    cut = (day.date for day in counting if day.freshness is Freshness.PARTIAL)
    day = next(cut, None)
    if day is None or day < last_issue_on:
        return None
    return Gap(source=called, freshness=Freshness.PARTIAL, since=day)


def _counts(day: SourceDay, calendar: Calendar | None, now: datetime) -> bool:
    if day.freshness in _CAME or calendar is None:
        return True
    if not announces(calendar, day.date):
        return False
    return day.date < day_of(calendar, now) or now >= due_at(calendar, day.date)


def _last_good(days: Sequence[SourceDay]) -> date | None:
    """The last day before the first of ``days`` on which the source did better."""
    good = tuple(Freshness) if days[0].freshness is Freshness.BROKEN else _CAME
    better = (day for day in days if day.freshness in good)
    return next((day.date for day in better if day.freshness is not Freshness.BROKEN), None)
