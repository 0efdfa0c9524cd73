"""Every layout of a papers page, on samples of ours and on the real dumps where they lie."""

import json
from datetime import date
from pathlib import Path

import pytest

from digest.errors import ParseError
from digest.ingest.dump import looks_like_dump, parse_dump
from digest.ingest.identity import fold_title
from digest.model import LinkRel, Listing, Paper, Payload
from tests.shared import shared

TODAY = date(2026, 11, 20)
SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "listings").iterdir())
EXPECTED = Path(__file__).parent / "data" / "dump"
HEAD = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\n"
ABSTRACT = (
    "We present an owl that routes by night. It is compared with three other owls on two "
    "forests, where it finds more mice at the same cost. The owl is available on request."
)


def read(text: str | bytes, *, today: date = TODAY, on: date | None = None) -> Listing:
    content = text if isinstance(text, bytes) else text.encode()
    return parse_dump(Payload(name="page.txt", content=content), today=today, on=on)


def papers(text: str | bytes) -> list[Paper]:
    return [announcement.paper for announcement in read(text).announcements]


def describe(paper: Paper) -> dict[str, object]:
    ids = [key.removeprefix("arxiv:") for key in paper.keys if key.startswith("arxiv:")]
    code = [link.url for link in paper.links if link.rel is LinkRel.CODE]
    return {
        "title": paper.title,
        "author_count": paper.author_count,
        "submitted_on": paper.submitted_on.isoformat() if paper.submitted_on else None,
        "comments": paper.comments,
        "upvotes": paper.upvotes,
        "arxiv_id": ids[0] if ids else None,
        "code": code[0] if code else None,
        "abstract_begins": paper.abstract[:40],
        "abstract_ends": paper.abstract[-40:],
        "abstract_words": len(paper.abstract.split()),
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_sample_gives_the_expected_papers(sample: Path) -> None:
    expected = json.loads((EXPECTED / f"{sample.stem}.json").read_text())
    listing = read(sample.read_bytes())
    assert [describe(each.paper) for each in listing.announcements] == expected["papers"]
    assert listing.date.isoformat() == expected["date"]
    assert listing.problems == ()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_line_is_where_the_title_stands(sample: Path) -> None:
    lines = sample.read_text().splitlines()
    for announcement in read(sample.read_bytes()).announcements:
        assert announcement.line is not None
        assert announcement.paper.title[:30] in lines[announcement.line - 1]


def test_samples_hold_at_least_sixty_works_of_which_one_stands_in_two_files() -> None:
    titles = [fold_title(paper.title) for path in SAMPLES for paper in papers(path.read_bytes())]
    assert len(set(titles)) >= 60
    assert len(titles) == len(set(titles)) + 1


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples_look_like_dumps_with_any_line_ends(sample: Path) -> None:
    text = sample.read_text()
    assert looks_like_dump(text)
    windows = read(text.replace("\n", "\r\n"))
    assert windows == read(text)


@pytest.mark.parametrize(
    ("name", "count"), [("mar-12", 106), ("dec-11", 37), ("undated", 385), ("jun-06", 77)]
)
def test_real_dump_gives_all_its_entries(name: str, count: int) -> None:
    listing = read(shared("listings", f"daily-papers-{name}.txt").read_bytes())
    found = [announcement.paper for announcement in listing.announcements]
    assert len(found) == count
    assert listing.problems == ()
    assert all(len(paper.title) <= 160 and not paper.title.endswith(".") for paper in found)
    assert all(len(paper.abstract) > 400 for paper in found)
    assert all(paper.abstract[0].isupper() or paper.abstract[0].isdigit() for paper in found)


def test_real_dumps_hold_589_works() -> None:
    names = ("mar-12", "dec-11", "undated", "jun-06")
    files = [shared("listings", f"daily-papers-{name}.txt") for name in names]
    titles = {fold_title(paper.title) for file in files for paper in papers(file.read_bytes())}
    assert len(titles) == 589


def test_real_metadata_is_read() -> None:
    listing = read(shared("listings", "daily-papers-dec-11.txt").read_bytes())
    found = [announcement.paper for announcement in listing.announcements]
    facts = [paper for paper in found if paper.author_count and paper.submitted_on]
    commented = [(paper.comments, paper.submitted_on) for paper in found if paper.comments]
    assert listing.date == date(2025, 12, 11)
    assert len(facts) == 35
    assert commented == [
        (2, date(2025, 10, 17)),
        (2, date(2025, 11, 10)),
        (2, date(2025, 1, 20)),
    ]
    assert found[1].submitted_on == date(2023, 6, 29)


@pytest.mark.parametrize(
    ("name", "ids", "upvotes", "comments", "authors"),
    [
        (
            "hf_page_firecrawl_markdown_2026-10-02.md",
            ["2606.00683", "2502.20581", "2609.00319"],
            [101, None, None],
            [6, None, None],
            [None, 3, 10],
        ),
        (
            "hf_page_notebooklm_text_2026-07-28.txt",
            ["2410.05434", "2306.14898", "2510.21057"],
            [1, None, 5],
            [None, None, 1],
            [2, 4, None],
        ),
        (
            "hf_page_trending_structured-html_2026-10.md",
            ["2610.05608", "2412.20138", "2309.06180"],
            [117, 149, 76],
            [None, None, None],
            [None, 4, 9],
        ),
    ],
)
def test_real_variants_are_read(
    name: str,
    ids: list[str],
    upvotes: list[int | None],
    comments: list[int | None],
    authors: list[int | None],
) -> None:
    listing = read(shared("formats", name).read_bytes())
    found = [announcement.paper for announcement in listing.announcements]
    assert [paper.id for paper in found] == [f"arxiv:{number}" for number in ids]
    assert [paper.upvotes for paper in found] == upvotes
    assert [paper.comments for paper in found] == comments
    assert [paper.author_count for paper in found] == authors
    assert all(paper.submitted_on for paper in found)
    assert listing.problems == ()


def test_date_of_the_page_is_overridden() -> None:
    page = f"{HEAD}Dec 11\n\nSparse Owls\n\n{ABSTRACT}\n\n• 3 authors\n·\nNov 30\n"
    assert read(page).date == date(2025, 12, 11)
    listing = read(page, on=date(2024, 12, 1))
    assert listing.date == date(2024, 12, 1)
    assert listing.announcements[0].paper.submitted_on == date(2024, 11, 30)


@pytest.mark.parametrize(
    ("below", "authors", "comments"),
    [
        ("·8 authors21", 8, 21),
        ("  • 1 authors\n·\nOct 17 2", 1, 2),
        ("• 4 authors · Oct 17", 4, None),
        ("2 authors\n·\nOct 17\n5", 2, 5),
        ("Oct 17, 2023 6", None, 6),
    ],
)
def test_facts_below_an_abstract(below: str, authors: int | None, comments: int | None) -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\n{below}\n\nDense Owls\n\n{ABSTRACT}\n"
    found = papers(page)
    assert [paper.title for paper in found] == ["Sparse Owls", "Dense Owls"]
    assert (found[0].author_count, found[0].comments) == (authors, comments)
    assert found[1].author_count is None


def test_hard_wrapped_page_is_joined() -> None:
    middle = ABSTRACT.index("three")
    wrapped = f"{ABSTRACT[:middle].strip()}\n{ABSTRACT[middle:]}"
    page = (
        f"{HEAD}Sparse Owls: Routing by Night\nand by Day\n\n{wrapped}\n\nDense Owls\n\n{wrapped}"
    )
    found = papers(page)
    assert [paper.title for paper in found] == [
        "Sparse Owls: Routing by Night and by Day",
        "Dense Owls",
    ]
    assert {paper.abstract for paper in found} == {ABSTRACT}


def test_numbered_links_without_their_targets() -> None:
    page = (
        f"# Daily Papers\nNov 19\n[\n65\n][1]\n\n### [Sparse Owls][2]\n\n[\n\n{ABSTRACT}\n\n][3]\n"
        f"[[owl] Owl Lab][4]\n·\nMar 8, 2024 [ 6][5]\n[\n-\n][6]\n\n### [Dense Owls][7]\n\n"
        f"[\n\n{ABSTRACT}\n\n][8]\n[\n* 9 authors\n][9]\n·\nMay 2\n"
    )
    first, second = papers(page)
    assert (first.title, first.upvotes, first.comments) == ("Sparse Owls", 65, 6)
    assert (second.title, second.upvotes, second.author_count) == ("Dense Owls", None, 9)
    assert first.abstract == second.abstract == ABSTRACT


def test_headings_without_links_shown_twice() -> None:
    entry = (
        f"### Sparse Owls: Routing\n  by Night\n\n{ABSTRACT}\n- 28 authors\n"
        "[LINK: GitHub 1.32k](https://github.com/example-lab/owls)\n\n"
    )
    (paper,) = papers("## Trending Papers\n\n" + entry * 2)
    assert (paper.title, paper.author_count) == ("Sparse Owls: Routing by Night", 28)
    assert [link.url for link in paper.links] == ["https://github.com/example-lab/owls"]


def test_brackets_that_are_no_links_stay() -> None:
    title = "[CLS] Tokens in $[0, 1)$: f[x](y) Revisited"
    plain = f"{HEAD}{title}\n\n{ABSTRACT}\n"
    address = "https://huggingface.co/papers/2611.90001"
    marked = f"# Daily Papers\n\n### [{title}]({address})\n\n[{ABSTRACT}]({address})\n"
    assert papers(plain)[0].title == papers(marked)[0].title == title


def test_titles_that_look_odd() -> None:
    titles = [
        "2 OLMs 2 Furious",
        "Routing vs. Hashing: A Tale of Two Owls",
        "Attention Is Not Enough. Owls Are.",
        "Subscriber Churn in Forests",
        "Daily Papers Considered",
    ]
    page = HEAD + "\n\n".join(f"{title}\n\n{ABSTRACT * 2}" for title in titles)
    assert [paper.title for paper in papers(page)] == titles


@pytest.mark.parametrize(
    "text",
    [
        '{"papers": [], "note": "Get trending papers in your email inbox!"}',
        "<html><title>Daily Papers</title>Get trending papers in your email inbox!</html>",
        "Dear Ada,\n\nI hope you are well.\n\nYours\n",
        "import os\n\nprint(os.name)\n",
    ],
)
def test_other_texts_are_no_dumps(text: str) -> None:
    assert not looks_like_dump(text)
    with pytest.raises(ParseError, match=r"page\.txt, line 1: this is no listing"):
        read(text)


def test_page_without_its_head_is_recognised_by_its_rhythm() -> None:
    abstract = ABSTRACT * 2
    page = f"Sparse Owls\n\n{abstract}\n\nDense Owls\n\n{abstract}\n"
    assert looks_like_dump(page)
    assert len(papers(page)) == 2


def test_page_that_begins_with_a_numbered_logo_is_a_dump() -> None:
    assert looks_like_dump(f"[[Logo] Papers][1]\n# Daily Papers\n### [Owls][2]\n\n{ABSTRACT}\n")


def test_a_listing_is_never_of_a_later_day_than_today() -> None:
    page = f"Daily Papers\n\nDec 11, 2031\n\nSparse Owls\n\n{ABSTRACT}\n"
    assert read(page).date == TODAY
