"""When a source may be asked again: often while its listing is awaited, seldom once it is there."""

from datetime import datetime, timedelta
from typing import Final

from digest.ingest.freshness import announces, day_of, due_at, late_at
from digest.model import Calendar, Freshness, SourceDay

UNPROMISED: Final = timedelta(minutes=30)  # between visits to a source without a calendar
LATE: Final = timedelta(hours=1)  # once the deadline has passed
RELAXED: Final = timedelta(hours=3)  # while nothing is awaited


def may_ask(
    calendar: Calendar | None, today: SourceDay | None, asked_at: datetime | None, now: datetime
) -> bool:
    """Whether a source last asked at ``asked_at`` (None: never) may be asked at ``now``.

    ``today`` is what is so of it on the day of its calendar that it is. What was asked before the
    hour of the listing does not put the next visit off.
    """
    if asked_at is None:
        return True
    if _begins_between(calendar, asked_at, now):
        return today is None or today.freshness is not Freshness.FRESH
    return now >= asked_at + pace(calendar, today, now)


def pace(calendar: Calendar | None, today: SourceDay | None, now: datetime) -> timedelta:
    """Return how long to wait between two visits, as things stand at ``now``."""
    if calendar is None:
        return UNPROMISED
    day = day_of(calendar, now)
    fresh = today is not None and today.freshness is Freshness.FRESH
    if fresh or not announces(calendar, day) or now < due_at(calendar, day):
        return RELAXED
    return LATE if now >= late_at(calendar, day) else timedelta(minutes=calendar.every)


def _begins_between(calendar: Calendar | None, asked_at: datetime, now: datetime) -> bool:
    """Whether the hour of today's listing came since ``asked_at``."""
    if calendar is None or not announces(calendar, day := day_of(calendar, now)):
        return False
    return asked_at < due_at(calendar, day) <= now
