"""Terms → the words of the paper, as they stand there."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from digest.match.acronym import Acronyms
from digest.match.text import Kind, Place, fold, neighbours, places, stem
from digest.model import Paper, Reason, ReasonKind

MOST = 5  # words in a reason


class Span(NamedTuple):
    """Where a term first stands: 0 title or 1 abstract, first and last character."""

    field: int
    start: int
    end: int


class Wording:
    """One paper's own words for its terms."""

    def __init__(self, paper: Paper, acronyms: Acronyms) -> None:
        self._texts = (paper.readable_title, paper.readable_abstract)
        self._spans: dict[str, Span] = {}
        self._reasons: dict[tuple[str, ...], tuple[Reason, ...]] = {}  # many readers share them
        for field, text in enumerate(self._texts):
            said = tuple(places(text))
            for term, first, last in _terms(said, acronyms):
                self._spans.setdefault(term, Span(field, first.start, last.end))

    def reasons(self, terms: tuple[str, ...]) -> tuple[Reason, ...]:
        """Return the reason that a paper says ``terms`` (most telling first), if it says any."""
        if terms not in self._reasons:
            said = self._words(terms)
            self._reasons[terms] = (Reason(kind=ReasonKind.TERMS, words=said),) if said else ()
        return self._reasons[terms]

    def _words(self, terms: Iterable[str]) -> tuple[str, ...]:
        """Return the words for ``terms``, in their order; phrases that overlap as one, words of
        a longer phrase not again, at most ``MOST``."""
        spans = [self._spans[term] for term in terms if term in self._spans]
        written = dict.fromkeys(self._texts[s.field][s.start : s.end] for s in _joined(spans))
        folded = {one: f" {fold(one)} ".replace("-", " ") for one in written}
        whole = [
            one
            for one in written
            if not any(other != one and folded[one] in folded[other] for other in written)
        ]
        return tuple(whole[:MOST])


def _terms(said: Sequence[Place], acronyms: Acronyms) -> Iterator[tuple[str, Place, Place]]:
    """Yield the terms of a text with their first and last word."""
    for start, phrase in acronyms.spelt_in([place.word for place in said]):
        yield acronyms.spelt[phrase], said[start], said[start + len(phrase) - 1]
    for place in said:
        if place.word.capitals in acronyms.spelling:
            yield place.word.capitals, place, place
        if place.word.kind >= Kind.WORN:
            yield place.word.stem, place, place
    close = [place for place in said if place.word.folded != "of"]
    for first, last in pairwise(close):
        if neighbours(first.word, last.word):
            yield stem(first.word.folded + last.word.folded), first, last


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with those that overlap made one, at the place of the first."""
    joined: list[Span] = []
    for span in spans:
        shared = [place for place, other in enumerate(joined) if _overlap(span, other)]
        if not shared:
            joined.append(span)
            continue
        parts = (span, *(joined[place] for place in shared))
        start, end = min(part.start for part in parts), max(part.end for part in parts)
        joined[shared[0]] = Span(span.field, start, end)
        joined = [one for place, one in enumerate(joined) if place not in shared[1:]]
    return joined


def _overlap(one: Span, other: Span) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end
