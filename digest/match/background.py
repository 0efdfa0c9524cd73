"""What is usual in papers: how rare each term is, how long a paper is, what acronyms mean."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rank_bm25 import BM25Okapi

from digest.match import acronym, likeness, meaning
from digest.match.acronym import Acronyms
from digest.match.likeness import Usage
from digest.match.meaning import Encode, Meaning
from digest.match.text import plain
from digest.model import Paper

TITLE_WEIGHT = 3  # a title is read as if it stood there three times
ENOUGH = 200  # papers; with fewer, every word looks either rare or common


class _Okapi(BM25Okapi):  # type: ignore[misc]  # rank_bm25 has no types
    """``BM25Okapi`` with statistics from elsewhere; its own ``_calc_idf`` makes the idf."""

    def __init__(self, papers: int, average_length: float, frequencies: Mapping[str, int]) -> None:
        self._statistics = papers, average_length, frequencies
        super().__init__(())

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> Mapping[str, int]:
        self.corpus_size, self.avgdl, frequencies = self._statistics
        return frequencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a long rolling window teaches: how rare each term is, how long papers are, and which
    acronyms stand for what. ``idf`` is rank-bm25's, with its floor for terms in more than half of
    the papers; ``unseen`` is that of a term in none; ``common`` are the terms with that floor.
    Lengths count terms; ``usage`` is of words as written, ``meaning`` what a model of embeddings
    makes of the papers, if there is one."""

    papers: int
    average_length: float
    idf: Mapping[str, float]
    unseen: float
    common: frozenset[str]
    acronyms: Acronyms
    usage: Usage
    meaning: Meaning | None = None
    k1: float = 1.5
    b: float = 0.75

    def idf_of(self, term: str) -> float:
        """Return how telling a term is (natural logarithm, 0.5 smoothing)."""
        return self.idf.get(term, self.unseen)


def _terms(text: str, acronyms: Acronyms) -> list[str]:
    said, found = plain(text)
    return [*found, *acronyms.terms(said)]


def terms(paper: Paper, acronyms: Acronyms) -> list[str]:
    """Return the terms of a paper as rank-bm25 would take them, those of the title thrice."""
    title = _terms(paper.readable_title, acronyms)
    return title * TITLE_WEIGHT + _terms(paper.readable_abstract, acronyms)


def study(
    papers: Iterable[Paper], *, enough: int = ENOUGH, encode: Encode | None = None
) -> Background:
    """Return the statistics of a long rolling window (some thousand papers), and what a model of
    embeddings makes of it, if there is one (``encode``).

    Fewer than ``enough`` papers are taken as a sample of ``enough``, the others of which say
    nothing known: on the first day of an installation a word in both of two papers would
    otherwise be a word of all papers.
    """
    read = tuple(papers)
    acronyms = acronym.learn(paper.readable_abstract for paper in read)
    frequencies: Counter[str] = Counter()
    length = 0
    keys = []
    for paper in read:
        said = terms(paper, acronyms)
        length += len(said)
        frequencies.update(set(said))
        keys.append(likeness.keys(paper.readable_title, paper.readable_abstract))
    usage = likeness.study(keys, enough)
    background = _background(len(read), length, frequencies, acronyms, usage, enough)
    return replace(background, meaning=meaning.study(read, encode))


def _background(
    papers: int,
    length: int,
    frequencies: Mapping[str, int],
    acronyms: Acronyms,
    usage: Usage,
    enough: int,
) -> Background:
    size = max(papers, enough, 1)
    average = length / papers if length else 1.0
    okapi = _Okapi(size, average, frequencies or {"": 0})
    return Background(
        papers=papers,
        average_length=average,
        idf=okapi.idf,
        unseen=math.log(size + 0.5) - math.log(0.5),
        common=frozenset(term for term, count in frequencies.items() if 2 * count > size),
        acronyms=acronyms,
        usage=usage,
        k1=okapi.k1,
        b=okapi.b,
    )
