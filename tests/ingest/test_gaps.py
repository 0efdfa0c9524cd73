"""What readers miss of a source: never a weekend, never what is not due yet, and every cut page."""

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.ingest.gaps import find_gap
from digest.model import Calendar, Freshness, SourceDay

FRESH, LATE, STALE = Freshness.FRESH, Freshness.LATE, Freshness.STALE
PARTIAL, EMPTY, BROKEN = Freshness.PARTIAL, Freshness.EMPTY, Freshness.BROKEN
CALENDAR = Calendar(days=(0, 1, 2, 3, 4), by=5, deadline=3)
FRIDAY = date(2026, 11, 20)


def gap(
    *states: Freshness,
    last: date = FRIDAY,
    calendar: Calendar | None = CALENDAR,
    hour: int = 9,
    last_issue_on: date = date(2026, 11, 18),
) -> tuple[Freshness, date | None] | None:
    """What is missing after days of these states, the last of which is ``last``."""
    days = [
        SourceDay(
            source="x",
            date=last - timedelta(days=ago),
            freshness=state,
            reason="So.",
            papers=0,
            checked_at=datetime(2026, 11, 20, tzinfo=UTC),
        )
        for ago, state in enumerate(reversed(states))
    ]
    now = datetime(last.year, last.month, last.day, hour, tzinfo=UTC)
    found = find_gap("The X", days, calendar, last_issue_on=last_issue_on, now=now)
    assert found is None or found.source == "The X"
    return (found.freshness, found.since) if found else None


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((), None),
        ((FRESH,), None),
        ((BROKEN, FRESH), None),
        ((FRESH, LATE), (LATE, date(2026, 11, 19))),
        ((FRESH, STALE, STALE), (STALE, date(2026, 11, 18))),
        ((FRESH, LATE, BROKEN), (BROKEN, date(2026, 11, 19))),
        ((LATE, LATE), (LATE, None)),
        ((FRESH, PARTIAL), (PARTIAL, FRIDAY)),
        ((PARTIAL, FRESH), (PARTIAL, date(2026, 11, 19))),
        ((PARTIAL, FRESH, FRESH, FRESH), None),
    ],
)
def test_the_last_days_of_a_week(
    states: tuple[Freshness, ...], expected: tuple[Freshness, date | None] | None
) -> None:
    assert gap(*states) == expected


def test_a_failure_at_the_weekend_is_nobodys_loss() -> None:
    sunday = date(2026, 11, 22)
    assert gap(FRESH, BROKEN, BROKEN, last=sunday) is None
    assert gap(LATE, EMPTY, EMPTY, last=sunday) == (LATE, None), "Friday's papers are missing still"


def test_a_failure_before_the_hour_of_the_listing_is_nobodys_loss_yet() -> None:
    assert gap(FRESH, BROKEN, hour=4) is None
    assert gap(FRESH, BROKEN, hour=5) == (BROKEN, date(2026, 11, 19))


def test_a_source_without_a_calendar_is_missed_when_it_does_not_answer() -> None:
    assert gap(EMPTY, BROKEN, calendar=None) == (BROKEN, date(2026, 11, 19))
    assert gap(BROKEN, EMPTY, calendar=None) is None
