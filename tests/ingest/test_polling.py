"""When a source is asked: over whole weeks, with a clock moved by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from digest.ingest.freshness import Visit, day_of, judge
from digest.ingest.polling import may_ask
from digest.model import Calendar, SourceDay

MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
ARXIV = Calendar(
    days=(0, 1, 2, 3, 4), by=1, timezone="America/New_York", deadline=3, every=20
)  # 06:00 to 09:00 UTC


def asked(
    calendar: Calendar | None,
    appears: Callable[[date], datetime | None],
    *,
    start: datetime = MONDAY,
    days: int = 7,
) -> list[datetime]:
    """When the scheduler, ticking every minute, asks a source whose listing of a day is there from
    the moment it ``appears``."""
    now, last, today = start, None, None
    visits: list[datetime] = []
    while now < start + timedelta(days=days):
        day = day_of(calendar, now)
        today = today if today and today.date == day else None
        if may_ask(calendar, today, last, now):
            visits.append(now)
            last, today = now, _visit(calendar, appears(day), today, now)
        now += MINUTE
    return visits


def _visit(
    calendar: Calendar | None, there: datetime | None, today: SourceDay | None, now: datetime
) -> SourceDay | None:
    came = there is not None and there <= now
    return judge("x", Visit(new=int(came), papers=1), calendar, today, now)


def on(visits: list[datetime], day: int) -> list[str]:
    return [f"{each:%H:%M}" for each in visits if each.day == day]


def test_a_source_without_a_calendar_is_asked_every_half_hour() -> None:
    visits = asked(None, lambda _: None, days=1)
    assert [b - a for a, b in pairwise(visits)] == [timedelta(minutes=30)] * 47


def test_a_week_of_listings_in_time() -> None:
    visits = asked(ARXIV, lambda day: datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC))
    assert on(visits, 17) == ["00:40", "03:40", "06:00", "06:20", "06:40", *_every_3h("09:40")]
    assert len(on(visits, 21)) == len(on(visits, 22)) == 8, "seldom at the weekend"
    assert len(visits) < 7 * 13


def test_a_listing_that_is_late_is_awaited_hourly() -> None:
    visits = asked(ARXIV, lambda day: datetime(day.year, day.month, day.day, 14, 5, tzinfo=UTC))
    assert [each for each in on(visits, 17) if "06" <= each < "16"] == [
        *("06:00", "06:20", "06:40", "07:00", "07:20", "07:40", "08:00", "08:20", "08:40"),
        *("09:40", "10:40", "11:40", "12:40", "13:40", "14:40"),
    ]


def test_a_holiday_is_as_quiet_as_a_weekend() -> None:
    holiday = Calendar(
        days=ARXIV.days, by=1, timezone=ARXIV.timezone, holidays=(date(2026, 11, 17),)
    )
    visits = asked(holiday, lambda _: None, days=2)
    assert len([each for each in visits if day_of(holiday, each) == date(2026, 11, 17)]) < 10


def test_the_hour_follows_the_clock_of_the_source_through_the_change() -> None:
    """Clocks in New York go back on 1 November 2026: 01:00 is 05:00 UTC before, 06:00 after."""
    appears = {
        date(2026, 10, 30): datetime(2026, 10, 30, 5, 10, tzinfo=UTC),
        date(2026, 11, 2): datetime(2026, 11, 2, 6, 10, tzinfo=UTC),
    }
    visits = asked(ARXIV, appears.get, start=datetime(2026, 10, 30, tzinfo=UTC), days=4)
    assert {"05:00", "05:20"} <= set(on(visits, 30))
    assert {"06:00", "06:20"} <= set(on(visits, 2))
    assert "05:00" not in on(visits, 2)


def _every_3h(first: str) -> list[str]:
    hour, minute = map(int, first.split(":"))
    return [f"{each:02}:{minute:02}" for each in range(hour, 24, 3)]
