"""Readers + papers + a method → how good its rankings are. Nothing looks into the future."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from digest.evaluate import baselines, vectors
from digest.evaluate.files import Deed, Kind, Listed, Reader, read_papers, read_readers
from digest.evaluate.measures import MEASURES, Figure, Measured, measure
from digest.evaluate.protocol import (
    WHOLE,
    Answer,
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

__all__ = [
    "MEASURES",
    "WHOLE",
    "Answer",
    "Case",
    "Deed",
    "Figure",
    "Floats",
    "Fold",
    "Kind",
    "Listed",
    "Measured",
    "Method",
    "Reader",
    "Ready",
    "Week",
    "in_fold",
    "measure",
    "peers",
    "rank",
    "read_papers",
    "read_readers",
    "unknown",
    "weeks",
]


def peers(papers: Sequence[Listed]) -> Mapping[str, Method]:
    """Return what others do, by name; the vectors of ``papers`` are made when first needed."""
    corpus = cache(lambda: vectors.Corpus(papers))
    scored: Mapping[str, Callable[[vectors.Space, Case], Floats]] = {
        "tfidf-centroid": vectors.centroid,
        "zotero-arxiv-daily": vectors.zotero,
        "scholar-inbox": vectors.scholar_inbox,
        "arxiv-sanity-lite": vectors.arxiv_sanity,
    }
    return {
        "random": baselines.random,
        "upvotes": baselines.upvotes,
        "rank-bm25": baselines.rank_bm25,
        "arxivdigest": baselines.arxivdigest,
        **{name: vectors.method(score, corpus) for name, score in scored.items()},
    }
