"""When the next issue is due, and for which date: always on the reader's own clock.

A scheduled day has exactly one scheduled moment. Where daylight saving skips the hour it is the
first existing moment after it; where it repeats the hour it is the first of the two; a day that
a zone skipped altogether (Apia, 30 December 2011) has none.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.compose.wording import clock, enumerate_words, short_date, weekday
from digest.errors import InputError
from digest.model import Cadence, Schedule

LONGEST_PERIOD = timedelta(days=15)  # from one turn to the next: a week of which a day was skipped
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_SEARCH = 16  # days: a weekly schedule whose one day the zone skipped, and then some


def next_due(schedule: Schedule, *, after: datetime, last_issue_on: date | None) -> datetime:
    """Return the first scheduled moment (aware, UTC) strictly after ``after`` (aware) whose date
    on the reader's clock is also after ``last_issue_on``.

    Raises InputError when the schedule cannot be used: unknown time zone, no weekday, no such
    hour.
    """
    zone = zone_of(schedule)
    first = after.astimezone(zone).date()
    if last_issue_on is not None:
        first = max(first, last_issue_on + _DAY)
    for day in _scheduled_days(schedule, first):
        moment = _moment(day, schedule.hour, zone)
        if moment is not None and moment > after:
            return moment
    raise InputError("The schedule names no weekday from 0 (Monday) to 6 (Sunday): add one.")


def issue_date(schedule: Schedule, now: datetime) -> date:
    """Return the date on the reader's clock at ``now`` (aware). Raises InputError as above."""
    return now.astimezone(zone_of(schedule)).date()


def describe(schedule: Schedule, language: str = "en") -> str:
    """Return the schedule in words: ``weekdays at 07:00, Berlin time``."""
    at = clock(_hour(schedule.hour), language)
    return f"{_days_in_words(schedule, language)} at {at}{place_of(schedule)}"


def moment(at: datetime, schedule: Schedule, language: str = "en") -> str:
    """Return ``at`` (aware) on the reader's clock: ``Fri 20 Nov at 07:00, Berlin time``.

    Raises InputError as above.
    """
    return short_moment(at, schedule, language) + place_of(schedule)


def short_moment(at: datetime, schedule: Schedule, language: str = "en") -> str:
    """Return the same without the place: ``Fri 20 Nov at 07:00``."""
    local = at.astimezone(zone_of(schedule))
    return f"{short_date(local.date(), language)} at {clock(local.time(), language)}"


def zone_of(schedule: Schedule) -> ZoneInfo:
    """Return the reader's time zone. Raises InputError when no such zone is known."""
    try:
        return ZoneInfo(schedule.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(
            f"There is no time zone {schedule.timezone!r}: write one such as Europe/Berlin or UTC."
        ) from error


def place_of(schedule: Schedule) -> str:
    """Return what follows a time of day: ``, Berlin time``, or `` UTC``."""
    if schedule.timezone.removeprefix("Etc/") in ("UTC", "GMT"):
        return " UTC"
    return f", {schedule.timezone.rpartition('/')[2].replace('_', ' ')} time"


def _days_in_words(schedule: Schedule, language: str) -> str:
    match schedule.cadence:
        case Cadence.DAILY:
            return "every day"
        case Cadence.WEEKDAYS:
            return "weekdays"
        case Cadence.DAYS:
            days = sorted(set(schedule.weekdays))
            names = [weekday(day, language, short=True) for day in days]
            return "every " + enumerate_words(names)
        case Cadence.WEEKLY:
            return "every " + weekday(schedule.weekdays[0], language)


def _weekdays(schedule: Schedule) -> frozenset[int]:
    match schedule.cadence:
        case Cadence.DAILY:
            return frozenset(range(7))
        case Cadence.WEEKDAYS:
            return frozenset(range(5))
        case Cadence.DAYS:
            return frozenset(schedule.weekdays)
        case Cadence.WEEKLY:
            return frozenset(schedule.weekdays[:1])


def _scheduled_days(schedule: Schedule, first: date) -> Iterator[date]:
    wanted = _weekdays(schedule)
    days = (first + offset * _DAY for offset in range(_SEARCH))
    return (day for day in days if day.weekday() in wanted)


def _moment(day: date, hour: int, zone: ZoneInfo) -> datetime | None:
    """Return the scheduled moment of ``day`` in UTC, or None where the zone skipped the day."""
    local = datetime.combine(day, _hour(hour), zone)  # fold=0: the first of two
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    gap_end = _end_of_gap(local)
    # Where the gap runs into the next day (Nuuk: 23:00 to midnight) the hour before it must do.
    on_day = (m for m in (gap_end, gap_end - _HOUR) if m.astimezone(zone).date() == day)
    return next(on_day, None)


def _end_of_gap(local: datetime) -> datetime:
    """Return the moment (UTC) at which the clock jumped over ``local``.

    Around a gap, PEP 495's fold=0 reads the clock with the offset from before the jump and fold=1
    with the one from after it, so the jump lies between the two readings: bisect.
    """
    zone = local.tzinfo
    late, early = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (
            (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
        )
    return late


def _hour(hour: int) -> time:
    try:
        return time(hour)
    except ValueError as error:
        raise InputError(f"There is no hour {hour}: write one from 0 to 23.") from error
