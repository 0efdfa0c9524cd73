from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.identity import make_paper
from digest.ingest.reconcile import Reconciled, reconcile
from digest.model import Announcement, Paper
from tests.ingest.test_identity import ARXIV, BATS, OWLS, papers


def announce(*announced: Paper) -> tuple[Announcement, ...]:
    return tuple(Announcement(paper=paper) for paper in announced)


def stored(*known: Paper) -> dict[str, Paper]:
    return {key: paper for paper in known for key in paper.keys}


def test_the_same_work_twice_in_a_listing_is_one_paper() -> None:
    bare = make_paper(title="Owls", abstract="Hoot.")
    named = make_paper(title="Owls", abstract="Hoot.", arxiv_id=ARXIV)
    found = reconcile({}, announce(bare, make_paper(title="Bats", abstract=""), named))
    assert found.ids == (bare.id, found.new[1].id, bare.id)
    assert [paper.title for paper in found.new] == ["Owls", "Bats"]
    assert f"arxiv:{ARXIV}" in found.new[0].keys
    assert found.changed == ()


def test_an_id_learned_later_goes_to_the_stored_paper_and_its_id_stays() -> None:
    known = make_paper(title="Owls", abstract="Hoot.")
    found = reconcile(
        stored(known), announce(make_paper(title="Owls", abstract="", arxiv_id=ARXIV))
    )
    assert (found.new, found.ids) == ((), (known.id,))
    assert found.changed[0].keys == (*known.keys, f"arxiv:{ARXIV}")


def test_nothing_learned_is_nothing_changed() -> None:
    known = make_paper(title="Owls", abstract="Hoot.", arxiv_id=ARXIV)
    again = make_paper(title="Owls", abstract="Hoot.")
    assert reconcile(stored(known), announce(again)) == Reconciled(
        new=(), changed=(), joined=(), ids=(known.id,)
    )


@pytest.mark.parametrize("scheme", ["arxiv_id", "doi"])
def test_a_shared_title_never_joins_works_whose_names_contradict(scheme: str) -> None:
    names = {"arxiv_id": ("2611.90001", "2611.90002"), "doi": ("10.1000/a", "10.1000/b")}[scheme]
    one, other = (
        make_paper(title="Editorial", abstract="", **{scheme: name})  # type: ignore[arg-type]
        for name in names
    )
    found = reconcile(stored(one), announce(other))
    assert found.ids == (other.id,)
    assert found.changed == ()
    assert found.new[0].keys == other.keys[:1]


def test_two_stored_works_found_to_be_one_are_joined() -> None:
    titled = make_paper(title="Sparse Owls", abstract=OWLS)
    named = make_paper(title="Routing by Night", abstract=OWLS, authors=["Ada"], arxiv_id=ARXIV)
    both = make_paper(title="Sparse Owls", abstract=OWLS, authors=["Ada"], arxiv_id=ARXIV)
    found = reconcile(stored(titled, named), announce(titled, both))
    assert found.joined == ((titled.id, named.id),)
    assert found.ids == (named.id, named.id)
    assert set(found.changed[0].keys) == set(titled.keys) | set(named.keys) | set(both.keys)


def test_a_preprint_and_its_journal_version_are_one() -> None:
    preprint = make_paper(
        title="Owls", abstract=OWLS, authors=["Ada Byron"], doi="10.1101/2026.11.01.1"
    )
    journal = make_paper(
        title="Owls", abstract=OWLS, authors=["Byron A", "E. Noether"], doi="10.1000/owls"
    )
    found = reconcile(stored(preprint), announce(journal))
    assert found.ids == (preprint.id,)
    assert set(found.changed[0].keys) >= {"doi:10.1101/2026.11.01.1", "doi:10.1000/owls"}


def test_a_wrong_doi_joins_nothing() -> None:
    one = make_paper(title="Sparse Owls", abstract=OWLS, authors=["Ada"], doi="10.1000/owls")
    other = make_paper(title="Dense Bats", abstract=BATS, authors=["Ada"], arxiv_id=ARXIV)
    wrong = make_paper(
        title="Dense Bats", abstract=BATS, authors=["Ada"], arxiv_id=ARXIV, doi="10.1000/owls"
    )
    found = reconcile(stored(one, other), announce(wrong))
    assert (found.joined, found.ids, found.new) == ((), (other.id,), ())
    assert "doi:10.1000/owls" not in found.changed[0].keys


def learn(works: dict[str, Paper], found: Reconciled) -> dict[str, Paper]:
    """Return the works as they stand after what was found is stored."""
    learned = works | {paper.id: paper for paper in (*found.new, *found.changed)}
    for gone, kept in found.joined:
        del learned[gone]
        assert kept in learned
    return learned


@given(st.lists(papers, max_size=8), st.lists(papers, max_size=8))
def test_no_key_belongs_to_two_works_and_again_adds_nothing(
    before: Sequence[Paper], after: Sequence[Paper]
) -> None:
    works: dict[str, Paper] = {}
    for announced in (before, after, *[after] * (len(before) + len(after))):
        found = reconcile(stored(*works.values()), announce(*announced))
        assert {paper.id for paper in found.changed} <= set(works)
        works = learn(works, found)
        keys = [key for paper in works.values() for key in paper.keys]
        assert len(keys) == len(set(keys))
        assert set(found.ids) <= set(works)
    # What was learned of one work may show that it is another, but that comes to an end.
    again = reconcile(stored(*works.values()), announce(*after))
    assert again == Reconciled(new=(), changed=(), joined=(), ids=found.ids)


@given(st.lists(papers, max_size=8), st.lists(papers, max_size=8))
def test_again_finds_no_new_work(before: Sequence[Paper], after: Sequence[Paper]) -> None:
    works = learn({}, reconcile({}, announce(*before, *after)))
    assert reconcile(stored(*works.values()), announce(*before, *after)).new == ()


def test_a_work_has_the_dois_of_its_other_versions_too() -> None:
    preprint = make_paper(title="Owls", abstract="", doi="10.1101/owl.1")
    article = make_paper(
        title="On Owls, Revised",
        abstract="",
        doi="10.1000/OWL",
        other_dois=["https://doi.org/10.1101/owl.1", "10.1000/owl", "10.48550/arXiv.2611.90001"],
    )
    assert article.keys[:3] == ("arxiv:2611.90001", "doi:10.1000/owl", "doi:10.1101/owl.1")
    assert "https://doi.org/10.1101/owl.1" in [link.url for link in article.links]
    for first, second in ((preprint, article), (article, preprint)):
        assert reconcile({}, announce(first, second)).ids == (first.id, first.id)
