"""Terms → the words of the paper, as they stand there."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from digest.match.text import fold
from digest.model import Reason, ReasonKind

MOST = 5  # words in a reason
SHARED = 128  # reasons a paper keeps, which are the same for all who asked for the same words

Span = tuple[int, int]  # text[start:end]


class Places(NamedTuple):
    """A paper's text, the places in it where something is said, and for each term (a row of an
    index) which of them is the first."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    first: Mapping[int, int]


class Wording(dict[bytes, tuple[Reason, ...]]):
    """One paper's own words for its terms: terms → reasons, found out when somebody asks.

    Terms are rows of an index, 32 bits each, most telling first. ``read`` is called once, when
    the first reason is asked for.
    """

    def __init__(self, read: Callable[[], Places]) -> None:
        super().__init__()
        self._read = cache(read)

    def __missing__(self, terms: bytes) -> tuple[Reason, ...]:
        if len(self) >= SHARED:
            self.clear()
        text, starts, ends, first = self._read()
        said_at = [first[row] for row in memoryview(terms).cast("i")]
        spans = [(starts[place], ends[place]) for place in said_at]
        words = tuple(dict.fromkeys(text[start:end] for start, end in _joined(spans)))
        said = (Reason(kind=ReasonKind.TERMS, words=_longest(words)[:MOST]),) if words else ()
        return self.setdefault(terms, said)


def _longest(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words without those that a longer phrase says again, and those said twice."""
    folded = [f" {fold(one)} ".replace("-", " ") for one in written]
    if len(set(folded)) == len(written) and not any(" " in one[1:-1] for one in folded):
        return written  # all different, and nothing but single words
    first = {said: one for said, one in zip(reversed(folded), reversed(written), strict=True)}
    return tuple(
        one
        for one, said in zip(written, folded, strict=True)
        if first[said] is one and not any(said in other and said != other for other in folded)
    )


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans with those that overlap made one, at the place of the first."""
    if all(one[1] <= other[0] for one, other in pairwise(sorted(spans))):
        return spans
    joined: list[Span] = []
    for start, end in spans:
        shared = [at for at, other in enumerate(joined) if start < other[1] and other[0] < end]
        if not shared:
            joined.append((start, end))
            continue
        parts = ((start, end), *(joined[at] for at in shared))
        joined[shared[0]] = min(part[0] for part in parts), max(part[1] for part in parts)
        joined = [one for at, one in enumerate(joined) if at not in shared[1:]]
    return joined
