"""How a source keeps its promises: when it announces, and what became of a day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Freshness(StrEnum):
    """What is so of one source on one day."""

    FRESH = "fresh"  # papers it had not announced before
    LATE = "late"  # the deadline has passed, and nothing new came
    STALE = "stale"  # the papers of an earlier day under a new date
    PARTIAL = "partial"  # cut, or a full page that does not say where it goes on
    EMPTY = "empty"  # nothing, and nothing was promised: a weekend, a holiday
    BROKEN = "broken"  # it did not answer, or with what is no listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a source announces: on ``days`` (Monday = 0) but not on ``holidays``, usually ``by``
    that hour of ``timezone`` (IANA), and it is late ``deadline`` hours after it.

    Between the two it is asked ``every`` so many minutes.
    """

    days: tuple[int, ...]
    by: int
    timezone: str = "UTC"
    holidays: tuple[date, ...] = ()
    deadline: int = 6
    every: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What readers miss of a source, by the name they know it by: late, stale or broken since its
    last good day (None: there was none), or partial on that day."""

    source: str
    freshness: Freshness
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """What is so of one source on one day of its calendar, with the reason as a sentence.

    ``papers`` counts those that it had not announced on an earlier day.
    """

    source: str
    date: date
    freshness: Freshness
    reason: str
    papers: int
    checked_at: datetime
