"""What is so of a source on a day: judged by its papers, and never a reproach on a day off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.freshness import (
    Visit,
    announces,
    cut_by,
    day_of,
    due_at,
    judge,
    late_at,
    start_of,
)
from digest.model import Calendar, Freshness, Problem, SourceDay

FRIDAY = date(2026, 11, 20)
THURSDAY, SATURDAY = FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=1)
WEEKDAYS = Calendar(days=(0, 1, 2, 3, 4), by=5, deadline=3)

NOTHING = Visit()
NEWS = Visit(new=12, papers=12, dated=FRIDAY)
OLD_PAPERS_NEW_DATE = Visit(papers=40, dated=FRIDAY)
OLD_PAPERS_OLD_DATE = Visit(papers=40, dated=THURSDAY)
CUT = Visit(new=50, papers=50, dated=FRIDAY, cut="The listing ends at entry 50 of 120.")
FAILED = Visit(error="https://example.org/ answers 503.")


def at(hour: int, day: date = FRIDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def state(
    visit: Visit,
    now: datetime,
    *,
    calendar: Calendar | None = WEEKDAYS,
    before: SourceDay | None = None,
) -> Freshness | None:
    told = judge("arXiv", visit, calendar, before, now)
    return told.freshness if told else None


def after(*visits: tuple[int, Visit]) -> SourceDay | None:
    """What is so after these visits on one Friday."""
    told = None
    for hour, visit in visits:
        told = judge("arXiv", visit, WEEKDAYS, told, at(hour))
    return told


@pytest.mark.parametrize(
    ("visit", "hour", "expected"),
    [
        (NEWS, 6, Freshness.FRESH),
        (NEWS, 23, Freshness.FRESH),
        (NOTHING, 4, None),
        (NOTHING, 6, None),
        (NOTHING, 8, Freshness.LATE),
        (OLD_PAPERS_NEW_DATE, 4, None),
        (OLD_PAPERS_NEW_DATE, 6, Freshness.STALE),
        (OLD_PAPERS_OLD_DATE, 6, None),
        (OLD_PAPERS_OLD_DATE, 8, Freshness.LATE),
        (CUT, 6, Freshness.PARTIAL),
        (FAILED, 4, Freshness.BROKEN),
        (FAILED, 9, Freshness.BROKEN),
    ],
)
def test_a_first_visit_on_a_working_day(
    visit: Visit, hour: int, expected: Freshness | None
) -> None:
    assert state(visit, at(hour)) is expected


@pytest.mark.parametrize("visit", [NOTHING, OLD_PAPERS_OLD_DATE, OLD_PAPERS_NEW_DATE])
@pytest.mark.parametrize("hour", [0, 12, 23])
def test_a_weekend_and_a_holiday_are_empty_and_never_late(visit: Visit, hour: int) -> None:
    assert state(visit, at(hour, SATURDAY)) is Freshness.EMPTY
    holiday = Calendar(days=WEEKDAYS.days, by=5, holidays=(FRIDAY,))
    told = judge("arXiv", visit, holiday, None, at(hour))
    assert told is not None
    assert (told.freshness, told.reason) == (
        Freshness.EMPTY,
        "It announces nothing on this holiday.",
    )


def test_news_on_a_day_off_are_news() -> None:
    assert state(Visit(new=3, papers=3, dated=SATURDAY), at(9, SATURDAY)) is Freshness.FRESH


def test_papers_new_to_us_are_no_news_when_they_are_of_last_week() -> None:
    old = Visit(new=12, papers=12, dated=FRIDAY - timedelta(days=8))
    told = judge("arXiv", old, WEEKDAYS, None, at(6))
    assert told is not None
    assert (told.freshness, told.reason) == (Freshness.LATE, "The newest it has is of 2026-11-12.")
    yesterdays = Visit(new=12, papers=12, dated=THURSDAY)
    assert state(yesterdays, at(6)) is Freshness.FRESH, "some services are a day behind by design"


@pytest.mark.parametrize("visit", [NOTHING, OLD_PAPERS_NEW_DATE])
def test_a_source_that_promises_nothing_is_never_late_or_stale(visit: Visit) -> None:
    assert state(visit, at(23), calendar=None) is Freshness.EMPTY


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        (((6, OLD_PAPERS_NEW_DATE), (7, NEWS)), Freshness.FRESH),
        (((9, NOTHING), (10, NEWS)), Freshness.FRESH),
        (((6, FAILED), (7, NOTHING)), None),
        (((6, FAILED), (9, NOTHING)), Freshness.LATE),
        (((6, FAILED), (7, NEWS)), Freshness.FRESH),
        (((6, CUT), (7, NEWS)), Freshness.FRESH),
        (((6, CUT), (7, Visit(new=50))), Freshness.PARTIAL),
        (((6, NEWS), (7, Visit(new=12))), Freshness.FRESH),
        (((6, NEWS), (7, CUT)), Freshness.PARTIAL),
        (((6, OLD_PAPERS_NEW_DATE), (9, NOTHING)), Freshness.STALE),
    ],
)
def test_later_visits_of_the_day(
    visits: tuple[tuple[int, Visit], ...], expected: Freshness | None
) -> None:
    told = after(*visits)
    assert (told.freshness if told else None) is expected


def test_papers_that_came_are_not_taken_back_by_a_failure_and_its_reason_tells() -> None:
    told = after((6, NEWS), (7, FAILED), (9, FAILED))
    assert told is not None
    assert told.freshness is Freshness.FRESH
    assert told.papers == 12
    assert told.reason == (
        "It announced 12 new papers. A later visit at 09:00 UTC failed: "
        "https://example.org/ answers 503."
    )


def test_a_day_begins_and_ends_on_the_clock_of_the_source() -> None:
    new_york = Calendar(days=(0, 1, 2, 3, 4), by=1, timezone="America/New_York")
    late_evening = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # Friday, 22:00
    assert day_of(new_york, late_evening) == FRIDAY
    assert day_of(WEEKDAYS, late_evening) == SATURDAY
    assert start_of(new_york, FRIDAY) == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert due_at(new_york, FRIDAY) == datetime(2026, 11, 20, 6, tzinfo=UTC)
    assert due_at(new_york, date(2026, 7, 3)) == datetime(2026, 7, 3, 5, tzinfo=UTC), "in summer"


def test_an_hour_that_the_clocks_skip_is_the_moment_after_it() -> None:
    berlin = Calendar(days=tuple(range(7)), by=2, timezone="Europe/Berlin", deadline=2)
    spring = date(2026, 3, 29)
    assert due_at(berlin, spring) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert late_at(berlin, spring) == datetime(2026, 3, 29, 3, tzinfo=UTC)


def test_of_problems_those_that_cost_an_entry_leave_the_listing_whole() -> None:
    entry = Problem(message="entry 3 has no title and was left out.")
    assert cut_by([entry]) is None
    assert cut_by([entry, Problem(message="it breaks off.", cut=True)]) == "it breaks off."


_VISITS = st.sampled_from(
    [NOTHING, NEWS, CUT, FAILED, OLD_PAPERS_NEW_DATE, OLD_PAPERS_OLD_DATE, Visit(new=12)]
)


@given(st.lists(st.tuples(st.integers(0, 23), _VISITS), max_size=6))
def test_once_fresh_nothing_but_a_cut_listing_ever_makes_a_day_less(
    visits: list[tuple[int, Visit]],
) -> None:
    told, was_fresh = None, False
    for hour, visit in sorted(visits, key=lambda each: each[0]):
        told = judge("arXiv", visit, WEEKDAYS, told, at(hour))
        was_fresh = was_fresh or (told is not None and told.freshness is Freshness.FRESH)
        if was_fresh:
            assert told is not None
            assert told.freshness in (Freshness.FRESH, Freshness.PARTIAL)


@given(_VISITS, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 23))
def test_every_state_comes_with_a_sentence(visit: Visit, day: date, hour: int) -> None:
    told = judge("arXiv", visit, WEEKDAYS, None, at(hour, day))
    assert told is None or told.reason.endswith(".")
    assert told is None or told.date == day
    if not announces(WEEKDAYS, day) and not visit.new:
        assert told is not None
        assert told.freshness in (Freshness.EMPTY, Freshness.BROKEN)
