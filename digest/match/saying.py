"""Where a paper says its terms: what is counted, and what is shown as the reason."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import NamedTuple

from digest.match import acronym
from digest.match.acronym import Acronyms
from digest.match.text import Kind, compounds, neighbours, places
from digest.model import Paper

_HYPHENS = frozenset("-‐‑")


class Saying(NamedTuple):
    """A term stands in ``whole(paper)[start:end]``."""

    term: str
    start: int
    end: int


def whole(paper: Paper) -> str:
    """Return title and abstract as one text."""
    return f"{paper.readable_title}\n{paper.readable_abstract}"


def sayings(paper: Paper, acronyms: Acronyms) -> Iterator[Saying]:
    """Yield every place where a paper says a term; those of the title first."""
    other = acronym.others(paper.readable_abstract, acronyms)
    known = acronyms.spelling.keys() - other if other else acronyms.spelling.keys()
    yield from _read(paper.readable_title, 0, acronyms, known)
    yield from _read(paper.readable_abstract, len(paper.readable_title) + 1, acronyms, known)


def _read(text: str, offset: int, acronyms: Acronyms, known: Collection[str]) -> Iterator[Saying]:
    said = [(word, start + offset, end + offset) for word, start, end in places(text)]
    for at, phrase in acronyms.spelt_in([word for word, _, _ in said]):
        yield Saying(acronyms.spelt[phrase], said[at][1], said[at + len(phrase) - 1][2])
    before = ""  # a name that ends in a hyphen: PBMR-DP is not about DP, CT-MRI is about both
    for word, start, end in said:
        if word.capitals in known and not (before and before not in known):
            yield Saying(word.capitals, start, end)
        before = word.capitals if text[end - offset : end - offset + 1] in _HYPHENS else ""
        if word.kind >= Kind.WORN:
            yield Saying(word.stem, start, end)
    close = [place for place in said if place[0].folded != "of"]
    joined = [(a, b) for a, b in pairwise(close) if neighbours(a[0], b[0])]
    terms = compounds([(a[0], b[0]) for a, b in joined])
    for term, (first, last) in zip(terms, joined, strict=True):
        yield Saying(term, first[1], last[2])
