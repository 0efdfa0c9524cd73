import math
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from digest.errors import InputError
from digest.evaluate import (
    Ask,
    Case,
    Floats,
    Listed,
    Week,
    baselines,
    peers,
    require,
    vectors,
    weeks,
)
from digest.evaluate.embedding import open_model
from tests.evaluate.library import listed, past, reader, week

WORDS = ("bees", "dance", "dull")


def bees_and_bread() -> tuple[list[Listed], Week]:
    """A reader who wrote three papers on bees, and a week with one more."""
    before, new = past(40), week()
    new[4] = replace(new[4], title="How wild bees dance", upvotes=7)
    new[9] = replace(new[9], title="Bread, and how it stales")
    for place in (1, 20, 39):
        before[place] = replace(before[place], title=f"Bees that dance on page {place}")
    papers = [*before, *new]
    (one,) = weeks([reader(before[1], before[20], before[39], new[4])], papers)
    return papers, one


def test_every_method_but_chance_finds_the_paper_on_bees() -> None:
    papers, one = bees_and_bread()
    found = {
        name: int(read(one)().score()[0].argmax())
        for name, read in peers(papers).items()
        if name not in {"random", "zotero-embeddings"}
    }
    assert found == dict.fromkeys(found, 4)
    assert len(found) == 7


def test_rank_bm25_is_rank_bm25() -> None:
    _, one = bees_and_bread()
    corpus = [list(baselines.words(paper.text)) for paper in one.listed]
    asked = "bees that dance on page 39 bees that dance on page 20 bees that dance on page 1"
    expected = BM25Okapi(corpus).get_scores(asked.split())
    assert baselines.rank_bm25(one)().score()[0] == pytest.approx(expected)


def test_topics_are_the_phrases_of_past_titles() -> None:
    papers = (
        listed("1", title="LoRA: Low-Rank Adaptation of Large Language Models"),
        listed("2", title="Large Language Models, and how they add"),
    )
    case = Case(reader="ada", history=papers, known=frozenset(), right={})
    assert baselines.topics(case) == [
        "lora",
        "low-rank adaptation",
        "large language models",
        "they add",
    ]


def test_the_newest_paper_counts_most_for_zotero_arxiv_daily() -> None:
    weights = vectors.faded(3)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] / weights[1] == pytest.approx(1 + math.log10(2))
    assert weights[0] / weights[2] == pytest.approx(1 + math.log10(3))


def test_tf_idf_is_that_of_scikit_learn() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    papers, one = bees_and_bread()
    space = vectors.Corpus(papers).space(one)
    plain = text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), stop_words="english")
    plain.fit(paper.text for paper in one.before)
    expected = plain.transform(paper.text for paper in one.listed).toarray()
    assert space.vectors[space.listed].toarray() == pytest.approx(expected)


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in ("tfidf-centroid", "zotero-arxiv-daily", "scholar-inbox", "arxiv-sanity-lite"):
        with pytest.raises(InputError, match=r"pip install 'paper-digest\[evaluate\]'"):
            require(name)
    for name in ("ours", "random", "upvotes", "rank-bm25", "arxivdigest"):
        require(name)


@pytest.fixture
def transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands for sentence-transformers, which is too large for a test: counts three words."""

    class Model:
        def __init__(self, name: str, *, local_files_only: bool) -> None:
            assert local_files_only
            if name != "three-words":
                raise OSError("no such model")

        def encode(self, texts: list[str], *, normalize_embeddings: bool) -> Floats:
            assert normalize_embeddings
            counts = np.array([[text.count(one) for one in WORDS] for text in texts])
            return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True))

    module = ModuleType("sentence_transformers")
    monkeypatch.setattr(module, "SentenceTransformer", Model, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    open_model.cache_clear()


@pytest.mark.usefixtures("transformers")
def test_embeddings_are_of_abstracts() -> None:
    papers, one = bees_and_bread()
    papers = [replace(paper, title="", abstract=f"dull {paper.title}") for paper in papers]
    score = peers(papers, model="three-words")["zotero-embeddings"](one)().score()
    assert score.shape == (1, 20)
    assert int(score.argmax()) == 4


@pytest.mark.usefixtures("transformers")
def test_a_model_is_never_downloaded() -> None:
    require("zotero-embeddings", model="three-words")
    with pytest.raises(InputError, match="The model 'far-away' is not on this machine"):
        require("zotero-embeddings", model="far-away")


def test_embeddings_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    open_model.cache_clear()
    with pytest.raises(InputError, match="need sentence-transformers"):
        require("zotero-embeddings")


@pytest.mark.parametrize("name", ["rank-bm25", "arxivdigest", "tfidf-centroid"])
def test_words_that_were_typed_are_what_is_asked(name: str) -> None:
    papers, one = bees_and_bread()
    cases = [replace(case, history=(), typed=("bees", "dance")) for case in one.cases]
    scores = peers(papers)[name](replace(one, cases=tuple(cases)))().score()
    assert scores[0].argmax() == 4


def test_methods_that_learn_from_papers_say_so() -> None:
    with pytest.raises(InputError, match="not from words"):
        require("arxiv-sanity-lite", ask=Ask.WORDS)
