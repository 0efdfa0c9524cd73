"""Scores that can be compared between interests: BM25 against what was asked for, 0 to 1."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from digest.match.conditions import Mask
from digest.match.rank import Columns, Floats, Halves, Index, Integers
from digest.model import Interest

HALF_SAID = 0.75  # exponent: one of two clues is worth 0.59 of both
PARTLY_SAID = 1.0  # exponent: two of three clues are worth 0.67 of all
BARELY_SAID = 2.0  # exponent: one clue of many is worth 0.11, whatever it is
JUST_ENOUGH = 0.65  # share of the breadth: two of three clues
MOST_LOST = 0.5  # of a score before it is bent: what disliked examples can take away
AKIN = 0.35  # share of what is needed that a paper akin to a disliked example loses
TOGETHER = 1.0  # of what a paper says of a list as a whole is added to what it says of a topic
ALONE = 1.5  # and taken away again: of a list of some topics, one is about this share of the whole
DIGITS = 6  # those of a 32-bit float, which is half the memory to walk through


class Pairs(NamedTuple):
    """Queries and papers side by side, and what each paper says of its query: ``entries`` of the
    block's table, ``pair`` by pair, each ``said`` with so much BM25."""

    queries: Integers
    columns: Integers
    pair: Columns
    entries: Columns
    said: Halves


class Block:
    """Some interests against all papers of an index, as one product of matrices.

    ``raw`` is BM25 divided by what each interest needs (queries × papers). Conditions strike
    papers out by setting it to 0. The first rows are the interests; after them come the topics of
    those that are lists. ``interest`` leads from row to interest.
    """

    def __init__(self, index: Index, interests: Sequence[Interest]) -> None:
        asked = list(map(index.ask, interests))
        numbers = [n for n, one in enumerate(asked) for _ in one.topics]
        asked += [topic for one in asked for topic in one.topics]
        self.interest = np.append(np.arange(len(interests)), np.array(numbers, dtype=np.int64))
        tables, several, broad, _, lessons = zip(*asked, strict=True) if asked else ((),) * 5
        self._begins = np.cumsum([0, *map(len, tables)], dtype=np.int32)
        table = np.concatenate([np.empty((0, 4)), *tables])
        self._terms = table[:, 0].astype(np.int32)
        self._weights = table[:, 1].astype(np.float32)
        self._shares = table[:, 2]
        self._proper = table[:, 3] > 0
        self._learnt = table[:, 3] < 0
        self._broad = np.array(broad, dtype=bool)
        self._exponents = np.where(np.array(several, dtype=bool), PARTLY_SAID, HALF_SAID)
        self._lessons = {row: lesson for row, lesson in enumerate(lessons) if lesson}
        against = [lesson.disliked.rows for lesson in self._lessons.values()]
        used, places = _numbered(np.concatenate([self._terms, *against]), len(index.rows))
        rows = places[: len(self._terms)]
        self._used = used
        self._said = index.dense(used)
        self._cells = rows.astype(np.int64) * self._said.shape[1]
        shape = (len(asked), len(used))
        matrix = csr_array((self._weights, rows, self._begins), shape=shape)
        self.raw = np.asarray(matrix @ self._said)
        topics = slice(len(interests), None)
        self.raw[topics] += TOGETHER * self.raw[self.interest[topics]]
        self.raw[topics] /= ALONE
        for row in [row for row, one in self._lessons.items() if len(one.disliked.rows)]:
            self.raw[row] -= np.minimum(self._loss(row), MOST_LOST * self.raw[row])
        self._gain = self._gained(index, interests)

    def _gained(self, index: Index, interests: Sequence[Interest]) -> Halves | None:
        """Return what each paper gains by being like liked examples, if there are any."""
        taught = [row for row, lesson in self._lessons.items() if lesson.likes]
        if not taught:
            return None
        gain: Halves = np.zeros(self.raw.shape, dtype=np.float32)
        gain[taught] = index.resemblance.gains(
            [interests[self.interest[row]].examples for row in taught]
        )
        return gain

    @property
    def potential(self) -> Halves:
        """What each paper can reach with each query at most, before it is bent to a score."""
        return self.raw if self._gain is None else self.raw + self._gain

    def strike(self, interest: int, columns: Mask) -> None:
        """Take papers away from an interest and its topics."""
        cells = np.ix_(self.interest == interest, columns)
        self.raw[cells] = 0
        if self._gain is not None:
            self._gain[cells] = 0

    def _loss(self, row: int) -> Halves:
        """Return what each paper loses by disliked examples."""
        disliked = self._lessons[row].disliked
        said = self._said[np.searchsorted(self._used, disliked.rows)]
        loss: Halves = disliked.weights.astype(np.float32) @ said
        return loss

    def akin(self, row: int) -> Mask:
        """Return which papers are akin to a disliked example of an interest."""
        if row not in self._lessons:
            return np.zeros(self._said.shape[1], dtype=bool)
        return self._loss(row) >= AKIN

    def likely(self, floor: float) -> tuple[Integers, Integers]:
        """Return the pairs (queries, columns) that may reach ``floor``, and few others."""
        least = max(-np.log1p(-floor), np.finfo(np.float64).tiny)  # breadth only takes away
        queries, columns = np.divmod(np.flatnonzero(self.potential >= least), self.raw.shape[1])
        return queries, columns

    def pairs(self, queries: Integers, columns: Integers) -> Pairs:
        """Return what is said in pairs of a query and a paper."""
        lengths = np.diff(self._begins).take(queries)
        ends = np.cumsum(lengths, dtype=np.int32)
        pair = np.repeat(np.arange(len(queries), dtype=np.int32), lengths)
        entries = np.repeat(self._begins.take(queries) - (ends - lengths), lengths)
        entries += np.arange(len(entries), dtype=np.int32)
        said = self._said.take(self._cells.take(entries) + np.repeat(columns, lengths))
        kept = np.flatnonzero(said)
        return Pairs(queries, columns, pair.take(kept), entries.take(kept), said.take(kept))

    def scores(self, pairs: Pairs) -> Floats:
        """Return the score of each pair: 1 - exp(-raw · breadth ** e - gain), which is 0 where
        nothing matches, 0.6 where a paper says what was asked for, and never 1."""
        queries = pairs.queries
        shares = self._shares.take(pairs.entries)
        breadth = np.minimum(1, np.bincount(pairs.pair, weights=shares, minlength=len(queries)))
        barely = self._broad[queries] & (breadth < JUST_ENOUGH)
        factor = breadth ** np.where(barely, BARELY_SAID, self._exponents[queries])
        reached = self.raw[queries, pairs.columns] * factor
        if self._gain is not None:
            reached += self._gain[queries, pairs.columns]
        fit: Floats = -np.expm1(-reached)
        return fit.round(DIGITS)

    def terms(self, pairs: Pairs) -> list[bytes]:
        """Return for each pair the terms that say what was typed, most telling first, as rows of
        the index (32 bits each); the words of a phrase only where nothing better is said."""
        proper = self._proper.take(pairs.entries)
        better = np.zeros(len(pairs.queries), dtype=bool)
        better[pairs.pair[proper]] = True
        lesser = ~better.take(pairs.pair) & ~self._learnt.take(pairs.entries)
        kept = np.flatnonzero(proper | lesser)
        pair, entries = pairs.pair.take(kept), pairs.entries.take(kept)
        share = self._weights.take(entries) * pairs.said.take(kept)
        order = np.argsort(pair - share / (share.max(initial=0) + 1), kind="stable")
        rows = self._terms.take(entries.take(order))
        written = rows.tobytes()
        ends = np.cumsum(np.bincount(pair, minlength=len(pairs.queries))) * rows.itemsize
        return [written[a:b] for a, b in pairwise([0, *ends.tolist()])]


def _numbered(rows: Columns, size: int) -> tuple[Integers, Columns]:
    """Return the distinct rows in their order, and for each row its place among them."""
    met = np.zeros(size, dtype=bool)
    met[rows] = True
    used = np.flatnonzero(met)
    places = np.empty(size, dtype=np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    return used, places[rows]
