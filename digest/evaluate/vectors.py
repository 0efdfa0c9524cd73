"""What others do with TF-IDF vectors. Needs scikit-learn, which comes with the extra ``evaluate``.

``TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), stop_words="english")``, taken apart: terms
are counted once for all papers, and each week takes only the terms, and how rare they are, from the
papers listed before it.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array, diags_array

from digest.errors import InputError
from digest.evaluate.files import Listed
from digest.evaluate.protocol import Case, Floats, Method, Ready, Week

NEGATIVES = 500  # random papers beside the history

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Taught = Callable[["Space", Case], Floats]  # a direction among the vectors


class Space(NamedTuple):
    """Papers of one week and before as vectors of unit length: ``rows`` leads from id to row, the
    first ``before`` rows were listed earlier, ``listed`` are the rows to be ranked. ``read`` makes
    a vector of a text."""

    monday: date
    vectors: csr_array
    rows: dict[str, int]
    before: int
    listed: Integers
    read: Callable[[str], csr_array]

    def of(self, papers: Sequence[Listed]) -> Integers:
        """Return the rows of papers."""
        return np.array([self.rows[paper.id] for paper in papers], dtype=np.int64)


class Corpus:
    """All papers, oldest first, as counted terms."""

    def __init__(self, papers: Sequence[Listed]) -> None:
        self._papers = sorted(papers, key=attrgetter("day", "id"))
        self._days = [paper.day for paper in self._papers]
        self._rows = {paper.id: row for row, paper in enumerate(self._papers)}
        self._counter = learners().counter(ngram_range=(1, 2), stop_words="english")
        self._counter.fit(paper.text for paper in self._papers)
        self._said = self._counted([paper.text for paper in self._papers])

    def _counted(self, texts: Sequence[str]) -> csr_array:
        """Return 1 + ln of how often each text says each term (texts × terms)."""
        said = csr_array(self._counter.transform(texts), dtype=np.float64)
        said.data = 1 + np.log(said.data)
        return said

    def space(self, week: Week) -> Space:
        """Return what may be known in a week."""
        first = bisect_left(self._days, week.monday)
        listed = np.array([self._rows[paper.id] for paper in week.listed], dtype=np.int64)
        frequencies = np.bincount(self._said[:first].indices, minlength=self._said.shape[1])
        kept = np.flatnonzero(frequencies)
        idf = np.log((1 + first) / (1 + frequencies[kept])) + 1
        weigh = partial(_weighed, kept=kept, idf=idf)
        return Space(
            monday=week.monday,
            vectors=weigh(self._said[: int(listed.max()) + 1]),
            rows=self._rows,
            before=first,
            listed=listed,
            read=lambda text: weigh(self._counted([text])),
        )


def _weighed(said: csr_array, kept: Integers, idf: Floats) -> csr_array:
    """Return vectors of unit length over the terms that are ``kept``."""
    return _unit(csr_array(said[:, kept].multiply(idf)))


class Learners(NamedTuple):
    """What scikit-learn has for us."""

    counter: Any
    vector_machine: Any
    regression: Any


def learners() -> Learners:
    """Return what scikit-learn has. Raises InputError where it is not installed."""
    try:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise InputError(
            "This method needs scikit-learn: pip install 'paper-digest[evaluate]'."
        ) from error
    return Learners(CountVectorizer, LinearSVC, LogisticRegression)


def method(teach: Taught, corpus: Callable[[], Corpus]) -> Method:
    """Return the method that learns a direction for each case, and ranks by how far papers lie in
    it."""

    def read(week: Week) -> Callable[[], Ready]:
        space = corpus().space(week)
        listed = space.vectors[space.listed]

        def learn() -> Ready:
            taught = np.array([teach(space, case) for case in week.cases])
            return Ready(lambda: np.asarray((listed @ taught.T).T))

        return learn

    return read


def centroid(space: Space, case: Case) -> Floats:
    """Rank by the cosine with the mean of the history, or with what was typed."""
    if case.typed:
        return np.asarray(space.read("; ".join(case.typed)).toarray()[0])
    return _mean(space, case, np.ones(len(case.history)))


def zotero(space: Space, case: Case) -> Floats:
    """Rank as zotero-arxiv-daily does: the mean cosine, papers weighted 1 / (1 + log10 rank), the
    newest first; over TF-IDF in place of its embeddings."""
    return _mean(space, case, faded(len(case.history)))


def faded(papers: int) -> Floats:
    """Return zotero-arxiv-daily's weights of so many papers, newest first; they sum to 1."""
    weights: Floats = 1 / (1 + np.log10(np.arange(1, papers + 1)))
    shares: Floats = weights / weights.sum()
    return shares


def arxiv_sanity(space: Space, case: Case) -> Floats:
    """Rank as arxiv-sanity-lite does: a linear SVM, the history against random papers."""
    machine = learners().vector_machine(class_weight="balanced", C=0.01, random_state=0)
    return _trained(machine, space, case)


def scholar_inbox(space: Space, case: Case) -> Floats:
    """Rank as Scholar Inbox does, over TF-IDF: weighted logistic regression, the history against
    random papers."""
    regression = learners().regression(
        class_weight="balanced", C=0.1, solver="liblinear", dual=True, random_state=0
    )
    return _trained(regression, space, case)


def _mean(space: Space, case: Case, weights: Floats) -> Floats:
    return np.asarray(weights @ space.vectors[space.of(case.history)])


def _trained(model: Any, space: Space, case: Case) -> Floats:
    liked = space.of(case.history)
    others = np.setdiff1d(np.arange(space.before), liked)
    chance = case.chance(space.monday)
    random = chance.choice(others, min(NEGATIVES, len(others)), replace=False)
    shown = np.concatenate((liked, random))
    model.fit(space.vectors[shown], np.arange(len(shown)) < len(liked))
    return np.asarray(model.coef_[0])


def _unit(vectors: csr_array) -> csr_array:
    lengths = np.sqrt(np.asarray(vectors.power(2).sum(axis=1)).ravel())
    scaled = diags_array(1 / np.where(lengths > 0, lengths, 1)) @ vectors
    return csr_array(scaled)
