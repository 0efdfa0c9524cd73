"""Two readers made one: cases of the same week whose histories have little in common."""

from collections.abc import Iterator
from typing import NamedTuple

from digest.evaluate.baselines import words
from digest.evaluate.protocol import Case, Week

UNLIKE = 0.15  # Jaccard overlap of the words of past titles; readers of one subject have more


class Pair(NamedTuple):
    """Two cases of a week, and what both knew: neither is shown it."""

    first: Case
    second: Case

    @property
    def known(self) -> frozenset[str]:
        """The ids of all papers that either knew."""
        return self.first.known | self.second.known


def pairs(week: Week) -> Iterator[Pair]:
    """Yield pairs of unlike readers, each reader in one at most: in the order of the cases, each
    with the least like of the rest."""
    rest = list(week.cases)
    while len(rest) > 1:
        first = rest.pop(0)
        likeness, place = min((_overlap(first, one), at) for at, one in enumerate(rest))
        if likeness <= UNLIKE:
            pair = Pair(first, rest.pop(place))
            if pair.known.isdisjoint({*pair.first.right, *pair.second.right}):
                yield pair


def _overlap(one: Case, other: Case) -> float:
    first, second = _said(one), _said(other)
    return len(first & second) / max(1, len(first | second))


def _said(case: Case) -> frozenset[str]:
    return frozenset(word for paper in case.history for word in words(paper.title))
