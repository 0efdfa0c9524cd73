"""Different works of one title stay apart, one work under two names is one: real ones, and any."""

import json
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.ingest.identity import make_paper
from digest.ingest.reconcile import reconcile
from digest.model import Announcement, Paper
from tests.ingest.letterbox import DATA
from tests.ingest.test_identity import BATS, OWLS
from tests.ingest.test_reconcile import learn, stored

KNOWN = json.loads((DATA / "collisions.json").read_text(encoding="utf-8"))
ABSTRACTS = ("", OWLS, BATS)


def works_of(announced: Sequence[Paper], *, together: bool) -> list[str]:
    """Return the work each announcement counts for in the end, in one listing or one each."""
    works: dict[str, Paper] = {}
    parts = [announced] if together else [[each] for each in announced]
    for part in parts:
        listing = tuple(Announcement(paper=paper) for paper in part)
        works = learn(works, reconcile(stored(*works.values()), listing))
    listing = tuple(Announcement(paper=paper) for paper in announced)
    return list(reconcile(stored(*works.values()), listing).ids)


def told(title: str, work: dict[str, str], abstract: str) -> Iterator[Paper]:
    """Yield the ways in which sources announce a work: with its id, or without."""
    names = {name: work[name] for name in ("arxiv_id", "doi") if name in work}
    given, _, family = work["author"].rpartition(" ")
    for author in (work["author"], f"{family}, {given}", f"{given[0]}. {family}"):
        yield make_paper(title=title, abstract=abstract, authors=[author, "Ann Other"], **names)  # type: ignore[arg-type]
        yield make_paper(title=title.upper(), abstract="", authors=[author, "Ann Other"])


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("case", KNOWN["apart"], ids=lambda case: case["title"])
def test_real_works_that_share_a_title_stay_apart(case: dict[str, Any], together: bool) -> None:
    ways = [
        list(told(case["title"], work, ABSTRACTS[n % 3])) for n, work in enumerate(case["works"])
    ]
    for order in permutations(range(len(ways)), len(ways)):
        for way in range(len(ways[0])):
            ids = works_of([ways[n][way] for n in order], together=together)
            assert len(set(ids)) == len(ways)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("abstract", ["", OWLS])
@pytest.mark.parametrize("case", KNOWN["one"], ids=lambda case: case["title"])
def test_real_works_with_two_names_are_one(
    case: dict[str, Any], abstract: str, together: bool
) -> None:
    papers = [make_paper(title=case["title"], abstract=abstract, **name) for name in case["names"]]
    for order in permutations(papers):
        assert len(set(works_of(order, together=together))) == 1


PEOPLE = [
    "Wei Wang",
    "Wen Wang",
    "Wei Wu",
    "Ada Byron",
    "Emmy Noether",
    "王 伟",
    "7",
    "The Owl Group",
]
TITLES = ["Owls", "Editorial", "Deep Reinforcement Learning", "Sparse Owls: Routing by Night"]
NAMES: list[dict[str, str]] = [
    {},
    {"arxiv_id": "2611.9000{}"},
    {"doi": "10.1000/{}"},
    {"doi": "10.1101/{}"},
    {"openreview_id": "owl{}"},
    {"arxiv_id": "2611.9000{}", "doi": "10.1000/{}"},
]


@st.composite
def announcements(draw: st.DrawFn) -> list[tuple[int, Paper]]:
    """Several works of one title, by different first authors; each announced in several ways."""
    title = draw(st.sampled_from(TITLES))
    authors = draw(st.lists(st.sampled_from(PEOPLE), min_size=2, max_size=4, unique=True))
    said = []
    for work, author in enumerate(authors):
        for names in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)):
            given = {scheme: name.format(work) for scheme, name in names.items()}
            abstract = draw(st.sampled_from(ABSTRACTS))
            more = draw(st.lists(st.just("Ann Other"), max_size=1))
            paper = make_paper(title=title, abstract=abstract, authors=[author, *more], **given)  # type: ignore[arg-type]
            said.append((work, paper))
    return list(draw(st.permutations(said)))


@settings(max_examples=300)
@given(announcements(), st.booleans())
def test_works_of_different_first_authors_never_become_one(
    said: list[tuple[int, Paper]], together: bool
) -> None:
    ids = works_of([paper for _, paper in said], together=together)
    owners: dict[str, set[int]] = {}
    for (work, _), id in zip(said, ids, strict=True):
        owners.setdefault(id, set()).add(work)
    assert all(len(works) == 1 for works in owners.values())


@settings(max_examples=200)
@given(
    scheme=st.sampled_from(["arxiv_id", "doi"]),
    title=st.sampled_from(TITLES),
    said=st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([(), ("Ada Byron",), ("Byron, A.", "Ann Other")]),
            st.sampled_from(ABSTRACTS),
        ),
        min_size=2,
        max_size=8,
    ),
    together=st.booleans(),
)
def test_works_of_contradicting_names_never_become_one(
    scheme: str,
    title: str,
    said: list[tuple[int, tuple[str, ...], str]],
    together: bool,
) -> None:
    form = {"arxiv_id": "2611.9000{}", "doi": "10.1000/{}"}[scheme]
    papers = [
        make_paper(title=title, abstract=abstract, authors=authors, **{scheme: form.format(work)})  # type: ignore[arg-type]
        for work, authors, abstract in said
    ]
    ids = works_of(papers, together=together)
    assert len(set(ids)) == len({work for work, _, _ in said})
