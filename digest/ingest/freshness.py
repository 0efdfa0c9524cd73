"""Visits to a source → what is so of it today.

Judged by the papers, never by the date on the listing alone: a feed built anew may carry those of
the day before. A day is the calendar's own, in its own time zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from digest.model import Calendar, Freshness, Problem, SourceDay

_DAY: Final = timedelta(days=1)
_WEEK: Final = 7
_WEEKDAYS: Final = (
    "Mondays",
    "Tuesdays",
    "Wednesdays",
    "Thursdays",
    "Fridays",
    "Saturdays",
    "Sundays",
)
_LATER: Final = " A later visit at "
_KEPT: Final = (Freshness.FRESH, Freshness.PARTIAL)  # a failure later that day takes nothing away

_Verdict = tuple[Freshness, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a source gave when it was asked.

    ``new`` counts the papers of this day, up to this visit, that the source had not announced on
    an earlier one. ``dated`` is the date of the listing; None when none came, or only bytes that
    we had on an earlier day. ``cut`` says what is missing of it, ``error`` why there is nothing.
    """

    new: int = 0
    papers: int = 0
    dated: date | None = None
    cut: str | None = None
    error: str | None = None


def day_of(calendar: Calendar | None, now: datetime) -> date:
    """Return the source's day at ``now`` (aware); without a calendar it is this machine's."""
    return now.astimezone(_zone(calendar)).date()


def start_of(calendar: Calendar | None, day: date) -> datetime:
    """Return the moment (UTC) at which ``day`` begins for the source."""
    return datetime.combine(day, time(), _zone(calendar)).astimezone(UTC)


def announces(calendar: Calendar | None, day: date) -> bool:
    """Whether a listing is promised for ``day``; without a calendar none ever is."""
    return calendar is not None and day.weekday() in calendar.days and day not in calendar.holidays


def due_at(calendar: Calendar, day: date) -> datetime:
    """Return when (UTC) the listing of ``day`` is expected."""
    local = datetime.combine(day, time(calendar.by), ZoneInfo(calendar.timezone))
    return local.astimezone(UTC)


def late_at(calendar: Calendar, day: date) -> datetime:
    """Return when (UTC) the listing of ``day`` is late."""
    return due_at(calendar, day) + timedelta(hours=calendar.deadline)


def cut_by(problems: Iterable[Problem]) -> str | None:
    """Return what the first of ``problems`` says that costs the rest of a listing, if one does."""
    return next((problem.message for problem in problems if problem.cut), None)


def judge(
    source: str, visit: Visit, calendar: Calendar | None, before: SourceDay | None, now: datetime
) -> SourceDay | None:
    """Return what is so of ``source`` on its day at ``now``, after this visit; None while that
    cannot be told: its listing is not due, or not late.

    ``before`` is what was so after the earlier visits of the day. Papers that came are never
    taken back: a day that was fresh or partial stays so when a later visit fails, which its reason
    then says, or brings nothing. Everything else follows the latest visit: late, stale and broken
    become fresh, partial becomes fresh when the whole listing comes, and broken becomes late, empty
    or nothing when the source answers again.
    """
    verdict = _weigh(visit, calendar, before, now)
    if verdict is None:
        return None
    freshness, reason = verdict
    return SourceDay(
        source=source,
        date=day_of(calendar, now),
        freshness=freshness,
        reason=reason,
        papers=max(visit.new, before.papers if before else 0),
        checked_at=now,
    )


def _weigh(
    visit: Visit, calendar: Calendar | None, before: SourceDay | None, now: datetime
) -> _Verdict | None:
    if visit.error is not None:
        return _failed(visit.error, before, now)
    if visit.cut is not None:
        return Freshness.PARTIAL, visit.cut[:1].upper() + visit.cut[1:]
    unchanged = visit.dated is None or not visit.new
    if unchanged and before is not None and before.freshness in _KEPT:
        return before.freshness, before.reason  # nothing has changed since
    if visit.new:
        return _brought(visit, calendar, now)
    return _brought_nothing(visit, calendar, before, now)


def _failed(error: str, before: SourceDay | None, now: datetime) -> _Verdict:
    if before is None or before.freshness not in _KEPT:
        return Freshness.BROKEN, error
    told, _, _ = before.reason.partition(_LATER)
    return before.freshness, f"{told}{_LATER}{now.astimezone(UTC):%H:%M} UTC failed: {error}"


def _brought(visit: Visit, calendar: Calendar | None, now: datetime) -> _Verdict:
    if calendar and visit.dated and visit.dated < _last_promised(calendar, day_of(calendar, now)):
        return Freshness.LATE, f"The newest it has is of {visit.dated}."
    return Freshness.FRESH, f"It announced {_papers(visit.new)}."


def _brought_nothing(
    visit: Visit, calendar: Calendar | None, before: SourceDay | None, now: datetime
) -> _Verdict | None:
    if calendar is None:
        return Freshness.EMPTY, "It has nothing new, and no days were promised."
    day = day_of(calendar, now)
    if not announces(calendar, day):
        return Freshness.EMPTY, _why_empty(calendar, day)
    if now < due_at(calendar, day):
        return None
    if visit.papers and visit.dated == day:
        same = f"all {visit.papers} papers in it" if visit.papers > 1 else "the one paper in it"
        return Freshness.STALE, f"It is dated {day}, but {same} came on an earlier day."
    if before is not None and before.freshness is Freshness.STALE:
        return before.freshness, before.reason
    if now < late_at(calendar, day):
        return None
    zone = f"{calendar.by:02}:00 {calendar.timezone}"
    return Freshness.LATE, f"Nothing new came {calendar.deadline} hours after {zone}."


def _why_empty(calendar: Calendar, day: date) -> str:
    if day in calendar.holidays:
        return "It announces nothing on this holiday."
    return f"It announces nothing on {_WEEKDAYS[day.weekday()]}."


def _last_promised(calendar: Calendar, day: date) -> date:
    """The last day before ``day`` for which a listing was promised (services of yesterday's papers
    are asked for them today); a week before it where none was."""
    earlier = (day - n * _DAY for n in range(1, _WEEK + 1))
    return next((each for each in earlier if announces(calendar, each)), day - _WEEK * _DAY)


def _papers(number: int) -> str:
    return f"{number:,} new paper" if number == 1 else f"{number:,} new papers"


def _zone(calendar: Calendar | None) -> ZoneInfo | None:
    return ZoneInfo(calendar.timezone) if calendar else None
