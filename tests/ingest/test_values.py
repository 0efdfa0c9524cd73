from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest import values
from digest.ingest.text import LONGEST

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_nothing_that_json_can_say_makes_a_reader_fail(value: Any) -> None:
    assert isinstance(values.record(value), dict)
    assert isinstance(values.items(value), list)
    assert isinstance(values.text(value), str)
    assert all(said == said.strip() != "" for said in values.texts(value))
    counted = values.number(value)
    assert counted is None or 0 <= counted <= 10**15
    for read in (values.day, values.day_of_milliseconds):
        assert read(value) is None or isinstance(read(value), date)
    assert values.within({"owl": value}, "owl", "bat") == values.record(value).get("bat")


@pytest.mark.parametrize(
    ("value", "counted"),
    [
        (7, 7),
        ("42", 42),
        (0, 0),
        (True, None),
        (-1, None),
        (1.0, None),
        ("", None),
        ("1e3", None),
        ("٣", None),
        (10**16, None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_a_number_is_a_count_or_nothing(value: Any, counted: int | None) -> None:
    assert values.number(value) == counted


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-19", date(2026, 11, 19)),
        ("2026-11-19T23:30:00.000Z", date(2026, 11, 19)),
        ("2026-11-19 23:30:00-05:00", date(2026, 11, 19)),
        ("2026-02-30", None),
        ("2026-11-191", None),
        ("2026-11", None),
        ("19 Nov 2026", None),
        (20261119, None),
        (None, None),
    ],
)
def test_a_day_is_the_one_written(value: Any, day: date | None) -> None:
    assert values.day(value) == day


def test_milliseconds_are_read_in_utc() -> None:
    assert values.day_of_milliseconds(1_795_132_799_999) == date(2026, 11, 19)
    assert values.day_of_milliseconds(10**15) is None
    assert values.day_of_milliseconds(True) is None


def test_long_texts_are_cut_and_empty_ones_left_out() -> None:
    assert len(values.text("owl" * 100_000)) == LONGEST
    assert values.texts(["owl ", " ", 7, None, ["bat"], "bat"]) == ["owl", "bat"]
