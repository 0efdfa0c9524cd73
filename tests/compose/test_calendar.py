from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import calendar
from digest.errors import InputError
from digest.model import Cadence, Schedule
from tests.build import schedule

ODD_ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Auckland",
    "Pacific/Pago_Pago",
    "Pacific/Apia",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "Europe/Berlin",
    "UTC",
)


def due_after(wanted: Schedule, after: datetime, last: date | None = None) -> datetime:
    return calendar.next_due(wanted, after=after, last_issue_on=last)


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("wanted", "after", "expected"),
    [
        (schedule(hour=7), utc(2026, 11, 20, 6), utc(2026, 11, 20, 7)),
        (schedule(hour=7), utc(2026, 11, 20, 7), utc(2026, 11, 21, 7)),
        (schedule(Cadence.WEEKDAYS, hour=7), utc(2026, 11, 20, 8), utc(2026, 11, 23, 7)),
        (schedule(Cadence.DAYS, weekdays=(1, 3)), utc(2026, 11, 20, 8), utc(2026, 11, 24, 7)),
        (schedule(Cadence.WEEKLY, weekdays=(4, 0)), utc(2026, 11, 20, 8), utc(2026, 11, 27, 7)),
        # Kiritimati is 14 hours ahead: Monday 07:00 there is still Sunday in UTC.
        (
            schedule(Cadence.WEEKDAYS, timezone="Pacific/Kiritimati"),
            utc(2026, 11, 20, 8),
            utc(2026, 11, 22, 17),
        ),
        # Pago Pago is 11 behind: Friday 19:00 there is Saturday in UTC.
        (
            schedule(Cadence.WEEKDAYS, hour=19, timezone="Pacific/Pago_Pago"),
            utc(2026, 11, 20, 8),
            utc(2026, 11, 21, 6),
        ),
    ],
)
def test_next_due_is_the_next_scheduled_moment(
    wanted: Schedule, after: datetime, expected: datetime
) -> None:
    assert due_after(wanted, after) == expected


def test_a_day_that_has_its_issue_is_not_due_again() -> None:
    friday = date(2026, 11, 20)
    assert due_after(schedule(), utc(2026, 11, 20, 6), friday) == utc(2026, 11, 21, 7)


@pytest.mark.parametrize(
    ("zone", "hour", "day", "expected"),
    [
        ("Europe/Berlin", 2, date(2026, 3, 29), "03:00"),  # 02:00 to 03:00 does not exist
        ("Australia/Lord_Howe", 2, date(2026, 10, 4), "02:30"),  # a gap of half an hour
        ("America/Havana", 0, date(2026, 3, 8), "01:00"),  # the day starts at 01:00
        ("America/Nuuk", 23, date(2026, 3, 28), "22:00"),  # the gap ends with the day
    ],
)
def test_an_hour_that_does_not_exist(zone: str, hour: int, day: date, expected: str) -> None:
    wanted = schedule(hour=hour, timezone=zone)
    noon_before = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)) - timedelta(hours=12)
    due = due_after(wanted, noon_before, day - timedelta(days=1)).astimezone(ZoneInfo(zone))
    assert (due.date(), f"{due:%H:%M}") == (day, expected)


def test_an_hour_that_comes_twice_is_due_at_its_first_coming() -> None:
    wanted = schedule(hour=2, timezone="Europe/Berlin")
    first = due_after(wanted, utc(2026, 10, 24, 22))
    assert first == utc(2026, 10, 25, 0)  # 02:00 CEST, not 02:00 CET an hour later
    assert due_after(wanted, first) == utc(2026, 10, 26, 1)


def test_a_day_that_the_zone_skipped_has_no_issue() -> None:
    daily = schedule(timezone="Pacific/Apia")
    last_day_behind_utc = due_after(daily, utc(2011, 12, 29, 12))
    assert last_day_behind_utc == utc(2011, 12, 29, 17)
    assert due_after(daily, last_day_behind_utc) == utc(2011, 12, 30, 17)  # 31 December there
    fridays = schedule(Cadence.WEEKLY, weekdays=(4,), timezone="Pacific/Apia")
    assert calendar.issue_date(fridays, due_after(fridays, last_day_behind_utc)) == date(2012, 1, 6)


def local_days(zone: ZoneInfo, first: datetime, last: datetime) -> list[date]:
    """Every date that occurs in a zone, by looking at the clock four times an hour."""
    quarters = range(int((last - first) / timedelta(minutes=15)) + 1)
    moments = ((first + n * timedelta(minutes=15)).astimezone(zone) for n in quarters)
    return sorted({moment.date() for moment in moments})


@pytest.mark.parametrize("zone", ODD_ZONES)
@pytest.mark.parametrize("hour", [0, 2, 23])
def test_exactly_one_moment_per_local_day_over_a_year(zone: str, hour: int) -> None:
    wanted = schedule(hour=hour, timezone=zone)
    start, end = utc(2011, 6, 1), utc(2012, 6, 1)
    dues = [due_after(wanted, start)]
    while dues[-1] < end:
        dues.append(due_after(wanted, dues[-1]))
    assert dues == sorted(set(dues))
    dates = [calendar.issue_date(wanted, due) for due in dues]
    assert dates == [
        day for day in local_days(ZoneInfo(zone), dues[0], dues[-1]) if day <= dates[-1]
    ]


schedules = st.builds(
    Schedule,
    cadence=st.sampled_from(Cadence),
    weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    hour=st.integers(0, 23),
    timezone=st.sampled_from(ODD_ZONES),
)
moments = st.datetimes(
    datetime(2009, 1, 1),  # noqa: DTZ001  Hypothesis wants naive bounds
    datetime(2037, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def is_scheduled(wanted: Schedule, day: date) -> bool:
    chosen = {
        Cadence.DAILY: range(7),
        Cadence.WEEKDAYS: range(5),
        Cadence.DAYS: wanted.weekdays,
        Cadence.WEEKLY: wanted.weekdays[:1],
    }
    return day.weekday() in chosen[wanted.cadence]


@given(schedules, moments, st.one_of(st.none(), st.integers(-3, 3)))
def test_next_due_is_after_both_and_on_a_scheduled_day(
    wanted: Schedule, after: datetime, days_since: int | None
) -> None:
    today = calendar.issue_date(wanted, after)
    last = None if days_since is None else today + timedelta(days=days_since)
    due = due_after(wanted, after, last)
    assert due > after
    assert due.tzinfo is UTC
    on = calendar.issue_date(wanted, due)
    assert is_scheduled(wanted, on)
    assert last is None or on > last


@given(schedules, moments)
def test_no_scheduled_day_is_skipped(wanted: Schedule, after: datetime) -> None:
    first = due_after(wanted, after)
    zone = ZoneInfo(wanted.timezone)
    second = due_after(wanted, first)
    between = local_days(zone, first, second)[1:-1]
    assert not [day for day in between if is_scheduled(wanted, day)]
    assert calendar.issue_date(wanted, second) > calendar.issue_date(wanted, first)


def test_issue_date_is_the_date_on_the_readers_clock() -> None:
    now = utc(2026, 11, 20, 12)
    assert calendar.issue_date(schedule(timezone="Pacific/Kiritimati"), now) == date(2026, 11, 21)
    assert calendar.issue_date(schedule(timezone="Pacific/Pago_Pago"), now) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (schedule(Cadence.WEEKDAYS, timezone="Europe/Berlin"), "weekdays at 07:00, Berlin time"),
        (schedule(hour=18), "every day at 18:00 UTC"),
        (
            schedule(Cadence.DAYS, weekdays=(4, 0, 2), timezone="America/New_York"),
            "every Mon, Wed and Fri at 07:00, New York time",
        ),
        (schedule(Cadence.WEEKLY, weekdays=(6,)), "every Sunday at 07:00 UTC"),
    ],
)
def test_describe_says_it_in_words(wanted: Schedule, words: str) -> None:
    assert calendar.describe(wanted) == words


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (schedule(timezone="Mars/Olympus"), "Mars/Olympus"),
        (schedule(timezone="../etc/passwd"), "no time zone"),
        (schedule(timezone=""), "no time zone"),
        (schedule(hour=24), "no hour 24"),
        (schedule(Cadence.DAYS, weekdays=()), "no weekday"),
        (schedule(Cadence.DAYS, weekdays=(7,)), "no weekday"),
    ],
)
def test_a_schedule_that_cannot_be_used_says_why(wanted: Schedule, says: str) -> None:
    with pytest.raises(InputError, match=says):
        due_after(wanted, utc(2026, 11, 20, 8))
