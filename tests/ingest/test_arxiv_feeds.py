"""arXiv's feeds and its API's pages: what was announced when, where a query goes on, errors."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse, read_file
from digest.model import AnnouncementKind, Listing, Payload
from tests.ingest.seen import describe

TODAY = date(2026, 11, 20)
DATA = Path(__file__).parent / "data" / "arxiv"
QUERY = "https://export.arxiv.org/api/query?search_query=cat%3Acs.OW&max_results=2"
ERROR = (
    "<entry><id>http://arxiv.org/api/errors#bad</id><title>Error</title>"
    "<summary>incorrect id format for owl</summary></entry>"
)


def entry(number: int, day: str = "2026-11-19") -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/2611.9{number:04}v1</id><title>Owl {number}</title>"
        f"<published>{day}T10:00:00Z</published><updated>{day}T10:00:00Z</updated></entry>"
    )


def page(*entries: str, total: object = 5, start: object = 0, id: str = "arxiv.org/api/x") -> str:
    counts = {"totalResults": total, "startIndex": start, "itemsPerPage": 2}
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<id>http://{id}</id><title>arXiv Query</title><updated>2026-11-20T00:00:00Z</updated>"
        + "".join(f"<opensearch:{name}>{said}</opensearch:{name}>" for name, said in counts.items())
        + "".join(entries)
        + "</feed>"
    )


def read(text: str, name: str = QUERY) -> Listing:
    return parse(Payload(name=name, content=text.encode()), today=TODAY)


def said(listing: Listing) -> list[str]:
    return [problem.message for problem in listing.problems]


def test_reads_what_arxivs_atom_feed_announced() -> None:
    listing = parse(read_file(DATA / "announced.atom"), today=TODAY)
    expected = json.loads((DATA / "announced.json").read_text())
    assert listing.date.isoformat() == expected["date"]  # not the day the feed was built anew
    assert [describe(each) for each in listing.announcements] == expected["announcements"]
    assert (listing.problems, listing.next) == ((), None)


def test_an_empty_feed_at_the_weekend_is_an_empty_listing_with_its_day() -> None:
    listing = parse(read_file(DATA / "weekend.rss"), today=TODAY)
    assert (listing.date, listing.announcements) == (date(2026, 11, 14), ())
    assert (listing.problems, listing.next) == ((), None)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("new", AnnouncementKind.NEW),
        ("", AnnouncementKind.NEW),
        ("cross", AnnouncementKind.CROSS),
        ("Replace", AnnouncementKind.REPLACE),
        ("replace-cross", AnnouncementKind.REPLACE),
    ],
)
def test_a_kind_is_what_the_feed_calls_it(written: str, kind: AnnouncementKind) -> None:
    announced = entry(1).replace(
        "</entry>",
        '<arxiv:announce_type xmlns:arxiv="http://arxiv.org/schemas/atom">'
        f"{written}</arxiv:announce_type></entry>",
    )
    (only,) = read(page(announced, total=1)).announcements
    assert only.kind == kind


def test_a_query_goes_on_after_the_last_result_that_came() -> None:
    first = read(page(entry(1), entry(2)))
    assert first.next == f"{QUERY}&start=2"
    second = read(page(entry(3), start=2), first.next)  # one fewer than was asked for
    assert second.next == f"{QUERY}&start=3"
    last = read(page(entry(4), entry(5), start=3), second.next)
    assert last.next is None
    assert said(first) + said(second) + said(last) == []


def test_a_query_sorted_by_date_goes_back_a_week() -> None:
    by_date = f"{QUERY}&sortBy=submittedDate"
    assert read(page(entry(1), entry(2, "2026-11-13")), by_date).next is not None
    assert read(page(entry(1), entry(2, "2026-11-12")), by_date).next is None
    upwards = f"{by_date}&sortOrder=ascending"
    assert read(page(entry(1), entry(2, "2026-11-12")), upwards).next is not None


def test_a_query_without_end_is_read_to_three_thousand_results() -> None:
    assert read(page(entry(1), total=9_999, start=2_998)).next is not None
    listing = read(page(entry(1), total=9_999, start=2_999))
    assert listing.next is None
    assert said(listing) == [
        "the query has 9,999 results, of which 3,000 are read: narrow it, or sort it with "
        "sortBy=submittedDate."
    ]


def test_an_empty_page_of_a_query_with_results_is_partial() -> None:
    listing = read(page(start=2))
    assert (listing.announcements, listing.next) == ((), None)
    assert said(listing) == [
        "the listing is partial: arXiv says that there are 5 results, but gave none from number 3 "
        "on, as it does now and then; ask again later."
    ]
    assert said(read(page(total=0))) == []
    assert said(read(page(start=5))) == []


def test_a_page_in_a_file_says_what_is_missing() -> None:
    listing = read(page(entry(1), entry(2)), "owls.atom")
    assert listing.next is None
    assert said(listing)[0].startswith("the listing ends at entry 2 of 5 and does not say")


def test_pages_of_others_are_not_turned() -> None:
    assert read(page(entry(1), id="owls.example.org/feed")).next is None
    assert read(page(entry(1), total="many")).next is None


def test_an_error_of_the_api_is_an_error() -> None:
    with pytest.raises(
        ParseError, match=r"arXiv refuses the query \(incorrect id format for owl\): change its"
    ):
        read(page(ERROR, total=1))


def test_an_error_among_papers_costs_only_itself() -> None:
    listing = read(page(entry(1), ERROR, total=2))
    assert [each.paper.title for each in listing.announcements] == ["Owl 1"]
    assert said(listing) == ["arXiv refuses a part of the query (incorrect id format for owl)."]


@given(
    st.sampled_from(["", "-1", "1.5", "owl", "9" * 30, "0", "3"]),
    st.sampled_from(["", "-1", "owl", "9" * 15, "0", "2"]),
    st.lists(st.sampled_from([entry(1), entry(2, "2026-99-99"), ERROR, "<entry/>", "<entry>"])),
    st.sampled_from([QUERY, f"{QUERY}&sortBy=submittedDate", "owls.atom", "http://[x/", ""]),
)
def test_any_page_gives_a_listing_or_a_refusal(
    total: str, start: str, entries: list[str], name: str
) -> None:
    try:
        listing = read(page(*entries, total=total, start=start), name)
    except ParseError:
        return
    assert listing.next is None or listing.next.startswith("https://export.arxiv.org/")
