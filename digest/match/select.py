"""Which papers go into an issue, and why.

Scores come for many subscribers at once (``measure.py``); here each subscriber's few qualifying
papers are ranked, freed of near-twins, seated by interest and given their reasons.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate, compress, count, islice, repeat
from typing import NamedTuple

import numpy as np

from digest.match import conditions, quota
from digest.match.measure import Block, Integers
from digest.match.rank import Floats, Index
from digest.model import Interest, Match, Profile, Reason, ReasonKind, Selection

FLOOR = 0.3  # chosen by reading: below it, papers share words with an interest, not its subject
FOLLOWED = 0.9  # a followed author's paper comes before almost all others
LIKELY = 32  # papers by BM25 alone, among which the nearest is looked for
CELLS = 1 << 24  # of the largest matrix at a time: 64 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one subscriber should get: at most ``size`` papers, none of which is in
    ``delivered`` (ids)."""

    profile: Profile
    size: int
    delivered: frozenset[str]


class Found(NamedTuple):
    """Paper ``column`` qualifies for the interest in ``row`` of its batch."""

    row: int
    column: int
    score: float


class Ranked(NamedTuple):
    """One request's papers: how many were looked at and qualified, and which were chosen, in
    their order. When none qualified, ``chosen`` may hold the one that came closest."""

    candidates: int
    above_floor: int
    chosen: list[Found]


def select(
    index: Index, requests: Sequence[Request], *, floor: float = FLOOR
) -> tuple[Selection, ...]:
    """Return what each subscriber gets, in the order of ``requests``.

    No paper below ``floor`` is chosen. Order within a selection: interests by their best paper,
    papers by score, then the newest, then by id.
    """
    batches = _batches(index, requests)
    return tuple(made for some in batches for made in _Batch(index, some).selections(floor))


def _batches(index: Index, requests: Sequence[Request]) -> Iterator[Sequence[Request]]:
    size = max(1, CELLS // (32 * max(1, len(index.papers))))
    return (requests[start : start + size] for start in range(0, len(requests), size))


class _Batch:
    """Some requests, and their interests as the rows of one block."""

    def __init__(self, index: Index, requests: Sequence[Request]) -> None:
        self._index = index
        self._requests = requests
        self._interests = [one for request in requests for one in request.profile.interests]
        counts = [len(request.profile.interests) for request in requests]
        self._starts = [0, *accumulate(counts)]
        self._owners = np.repeat(np.arange(len(requests)), counts)
        self._block = Block(index, self._interests)
        demanding = map(conditions.demanding, self._interests)
        self._special = dict.fromkeys(compress(count(), demanding))
        for row in self._special:
            self._block.raw[row, ~index.conditions.admitted(self._interests[row])] = 0

    def selections(self, floor: float) -> list[Selection]:
        """Return the selections of all requests, in their order."""
        ranked = self._ranked(floor)
        matches = iter(self._matches([found for one in ranked for found in one.chosen]))
        return [_selection(one, tuple(islice(matches, len(one.chosen)))) for one in ranked]

    def _ranked(self, floor: float) -> list[Ranked]:
        """Return every request's papers; one lexical sort orders those of all."""
        rows, columns, scores = self._qualified(floor)
        order = np.lexsort((rows, columns, -scores, self._owners[rows]))
        owners = self._owners[rows[order]]
        bounds = np.searchsorted(owners, np.arange(len(self._requests) + 1)).tolist()
        listed = (rows[order].tolist(), columns[order].tolist(), scores[order].tolist())
        found = list(map(Found._make, zip(*listed, strict=True)))
        return [
            self._rank(request, number, found[bounds[number] : bounds[number + 1]])
            for number, request in enumerate(self._requests)
        ]

    def _qualified(self, floor: float) -> tuple[Integers, Integers, Floats]:
        """Return all pairs of interest and paper that reach the floor."""
        rows, columns, scores = self._block.above(floor)
        lifted = [found for found in self._lifted() if found.score >= floor]
        if not lifted:
            return rows, columns, scores
        more_rows, more_columns, more_scores = zip(*lifted, strict=True)
        return (
            np.append(rows, more_rows),
            np.append(columns, more_columns),
            np.append(scores, more_scores),
        )

    def _lifted(self) -> Iterator[Found]:
        """Yield the pairs that match for other reasons than their words."""
        for row in self._special:
            columns, base = self._lift(self._interests[row])
            words = self._block.scores(np.full(len(columns), row), columns)
            scores = base + (1 - FOLLOWED) * words if base == FOLLOWED else np.maximum(base, words)
            yield from map(Found, repeat(row), columns.tolist(), scores.tolist())

    def _lift(self, interest: Interest) -> tuple[Integers, float]:
        held = self._index.conditions
        if interest.authors:
            return held.written_by(interest), FOLLOWED
        if interest.text.strip() or interest.keywords:
            return np.empty(0, dtype=np.int64), 0
        return np.flatnonzero(held.suffices(interest)), FLOOR

    def _rank(self, request: Request, number: int, found: Sequence[Found]) -> Ranked:
        known = self._index.column.keys() & request.delivered
        candidates = len(self._index.papers) - len(known)
        fresh = self._once(found, known)
        if not fresh and request.size > 0:
            return Ranked(candidates, 0, self._nearest(number, known))
        return Ranked(candidates, len(fresh), self._choose(request, number, fresh))

    def _once(self, found: Sequence[Found], known: Set[str]) -> list[Found]:
        """Return each paper once, where it scores best, without those already delivered."""
        best: dict[int, Found] = {}
        for one in found:
            if self._index.papers[one.column].id not in known:
                best.setdefault(one.column, one)
        return list(best.values())

    def _choose(self, request: Request, number: int, found: list[Found]) -> list[Found]:
        found = _without_twins(found, self._index.twins)
        first, after = self._starts[number : number + 2]
        if after - first == 1:
            return found[: max(request.size, 0)]
        weights = {row: self._interests[row].weight for row in range(first, after)}
        places = quota.share([one.row for one in found], weights, request.size)
        return _grouped([found[place] for place in places])

    def _nearest(self, number: int, known: Set[str]) -> list[Found]:
        """Return the paper that comes closest to one of a request's interests, if any does."""
        first, after = self._starts[number : number + 2]
        raw = self._block.raw[first:after].copy()
        raw[:, [self._index.column[id] for id in known]] = 0
        likely = np.argsort(-raw, axis=None, kind="stable")[:LIKELY]
        rows, columns = np.divmod(likely, max(1, raw.shape[1]))
        scores = self._block.scores(rows + first, columns) * (raw[rows, columns] > 0)
        if not scores.any():
            return []
        best = int(scores.argmax())
        return [Found(int(rows[best]) + first, int(columns[best]), float(scores[best]))]

    def _matches(self, found: Sequence[Found]) -> Iterator[Match]:
        rows = np.array([one.row for one in found], dtype=np.int64)
        columns = np.array([one.column for one in found], dtype=np.int64)
        for (row, column, score), terms in zip(
            found, self._block.terms(rows, columns), strict=True
        ):
            interest = self._interests[row]
            words = self._index.wording(column).reasons(terms)
            special = self._standing(interest, column) if row in self._special else ()
            yield Match(
                paper=self._index.papers[column],
                interest=interest.name,
                score=score,
                reasons=special + words,
            )

    def _standing(self, interest: Interest, column: int) -> tuple[Reason, ...]:
        """Return the reasons other than words: a followed author, a category alone."""
        name = self._index.conditions.written(interest.authors).get(column)
        if name:
            return (Reason(kind=ReasonKind.AUTHOR, words=(name,)),)
        if interest.text.strip() or interest.keywords or interest.must:
            return ()
        place = conditions.category(self._index.papers[column], interest.categories)
        return (Reason(kind=ReasonKind.CATEGORY, words=(place,)),) if place else ()


def _without_twins(found: Sequence[Found], twins: Mapping[int, frozenset[int]]) -> list[Found]:
    """Return the papers without those that have a better twin."""
    if twins.keys().isdisjoint(one.column for one in found):
        return list(found)
    kept: list[Found] = []
    better: set[int] = set()
    for one in found:
        if better.isdisjoint(twins.get(one.column, ())):
            kept.append(one)
            better.add(one.column)
    return kept


def _grouped(chosen: Sequence[Found]) -> list[Found]:
    """Return the papers by interest, the interest with the best paper first."""
    rows = dict.fromkeys(one.row for one in chosen)
    return [one for row in rows for one in chosen if one.row == row]


def _selection(ranked: Ranked, matches: tuple[Match, ...]) -> Selection:
    quiet = not ranked.above_floor
    return Selection(
        matches=() if quiet else matches,
        candidates=ranked.candidates,
        above_floor=ranked.above_floor,
        near_miss=matches[0] if quiet and matches else None,
    )
