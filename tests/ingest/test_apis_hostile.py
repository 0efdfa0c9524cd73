"""Whatever stands in the fields of a form: a listing or a ParseError, and never another host."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.parse import JSON_KINDS
from digest.ingest.rows import MOST
from digest.model import Listing, Payload

TODAY = date(2026, 11, 20)
ADDRESS = "https://api.example.org/details/biorxiv/2d/0?offset=30&cursor=x&token=t#7"
TELLING = [
    "ok",
    "no posts found",
    "NA",
    "2026-11-19",
    "9999-12-31",
    "10.1000/owl",
    "10.48550/arXiv.2611.90001",
    "2611.90001v2",
    "https://owls.example.org/2",
    "//bats.example.org",
    "http://[",
    "<jats:p>Owls",
    "A, B; C; , ;",
    "$\\frac{",
    "O_FIG ",
    "{tau}",
    "\ud800",
    "work",
    "posted-content",
    "first",
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(TELLING)
    | st.text(max_size=20)
)
NAMES = re.findall(
    r"\S+",
    """
    title subtitle abstract authors author name given family date version doi DOI published server
    category id forum content value pdf cdate ddate date-parts created relation has-preprint type
    paperId externalIds tldr text openAccessPdf url external_url date_published summary tags
    """,
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
        | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8) | JSON, max_size=5)


def fields(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: JSON for name in names})


def dressed(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(parts)


DRESSED = {
    "biorxiv": st.builds(
        lambda said, rows: {"messages": [{"status": "ok", **said}], "collection": rows},
        fields("status", "cursor", "total", "count"),
        ROWS | JSON,
    ),
    "openreview": st.builds(
        lambda rows, count: {"notes": [{"content": {}}, *rows], "count": count}, ROWS, JSON
    ),
    "crossref": st.builds(
        lambda rows, said: {"message-type": "work-list", "message": {**said, "items": rows}},
        ROWS,
        fields("next-cursor", "total-results", "items-per-page"),
    ),
    "crossref work": dressed(
        **{"message-type": st.just("work"), "message": fields(*NAMES)},
    ),
    "semantic-scholar": st.builds(
        lambda rows, said: {**said, "data": [{"paperId": "1"}, *rows]},
        ROWS,
        fields("total", "token", "offset", "next"),
    ),
    "semantic-scholar batch": ROWS.map(lambda rows: [*rows, {"paperId": "1"}]),
    "json-feed": st.builds(
        lambda rows, said: {**said, "version": "https://jsonfeed.org/version/1.1", "items": rows},
        ROWS,
        fields("next_url", "feed_url", "authors", "author", "title"),
    ),
}


def read(value: Any, name: str = ADDRESS) -> Listing | None:
    try:
        return parse(Payload(name=name, content=json.dumps(value).encode()), today=TODAY)
    except ParseError:
        return None


@pytest.mark.parametrize("form", DRESSED)
@given(data=st.data())
def test_any_json_in_a_form_is_a_listing_or_a_parse_error(form: str, data: st.DataObject) -> None:
    value = data.draw(DRESSED[form])
    assert len([name for name, kind in JSON_KINDS.items() if kind.recognises(value)]) == 1
    for name in (ADDRESS, "owls.json"):
        listing = read(value, name)
        assert listing is None or listing.date <= TODAY
        for each in listing.announcements if listing else ():
            assert each.paper.title
            assert each.on is None or each.on <= TODAY
        if listing and listing.next:
            assert name == ADDRESS != listing.next
            assert urlsplit(listing.next)[:2] == ("https", "api.example.org")


@given(JSON)
def test_any_json_at_all_is_a_listing_or_a_parse_error(value: Any) -> None:
    read(value)
    assert len([name for name, kind in JSON_KINDS.items() if kind.recognises(value)]) <= 1


FORMS: dict[str, Callable[[list[Any]], Any]] = {
    "biorxiv": lambda rows: {"messages": [{"status": "ok"}], "collection": rows},
    "openreview": lambda rows: {"notes": [{"content": {}}, *rows]},
    "crossref": lambda rows: {"message-type": "work-list", "message": {"items": rows}},
    "semantic-scholar": lambda rows: [{"paperId": "1"}, *rows],
    "json-feed": lambda rows: {"version": "https://jsonfeed.org/version/1", "items": rows},
}
LONG = 500_000
TRAPS: dict[str, list[Any]] = {
    "many empty rows": [{}] * LONG,
    "many papers": [{"title": "Owls", "doi": "10.1000/owl"}] * (LONG // 40),
    "one long title": [{"title": "<p " * LONG}],
    "tags": [{"title": "a", "abstract": piece * LONG} for piece in ("<", "<jats:", "O_FIG ", "[<")],
    "names": [{"title": "a", "authors": "A, B; " * LONG, "author": [{"name": "x"}] * 100_000}],
    "relations": [{"title": ["a"], "relation": {"has-preprint": [{"id": "10.1000/o"}] * LONG}}],
    "keywords": [{"content": {"title": "a", "keywords": ",a" * LONG}}],
}


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_made_to_keep_us_busy_is_cut_short(form: str, trap: str) -> None:
    listing = read(FORMS[form](TRAPS[trap]))
    assert listing is not None
    assert len(listing.announcements) <= MOST
    assert len(listing.problems) <= 25
