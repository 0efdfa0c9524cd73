"""The daily mail of Hugging Face, in the shapes that mail programs give it."""

from datetime import date

import pytest

from digest.errors import ParseError
from digest.ingest import parse
from digest.model import Listing, Payload

TODAY = date(2026, 11, 20)
HEAD = "Daily Papers\nby AK and the AI research community\n"
SELECTION = "Here is the selection of papers for today (18 Nov):\n"
FOOT = "\nTo view more checkout today's Daily Paper page.\n"
PLACE = "https://huggingface.co/papers/2611.9000"
QUERY = "?utm_source=digest-papers&utm_medium=email&utm_campaign=2026-11-17"


def read(text: str, name: str = "mail.txt", on: date | None = None) -> Listing:
    return parse(Payload(name=name, content=text.encode()), today=TODAY, on=on)


def entries(text: str) -> list[tuple[str, str | None, int | None]]:
    listing = read(text)
    assert listing.problems == ()
    papers = [each.paper for each in listing.announcements]
    return [
        (paper.title, next((k for k in paper.keys if "arxiv" in k), None), paper.upvotes)
        for paper in papers
    ]


@pytest.mark.parametrize(
    "body",
    [
        f"Owls (140 ▲)\n{PLACE}1{QUERY}\n\nBats (3 ▲)\n{PLACE}2{QUERY}\n",
        f"Owls (140 ▲) <{PLACE}1{QUERY}>\nBats (3 ▲) <{PLACE}2{QUERY}>\n",
        f"* Owls (140▲) [{PLACE}1{QUERY}]\n* Bats (3▲) [{PLACE}2{QUERY}]\n",
        f"- [Owls (140 ▲)]({PLACE}1{QUERY})\n- [Bats (3 ▲)]({PLACE}2{QUERY})\n",
        f"> Owls (140 ▲)\n> {PLACE}1{QUERY}\n> Bats\n> (3 ▲)\n> {PLACE}2{QUERY}\n",
        f"Owls\n{PLACE}1{QUERY}\n(140 ▲)\nBats\n{PLACE}2{QUERY}\n(3 ▲)\n",
    ],
)
@pytest.mark.parametrize("foot", ["", FOOT])
def test_votes_and_addresses_stand_where_they_may(body: str, foot: str) -> None:
    found = entries(HEAD + SELECTION + body + foot)
    assert found == [("Owls", "arxiv:2611.90001", 140), ("Bats", "arxiv:2611.90002", 3)]


def test_without_its_sentence_the_first_title_is_one_line() -> None:
    assert entries(f"{HEAD}\nOwls (1 ▲) <{PLACE}1{QUERY}>\n") == [("Owls", "arxiv:2611.90001", 1)]


@pytest.mark.parametrize(
    ("text", "name", "on", "day"),
    [
        (SELECTION + "Owls (1 ▲)", "mail.txt", None, date(2026, 11, 18)),
        (SELECTION.replace("18 Nov", "21 Nov") + "Owls (1 ▲)", "m", None, date(2025, 11, 21)),
        (SELECTION.replace("18 Nov", "30 Feb") + "Owls (1 ▲)", "m", None, TODAY),
        (SELECTION + f"Owls (1 ▲) {PLACE}1{QUERY}", "mail.txt", None, date(2026, 11, 17)),
        (SELECTION + "Owls (1 ▲)", "Daily papers of 6 Jul 2026.txt", None, date(2026, 7, 6)),
        (SELECTION + "Owls (1 ▲)", "mail.txt", date(2026, 1, 2), date(2026, 1, 2)),
    ],
)
def test_day_of_the_mail(text: str, name: str, on: date | None, day: date) -> None:
    assert read(text, name, on).date == day


@pytest.mark.parametrize("end", ["Bats: A Tit", "Bats (12", "Bats\n\n"])
def test_a_mail_that_breaks_off_says_so(end: str) -> None:
    listing = read(f"{SELECTION}Owls (1 ▲)\n{end}")
    assert [each.paper.title for each in listing.announcements] == ["Owls"]
    (problem,) = listing.problems
    assert problem.line == 3
    assert problem.message.startswith("the mail goes on with “Bats")


def test_markup_that_breaks_off_says_so() -> None:
    listing = read(f'<a href="{PLACE}1{QUERY}">Owls (1 ▲)</a> <a href="{PLACE}2{QUERY}">Ba')
    assert [each.paper.title for each in listing.announcements] == ["Owls", "Ba"]
    assert [problem.message for problem in listing.problems] == [
        "the mail breaks off at “Ba”: give it whole."
    ]


def test_what_is_too_long_for_a_title_is_left_out_and_told() -> None:
    listing = read(f"{SELECTION}Owls (1 ▲)\n{'word ' * 200}(2 ▲)\nBats (3 ▲)\n")
    assert [each.paper.upvotes for each in listing.announcements] == [1, 3]
    assert [problem.line for problem in listing.problems] == [3]


def test_a_mail_without_papers_is_refused() -> None:
    with pytest.raises(ParseError, match="names no paper: give it whole"):
        read(f'<p>No papers today. <a href="https://huggingface.co/papers{QUERY}">All</a></p>')
