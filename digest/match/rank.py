"""BM25 over a window of papers, for many queries at once.

The model is rank-bm25's ``BM25Okapi`` (k1 = 1.5, b = 0.75, epsilon = 0.25; Trotman et al.,
"Improvements to BM25 and Language Models Examined", ADCS 2014), taken apart so that its two
halves can come from different papers: document frequencies and average length from a long rolling
background, because those of one day are accidents; term frequencies from the window. The window
becomes one sparse term × paper matrix, queries another, and scores are their product.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rank_bm25 import BM25Okapi
from scipy.sparse import csr_array

from digest.match import acronym
from digest.match.acronym import Acronyms
from digest.match.conditions import Conditions
from digest.match.reason import Wording
from digest.match.text import pairs, singles, words
from digest.match.twin import twins
from digest.model import Paper

Columns = np.ndarray[tuple[int], np.dtype[np.int32]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

TITLE_WEIGHT = 3  # a title is read as if it stood there three times
ENOUGH = 200  # papers; with fewer, every word looks either rare or common


class _Okapi(BM25Okapi):  # type: ignore[misc]  # rank_bm25 has no types
    """``BM25Okapi`` with statistics from elsewhere; its own ``_calc_idf`` makes the idf."""

    def __init__(self, papers: int, average_length: float, frequencies: Mapping[str, int]) -> None:
        self._statistics = papers, average_length, frequencies
        super().__init__(())

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> Mapping[str, int]:
        self.corpus_size, self.avgdl, frequencies = self._statistics
        return frequencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a long rolling window teaches: how rare each term is, how long papers are, and which
    acronyms stand for what. ``idf`` is rank-bm25's, with its floor for terms in more than half of
    the papers; ``unseen`` is that of a term in none; ``common`` are the terms with that floor.
    Lengths count terms."""

    papers: int
    average_length: float
    idf: Mapping[str, float]
    unseen: float
    common: frozenset[str]
    acronyms: Acronyms
    k1: float = 1.5
    b: float = 0.75

    def idf_of(self, term: str) -> float:
        """Return how telling a term is (natural logarithm, 0.5 smoothing)."""
        return self.idf.get(term, self.unseen)


def _terms(text: str, acronyms: Acronyms) -> list[str]:
    said = words(text)
    return singles(said) + pairs(said) + acronyms.terms(said)


def terms(paper: Paper, acronyms: Acronyms) -> list[str]:
    """Return the terms of a paper as rank-bm25 would take them, those of the title thrice."""
    title = _terms(paper.readable_title, acronyms)
    return title * TITLE_WEIGHT + _terms(paper.readable_abstract, acronyms)


def study(papers: Iterable[Paper], *, enough: int = ENOUGH) -> Background:
    """Return the statistics of a long rolling window (some thousand papers).

    Fewer than ``enough`` papers are taken as a sample of ``enough``, the others of which say
    nothing known: on the first day of an installation a word in both of two papers would
    otherwise be a word of all papers.
    """
    read = tuple(papers)
    acronyms = acronym.learn(paper.readable_abstract for paper in read)
    frequencies: Counter[str] = Counter()
    length = 0
    for paper in read:
        said = terms(paper, acronyms)
        length += len(said)
        frequencies.update(set(said))
    return _background(len(read), length, frequencies, acronyms, enough)


def _background(
    papers: int, length: int, frequencies: Mapping[str, int], acronyms: Acronyms, enough: int
) -> Background:
    size = max(papers, enough, 1)
    average = length / papers if length else 1.0
    okapi = _Okapi(size, average, frequencies or {"": 0})
    return Background(
        papers=papers,
        average_length=average,
        idf=okapi.idf,
        unseen=math.log(size + 0.5) - math.log(0.5),
        common=frozenset(term for term, count in frequencies.items() if 2 * count > size),
        acronyms=acronyms,
        k1=okapi.k1,
        b=okapi.b,
    )


def _newest_first(paper: Paper) -> tuple[int, str]:
    return (-paper.announced_on.toordinal() if paper.announced_on else 0, paper.id)


class Index:
    """A window of papers, newest first, ready to be scored.

    ``papers[i]`` is column ``i`` of ``weights`` (terms × papers, BM25 of each term in each paper);
    ``rows`` leads from a term to its row.
    """

    def __init__(self, window: Sequence[Paper], background: Background) -> None:
        self.papers = tuple(sorted(window, key=_newest_first))
        self.background = background
        self.acronyms = acronym.learn(
            (paper.readable_abstract for paper in self.papers), background.acronyms
        )
        self.column = {paper.id: column for column, paper in enumerate(self.papers)}
        self.rows: dict[str, int] = {}
        self._wordings: dict[int, Wording] = {}
        self.weights = self._weigh([terms(paper, self.acronyms) for paper in self.papers])

    def _weigh(self, said: Sequence[Sequence[str]]) -> csr_array:
        """Return idf · tf (k1 + 1) / (tf + k1 (1 - b + b · length / average length))."""
        rows = [self.rows.setdefault(term, len(self.rows)) for one in said for term in one]
        lengths = np.array([len(one) for one in said], dtype=np.float64)
        columns = np.repeat(np.arange(len(said)), lengths.astype(np.int64))
        counted = csr_array(
            (np.ones(len(rows)), (np.array(rows, dtype=np.int64), columns)),
            shape=(len(self.rows), len(said)),
        )
        counted.sum_duplicates()
        known = self.background
        idf = np.array([known.idf_of(term) for term in self.rows])
        damping = known.k1 * (1 - known.b + known.b * lengths / known.average_length)
        frequency = counted.data
        saturated = frequency * (known.k1 + 1) / (frequency + damping[counted.indices])
        counted.data = np.repeat(idf, np.diff(counted.indptr)) * saturated
        return counted

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms of the window, row by row."""
        return tuple(self.rows)

    def columns(self, term: str) -> Columns:
        """Return the columns of the papers that say a term."""
        row = self.rows.get(term)
        if row is None:
            return np.empty(0, dtype=np.int32)
        begin, end = self.weights.indptr[row : row + 2]
        return self.weights.indices[begin:end]

    @cached_property
    def conditions(self) -> Conditions:
        """The papers, ready to be asked what they contain; made when somebody asks."""
        return Conditions(self.papers, self.acronyms, self.columns)

    @cached_property
    def twins(self) -> Mapping[int, frozenset[int]]:
        """The near-twins of each paper that has any."""
        return twins(self.papers, self.weights)

    def wording(self, column: int) -> Wording:
        """Return a paper's own words for its terms; read when somebody asks."""
        if column not in self._wordings:
            self._wordings[column] = Wording(self.papers[column], self.acronyms)
        return self._wordings[column]

    def scores(self, queries: Sequence[Mapping[str, float]]) -> Floats:
        """Return the BM25 score of every paper for every query (queries × papers).

        A query is a weight for each term; with whole weights it is rank-bm25's list of words with
        repetitions.
        """
        known = [[(self.rows[t], w) for t, w in q.items() if t in self.rows] for q in queries]
        flat = [pair for one in known for pair in one]
        asked = csr_array(
            (
                np.array([weight for _, weight in flat], dtype=np.float64),
                np.array([row for row, _ in flat], dtype=np.int32),
                np.cumsum([0, *map(len, known)], dtype=np.int32),
            ),
            shape=(len(queries), len(self.rows)),
        )
        return np.asarray((asked @ self.weights).toarray())


def build_index(window: Sequence[Paper], background: Background) -> Index:
    """Return the window ready to be scored; without a background it is its own."""
    return Index(window, background if background.papers else study(window))
