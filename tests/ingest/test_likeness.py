"""Titles that different works share, and works that look different."""

import pytest

from digest.ingest.identity import make_paper
from digest.ingest.likeness import are_one, family_name, share_author
from digest.model import Paper
from tests.ingest.test_identity import BATS, OWLS

TELLING = "Sparse Owls: Routing by Night"


def work(title: str = TELLING, authors: str = "", abstract: str = "", **names: str) -> Paper:
    people = [name.strip() for name in authors.split(";") if name.strip()]
    return make_paper(title=title, abstract=abstract, authors=people, **names)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (work(authors="Ada Byron; Emmy Noether"), work(authors="Byron, A.; Noether, E.")),
        (work(authors="Ada Byron; Emmy Noether"), work(authors="Emmy Noether")),
        (work(authors="Wei Wang"), work(authors="Wang Wei")),
        (work(authors="Müller, Emmy"), work(authors="Emmy Muller")),
        (work(abstract=OWLS), work(authors="Ada Byron", abstract=OWLS.replace("winters", "years"))),
        (work(), work(arxiv_id="2611.90001")),
        (work("Owls"), work("Owls", arxiv_id="2611.90001")),
        (work(doi="10.1000/a"), work(arxiv_id="2611.90001")),
        (
            work(authors="Ada Byron", doi="10.1101/2026.11.1"),
            work(authors="A. Byron", doi="10.1000/a"),
        ),
        (
            work(authors="Ada Byron", openreview_id="aaaa"),
            work(authors="Ada Byron", openreview_id="bbbb"),
        ),
        (work(authors="Ada Byron", abstract=OWLS), work(authors="Ada Byron", abstract=BATS)),
    ],
)
def test_works_told_in_different_ways_are_one(one: Paper, other: Paper) -> None:
    assert are_one(one, other)
    assert are_one(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (work(authors="Ada Byron"), work(authors="Emmy Noether")),
        (work(authors="Wei Wang"), work(authors="Li Wang")),
        (work(abstract=OWLS), work(abstract=BATS)),
        (work(abstract=OWLS, authors="Ada Byron"), work(abstract=BATS)),
        (work(arxiv_id="2611.90001"), work(arxiv_id="2611.90002")),
        (work(authors="Ada Byron", doi="10.1000/a"), work(authors="Ada Byron", doi="10.1000/b")),
        (work(doi="10.1101/2026.11.1"), work(doi="10.1000/a")),
        (work(openreview_id="aaaa"), work(openreview_id="bbbb")),
        (work("Introduction", doi="10.1000/a"), work("Introduction", arxiv_id="2611.90001")),
        (
            work("Reply", authors="Ada Byron", abstract=OWLS),
            work("Reply", authors="Ada Byron", abstract=BATS),
        ),
    ],
)
def test_works_that_share_a_title_stay_apart(one: Paper, other: Paper) -> None:
    assert not are_one(one, other)
    assert not are_one(other, one)


def test_who_names_nobody_shares_no_author_and_lacks_none() -> None:
    assert share_author(work(), work(authors="Ada Byron")) is None


@pytest.mark.parametrize(
    ("author", "family"),
    [
        ("Ada Lovelace", "lovelace"),
        ("Lovelace, Ada", "lovelace"),
        ("Lovelace A", "lovelace"),
        ("Lovelace AB", "ab"),  # as good a name as any
        ("Laurens van der Maaten", "maaten"),
        ("van der Maaten, Laurens", "maaten"),
        ("Émilie du Châtelet", "chatelet"),
        ("X", "x"),
        ("7", ""),
        ("", ""),
    ],
)
def test_family_names(author: str, family: str) -> None:
    assert family_name(author) == family
