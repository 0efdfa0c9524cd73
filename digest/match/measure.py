"""Scores that can be compared between interests: BM25 against what was asked for, 0 to 1."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array

from digest.match.rank import Floats, Index
from digest.model import Interest

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]

HALF_SAID = 0.75  # exponent: one of two clues is worth 0.59 of both
BARELY_SAID = 2.0  # exponent: one clue of many is worth 0.11, whatever it is
DIGITS = 6  # those of a 32-bit float, which is half the memory to walk through


class Block:
    """Some interests against all papers of an index, as one product of matrices.

    ``raw`` is BM25 divided by what each interest needs (interests × papers). Conditions strike
    papers out by setting it to 0.
    """

    def __init__(self, index: Index, interests: Sequence[Interest]) -> None:
        asked = [index.ask(interest) for interest in interests]
        self._begins = np.cumsum([0, *(len(one.table) for one in asked)], dtype=np.int32)
        table = np.concatenate([np.empty((0, 4)), *(one.table for one in asked)])
        rows, weights, self._shares, self._proper = np.ascontiguousarray(table.T)
        used, places = np.unique(rows.astype(np.int32), return_inverse=True)
        self._names = [index.terms[row] for row in used.tolist()]
        self._rows = places.astype(np.int32)
        self._weights = weights.astype(np.float32)
        self._said = index.weights[used].astype(np.float32).toarray()
        self._broad = np.array([one.broad for one in asked], dtype=bool)
        shape = (len(asked), len(used))
        matrix = csr_array((self._weights, self._rows, self._begins), shape=shape)
        self.raw = np.asarray(matrix @ self._said)

    def _spread(self, queries: Integers, columns: Integers) -> tuple[Integers, Integers, Floats]:
        """Return for every term of every pair: the pair, the term's entry, what it adds."""
        lengths = np.diff(self._begins)[queries]
        starts = self._begins[queries] - (np.cumsum(lengths) - lengths)
        pair = np.repeat(np.arange(len(queries)), lengths)
        entries = np.arange(len(pair)) + starts[pair]
        return (
            pair,
            entries,
            self._weights[entries] * self._said[self._rows[entries], columns[pair]],
        )

    def scores(self, queries: Integers, columns: Integers) -> Floats:
        """Return the scores of pairs of a query and a paper: 1 - exp(-raw · breadth ** e), which
        is 0 where nothing matches, 0.6 where a paper says what was asked for, and never 1."""
        pair, entries, added = self._spread(queries, columns)
        shares = self._shares[entries] * (added > 0)
        breadth = np.minimum(1, np.bincount(pair, weights=shares, minlength=len(queries)))
        barely = self._broad[queries] & (breadth < HALF_SAID - 0.1)
        factor = breadth ** np.where(barely, BARELY_SAID, HALF_SAID)
        fit: Floats = -np.expm1(-self.raw[queries, columns] * factor)
        return fit.round(DIGITS)

    def above(self, floor: float) -> tuple[Integers, Integers, Floats]:
        """Return the pairs that reach ``floor``: queries, columns, scores."""
        least = max(-np.log1p(-floor), np.finfo(np.float64).tiny)  # breadth only takes away
        queries, columns = np.divmod(np.flatnonzero(self.raw >= least), self.raw.shape[1])
        scores = self.scores(queries, columns)
        kept = (scores >= floor) & (scores > 0)
        return queries[kept], columns[kept], scores[kept]

    def terms(self, queries: Integers, columns: Integers) -> list[tuple[str, ...]]:
        """Return for each pair the terms that say what was asked for, most telling first; the
        words of a phrase only where nothing better is said."""
        pair, entries, share = self._spread(queries, columns)
        proper = (share > 0) & (self._proper[entries] > 0)
        better = np.bincount(pair[proper], minlength=len(queries)) > 0
        kept = np.flatnonzero(proper | (~better[pair] & (share > 0)))
        key = pair[kept] - share[kept] / (share.max(initial=0) + 1)  # by pair, then by share
        kept = kept[np.argsort(key, kind="stable")]
        names = list(map(self._names.__getitem__, self._rows[entries[kept]].tolist()))
        bounds = np.searchsorted(pair[kept], np.arange(len(queries) + 1)).tolist()
        return [tuple(names[a:b]) for a, b in pairwise(bounds)]
