"""Readers + papers + a method → how good its rankings are. Nothing looks into the future."""

from collections.abc import Mapping, Sequence
from functools import cache

from digest.errors import InputError
from digest.evaluate import baselines, embedding, vectors
from digest.evaluate.files import Deed, Kind, Listed, Reader, read_papers, read_readers
from digest.evaluate.measures import MEASURES, Figure, Measured, measure
from digest.evaluate.pairs import Pair, pairs
from digest.evaluate.protocol import (
    WHOLE,
    Answer,
    Ask,
    Case,
    Floats,
    Fold,
    Method,
    Ready,
    Week,
    in_fold,
    rank,
    unknown,
    weeks,
)
from digest.evaluate.typed import from_words

__all__ = [
    "MEASURES",
    "MODEL",
    "WHOLE",
    "Answer",
    "Ask",
    "Case",
    "Deed",
    "Figure",
    "Floats",
    "Fold",
    "Kind",
    "Listed",
    "Measured",
    "Method",
    "Pair",
    "Reader",
    "Ready",
    "Week",
    "from_words",
    "in_fold",
    "measure",
    "pairs",
    "peers",
    "rank",
    "read_papers",
    "read_readers",
    "require",
    "unknown",
    "weeks",
]


MODEL = "sentence-transformers/all-MiniLM-L6-v2"  # small, and what zotero-arxiv-daily began with

_EMBEDDED = "zotero-embeddings"
_TAUGHT: Mapping[str, vectors.Taught] = {
    "tfidf-centroid": vectors.centroid,
    "zotero-arxiv-daily": vectors.zotero,
    "scholar-inbox": vectors.scholar_inbox,
    "arxiv-sanity-lite": vectors.arxiv_sanity,
}
_BY_PAPERS = {*_TAUGHT, _EMBEDDED} - {"tfidf-centroid"}


def peers(papers: Sequence[Listed], *, model: str = MODEL) -> Mapping[str, Method]:
    """Return what others do, by name; the vectors of ``papers`` are made when first needed.

    ``model``, a folder or the name of a model on this machine, makes embeddings.
    """
    corpus = cache(lambda: vectors.Corpus(papers))
    return {
        "random": baselines.random,
        "upvotes": baselines.upvotes,
        "rank-bm25": baselines.rank_bm25,
        "arxivdigest": baselines.arxivdigest,
        **{name: vectors.method(teach, corpus) for name, teach in _TAUGHT.items()},
        _EMBEDDED: embedding.method(papers, lambda: embedding.open_model(model)),
    }


def require(name: str, *, ask: Ask = Ask.HISTORY, model: str = MODEL) -> None:
    """Raise InputError, which says what to do, where a method lacks something."""
    if ask is not Ask.HISTORY and name in _BY_PAPERS:
        raise InputError("It learns from papers, not from words: ask it with --ask history.")
    if name in _TAUGHT:
        vectors.learners()
    elif name == _EMBEDDED:
        embedding.open_model(model)
