"""Which papers go into an issue, and why.

Scores come for many subscribers at once (``measure.py``); here each subscriber's few qualifying
papers are ranked, freed of near-twins, seated by interest and given their reasons.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate, compress, count, groupby, pairwise, repeat
from operator import contains
from typing import NamedTuple

import numpy as np

from digest.match import alike, conditions, extra, quota
from digest.match.bulk import made
from digest.match.conditions import Mask
from digest.match.measure import Block, Pairs
from digest.match.rank import Floats, Halves, Index, Integers
from digest.match.request import FLOOR, Request
from digest.model import Interest, Match, Reason, ReasonKind, Selection, Slot

FOLLOWED = 0.9  # a followed author's paper comes before almost all others
LIKELY = 32  # papers by BM25 alone, among which the nearest is looked for
CELLS = 1 << 19  # of the largest matrix at a time: 2 MB stay near the processor

Places = Integers | Mask
_NONE = np.empty(0, dtype=np.int64)


class Found(NamedTuple):
    """Papers that qualify, by request, best first; all arrays stand side by side.

    ``owners`` are the requests, ``pairs`` places in the pairs that were scored.
    """

    owners: Integers
    pairs: Integers
    rows: Integers
    columns: Integers
    scores: Floats

    def at(self, places: Places) -> "Found":
        """Return the papers at some places, or where a mask is true."""
        owners, pairs, rows, columns, scores = self
        return Found(owners[places], pairs[places], rows[places], columns[places], scores[places])


class Choice(NamedTuple):
    """Chosen papers side by side, by request, best first: the place of the request, the paper's
    column in the index, its score."""

    requests: Integers
    columns: Integers
    scores: Floats


def select(
    index: Index, requests: Sequence[Request], *, floor: float = FLOOR
) -> tuple[Selection, ...]:
    """Return what each subscriber gets, in the order of ``requests``.

    No paper below ``floor``, as each subscriber's ``amount`` bends it, is chosen. Order within a
    selection: interests by their best paper, papers by score, then the newest, then by id.
    """
    batches = _batches(index, requests)
    return tuple(made for some in batches for made in _Batch(index, some, floor).selections())


def choose(index: Index, requests: Sequence[Request], *, floor: float = FLOOR) -> Choice:
    """Return the papers that ``select`` would choose, as arrays and without reasons."""
    first, parts = 0, []
    for some in _batches(index, requests):
        _, _, chosen = _Batch(index, some, floor).ranking()
        parts.append(Choice(chosen.owners + first, chosen.columns, chosen.scores))
        first += len(some)
    return Choice(*map(np.concatenate, zip(*parts, strict=True)))


def _batches(index: Index, requests: Sequence[Request]) -> Iterator[Sequence[Request]]:
    """Yield the requests in even portions that need one matrix of ``CELLS`` or less, if they
    can."""
    sizes = [len(request.profile.interests) for request in requests]
    portions = math.ceil(sum(sizes) * len(index.papers) / CELLS) or 1
    ends = np.searchsorted(np.cumsum(sizes), np.linspace(0, sum(sizes), portions + 1)[1:-1])
    for first, after in pairwise([0, *ends.tolist(), len(requests)]):
        yield requests[first:after]


class _Batch:
    """Some requests, and their interests as the rows of one block."""

    def __init__(self, index: Index, requests: Sequence[Request], floor: float) -> None:
        self._index = index
        self._requests = requests
        self._floors = np.array([one.floor(floor) for one in requests], dtype=np.float64)
        self._interests = [one for request in requests for one in request.profile.interests]
        counts = [len(request.profile.interests) for request in requests]
        self._starts = [0, *accumulate(counts)]
        self._ids = [paper.id for paper in index.papers]
        self._names = [interest.name for interest in self._interests]
        self._owners = np.repeat(np.arange(len(requests)), counts)
        self._several = np.array(counts, dtype=np.int64) > 1
        self._block = Block(index, self._interests)
        demanding = map(conditions.demanding, self._interests)
        self._special = dict.fromkeys(compress(count(), demanding))
        # Whether a request may find a paper twice.
        self._listed = len(self._block.interest) > len(self._interests)
        self._mixed = self._listed or bool(self._special) or bool(self._several.any())
        for row in self._special:
            struck = ~index.conditions.admitted(self._interests[row])
            self._block.strike(row, struck)

    def ranking(self) -> tuple[Pairs, Found, Found]:
        """Return the pairs that were scored, all that qualifies, and what is chosen of it."""
        pairs, scores = self._scored()
        found = self._fresh(self._ranked(pairs, scores))
        return pairs, found, found.at(self._chosen(found))

    def selections(self) -> list[Selection]:
        """Return the selections of all requests, in their order."""
        pairs, found, chosen = self.ranking()
        matches = tuple(self._with_twins(self._matches(pairs, chosen), chosen))
        above = np.bincount(found.owners, minlength=len(self._requests))
        ends = np.searchsorted(chosen.owners, np.arange(len(self._requests) + 1)).tolist()
        sizes = np.array([request.size for request in self._requests], dtype=np.int64)
        nearest = self._nearest(np.flatnonzero((above == 0) & (sizes > 0)).tolist())
        selections = made(
            Selection,
            len(self._requests),
            [matches[begin:end] for begin, end in pairwise(ends)],
            self._candidates(),
            above.tolist(),
            map(nearest.get, count()),
            repeat(()),
        )
        for number in [n for n, one in enumerate(self._requests) if one.slots]:
            close = set(found.columns[found.owners == number].tolist())
            extras = tuple(self._extras(number, close, selections[number]))
            selections[number] = replace(selections[number], extras=extras)
        return selections

    def _candidates(self) -> list[int]:
        """Return for each request how many papers were not delivered before."""
        ids = self._index.ids
        had = [request.delivered for request in self._requests]
        return [len(ids) - len(one) + len(one - ids) for one in had]

    def _scored(self) -> tuple[Pairs, Floats]:
        """Return the pairs of interest and paper that may qualify, and their scores."""
        rows, columns = self._block.likely(min(self._floors, default=0.0))
        lifted_rows, lifted_columns, lifted = self._lifted()
        base = np.append(np.zeros(len(rows)), lifted)
        pairs = self._block.pairs(np.append(rows, lifted_rows), np.append(columns, lifted_columns))
        return pairs, _raised(self._block.scores(pairs), base)

    def _ranked(self, pairs: Pairs, scores: Floats) -> Found:
        """Return what reaches the floor, in order; a paper once, where it scores best."""
        floors = self._floors[self._owners[self._block.interest[pairs.queries]]]
        able = np.flatnonzero((scores >= floors) & (scores > 0))
        rows, columns = self._block.interest[pairs.queries[able]], pairs.columns[able]
        found = Found(self._owners[rows], able, rows, columns, scores[able])
        if self._mixed:
            found = found.at(np.lexsort((rows, columns, found.owners)))
        # The scores of a request lie within 1, and equal ones keep the order of the columns.
        found = found.at(np.argsort(2 * found.owners - found.scores, kind="stable"))
        if self._mixed:
            found = found.at(_first(found.owners * len(self._index.papers) + found.columns))
        return found

    def _fresh(self, found: Found) -> Found:
        """Return what was not delivered before."""
        delivered = [request.delivered for request in self._requests]
        ids = map(self._ids.__getitem__, found.columns.tolist())
        had = map(delivered.__getitem__, found.owners.tolist())
        return found.at(~np.fromiter(map(contains, had, ids), dtype=bool, count=len(found.owners)))

    def _chosen(self, found: Found) -> Integers:
        """Return the places of the papers that each request gets, in their order."""
        starts = np.searchsorted(found.owners, np.arange(len(self._requests) + 1))
        sizes = np.array([request.size for request in self._requests], dtype=np.int64)
        within = np.arange(len(found.owners)) - starts[found.owners] < sizes[found.owners]
        entangled = self._several.copy()
        entangled[found.owners[np.isin(found.columns, list(self._index.twins))]] = True
        places = [np.flatnonzero(within & ~entangled[found.owners])]
        for number in np.flatnonzero(entangled).tolist():
            span = slice(*starts[number : number + 2])
            columns, rows = found.columns[span].tolist(), found.rows[span].tolist()
            seated = self._seated(number, rows, _without_twins(columns, self._index.twins))
            places.append(np.array(seated, dtype=np.int64) + span.start)
        chosen = np.concatenate(places)
        return chosen[np.argsort(found.owners[chosen], kind="stable")]

    def _seated(self, number: int, rows: Sequence[int], places: Sequence[int]) -> list[int]:
        """Return those of a request's papers that get a seat, by interest, the interest with the
        best paper first."""
        wanted = [rows[place] for place in places]
        span = range(*self._starts[number : number + 2])
        weights = {row: self._interests[row].weight for row in span}
        seats = quota.share(wanted, weights, self._requests[number].size)
        chosen = [places[seat] for seat in seats]
        order = dict.fromkeys(rows[place] for place in chosen)
        return [place for row in order for place in chosen if rows[place] == row]

    def _lifted(self) -> tuple[Integers, Integers, Floats]:
        """Return the pairs that match for other reasons than their words, and what for."""
        lifts = list(map(self._lift, self._special))
        counts = [len(columns) for columns, _ in lifts]
        rows = np.array(list(self._special), dtype=np.int64)
        bases = np.array([base for _, base in lifts], dtype=np.float64)
        columns = np.concatenate([_NONE, *(columns for columns, _ in lifts)])
        return np.repeat(rows, counts), columns, np.repeat(bases, counts)

    def _lift(self, row: int) -> tuple[Integers, float]:
        interest, held = self._interests[row], self._index.conditions
        enough = max(FLOOR, float(self._floors[self._owners[row]]))
        if interest.authors:
            return held.written_by(interest), FOLLOWED
        if interest.text.strip() or interest.keywords:
            return _NONE, 0
        if interest.must:
            return np.flatnonzero(held.suffices(interest)), enough
        return np.flatnonzero(held.suffices(interest) & ~self._block.akin(row)), enough

    def _nearest(self, numbers: Sequence[int]) -> dict[int, Match]:
        """Return for these requests the paper that comes closest, if any does."""
        if not numbers:
            return {}
        likely = list(map(self._near, numbers))
        rows = np.concatenate([_NONE, *(rows for rows, _ in likely)])
        columns = np.concatenate([_NONE, *(columns for _, columns in likely)])
        pairs = self._block.pairs(rows, columns)
        scores = self._block.scores(pairs)
        places = np.lexsort((-scores, self._owners[rows]))
        places = places[scores[places] > 0]
        found = Found(self._owners[rows], np.arange(len(rows)), rows, columns, scores).at(places)
        found = found.at(_first(found.owners))
        return dict(zip(found.owners.tolist(), self._matches(pairs, found), strict=True))

    @cached_property
    def _potential(self) -> Halves:
        return self._block.potential

    def _near(self, number: int, most: int = LIKELY) -> tuple[Integers, Integers]:
        """Return the pairs of a request that come closest by BM25 alone, best first."""
        first, after = self._starts[number : number + 2]
        raw = self._potential[first:after].copy()
        known = self._index.ids & self._requests[number].delivered
        raw[:, [self._index.column[id] for id in known]] = 0
        best = np.argsort(-raw, axis=None, kind="stable")[:most]
        rows, columns = np.divmod(best[raw.ravel()[best] > 0], max(1, raw.shape[1]))
        return rows + first, columns

    def _matches(self, pairs: Pairs, found: Found) -> list[Match]:
        if self._listed:  # what brought a paper may be one topic; the reason tells of all
            pairs = self._block.pairs(found.rows, found.columns)
            found = found._replace(pairs=np.arange(len(found.rows)))
        terms = self._block.terms(pairs)
        rows, columns = found.rows.tolist(), found.columns.tolist()
        wordings = self._index.wordings
        said = map(terms.__getitem__, found.pairs.tolist())
        reasons = [wordings[column][one] for column, one in zip(columns, said, strict=True)]
        for at in [at for at, row in enumerate(rows) if row in self._special]:
            reasons[at] = self._standing(self._interests[rows[at]], columns[at]) + reasons[at]
        taught = [at for at, row in enumerate(rows) if self._interests[row].examples]
        for row, places in groupby(taught, rows.__getitem__):
            some = list(places)
            named = alike.told(
                self._index,
                self._interests[row],
                [columns[at] for at in some],
                [reasons[at] for at in some],
            )
            for at, told in zip(some, named, strict=True):
                reasons[at] = told
        return made(
            Match,
            len(rows),
            map(self._index.papers.__getitem__, columns),
            map(self._names.__getitem__, rows),
            found.scores.tolist(),
            reasons,
            repeat(None),
            repeat(()),
        )

    def _with_twins(self, matches: list[Match], chosen: Found) -> list[Match]:
        """Return the matches, each with its near-twins that got no card of their own."""
        twins = self._index.twins
        for at in np.flatnonzero(np.isin(chosen.columns, list(twins))).tolist():
            own = set(chosen.columns[chosen.owners == chosen.owners[at]].tolist())
            row, column = chosen.rows[at], int(chosen.columns[at])
            also = [one for one in sorted(twins[column] - own) if self._potential[row, one] > 0]
            papers = tuple(self._index.papers[one] for one in also)
            matches[at] = replace(matches[at], also=papers)
        return matches

    def _extras(self, number: int, close: set[int], selection: Selection) -> Iterator[Match]:
        """Yield what stands in the slots of a request; ``close`` are its papers above the floor."""
        index, request = self._index, self._requests[number]
        nearest = (selection.near_miss,) if selection.near_miss else ()
        sent = [index.column[one.paper.id] for one in (*selection.matches, *nearest)]
        barred = {index.column[id] for id in index.ids & request.delivered}.union(sent)
        barred.update(twin for column in sent for twin in index.twins.get(column, ()))
        for interest in request.profile.interests:
            barred.update(np.flatnonzero(index.conditions.excluded(interest)).tolist())
        if Slot.EXPLORE in request.slots:
            for one in self._explored(number, barred | close, sent):
                barred.add(index.column[one.paper.id])
                yield one
        column = extra.most_read(index, barred) if Slot.MOST_READ in request.slots else None
        if column is not None:
            rows = np.arange(*self._starts[number : number + 2])
            nearest_to = int(self._potential[rows, column].argmax())
            one = self._match(rows, np.full(len(rows), column), nearest_to)
            yield replace(one, slot=Slot.MOST_READ, reasons=())

    def _explored(self, number: int, barred: set[int], sent: Sequence[int]) -> Iterator[Match]:
        """Yield a paper near but below the floor of a request, if there is one."""
        rows, columns = self._near(number, LIKELY + len(barred))
        scores = self._block.scores(self._block.pairs(rows, columns))
        floor = self._floors[number]
        best = np.argsort(-scores, kind="stable").tolist()
        fit = {
            int(columns[at]): at
            for at in reversed(best)
            if extra.NEAR * floor <= scores[at] < floor
        }
        able = [one for one in sorted(fit, key=lambda one: -scores[fit[one]]) if one not in barred]
        if runners_up := able[: extra.RUNNERS_UP]:
            column = runners_up[extra.most_different(self._index, runners_up, sent)]
            yield replace(self._match(rows, columns, fit[column]), slot=Slot.EXPLORE)

    def _match(self, rows: Integers, columns: Integers, at: int) -> Match:
        """Return one of some pairs as a match."""
        one = np.array([at])
        pairs = self._block.pairs(rows[one], columns[one])
        scores = self._block.scores(pairs)
        found = Found(self._owners[rows[one]], np.array([0]), rows[one], columns[one], scores)
        return self._matches(pairs, found)[0]

    def _standing(self, interest: Interest, column: int) -> tuple[Reason, ...]:
        """Return the reasons other than words: a followed author, a category alone."""
        name = self._index.conditions.written(interest.authors).get(column)
        if name:
            return (Reason(kind=ReasonKind.AUTHOR, words=(name,)),)
        if interest.text.strip() or interest.keywords or interest.must:
            return ()
        place = conditions.category(self._index.papers[column], interest.categories)
        return (Reason(kind=ReasonKind.CATEGORY, words=(place,)),) if place else ()


def _raised(scores: Floats, base: Floats) -> Floats:
    """Return the scores, which what matches for other reasons than its words starts above."""
    followed = base + (1 - FOLLOWED) * scores
    raised: Floats = np.where(base == FOLLOWED, followed, np.maximum(base, scores))
    return raised


def _first(keys: Integers) -> Integers:
    """Return where each key stands first, in their order."""
    return np.sort(np.unique(keys, return_index=True)[1])


def _without_twins(columns: Sequence[int], twins: Mapping[int, frozenset[int]]) -> list[int]:
    """Return the places of the papers that have no better twin."""
    kept: list[int] = []
    better: set[int] = set()
    for place, column in enumerate(columns):
        if better.isdisjoint(twins.get(column, ())):
            kept.append(place)
            better.add(column)
    return kept
