from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import wording


def test_dates_are_written_as_people_write_them() -> None:
    day = date(2026, 11, 2)
    assert wording.short_date(day) == "Mon 2 Nov"
    assert wording.long_date(day) == "Monday 2 November 2026"
    assert wording.dated(day) == "2 Nov 2026"


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 papers"), (1, "1 paper"), (2, "2 papers"), (1204, "1,204 papers")],
)
def test_counts_agree_with_their_noun(number: int, words: str) -> None:
    assert wording.count(number, "paper") == words


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_lists_end_in_and(names: list[str], words: str) -> None:
    assert wording.enumerate_words(names) == words


def test_one_line_leaves_one_line() -> None:
    assert wording.one_line(" a\r\n\tb\0c\u2028d  e ") == "a b c d e"


@given(st.text())
def test_one_line_is_always_printable_and_single_spaced(text: str) -> None:
    line = wording.one_line(text)
    assert line.isprintable()
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one, two", 6, "one…"),
        ("unbreakable", 5, "unbr…"),
    ],
)
def test_cut_cuts_at_words(text: str, width: int, shown: str) -> None:
    assert wording.cut(text, width) == shown


@given(st.text(), st.integers(1, 50))
def test_cut_never_exceeds_its_width_by_more_than_the_ellipsis(text: str, width: int) -> None:
    assert len(wording.cut(text, width)) <= width + 1
