"""How like examples a window's papers are, seen in one way, against what is usual for each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from digest.model import Example

BELIEVED = 0.7  # of the correction for hubs; 0 leaves the cosine, 1 makes it a standard score
PRIOR = 20  # papers: with so few in the background, what is usual is half a guess
SAME = 0.999  # cosine: the background holds the paper itself
REMEMBERED = 1 << 24  # cosines of examples with papers: 64 MB

Halves = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Usual(NamedTuple):
    """Mean and deviation of a vector's cosines with the background, one of each a vector."""

    mean: Halves
    deviation: Halves

    def corrected(self, cosines: Halves) -> Halves:
        """Return cosines with these vectors (groups × vectors) in deviations above the usual, of
        which ``BELIEVED`` is each vector's own, and the rest that of all."""
        if not len(self.mean):
            return cosines
        unit = self.deviation**BELIEVED * self.deviation.mean() ** (1 - BELIEVED)
        rest = (1 - BELIEVED) * self.mean.mean() / self.deviation.mean()
        corrected: Halves = ((cosines - BELIEVED * self.mean) / unit - rest).astype(np.float32)
        return corrected


def usual(cosines: Halves, *, mean: float, deviation: float) -> Usual:
    """Return what is usual for vectors from their cosines with the background (vectors × papers),
    where ``mean`` and ``deviation`` are typical of any."""
    other = cosines < SAME
    count = other.sum(axis=1) + PRIOR
    kept = np.where(other, cosines, 0)
    means = (kept.sum(axis=1) + PRIOR * mean) / count
    square = (np.square(kept).sum(axis=1) + PRIOR * (mean**2 + deviation**2)) / count
    return Usual(means, np.sqrt(square - means**2))


class Sight:
    """A window in one way: what is ``usual`` for each paper, and the cosines of examples with all
    papers, remembered because many readers share some. ``see`` finds them (examples × papers)."""

    def __init__(self, usual: Usual, see: Callable[[Sequence[Example]], Halves]) -> None:
        self.usual = usual
        self._see = see
        self._seen: dict[Example, Halves] = {}

    def read(self, examples: Iterable[Example]) -> Mapping[Example, Halves]:
        """Return the cosines of examples with each paper."""
        full = len(self._seen) * len(self.usual.mean) >= REMEMBERED
        seen = {} if full else self._seen
        wanted = [one for one in dict.fromkeys(examples) if one not in seen]
        if wanted:
            seen.update(zip(wanted, self._see(wanted), strict=True))
        self._seen = seen
        return seen

    def likeness(self, examples: Sequence[Sequence[Example]]) -> tuple[Halves, Mask]:
        """Return the mean likeness of each paper to each group of examples, and which groups have
        any that something can be said of: to the others the likeness is 0."""
        known = self.read({one for group in examples for one in group})
        mean = np.zeros((len(examples), len(self.usual.mean)), dtype=np.float32)
        for row, group in enumerate(examples):
            if cosines := [known[one] for one in group if known[one].any()]:
                mean[row] = np.mean(cosines, axis=0)
        told: Mask = np.asarray(mean.any(axis=1))
        likeness = self.usual.corrected(mean)
        likeness[~told] = 0
        return likeness, told
