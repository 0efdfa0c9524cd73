from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.identity import arxiv_id, doi, fold_title, make_paper, merge
from digest.model import Link, LinkRel, Paper

ARXIV = "2611.90001"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sparse Owls: Routing by Night", "sparse owls – routing, by night!"),
        (r"PanGu-$\pi$ Owls", "PanGu-$π$ Owls"),
        (r"The $\ell_1$ Owl", "The ℓ₁ owl"),
        ("STRASSE", "straße"),
        ("ﬁne owls", "Fine Owls"),
        (r"G\"odel Owls", "Gödel Owls"),
    ],
)
def test_titles_that_differ_in_dress_only_are_one(one: str, other: str) -> None:
    assert fold_title(one) == fold_title(other) != ""


@given(st.text())
def test_a_folded_title_folds_to_itself(title: str) -> None:
    assert fold_title(fold_title(title)) == fold_title(title)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("2611.90001", "2611.90001"),
        (" 2611.90001v3 ", "2611.90001"),
        ("0704.0001", "0704.0001"),
        ("arXiv:2611.90001v1", "2611.90001"),
        ("oai:arXiv.org:2611.90001v1", "2611.90001"),
        ("http://arxiv.org/abs/2611.90001v2", "2611.90001"),
        ("https://arxiv.org/pdf/2611.90001v1.pdf", "2611.90001"),
        ("https://arxiv.org/pdf/2611.90001.", "2611.90001"),
        ("https://export.arxiv.org/abs/2611.90001?context=cs", "2611.90001"),
        ("https://www.alphaxiv.org/abs/2611.90001", "2611.90001"),
        ("https://huggingface.co/papers/2611.90001#community", "2611.90001"),
        ("10.48550/arXiv.2611.90001", "2611.90001"),
        ("(arXiv:2611.90001v1 [hep-ex])", "2611.90001"),
        ("hep-ex/9901001", "hep-ex/9901001"),
        ("math.GT/0309136v2", "math/0309136"),
        ("https://arxiv.org/abs/hep-ex/9901001", "hep-ex/9901001"),
        ("10.1234/2611.90001", None),
        ("2613.90001", None),
        ("2611.900012345", None),
        ("https://example.org/papers/2611.90001", None),
        ("see 2611.90001", None),
        ("", None),
    ],
)
def test_reads_arxiv_ids_without_version(text: str, id: str | None) -> None:
    assert arxiv_id(text) == id


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("10.1000/OWL.1", "10.1000/owl.1"),
        ("doi: 10.1000/owl.", "10.1000/owl"),
        ("https://doi.org/10.1000/owl%2F1", "10.1000/owl/1"),
        ("http://dx.doi.org/10.1000/owl?x=1#y", "10.1000/owl"),
        ("https://example.org/10.1000/owl", None),
        ("http://[::1", None),
        ("10.1000", None),
    ],
)
def test_reads_dois(text: str, name: str | None) -> None:
    assert doi(text) == name


def test_a_paper_stands_under_every_name_strongest_first() -> None:
    paper = make_paper(title="Owls", abstract="", arxiv_id=f"{ARXIV}v2", doi="10.1000/Owl")
    assert paper.id == f"arxiv:{ARXIV}"
    assert paper.keys[:2] == (f"arxiv:{ARXIV}", "doi:10.1000/owl")
    assert [key[:6] for key in paper.keys[2:]] == ["title:"]
    assert len(paper.keys[2]) == len("title:") + 20


def test_the_title_key_is_stable_over_releases() -> None:
    assert make_paper(title="Sparse Owls!", abstract="").id == "title:6fab151bef21b0428f72"


def test_titles_of_signs_only_are_told_apart() -> None:
    assert make_paper(title="???", abstract="").id != make_paper(title="!!!", abstract="").id


def test_arxivs_own_doi_is_the_arxiv_id() -> None:
    paper = make_paper(title="Owls", abstract="", doi=f"https://doi.org/10.48550/arXiv.{ARXIV}")
    assert paper.id == f"arxiv:{ARXIV}"
    assert not any(key.startswith("doi:") for key in paper.keys)


def test_words_are_folded_and_made_readable() -> None:
    paper = make_paper(
        title="Owls\n of $\\pi$ ",
        abstract=" Hoot\n\nhoot. ",
        authors=[r"G\"odel", " ", "Wei Wang", "Wei Wang"],
    )
    assert (paper.title, paper.readable_title) == (r"Owls of $\pi$", "Owls of π")
    assert paper.abstract == "Hoot hoot."
    assert (paper.authors, paper.author_count) == (("Gödel", "Wei Wang", "Wei Wang"), 3)


def test_an_author_count_without_names_is_kept() -> None:
    assert make_paper(title="Owls", abstract="", author_count=7).author_count == 7


def link(url: str, rel: LinkRel = LinkRel.PAGE) -> Link:
    return Link(rel=rel, url=url)


def test_links_follow_from_the_names_and_only_web_addresses_are_kept() -> None:
    paper = make_paper(
        title="Owls",
        abstract="",
        arxiv_id=ARXIV,
        doi="10.1000/owl",
        links=[
            link(f"http://arxiv.org/abs/{ARXIV}v1", LinkRel.ABSTRACT),
            link("javascript:alert(1)"),
            link("ftp://example.org/owl"),
            link("https:///nowhere"),
            link("http://[::1"),
            link("https://example.org/o wl"),
            link("https://github.com/owl-lab/owls", LinkRel.CODE),
            link("https://github.com/owl-lab/owls", LinkRel.CODE),
        ],
    )
    assert [(each.rel.value, each.url) for each in paper.links] == [
        ("abstract", f"https://arxiv.org/abs/{ARXIV}"),
        ("pdf", f"https://arxiv.org/pdf/{ARXIV}"),
        ("page", "https://doi.org/10.1000/owl"),
        ("code", "https://github.com/owl-lab/owls"),
    ]


def test_merging_fills_in_and_never_erases() -> None:
    known = make_paper(
        title="Owls", abstract="They hoot at…", author_count=2, comments=3, categories=["cs.LG"]
    )
    learned = make_paper(
        title="OWLS",
        abstract="They hoot at night.",
        arxiv_id=ARXIV,
        authors=["Ada", "Emmy"],
        submitted_on=date(2026, 11, 1),
        comments=1,
        categories=["cs.AI", "cs.LG"],
        venue="OwlConf",
    )
    merged = merge(known, learned)
    assert merged.id == known.id
    assert merged.keys == (*known.keys, f"arxiv:{ARXIV}", learned.keys[1])
    assert (merged.title, merged.abstract) == ("Owls", "They hoot at night.")
    assert merged.authors == ("Ada", "Emmy")
    assert (merged.comments, merged.author_count) == (3, 2)
    assert (merged.submitted_on, merged.venue) == (date(2026, 11, 1), "OwlConf")
    assert merged.categories == ("cs.LG", "cs.AI")
    assert merge(learned, known).abstract == "They hoot at night."


def test_a_different_abstract_does_not_replace_the_known_one() -> None:
    known = make_paper(title="Owls", abstract="They hoot.")
    merged = merge(known, make_paper(title="Owls", abstract="Owls that hoot."))
    assert merged.abstract == merged.readable_abstract == "They hoot."


OWLS = (
    "Sparse owls find their routes through forests without light because their hearing resolves "
    "echoes which louder animals never notice. Measurements taken over several winters confirm "
    "that routing improves where branches reflect, absorb and scatter sounds differently."
)
BATS = (
    "Dense colonies of bats compute schedules while hanging upside down. Parallel clicks collide, "
    "yet every animal recovers its private signal using codes learned during childhood; simulated "
    "colonies reproduce this behaviour after training with gradient descent alone."
)
TITLES = ["Owls", "Owls!", "Bats", "Sparse Owls: Routing by Night", "Routing by Night"]
IDS = [None, "2611.90001", "2611.90002", "2611.90003"]
DOIS = [None, "10.1000/a", "10.1000/b"]
papers = st.builds(
    make_paper,
    title=st.sampled_from(TITLES),
    abstract=st.sampled_from(["", "Hoot", "Hoot…", "Hoot hoot.", OWLS, BATS]),
    arxiv_id=st.sampled_from(IDS),
    doi=st.sampled_from(DOIS),
    authors=st.lists(st.sampled_from(["Ada Byron", "E. Noether", "Noether, Emmy"]), unique=True),
    author_count=st.none() | st.integers(1, 9),
    submitted_on=st.none() | st.dates(),
    categories=st.lists(st.sampled_from(["cs.LG", "cs.AI"])),
    venue=st.none() | st.just("OwlConf"),
    comments=st.none() | st.integers(0, 9),
    upvotes=st.none() | st.integers(0, 9),
    links=st.lists(st.builds(link, st.sampled_from(["https://a.org/x", "https://b.org"]))),
)


@given(papers)
def test_merging_with_itself_changes_nothing(paper: Paper) -> None:
    assert merge(paper, paper) == paper


@given(papers, papers)
def test_merging_again_changes_nothing(known: Paper, learned: Paper) -> None:
    once = merge(known, learned)
    assert merge(once, learned) == once
    assert merge(once, known) == once


@given(papers, papers)
def test_merging_never_loses_anything(known: Paper, learned: Paper) -> None:
    merged = merge(known, learned)
    assert merged.id == known.id
    for one in (known, learned):
        assert set(merged.keys) >= set(one.keys)
        assert set(merged.links) >= set(one.links)
        assert set(merged.categories) >= set(one.categories)
        assert len(merged.authors) >= len(one.authors)
        assert len(merged.abstract) >= len(one.abstract) or merged.abstract == known.abstract
        for name in ("author_count", "comments", "upvotes"):
            said = getattr(one, name)
            assert said is None or getattr(merged, name) >= said
        if one.submitted_on is not None:
            assert merged.submitted_on is not None
            assert merged.submitted_on <= one.submitted_on
        assert merged.venue or not one.venue
