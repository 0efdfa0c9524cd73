"""arXiv's listing pages: now and of old, in parts, cut anywhere, and made to keep us busy."""

import json
import re
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.arxiv import looks_like_page, parse_page
from digest.model import Listing, Payload
from tests.ingest.seen import describe

TODAY = date(2026, 11, 20)
DATA = Path(__file__).parent / "data" / "arxiv"
PAGES = sorted(DATA.glob("*.html"))
NEW = (DATA / "new.html").read_text()
RECENT = (DATA / "recent.html").read_text()
BROKEN = "the page breaks off here: papers may be missing or cut; fetch it again."
URL = "https://arxiv.org/list/cs.OW/recent"


def read(text: str, name: str = URL, *, on: date | None = None) -> Listing:
    return parse(Payload(name=name, content=text.encode()), today=TODAY, on=on)


def said(listing: Listing) -> list[str]:
    return [problem.message for problem in listing.problems]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_reads_a_page(page: Path) -> None:
    listing = read(page.read_text())
    expected = json.loads(page.with_suffix(".json").read_text())
    assert (listing.date.isoformat(), listing.next) == (expected["date"], expected["next"])
    assert [describe(each) for each in listing.announcements] == expected["announcements"]
    assert listing.problems == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_line_is_where_an_entry_begins(page: Path) -> None:
    lines = page.read_text().splitlines()
    for each in read(page.read_text()).announcements:
        assert each.line is not None
        assert lines[each.line - 1].strip().startswith("<dt>")


def test_an_abstract_has_the_addresses_the_page_hides() -> None:
    assert (
        read(NEW)
        .announcements[0]
        .paper.abstract.endswith("See https://owls.example.org/code and our owls.")
    )


def test_a_page_of_several_days_gives_each_paper_its_own() -> None:
    listing = read(RECENT)
    assert [each.on for each in listing.announcements] == [
        date(2026, 11, 20),
        date(2026, 11, 20),
        date(2026, 11, 19),
    ]
    given_day = read(RECENT, on=date(2026, 11, 18))
    assert {each.on for each in given_day.announcements} == {None}
    assert given_day.date == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("url", "next"),
    [
        (URL, f"{URL}?skip=3&show=3"),
        (f"{URL}?skip=0&show=25", f"{URL}?skip=3&show=25"),
        (f"{URL}?skip=3", f"{URL}?skip=6&show=3"),  # always on, whatever the numbers say
        (f"{URL}?skip=4&show=3", None),
        ("owls.html", None),
    ],
)
def test_what_a_page_leaves_out_stands_on_the_next(url: str, next: str | None) -> None:
    assert read(RECENT, url).next == next


def test_what_a_page_in_a_file_leaves_out_is_a_problem() -> None:
    assert said(read(RECENT, "owls.html"))[0].startswith("the listing ends at entry 3 of 7 ")
    assert said(read(RECENT, f"{URL}?skip=4&show=3")) == []


def test_sections_say_what_is_left_out_where_the_page_does_not() -> None:
    untold = re.sub("Total of 7 entries|Showing up to 3 entries per page", "", RECENT)
    assert read(untold).next == f"{URL}?skip=3"
    continued = untold.replace("(showing first 1 of 5", "(continued, showing last 1 of 5")
    assert read(continued).next is None


@pytest.mark.parametrize("words", ["No updates today.", "No updates for this time period."])
def test_a_page_without_updates_is_an_empty_listing(words: str) -> None:
    page = (
        "<html><div id='dlpage'><h3>Showing new listings for Thursday, 19 November 2026</h3>"
        f"<p>{words}</p></div></html>"
    )
    listing = read(page)
    assert (listing.date, listing.announcements) == (date(2026, 11, 19), ())
    assert (listing.problems, listing.next) == ((), None)


def test_a_broken_entry_costs_only_itself() -> None:
    page = NEW.replace("Bats answer.", "").replace("A Bat's Answer", "")
    page = page.replace('href ="/abs/2611.90023"', 'href="/about"').replace("They do not age.", "")
    listing = read(page)
    assert [each.paper.title for each in listing.announcements] == [
        "Sparse Owls: Routing where $a < b$",
        "Crossing Birds",
        "Old Owls",
    ]
    assert said(listing) == [
        "entry 2 has no whole title and was left out.",
        "entry 3 has no arXiv id; it is known by its title alone.",
        "entry 4 has no abstract.",
    ]


def test_a_tangle_of_markup_costs_only_itself() -> None:
    listing = read(NEW.replace("Bats answer.", "<div>" * 1_000))
    assert len(listing.announcements) == 3
    assert said(listing) == ["entry 2 is a tangle of markup and was left out."]


def test_three_thousand_linked_authors_are_no_tangle() -> None:
    crowd = ", ".join(f'<a href="/search?query={n}">Owl N. {n}</a>' for n in range(3_000))
    listing = read(NEW.replace("<div class='list-authors'>", f"<div class='list-authors'>{crowd}"))
    assert len(listing.announcements[0].paper.authors) == 3_002
    assert listing.problems == ()


@given(st.integers(min_value=NEW.index("<dt>") + 10, max_value=len(NEW) - 9))
def test_a_page_cut_anywhere_keeps_its_whole_entries_and_says_where_it_was_cut(cut: int) -> None:
    listing, whole = read(NEW[:cut]), read(NEW)
    ends = [found.end() for found in re.finditer("</dd>", NEW)]
    count = sum(end <= cut for end in ends)
    assert listing.announcements[:count] == whole.announcements[:count]
    assert said(listing).count(BROKEN) == 1
    titles = {each.paper.title for each in whole.announcements}
    assert {each.paper.title for each in listing.announcements} <= titles


def test_a_part_of_a_page_is_read() -> None:
    part = NEW[NEW.index("<div id='dlpage'>") : NEW.index("</div>\n</div>\n</body>")]
    assert [each.paper for each in read(part).announcements] == [
        each.paper for each in read(NEW).announcements
    ]
    assert read(part).problems == ()
    cut = read(part[: part.rindex("</dl>")])
    assert (said(cut), cut.next) == ([BROKEN], f"{URL}?skip=3&show=2000")


@pytest.mark.parametrize(
    "text", ["<html></html>", "<html><dl><dt>Owl</dl></html>", "hoot", "<div id='dlpagex'>"]
)
def test_what_is_no_listing_page_is_refused(text: str) -> None:
    assert not looks_like_page(text)
    with pytest.raises(ParseError, match=r"^owls, line 1: this is no listing page"):
        parse_page(Payload(name="owls", content=text.encode()), today=TODAY)


def test_a_page_that_lists_nothing_is_refused() -> None:
    with pytest.raises(ParseError, match="lists no papers"):
        read("<html><div id='dlpage'><h1>Archive temporarily unavailable</h1></div></html>")


ITEM = NEW[NEW.index("<dt>") : NEW.index("</dd>") + 5]
HOSTILE = [
    *("<dt>", "<dl><dt>", "<h3>", "<div>", "<b>", "<a>", "<", "&amp;", "<!--", "<div ", "\n<dt>\n"),
    *("<dt>[1]", "<dt class='", "<h3>(showing ", "Total of ", "<dt><div>" * 99, ITEM),
    "<dt>" + "<div>" * 299 + "x" * 500,
    "<p class=mathjax><a>this x URL</a>",
]


@pytest.mark.parametrize("piece", HOSTILE, ids=range(len(HOSTILE)))
def test_five_megabytes_of_anything_take_bounded_time(piece: str) -> None:
    content = ("<html><div id='dlpage'>" + ITEM + piece * (5_000_000 // len(piece))).encode()
    started = time.process_time()
    with suppress(ParseError):
        parse_page(Payload(name=URL, content=content), today=TODAY)
    assert time.process_time() - started < 8


PIECES = [*re.split(r"(?=<)", NEW), *HOSTILE[:9], "\x00", "\udc80", "[99999999]", "entries"]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=10)), max_size=60))
def test_any_markup_gives_a_listing_or_a_refusal(pieces: list[str]) -> None:
    text = "<div id='dlpage'>" + "".join(pieces)
    try:
        listing = parse_page(
            Payload(name=URL, content=text.encode(errors="surrogatepass")), today=TODAY
        )
    except ParseError:
        return
    assert listing.date <= TODAY
    assert all(each.paper.title for each in listing.announcements)
