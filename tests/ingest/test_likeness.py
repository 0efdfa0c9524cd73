"""Titles that different works share, and works that look different."""

import pytest

from digest.ingest.identity import make_paper
from digest.ingest.likeness import are_one, byline, share_author
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
    ("one", "other"),
    [
        ("Ada Lovelace", "Lovelace, A. K."),
        ("Ada Lovelace", "Lovelace AK"),
        ("Ada King Lovelace", "Lovelace"),
        ("Wei Wang", "Wang Wei"),
        ("Wei Wang", "WANG, W."),
        ("Junjie Li", "Li, Jun-Jie"),
        ("Alex Graves", "Alexander Graves"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Bjørn Łukasz Đang", "Bjorn Lukasz Dang"),
        ("王 伟", "王 伟"),
        ("X", "X"),
        ("7", "7"),
        ("ATLAS Collaboration", "The ATLAS Collaboration"),
    ],
)
def test_spellings_of_a_name_agree(one: str, other: str) -> None:
    assert share_author(work(authors=one), work(authors=other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wei Wang", "Wen Wang"),
        ("Yan Wang", "Yang Wang"),
        ("Wei Wang", "Wei Wu"),
        ("Wei Wang", "Li Wang"),
        ("J. Smith", "Adam Smith"),
        ("王 伟", "王 芳"),
        ("7", "8"),
        ("ATLAS Collaboration", "ALICE Collaboration"),
    ],
)
def test_names_of_two_people_do_not(one: str, other: str) -> None:
    assert share_author(work(authors=one), work(authors=other)) is False
    assert work(authors=one).id != work(authors=other).id


@pytest.mark.parametrize(
    ("author", "said"),
    [
        ("Ada Lovelace", "ada lovelace"),
        ("Lovelace, Ada", "ada lovelace"),
        ("Lovelace AB", "a b lovelace"),
        ("Émilie du Châtelet", "chatelet du emilie"),
        ("7", "7"),
        (",", ","),
    ],
)
def test_bylines(author: str, said: str) -> None:
    assert byline(author) == said


def test_a_name_without_letters_is_one() -> None:
    assert work(authors="7").id != work(authors="8").id
