import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import plaintext


@pytest.mark.parametrize(
    ("text", "columns"),
    [("plain", 5), ("π-weighted", 10), ("大规模", 6), ("e\u0301", 1), ("", 0)],
)
def test_columns_are_counted_as_a_terminal_does(text: str, columns: int) -> None:
    assert plaintext.columns(text) == columns


def test_fill_breaks_at_72_columns() -> None:
    lines = plaintext.fill("word " * 40).split("\n")
    assert [len(line) for line in lines] == [69, 69, 59]


def test_later_lines_are_indented() -> None:
    lines = plaintext.fill("word " * 20, 5).split("\n")
    assert lines[0].startswith("word")
    assert lines[1].startswith("     word")


def test_an_address_is_never_broken() -> None:
    url = "https://example.org/" + "x" * 80
    assert url in plaintext.fill(f"See {url} for more, and then some.").split("\n")


@given(st.text(st.characters(codec="utf-8"), max_size=400), st.integers(0, 8))
def test_no_line_is_too_long_and_nothing_is_lost(text: str, indent: int) -> None:
    filled = plaintext.fill(text, indent)
    assert "".join(filled.split()) == "".join(text.split())
    for line in filled.split("\n"):
        assert plaintext.columns(line) <= plaintext.COLUMNS or " " not in line.strip()


def test_a_rule_is_as_long_as_the_longest_line() -> None:
    assert plaintext.rule("one\nthree", "=") == "====="
    assert plaintext.rule("稀疏", "-") == "----"
