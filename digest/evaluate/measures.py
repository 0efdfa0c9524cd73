"""How good rankings are, and how sure we are of it.

Mean reciprocal rank of the first right paper; hit@k, the share of cases with any right paper among
the first k; nDCG@10 with binary gains (Järvelin and Kekäläinen, "Cumulated gain-based evaluation
of IR techniques", ACM TOIS 2002). Means are over cases. Intervals are the middle 95 % of a thousand
bootstrap samples of readers, not of cases: one reader's weeks are no independent witnesses (Efron
and Tibshirani, "An Introduction to the Bootstrap", section 8.3).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from digest.evaluate.files import Kind
from digest.evaluate.protocol import SEED, Answer, Floats

MEASURES = ("MRR", "hit@5", "hit@10", "nDCG@10")
RESAMPLED = 1000
_MIDDLE = (2.5, 97.5)  # percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over cases and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The figures over some cases of some readers, side by side with ``MEASURES``."""

    readers: int
    cases: int
    figures: tuple[Figure, ...]


def measure(answers: Iterable[Answer], kind: Kind | None = None) -> Measured | None:
    """Return the figures, of the right papers of one ``kind`` alone if given; None of no cases."""
    ranks = [
        (answer.reader, found)
        for answer in answers
        if (found := [rank for rank, each in answer.ranks if kind in {None, each}])
    ]
    if not ranks:
        return None
    names = {reader: number for number, reader in enumerate(dict.fromkeys(r for r, _ in ranks))}
    sums = np.zeros((len(names), len(MEASURES)))
    cases = np.zeros(len(names))
    for reader, found in ranks:
        sums[names[reader]] += of_ranks(found)
        cases[names[reader]] += 1
    return Measured(readers=len(names), cases=len(ranks), figures=_figures(sums, cases))


def of_ranks(ranks: Sequence[int]) -> tuple[float, ...]:
    """Return the ``MEASURES`` of one case whose right papers came at these ranks (from 1)."""
    first = min(ranks)
    gain = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(ranks))))
    return 1 / first, float(first <= 5), float(first <= 10), gain / ideal


def _figures(sums: Floats, cases: Floats) -> tuple[Figure, ...]:
    """Return the mean of each column; rows are readers, with so many cases each."""
    readers = len(cases)
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(readers, np.full(readers, 1 / readers), size=RESAMPLED)
    means = (drawn @ sums) / (drawn @ cases)[:, np.newaxis]
    low, high = np.percentile(means, _MIDDLE, axis=0)
    values = sums.sum(axis=0) / cases.sum()
    columns = zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    return tuple(Figure(value=value, low=a, high=b) for value, a, b in columns)
