"""Examples and votes → words: what liked papers say is a reason, what disliked ones say a loss.

This is Rocchio's relevance feedback (Manning, Raghavan and Schütze, "Introduction to Information
Retrieval", section 9.1.1) on BM25-weighted terms, within one interest and never across: the most
telling terms of the liked examples join the query with modest weight (none where nothing was
typed: then papers gain by their ``likeness`` alone), and those that only disliked ones say count
against the papers that say them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from digest.match.background import TITLE_WEIGHT
from digest.match.query import FULL, Ground
from digest.match.text import Kind, pairs, words
from digest.model import Example, Interest, VoteKind

TELLING = 2.5  # idf of a term in 8 % of all papers: more common ones teach nothing
TERMS = 20  # learnt from all liked examples of an interest, and as many from the disliked ones
LIKED = 1.2  # times what is needed: a paper that says all these terms; most say a few
DISLIKED = 1.8  # times what is needed: lost by a paper that says all the disliked terms
SURE = 9  # examples: one is a hint, nine tell three times as much, more tell no more
TWICE = math.log(4)  # below the idf of an unseen term: said by two papers or more

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Vector = Mapping[str, float]


class Learnt(NamedTuple):
    """Rows of an index and, side by side, what a paper gains or loses by a unit of their BM25, as
    a share of what is needed."""

    rows: Integers
    weights: Floats
    shares: Floats


class Lesson(NamedTuple):
    """What the examples of an interest teach; ``likes`` if any of them are liked."""

    liked: Learnt
    disliked: Learnt
    likes: bool


def read(example: Example, ground: Ground) -> Vector:
    """Return the telling terms of an example with their tf · idf, as a vector of unit length; the
    title counts as often as in a paper."""
    counts = Counter(dict.fromkeys(_terms(example.title, ground), TITLE_WEIGHT - 1))
    counts.update(_terms(f"{example.title} . {example.text}", ground))
    known = ground.background
    weighed = {
        term: known.idf_of(term) * count * (known.k1 + 1) / (count + known.k1)
        for term, count in counts.items()
        if TELLING <= known.idf_of(term) <= known.unseen - TWICE
    }
    length = math.sqrt(sum(weight * weight for weight in weighed.values()))
    return {term: weight / length for term, weight in weighed.items()}


def learn(
    interest: Interest,
    typed: Collection[str],
    rows: Mapping[str, int],
    ground: Ground,
    said: Callable[[Example], Vector],
) -> Lesson:
    """Return what the examples of an interest teach beside the words that were ``typed``.

    ``rows`` leads from the terms of a window to its rows; ``said`` is ``read``, remembered.
    """
    liked = [one for one in interest.examples if one.kind is VoteKind.MORE]
    disliked = [one for one in interest.examples if one.kind is VoteKind.LESS]
    good = list(map(said, liked)) if typed or disliked else []
    bad = list(map(said, disliked))
    praise, blame = _mean(good), _mean(bad)
    best = _best(praise, blame, typed, rows) if typed else {}
    return Lesson(
        liked=_learnt(best, good, LIKED, rows, ground),
        disliked=_learnt(_best(blame, praise, typed, rows), bad, DISLIKED, rows, ground),
        likes=bool(liked),
    )


def _terms(text: str, ground: Ground) -> list[str]:
    said = words(text)
    alone = [one.stem for one in said if one.kind is Kind.TELLING]
    return alone + pairs(said) + ground.acronyms.terms(said)


def _mean(vectors: Sequence[Vector]) -> Vector:
    """Return the mean of the vectors; a term that few of them have counts less."""
    total: defaultdict[str, float] = defaultdict(float)
    for vector in vectors:
        for term, weight in vector.items():
            total[term] += weight
    times = Counter(term for vector in vectors for term in vector)
    return {term: weight * times[term] / len(vectors) ** 2 for term, weight in total.items()}


def _best(mass: Vector, against: Vector, typed: Collection[str], rows: Collection[str]) -> Vector:
    """Return the weightiest terms of a window that were not typed, less what speaks against."""
    rest = {
        term: weight - against.get(term, 0.0)
        for term, weight in mass.items()
        if term in rows and term not in typed
    }
    ranked = sorted(rest.items(), key=lambda one: (-one[1], one[0]))
    return {term: weight for term, weight in ranked[:TERMS] if weight > 0}


def _learnt(
    mass: Mapping[str, float],
    examples: Sequence[Vector],
    worth: float,
    rows: Mapping[str, int],
    ground: Ground,
) -> Learnt:
    """Return the terms, together worth so much to a paper that says them all in full."""
    worth *= math.sqrt(min(SURE, len(examples)))
    total = sum(mass.values())
    share = np.array([weight / total for weight in mass.values()], dtype=np.float64)
    full = [FULL * (ground.background.k1 + 1) * ground.background.idf_of(term) for term in mass]
    return Learnt(
        rows=np.array([rows[term] for term in mass], dtype=np.int64),
        weights=worth * share / np.array(full, dtype=np.float64),
        shares=share,
    )
