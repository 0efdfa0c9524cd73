"""BM25 over a window of papers, for many queries at once.

The model is rank-bm25's ``BM25Okapi`` (k1 = 1.5, b = 0.75, epsilon = 0.25; Trotman et al.,
"Improvements to BM25 and Language Models Examined", ADCS 2014), taken apart so that its two
halves can come from different papers: document frequencies and average length from a long rolling
background, because those of one day are accidents; term frequencies from the window. The window
becomes one sparse term × paper matrix, queries another, and scores are their product.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array, csr_array

from digest.match import acronym, learn, query
from digest.match.background import TITLE_WEIGHT, Background, study
from digest.match.conditions import Conditions
from digest.match.learn import Lesson, Vector
from digest.match.likeness import Resemblance
from digest.match.query import Ground, Query
from digest.match.reason import Places, Wording
from digest.match.saying import sayings, whole
from digest.match.twin import twins
from digest.model import Example, Interest, Paper

__all__ = ["Asked", "Background", "Floats", "Index", "build_index", "study"]

Columns = np.ndarray[tuple[int], np.dtype[np.int32]]
Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Halves = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

REMEMBERED = 1 << 14  # interests; reading one takes longer than scoring it
EMPHATIC = 0.5  # of the BM25 a term can reach: said in the title, or twice in the abstract


class Asked(NamedTuple):
    """An interest as the rows of an index.

    ``table`` has a line for each of its terms that the window knows: row, weight as a share of
    what is needed, share of the breadth that it says, and 1 for a term that is a reason of its
    own (0 for a word of a phrase, -1 for what examples taught: no reader knows that they asked for
    it). ``several`` tells of three clues or more, ``broad`` is as in
    ``Query``. ``topics`` are the same for each topic of a list. ``lesson`` is what examples
    teach; the terms of the liked ones are lines of the table too.
    """

    table: Floats
    several: bool
    broad: bool
    topics: tuple["Asked", ...] = ()
    lesson: Lesson | None = None


def _newest_first(paper: Paper) -> tuple[int, str]:
    return (-paper.announced_on.toordinal() if paper.announced_on else 0, paper.id)


class Index:
    """A window of papers, newest first, ready to be scored.

    ``papers[i]`` is column ``i`` of ``weights`` (terms × papers, BM25 of each term in each paper);
    ``rows`` leads from a term to its row; ``wordings[i]`` knows the paper's words for terms.
    """

    def __init__(self, window: Sequence[Paper], background: Background) -> None:
        self.papers = tuple(sorted(window, key=_newest_first))
        self.background = background
        self.acronyms = acronym.learn(
            (paper.readable_abstract for paper in self.papers), background.acronyms
        )
        self.ground = Ground(self.acronyms, background)
        self.column = {paper.id: column for column, paper in enumerate(self.papers)}
        self.ids = frozenset(self.column)
        self.rows: dict[str, int] = {}
        self.wordings = [Wording(partial(self._places, n)) for n in range(len(self.papers))]
        self.ask = lru_cache(maxsize=REMEMBERED)(self._ask)
        self._example = lru_cache(maxsize=REMEMBERED)(self._read_example)
        self.told = lru_cache(maxsize=REMEMBERED)(self._told)
        self._read()

    def _read(self) -> None:
        """Number the terms, and keep where each stands in plain arrays: of a million tuples the
        garbage collector would look at each, again and again."""
        number = self.rows
        sizes, said, starts, ends = (array("i") for _ in range(4))
        for paper in self.papers:
            before = len(said)
            for term, start, end in sayings(paper, self.acronyms):
                said.append(number.setdefault(term, len(number)))
                starts.append(start)
                ends.append(end)
            sizes.append(len(said) - before)
        self._sizes = np.array(sizes, dtype=np.int64)
        self._said = np.array(said, dtype=np.int32)
        self._starts = np.array(starts, dtype=np.int32)
        self._ends = np.array(ends, dtype=np.int32)
        self.weights = self._weigh()

    def _weigh(self) -> csr_array:
        """Return idf · tf (k1 + 1) / (tf + k1 (1 - b + b · length / average length))."""
        columns = np.repeat(np.arange(len(self.papers)), self._sizes)
        titles = np.array([len(paper.readable_title) for paper in self.papers], dtype=np.int64)
        times = np.where(self._starts < titles[columns], float(TITLE_WEIGHT), 1.0)
        counted = csr_array(
            (times, (self._said, columns)), shape=(len(self.rows), len(self.papers))
        )
        counted.sum_duplicates()
        lengths = np.bincount(columns, weights=times, minlength=len(self.papers))
        known = self.background
        self.idf = np.array([known.idf_of(term) for term in self.rows])
        damping = known.k1 * (1 - known.b + known.b * lengths / known.average_length)
        frequency = counted.data
        saturated = frequency * (known.k1 + 1) / (frequency + damping[counted.indices])
        counted.data = np.repeat(self.idf, np.diff(counted.indptr)) * saturated
        return counted

    def dense(self, rows: Integers) -> Halves:
        """Return some rows of ``weights`` as a dense matrix, in half the memory."""
        if not len(rows):
            return np.zeros((0, len(self.papers)), dtype=np.float32)
        return np.asarray(self._halves[rows].toarray())

    @cached_property
    def _halves(self) -> csr_array:
        return self.weights.astype(np.float32)

    @cached_property
    def by_paper(self) -> csc_array:
        """``weights``, to be read paper by paper."""
        return self.weights.tocsc()

    @cached_property
    def by_votes(self) -> tuple[int, ...]:
        """The columns of the papers that the community voted for, most votes first."""
        votes = [paper.upvotes or 0 for paper in self.papers]
        return tuple(c for c in sorted(range(len(votes)), key=lambda c: -votes[c]) if votes[c])

    def twins_of(self, ids: Iterable[str]) -> Iterator[str]:
        """Yield the ids of the near-twins of some papers, which may be of other windows."""
        for column in (self.column[id] for id in self.ids.intersection(ids)):
            yield from (self.papers[twin].id for twin in self.twins.get(column, ()))

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms of the window, row by row."""
        return tuple(self.rows)

    def _ask(self, interest: Interest) -> Asked:
        """Return what an interest asks of this window; remembered as ``ask``."""
        asked = query.ask(interest, self.ground)
        topics = tuple(map(self._tabled, query.topics(interest, self.ground)))
        plain = self._tabled(asked, topics)
        if not interest.examples:
            return plain
        typed = asked.weights.keys()
        return _taught(plain, learn.learn(interest, typed, self.rows, self.ground, self._example))

    def _read_example(self, example: Example) -> Vector:
        return learn.read(example, self.ground)

    def _told(self, example: Example) -> tuple[Integers, Floats]:
        """Return the rows that an example says, and how telling each is of it; remembered as
        ``told``."""
        said = self._example(example)
        known = {row: said[term] for term in said if (row := self.rows.get(term)) is not None}
        return np.array(list(known), dtype=np.int64), np.array(list(known.values()))

    def shared(self, example: Example, column: int) -> bytes:
        """Return the rows that a paper says emphatically and an example says too, most telling
        first, as ``wordings`` want them."""
        rows, worth = self.told(example)
        own = slice(*self.by_paper.indptr[column : column + 2])
        said, weights = self.by_paper.indices[own], self.by_paper.data[own]
        places = np.minimum(np.searchsorted(said, rows), len(said) - 1)
        full = (self.background.k1 + 1) * self.idf[rows]
        emphatic = (said[places] == rows) & (weights[places] >= EMPHATIC * full)
        order = np.argsort(-worth[emphatic] * weights[places][emphatic], kind="stable")
        shared: Columns = rows[emphatic][order].astype(np.int32)
        return shared.tobytes()

    def _tabled(self, asked: Query, topics: tuple[Asked, ...] = ()) -> Asked:
        need, breadth, telling, parts = asked.need, asked.breadth, asked.telling, asked.parts
        table = [
            (row, weight / need, telling.get(term, 0) / breadth, term not in parts)
            for term, weight in asked.weights.items()
            if (row := self.rows.get(term)) is not None and need > 0
        ]
        several = breadth >= query.BREADTH
        return Asked(np.array(table, np.float64).reshape(-1, 4), several, asked.broad, topics)

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

    @cached_property
    def resemblance(self) -> Resemblance:
        """The papers, ready to be compared with examples; made when somebody has any."""
        known = self.background
        return Resemblance(self.papers, known.usage, known.meaning)

    def _places(self, column: int) -> Places:
        end = int(self._sizes[: column + 1].sum())
        said = slice(end - int(self._sizes[column]), end)
        rows = self._said[said].tolist()
        return Places(
            text=whole(self.papers[column]),
            starts=self._starts[said].tolist(),
            ends=self._ends[said].tolist(),
            first=dict(zip(reversed(rows), reversed(range(len(rows))), strict=True)),
        )

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


def _taught(asked: Asked, lesson: Lesson) -> Asked:
    """Return what is asked, with what was learnt, in the interest and in each of its topics."""
    liked = lesson.liked
    reason = np.full(len(liked.rows), -1.0)
    lines = np.stack((liked.rows, liked.weights, liked.shares, reason), axis=1)
    return asked._replace(
        table=np.concatenate((asked.table, lines)),
        topics=tuple(_taught(topic, lesson) for topic in asked.topics),
        lesson=lesson,
    )


def build_index(window: Sequence[Paper], background: Background) -> Index:
    """Return the window ready to be scored; without a background it is its own."""
    return Index(window, background if background.papers else study(window))
