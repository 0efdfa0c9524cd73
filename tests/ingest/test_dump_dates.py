"""Dates with and without a year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.dump.dates import read_date


@pytest.mark.parametrize(
    ("text", "not_after", "expected"),
    [
        ("Dec 11", date(2026, 11, 20), date(2025, 12, 11)),
        ("Nov 20", date(2026, 11, 20), date(2026, 11, 20)),
        ("November 21", date(2026, 11, 20), date(2025, 11, 21)),
        ("Jun 29, 2023", date(2020, 1, 1), date(2023, 6, 29)),
        ("Feb 29", date(2026, 11, 20), date(2024, 2, 29)),
        ("Feb 29", date(2024, 2, 28), date(2020, 2, 29)),
        ("Feb 29", date(1903, 1, 1), date(1896, 2, 29)),
        ("Feb 29, 2023", date(2026, 1, 1), None),
        ("Feb 30", date(2026, 1, 1), None),
        ("Jan 0", date(2026, 1, 1), None),
        ("Jan 1, 0000", date(2026, 1, 1), None),
        ("Dec 11", date(1, 1, 1), None),
        ("tomorrow", date(2026, 1, 1), None),
    ],
)
def test_dates(text: str, not_after: date, expected: date | None) -> None:
    assert read_date(text, not_after=not_after) == expected


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.dates(date(1904, 3, 1), date(2200, 1, 1)))
def test_date_without_a_year_is_always_the_latest_not_after(day: date, not_after: date) -> None:
    found = read_date(f"{day:%b} {day.day}", not_after=not_after)
    assert found is not None
    assert found <= not_after
    assert (found.month, found.day) == (day.month, day.day)
    assert not_after - found < timedelta(days=366 if day.strftime("%m%d") != "0229" else 8 * 366)
