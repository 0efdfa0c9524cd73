"""How many papers each interest may bring: seats by weight, largest remainder."""

import math
from collections.abc import Mapping, Sequence


def seats(weights: Sequence[float], size: int) -> list[int]:
    """Return ``size`` seats shared by weight (method of the largest remainder, the first in a
    tie); every share gets a seat while there are as many seats as shares."""
    positive = [max(weight, 0.0) for weight in weights]
    total = sum(positive) or 1.0
    ideal = [size * weight / total for weight in positive]
    given = [math.floor(share) for share in ideal]
    by_remainder = sorted(range(len(ideal)), key=lambda i: given[i] - ideal[i])
    for place in by_remainder[: size - sum(given)]:
        given[place] += 1
    return _one_each(given)


def _one_each(given: list[int]) -> list[int]:
    """Return the seats with one for those that have none, taken from those that have most."""
    while 0 in given and max(given) > 1:
        given[given.index(max(given))] -= 1
        given[given.index(0)] += 1
    return given


def share(wanted: Sequence[int], weights: Mapping[int, float], size: int) -> list[int]:
    """Return the places in ``wanted`` that get a seat, best first.

    ``wanted`` names for each paper, best first, the interest it belongs to. Seats that an
    interest cannot fill go to the best papers of the others.
    """
    present = list(dict.fromkeys(wanted))[: max(size, 0)]
    free = dict(zip(present, seats([weights[i] for i in present], size), strict=True))
    seated, others = [], []
    for place, interest in enumerate(wanted):
        if free.get(interest, 0) > 0:
            free[interest] -= 1
            seated.append(place)
        else:
            others.append(place)
    return sorted([*seated, *others[: max(0, size - len(seated))]])
