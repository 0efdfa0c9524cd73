"""Whatever is sent for daily papers gives a listing or a ParseError, in bounded time."""

import ast
import json
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.huggingface import is_daily
from digest.ingest.huggingface.notation import read_notation
from digest.model import Listing, Payload

TODAY = date(2026, 11, 20)
SIZE = 5_000_000
FIELDS = (
    "paper", "id", "title", "summary", "authors", "name", "hidden", "publishedAt", "upvotes",
    "submittedOnDailyAt", "ai_summary", "githubRepo", "projectPage", "numComments", "status",
    "date", "count", "data", "dailyPapers", "dateString",
)  # fmt: skip
WORDS = (
    "2611.90001", "Owls", "2026-11-18T01:02:03.000Z", "https://github.com/a/b", "https://[",
    "\ud800", "{'paper': {'title': 'Owls', 'upvotes': 1}}", "\x00", "", " ", "$\\frac{", "9" * 30,
    "9999-99-99",
)  # fmt: skip
NAMES = (
    "https://huggingface.co/api/daily_papers?date=2026-11-18&p=0",
    "https://huggingface.co/api/daily_papers?week=0000-W00&limit=1",
    "https://[/api/daily_papers",
    "https://huggingface.co/papers/month/2026-13",
    "2026-11-18.json",
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8)
        | inner.map(repr)
    ),
    max_leaves=30,
)


def read(text: str, name: str = "papers.json") -> Listing | None:
    try:
        return parse(Payload(name=name, content=text.encode("utf-8", "surrogatepass")), today=TODAY)
    except ParseError:
        return None


@settings(max_examples=300)
@given(rows=st.lists(VALUES, max_size=4), name=st.sampled_from(NAMES))
def test_rows_of_any_shape_give_a_listing_or_a_parse_error(rows: list[Any], name: str) -> None:
    good = {"paper": {"id": "2611.90009", "title": "A Good Owl", "summary": "We hoot."}}
    for value in ([good, *rows], {"data": [*rows, good], "date": "2026-11-18"}):
        listing = read(json.dumps(value), name)
        assert listing is not None
        assert "arxiv:2611.90009" in [each.paper.id for each in listing.announcements]
        assert all(each.paper.title for each in listing.announcements)
        json.dumps([each.paper.title for each in listing.announcements]).encode()


@settings(max_examples=300)
@given(VALUES)
def test_any_json_gives_a_listing_or_a_parse_error(value: Any) -> None:
    read(json.dumps(value))
    is_daily(value)
    props = json.dumps(value).replace("&", "&amp;").replace('"', "&quot;")
    read(f'<div data-target="DailyPapers" data-props="{props}">')


PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text() | st.floats(-9e9, 9e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150)
@given(st.dictionaries(st.text(), PLAIN, max_size=5))
def test_pythons_notation_reads_as_python_reads_it(value: dict[str, Any]) -> None:
    assert read_notation(repr(value)) == value == ast.literal_eval(repr(value))


@pytest.mark.parametrize(
    "text",
    ["{'a': (1, 2)}", "{1, 2}", "{'a': __import__('os')}", "{'a': 1", "'a'", "{'a': 1e}", "{" * 9],
)  # fmt: skip
def test_other_notation_is_not_read(text: str) -> None:
    assert read_notation(text) is None


PIECES = (
    "Owls (1 ▲)", "(2 ▲)", "(", "▲", "\n", " ", "> ", "[", "](", ")", "</a>", "<b>", "To view more",
    "Here is the selection of papers for today (18 Nov):", "Daily papers of 31 Feb",
    "utm_campaign=",
    "https://huggingface.co/papers/2611.90001?utm_source=digest-papers&utm_campaign=2026-99-99",
    '<a href="https://huggingface.co/papers/2611.90002?utm_source=digest-papers">', "Bats",
)  # fmt: skip


@settings(max_examples=500)
@given(st.sampled_from(("", "<")), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_mixture_of_a_mail_gives_a_listing_or_a_parse_error(start: str, text: str) -> None:
    listing = read(start + text)
    assert all(each.paper.title for each in (listing.announcements if listing else ()))


ROW = '{"paper":{"id":"2611.90001","title":"Owls","upvotes":3}}'
MAIL = "Here is the selection of papers for today (6 Jul):\nx (1 ▲)\n"
LINK = '<a href="utm_source=digest-papers">'
NOTED = "{'paper': {'title': 't', 'a': [%s]}}"


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        (f"[{ROW}", ",{}", "]"),
        (f"[{ROW}", ',{"paper":{"title":"a"}}', "]"),
        (f"[{ROW}", ",1", "]"),
        ("[", "[", "]"),
        ("", '{"paper":', ""),
        ('[{"paper":{"title":"t","authors":["a b"', ',"a b"', "]}}]"),
        ('[{"paper":{"title":"', "a ", '"}}]'),
        ('[{"paper":{"title":"t","id":"', "arxiv:", '"}}]'),
        (f"[{ROW}", "," + json.dumps(NOTED % ("[]," * 60_000)), "]"),
        (f"[{ROW}", "," + json.dumps("{'paper': " + "-" * 190_000 + "1}"), "]"),
        (f"[{ROW}", "," + json.dumps("{'paper': '" + "\\'" * 90_000 + "}"), "]"),
        (f"[{ROW}", "," + json.dumps("{'a':\"" + "'\\\"" * 90_000 + "}"), "]"),
        ("<title>x - Hugging Face</title>", "<div>", ""),
        ("<title>x - Hugging Face</title>", '<p data-target="DailyPapers" data-props="[]">', ""),
        ("<title>x - Hugging Face</title>", "data-props=\"'", ""),
        ("<", "<title>", ""),
        (LINK, "<b>", "x (1 ▲)"),
        (LINK, '<a href="https://huggingface.co/papers/2611.90001">x', ""),
        (MAIL, "Owls (140 ▲)\n", ""),
        (MAIL, "(   ", ""),
        (MAIL, ">\n", ""),
        (MAIL, " \n", ""),
        (MAIL, "https://huggingface.co/papers/", ""),
        ("x (1 ▲)", "selection of papers for ", ""),
        (MAIL, "Daily papers of      ", ""),
    ],
    ids=lambda part: part[:24],
)
def test_five_megabytes_take_seconds_at_most(start: str, piece: str, end: str) -> None:
    text = start + piece * (SIZE // len(piece)) + end
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 20  # at most 1 s on a quiet machine; else minutes
