"""Daily papers of Hugging Face: JSON of every form, the page that carries it, and the mail."""

import ast
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.errors import ParseError
from digest.ingest import parse, read_file
from digest.model import LinkRel, Listing, Payload
from tests.shared import shared

TODAY = date(2026, 11, 20)
DATA = Path(__file__).parent / "data" / "huggingface"
SAMPLES = sorted(path for path in DATA.iterdir() if ".expected" not in path.name)
API = "https://huggingface.co/api/daily_papers"


def read(content: Any, name: str = "papers.json", on: date | None = None) -> Listing:
    text = content if isinstance(content, str) else json.dumps(content)
    return parse(Payload(name=name, content=text.encode()), today=TODAY, on=on)


def row(number: int = 1, day: str | None = "2026-11-18", **fields: Any) -> dict[str, Any]:
    paper = {
        "id": f"2611.9{number:04}",
        "title": f"Owls {number}",
        "summary": "We present an owl.",
        "submittedOnDailyAt": day and f"{day}T01:02:03.000Z",
    }
    return {"paper": {**paper, **fields}, "publishedAt": "2026-01-01T00:00:00.000Z"}


def said(listing: Listing) -> list[str]:
    return [problem.message for problem in listing.problems]


def describe(listing: Listing) -> dict[str, Any]:
    return {
        "date": listing.date.isoformat(),
        "papers": [
            {
                "arxiv": next((key for key in each.paper.keys if key.startswith("arxiv:")), None),
                "title": each.paper.title,
                "abstract": each.paper.abstract,
                "authors": list(each.paper.authors),
                "submitted_on": each.paper.submitted_on and each.paper.submitted_on.isoformat(),
                "upvotes": each.paper.upvotes,
                "comments": each.paper.comments,
                "tldr": each.paper.tldr,
                "links": {
                    link.rel.value: link.url
                    for link in each.paper.links
                    if "arxiv.org" not in link.url
                },
                "line": each.line,
                "on": each.on and each.on.isoformat(),
            }
            for each in listing.announcements
        ],
        "problems": said(listing),
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_sample_gives_the_expected_listing(sample: Path) -> None:
    expected = json.loads(sample.with_name(f"{sample.name}.expected.json").read_text())
    assert describe(parse(read_file(sample), today=TODAY)) == expected


def test_real_days_give_every_paper_of_every_file() -> None:
    total = 0
    for path in sorted(shared("hf-daily").glob("*.json")):
        value = json.loads(path.read_text())
        rows = value["data"] if isinstance(value, dict) else value
        papers = [(ast.literal_eval(row) if isinstance(row, str) else row) for row in rows]
        listing = parse(read_file(path), today=TODAY)
        found = [each.paper for each in listing.announcements]
        facts = [
            (
                f"arxiv:{row['paper']['id']}",
                " ".join(row["paper"]["title"].split()),
                " ".join(row["paper"]["summary"].split()),
                tuple(author["name"] for author in row["paper"]["authors"]),
                row["paper"]["upvotes"],
                row["numComments"],
                row["paper"]["publishedAt"][:10],
                bool(row["paper"].get("ai_summary")),
                {row["paper"].get(name) for name in ("githubRepo", "projectPage")} - {None},
            )
            for row in papers
        ]
        assert [
            (
                paper.id,
                paper.title,
                paper.abstract,
                paper.authors,
                paper.upvotes,
                paper.comments,
                str(paper.submitted_on),
                bool(paper.tldr),
                {link.url for link in paper.links if "arxiv.org" not in link.url},
            )
            for paper in found
        ] == facts, path.name
        assert listing.problems == ()
        assert {
            str(listing.date),
            *(str(each.on or listing.date) for each in listing.announcements),
        } == {row["paper"].get("submittedOnDailyAt", path.stem)[:10] for row in papers}
        total += len(found)
    assert total == 379


@pytest.mark.parametrize(
    ("name", "content", "day"),
    [
        ("papers.json", [row(1, "2026-11-17"), row(2, "2026-11-17")], date(2026, 11, 17)),
        ("2026-11-12.json", [row(1, None)], date(2026, 11, 12)),
        ("hf_2026-W46.json", [row(1, None)], date(2026, 11, 15)),
        ("2026-02.json", [row(1, None)], date(2026, 2, 28)),
        ("papers.json", [row(1, None)], TODAY),
        ("2026-13-45.json", [row(1, None)], TODAY),
        ("2099-01-01.json", [row(1, None)], TODAY),
        ("papers.json", [row(1, "2099-01-01")], TODAY),
        (f"{API}?date=2026-11-11", [row(1, None)], date(2026, 11, 11)),
        (f"{API}?week=2026-W46", [], date(2026, 11, 15)),
        (f"{API}?month=2026-10&limit=100", [], date(2026, 10, 31)),
        (
            "2026-11-12.json",
            {"status": "success", "date": "2026-11-10", "count": 0, "data": []},
            date(2026, 11, 10),
        ),
    ],
)
def test_day_is_that_of_the_rows_or_else_the_one_stated_nearest_to_them(
    name: str, content: Any, day: date
) -> None:
    listing = read(content, name)
    assert (listing.date, listing.problems) == (day, ())


def test_a_given_date_wins() -> None:
    assert read([row(1), row(2, "2026-11-17")], on=date(2026, 1, 2)).date == date(2026, 1, 2)


def test_a_week_gives_each_paper_its_own_day() -> None:
    listing = read([row(1, "2026-11-16"), row(2, "2026-11-18"), row(3, None)])
    assert listing.date == date(2026, 11, 18)
    assert [each.on for each in listing.announcements] == [
        date(2026, 11, 16),
        date(2026, 11, 18),
        None,
    ]


def test_another_day_than_asked_for_is_told_and_kept() -> None:
    asked = f"{API}?date=2026-11-15"
    listing = read([row(1), row(2), row(3, "2026-11-15")], asked)
    assert [each.on for each in listing.announcements] == [date(2026, 11, 18)] * 2 + [
        date(2026, 11, 15)
    ]
    assert said(listing) == [
        "2026-11-15 was asked for, but 2 of the 3 papers are of 2026-11-18: each keeps its own day."
    ]
    assert said(read([row(1)], f"{API}?week=2026-W47")) == []
    page = 'data-target="DailyPapers" data-props="{}"'.format(
        json.dumps({"dailyPapers": [row(1)]}).replace('"', "&quot;")
    )
    assert "2026-11-09 to 2026-11-15 was asked for" in " ".join(
        said(read(f"<div {page}>", "https://huggingface.co/papers/week/2026-W46"))
    )


@pytest.mark.parametrize(
    ("name", "rows", "following"),
    [
        (f"{API}?date=2026-11-18", 50, f"{API}?date=2026-11-18&p=1"),
        (f"{API}?date=2026-11-18", 49, None),
        (f"{API}?p=2&week=2026-W47&limit=10", 10, f"{API}?p=3&week=2026-W47&limit=10"),
        (f"{API}?month=2026-11&limit=5000", 100, f"{API}?month=2026-11&limit=5000&p=1"),
        (f"{API}?month=2026-11&limit=many&p=x", 50, f"{API}?month=2026-11&limit=many&p=1"),
        (API, 50, f"{API}?p=1"),
        (f"{API}?limit=100", 50, None),
    ],
)
def test_a_full_page_goes_on(name: str, rows: int, following: str | None) -> None:
    listing = read([row(number) for number in range(rows)], name)
    assert (listing.next, listing.problems) == (following, ())


def test_a_list_without_a_date_is_not_followed_into_the_past() -> None:
    assert read([row(number, "2026-11-16") for number in range(50)], API).next is None


@pytest.mark.parametrize("rows", [50, 100])
def test_a_file_that_may_go_on_says_so(rows: int) -> None:
    listing = read([row(number) for number in range(rows)])
    assert listing.next is None
    assert said(listing) == [
        f"it holds exactly {rows} papers, which is a full page, so there may be more: give the "
        "next page too, or the address as a source."
    ]


def test_a_page_of_the_site_that_may_go_on_says_so() -> None:
    props = json.dumps({"dailyPapers": [row(number) for number in range(105)]})
    page = f"<div data-props='{props}' data-target='DailyPapers'>"
    (message,) = said(read(page))
    assert "the page shows 105 papers" in message


def test_a_status_of_failure_is_told() -> None:
    envelope = {"status": "error", "date": "2026-11-18", "count": 1, "data": [row(1)]}
    assert said(read(envelope)) == [
        "its status is “error”, so papers may be missing: fetch it again."
    ]
    with pytest.raises(ParseError, match="no paper could be read, because its status is “error”"):
        read({**envelope, "count": 0, "data": []})


def test_a_day_without_papers_is_an_empty_listing() -> None:
    assert read([], f"{API}?date=2026-11-14").announcements == ()


def test_nothing_but_broken_rows_is_refused() -> None:
    with pytest.raises(ParseError, match=r"no paper could be read, because entry 1 has no title"):
        read([{"paper": {"id": "2611.90001"}}])


def test_one_paper_is_a_listing() -> None:
    flat = row(1)["paper"]
    for one in (row(1), {**flat, "upvotes": 3}):
        (announcement,) = read(one).announcements
        assert announcement.paper.id == "arxiv:2611.90001"
    content = json.dumps({"paper": {**flat, "upvotes": 3}}).replace('"', "&quot;")
    page = (
        f'<title>Owls - Hugging Face</title><p data-target="PaperContent" data-props="{content}">'
    )
    assert len(read(page).announcements) == 1


def test_the_rows_own_words_fill_in_for_the_papers() -> None:
    listing = read([{"paper": {"id": "2611.90001"}, "title": "Owls", "summary": "We owl."}])
    (announcement,) = listing.announcements
    assert (announcement.paper.title, announcement.paper.abstract) == ("Owls", "We owl.")


@pytest.mark.parametrize(
    "value", [[{"title": "Owls"}], {"data": []}, {"papers": []}, [1], ["{'a': 1}"], {"data": [1]}]
)
def test_other_json_is_not_taken_for_daily_papers(value: Any) -> None:
    with pytest.raises(ParseError, match="this is no listing paper-digest can read"):
        read(value)


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><title>Daily Papers - Hugging Face</title><h3>Owls</h3>",
        '<div data-target="DailyPapers" data-props="{&quot;dailyPa">',
        '<div data-target="DailyPapers"><p data-props="{}">',
    ],
)
def test_a_page_without_its_data_is_refused(page: str) -> None:
    with pytest.raises(ParseError, match="does not carry its papers as data: save the page's"):
        read(page)


def test_links_of_a_paper_are_told_apart() -> None:
    fields = {"githubRepo": "https://github.com/a/b", "projectPage": "https://github.com/a/b"}
    (announcement,) = read([row(1, **fields)]).announcements
    assert [link.rel for link in announcement.paper.links] == [
        LinkRel.ABSTRACT,
        LinkRel.PDF,
        LinkRel.CODE,
    ]
