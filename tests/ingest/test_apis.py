"""Each form beside what is expected of it, malformed rows included."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.paging import asked
from digest.ingest.parse import JSON_KINDS
from digest.model import Listing, Payload

DATA = Path(__file__).parent / "data" / "apis"
TODAY = date(2026, 11, 20)
SAMPLES = sorted(path for path in DATA.glob("*.json") if ".expected" not in path.name)
GIVEN = re.compile(r"(?:arxiv|doi|openreview):")
ADDRESSES = {
    "biorxiv": "https://api.biorxiv.org/details/biorxiv/2026-11-18/2026-11-19/0/json",
    "openreview": "https://api2.openreview.net/notes?content.venueid=OwlConf&limit=8",
    "crossref": "https://api.crossref.org/works?filter=from-index-date:2026-11-17&rows=8&cursor=*",
    "semantic-scholar-bulk": "https://api.semanticscholar.org/graph/v1/paper/search/bulk?query=owl",
    "semantic-scholar-recommended": "https://api.semanticscholar.org/recommendations/v1/papers",
    "json-feed": "https://owls.example.org/feed.json",
}


def read(path: Path) -> Listing:
    return parse(Payload(name=ADDRESSES[path.stem], content=path.read_bytes()), today=TODAY)


def shown(listing: Listing) -> dict[str, Any]:
    """The listing as JSON has it, without what is empty; of its names those somebody gave it."""
    value = asdict(listing)
    for each in value["announcements"]:
        names = (each["paper"].pop("id"), *each["paper"].pop("keys"))
        each["paper"]["names"] = [name for name in dict.fromkeys(names) if GIVEN.match(name)]
    return json.loads(json.dumps(bare(value), default=str))  # type: ignore[no-any-return]


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: bare(each) for name, each in value.items()}
        return {
            name: each
            for name, each in kept.items()
            if each is not False and each not in (None, [], "")
        }
    return [bare(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_form_is_read_as_expected(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    assert shown(read(path)) == expected


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_two_kinds_recognise_the_same_value(path: Path) -> None:
    value = json.loads(path.read_text())
    assert len([name for name, kind in JSON_KINDS.items() if kind.recognises(value)]) == 1


def listing(value: Any, name: str = "owls.json", on: date | None = None) -> Listing:
    return parse(Payload(name=name, content=json.dumps(value).encode()), today=TODAY, on=on)


def pages(address: str, answer: Callable[[dict[str, str], str], Any]) -> list[Listing]:
    """Every page from ``address`` on, as ``answer`` (query, address → JSON) gives them."""
    read: list[Listing] = []
    next: str | None = address
    while next:
        assert len(read) < 50, "it does not end"
        read.append(listing(answer(asked(next), next), next))
        assert read[-1].next is None or urlsplit(read[-1].next)[:2] == urlsplit(address)[:2]
        next = read[-1].next
    return read


def titles(read: list[Listing]) -> list[str]:
    return [each.paper.title for page in read for each in page.announcements]


OWLS = [f"Owl {n}" for n in range(70)]


def biorxiv(at: int, rows: int = 30, total: Any = "70") -> Any:
    page = OWLS[at : at + rows]
    return {
        "messages": [{"status": "ok", "cursor": str(at), "count": len(page), "total": total}],
        "collection": [{"title": title, "date": "2026-11-18"} for title in page],
    }


@pytest.mark.parametrize("end", ["", "/", "/0", "/0/json", "/0/json?category=cell_biology"])
@pytest.mark.parametrize("interval", ["2026-11-18/2026-11-19", "70", "2d"])
def test_biorxiv_is_read_to_its_end(interval: str, end: str) -> None:
    def answer(query: dict[str, str], address: str) -> Any:
        assert query == ({"category": "cell_biology"} if "?" in end else {})
        place = urlsplit(address).path.removesuffix("/json").removeprefix("/details/medrxiv/")
        return biorxiv(int(place.removeprefix(interval).strip("/") or 0))

    read = pages(f"https://api.biorxiv.org/details/medrxiv/{interval}{end}", answer)
    assert titles(read) == OWLS
    assert not any(page.problems for page in read)


def test_biorxiv_without_papers_is_an_empty_listing_and_an_error_is_one() -> None:
    for status in ("no posts found", "No articles found for 2026-11-18", "ok"):
        empty = listing({"messages": [{"status": status}], "collection": []})
        assert (empty.announcements, empty.problems, empty.date) == ((), (), TODAY)
    with pytest.raises(ParseError, match=r"the API answers “Error: invalid date”: check"):
        listing({"messages": [{"status": "Error: invalid date"}], "collection": []})


def test_a_server_that_gives_the_first_page_again_is_not_asked_for_ever() -> None:
    read = pages(ADDRESSES["biorxiv"], lambda query, address: biorxiv(0))
    assert len(read) == 2
    assert "ends at entry 30 of 70" in read[1].problems[0].message


def test_a_page_from_a_file_says_that_more_is_missing() -> None:
    (problem,) = listing(biorxiv(0)).problems
    assert problem.message.startswith("the listing ends at entry 30 of 70")


def test_openreview_is_read_to_its_end() -> None:
    notes = [{"id": t, "forum": t, "content": {"title": {"value": t}}} for t in OWLS]

    def answer(query: dict[str, str], address: str) -> Any:
        at = int(query.get("offset", 0))
        return {"notes": notes[at : at + 25], "count": len(notes)}

    def uncounted(query: dict[str, str], address: str) -> Any:
        at = int(query.get("offset", 0))
        return {"notes": notes[at : at + 25]} if at < len(notes) else {"notes": [], "count": 0}

    for each in (answer, uncounted):
        assert titles(pages(f"{ADDRESSES['openreview']}5&limit=25", each)) == OWLS


def crossref(at: int, cursor: str) -> Any:
    works = [{"DOI": f"10.1000/{title}", "title": [title]} for title in OWLS[at : at + 35]]
    message = {"items": works, "next-cursor": cursor, "total-results": 70, "items-per-page": 35}
    return {"status": "ok", "message-type": "work-list", "message": message}


def test_crossref_is_read_to_its_end_even_if_its_cursor_looks_the_same() -> None:
    came = iter(range(0, 700, 35))
    read = pages(ADDRESSES["crossref"], lambda query, address: crossref(next(came), "Dn+F1=="))
    assert titles(read) == OWLS
    assert len(read) == 2  # though a cursor is given at the end, too
    assert not any(page.problems for page in read)


def test_crossref_without_a_cursor_says_how_to_get_all() -> None:
    value = crossref(0, "")
    (problem,) = listing(value, "https://api.crossref.org/works?filter=type:book").problems
    assert "add cursor=* to its address" in problem.message
    single = {"status": "ok", "message-type": "work", "message": value["message"]["items"][0]}
    assert titles([listing(single)]) == ["Owl 0"]


def test_semantic_scholar_is_read_to_its_end() -> None:
    papers = [{"paperId": f"{n:040}", "title": title} for n, title in enumerate(OWLS)]

    def bulk(query: dict[str, str], address: str) -> Any:
        at = int(query.get("token", "t0")[1:])
        token = f"t{at + 30}" if at + 30 < len(papers) else None
        return {"total": 70, "token": token, "data": papers[at : at + 30]}

    def search(query: dict[str, str], address: str) -> Any:
        at = int(query.get("offset", 0))
        more = {"next": at + 30} if at + 30 < len(papers) else {}
        return {"total": 70, "offset": at, "data": papers[at : at + 30], **more}

    for each in (bulk, search):
        read = pages("https://api.semanticscholar.org/graph/v1/paper/search?query=owl", each)
        assert titles(read) == OWLS
        assert not any(page.problems for page in read)


def test_a_search_with_more_papers_than_semantic_scholar_gives_says_so() -> None:
    papers = [{"paperId": "1", "title": "Owls"}]
    (problem,) = listing({"total": 5000, "offset": 999, "data": papers}).problems
    assert "ends at entry 1,000 of 5,000" in problem.message
    assert "use the bulk search" in problem.message


@pytest.mark.parametrize("more", [{"token": "t"}, {"offset": 0, "next": 1}])
def test_a_search_saved_in_a_file_says_that_more_is_missing(more: dict[str, Any]) -> None:
    saved = {"total": 70, "data": [{"paperId": "1", "title": "Owls"}], **more}
    (problem,) = listing(saved).problems
    assert "ends at entry 1 of 70" in problem.message
    assert "give its address in place of a file" in problem.message


def test_a_batch_may_have_ids_nobody_knows() -> None:
    batch = listing([None, {"paperId": "1", "title": "Owls"}])
    assert titles([batch]) == ["Owls"]
    assert [problem.message for problem in batch.problems] == [
        "entry 1 is no JSON object and was left out."
    ]


def test_an_empty_search_is_an_empty_listing() -> None:
    for said in ({}, {"token": None}, {"offset": 0}):
        assert listing({"total": 0, "data": [], **said}).announcements == ()
    with pytest.raises(ParseError):
        listing({"data": []})


@pytest.mark.parametrize(
    "link", ["https://bats.example.org/2", "https://owls.example.org/feed.json"]
)
def test_a_json_feed_is_followed_on_its_own_host_only_and_never_to_itself(link: str) -> None:
    feed = {"version": "https://jsonfeed.org/version/1", "items": [], "next_url": link}
    read = listing(feed, ADDRESSES["json-feed"])
    assert read.next is None
    assert f"the feed goes on at {link}, which is not followed" in read.problems[0].message


def test_a_given_day_is_that_of_every_announcement() -> None:
    page = listing(json.loads((DATA / "biorxiv.json").read_text()), on=date(2026, 1, 2))
    assert page.date == date(2026, 1, 2)
    assert {each.on for each in page.announcements} == {None}


def test_no_day_is_after_today() -> None:
    rows = [{"title": "Owls", "date": day} for day in ("2026-11-18", "2027-01-01")]
    page = listing({"messages": [{"status": "ok"}], "collection": rows})
    assert page.date == TODAY
    assert [each.on for each in page.announcements] == [date(2026, 11, 18), TODAY]


def test_a_page_of_faults_tells_the_first_and_counts_the_others() -> None:
    page = listing({"notes": [{"content": {}}] * 30_000, "count": 30_000})
    assert len(page.problems) == 22
    assert page.problems[-2].message == "19,980 more entries could not be read and were left out."
    assert page.problems[-1].message.startswith("the listing has 30,000 entries, and those after")
