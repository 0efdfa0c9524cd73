"""BM25: our matrices against rank_bm25's loops."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from digest.match import build_index, study
from digest.match.background import TITLE_WEIGHT, terms
from digest.model import Paper
from tests.build import paper

_WORDS = ("sparse", "routing", "Graph", "diffusion", "LLMs", "pre-training", "protein", "speech")
texts = st.lists(st.sampled_from([*_WORDS, "the", "model", "."]), max_size=12).map(" ".join)


@st.composite
def windows(draw: st.DrawFn) -> list[Paper]:
    pairs = draw(st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
    return [paper(title, abstract, id=f"p{i}") for i, (title, abstract) in enumerate(pairs)]


@given(windows(), st.data())
def test_scores_are_always_those_of_rank_bm25(window: list[Paper], data: st.DataObject) -> None:
    background = study(window, enough=0)
    index = build_index(window, background)
    corpus = [terms(one, index.acronyms) for one in index.papers]
    vocabulary = sorted({term for said in corpus for term in said})
    if not vocabulary:
        return
    query = data.draw(st.lists(st.sampled_from([*vocabulary, "unheard"]), max_size=20))
    expected = BM25Okapi(corpus).get_scores(query)
    scores = index.scores([Counter(query), {}])
    np.testing.assert_allclose(scores[0], expected, rtol=1e-6, atol=1e-12)
    assert not scores[1].any()


@given(windows(), windows())
def test_idf_is_always_rank_bm25s_own(past: list[Paper], window: list[Paper]) -> None:
    background = study(past, enough=0)
    corpus = [terms(one, background.acronyms) for one in past]
    if any(corpus):
        assert background.idf == pytest.approx(BM25Okapi(corpus).idf, rel=1e-9)
    assert build_index(window, background).background is background


def test_a_title_word_counts_as_often_as_the_title_weighs() -> None:
    one = paper("Sparse", "routing")
    assert Counter(terms(one, study([]).acronyms)) == {"spars": TITLE_WEIGHT, "rout": 1}


def test_statistics_come_from_the_background_and_not_from_the_window() -> None:
    past = [paper("Speech", f"speech {word}", id=word) for word in ("a1", "b2", "c3")] * 100
    index = build_index([paper("Speech and protein", "none")], study(past))
    speech, protein = index.scores([{"speech": 1}, {"protein": 1}])[:, 0]
    assert protein > 2 * speech


def test_a_word_in_both_of_two_papers_is_still_a_word() -> None:
    window = [paper("Protein", "protein", id="a"), paper("Protein", "protein", id="b")]
    assert (build_index(window, study(window)).scores([{"protein": 1}]) > 0).all()


def test_papers_stand_newest_first_whatever_their_order() -> None:
    window = [paper("A", "a", id=id) for id in ("b", "c", "a")]
    assert [one.id for one in build_index(window, study([])).papers] == ["a", "b", "c"]


def test_an_empty_window_has_no_scores() -> None:
    index = build_index([], study([]))
    assert index.scores([{"protein": 1}]).shape == (1, 0)
