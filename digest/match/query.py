"""Interest → query: what a reader wrote, as weighted terms.

A wish is cut into *clues*. A clue is one thing asked for: a telling word, a hyphened or quoted
phrase, a keyword, an acronym with all its spellings. A paper is measured by how many of the clues
it says and how telling they are. A long text is not punished for its length: of many clues only
few are needed (``PROSE``); of several keywords, one is nearly enough (``LISTED``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from digest.match.rank import Index
from digest.match.text import Kind, Place, Word, compound, neighbours, pairs, places, singles, words
from digest.model import Interest

PARTS = 0.35  # what the words of a phrase are worth beside the phrase itself, together
NEAR = 0.5  # two words of prose that stand side by side in the paper too
PROSE = 0.8  # each further clue of a text is needed a little less than the one before it
LISTED = 0.5  # each further keyword is needed half as much as the one before it
FULL = 0.65  # of the BM25 a term can reach: said in the title, or three times in the abstract
SUBJECT = 1.5  # words of prose that an acronym stands for
HINT = 0.05  # and a word of a phrase that is not said whole
PLAIN = 1.1  # idf of a word in a quarter of all papers: plain, as worn words are
BREADTH = 3  # clues that a paper should say when a text has as many or more

_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]")
_UNWANTED = re.compile(
    r"\b(?:but not|not about|no interest in|nothing (?:on|about)|except(?: for)?|excluding)\b"
    r"[^.;!?]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing asked for: the terms that say it, the words it is made of, and what it makes
    together with the clue before it (``protein folding``). ``worth`` is how many words of prose
    it stands for; a ``listed`` one is a keyword or quoted, and enough by itself."""

    terms: tuple[str, ...]
    parts: tuple[str, ...] = ()
    near: str = ""
    worth: float = 1.0
    listed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Weighted terms, and what a paper must reach with them.

    ``need`` is the BM25 score of a paper that says all that was asked for, 0 when nothing was.
    ``telling`` are the terms that say a clue, and how many clues each says; the other terms only
    lend support, ``parts`` of them as words of a phrase. ``breadth`` is how many clues should be
    said; ``broad`` tells of a text with so many that one of them alone means nothing.
    """

    weights: Mapping[str, float]
    need: float
    telling: Mapping[str, float]
    parts: frozenset[str]
    breadth: float
    broad: bool


def ask(interest: Interest, index: Index) -> Query:
    """Return what an interest asks for, given what the index knows of words."""
    clues = _distinct(_clues(interest, index), index.background.common)
    clues = clues or _distinct(_worn(interest), frozenset())
    prose = [clue for clue in clues if not clue.listed]
    return Query(
        weights=_weights(clues, index),
        need=_need(clues, prose, index),
        telling=_telling(clues),
        parts=frozenset(part for clue in clues for part in clue.parts) - _said(clues),
        breadth=max(1, min(len(prose), BREADTH)),
        broad=len(prose) > BREADTH,
    )


def keywords(interest: Interest) -> tuple[str, ...]:
    """Return the keywords; the conditions of an interest that says nothing else are its words."""
    if interest.keywords or interest.text.strip():
        return interest.keywords
    return tuple(word for wish in interest.must for word in wish.split("|"))


def _clues(interest: Interest, index: Index) -> Iterator[Clue]:
    text = _UNWANTED.sub(" ", interest.text)
    yield from _prose(_QUOTED.sub(" . ", text), index)
    for phrase in (*_QUOTED.findall(text), *keywords(interest)):
        yield replace(_phrase(phrase, index), listed=True)


def _distinct(clues: Iterable[Clue], common: frozenset[str]) -> list[Clue]:
    """Return each clue once; without what more than half of all papers say."""
    told = {clue.terms: clue for clue in clues if not common.issuperset(clue.terms)}
    return list(told.values())


def _worn(interest: Interest) -> Iterator[Clue]:
    """Yield the words of a wish that says nothing telling."""
    for term in singles(words(" . ".join((interest.text, *keywords(interest))))):
        yield Clue((term,), listed=True)


@lru_cache(maxsize=1 << 14)
def _placed(text: str) -> tuple[Place, ...]:
    """Return the words of a reader's text, which is read again for every issue."""
    return tuple(places(text))


def _prose(text: str, index: Index) -> Iterator[Clue]:
    said = _placed(text)
    start = 0
    before: Word | None = None  # the word just read, if it was a clue of its own
    while start < len(said):
        clue, width = _next(said, start, text, index)
        here = said[start].word if width == 1 else None
        if here and before and neighbours(before, here):
            clue = replace(clue, near=compound(before, here))
        yield clue
        before = here
        start += width


def _next(said: Sequence[Place], start: int, text: str, index: Index) -> tuple[Clue, int]:
    """Return the clue that begins at ``start`` and how many words it takes."""
    here = said[start].word
    known = index.acronyms
    if short := known.meant(here):
        return _spelt(short, index), 1
    if phrase := known.at([place.word.stem for place in said[start : start + 9]], 0):
        return _spelt(known.spelt[phrase], index), len(phrase)
    if start + 1 < len(said) and _one(said[start], said[start + 1], text, index):
        after = said[start + 1].word
        return Clue((compound(here, after),), (here.stem, after.stem)), 2
    return Clue((here.stem,) if here.kind is Kind.TELLING else ()), 1


def _spelt(acronym: str, index: Index) -> Clue:
    parts = (acronym.casefold(), *index.acronyms.spelling[acronym])
    return Clue((acronym,), parts, worth=SUBJECT)


def _one(first: Place, second: Place, text: str, index: Index) -> bool:
    """Tell whether two words are one thing: hyphened, or both plain (``code generation``)."""
    hyphened = text[first.end : second.start] in {"-", "‐", "‑"}
    plain = _plain(first.word, index) and _plain(second.word, index)
    return (hyphened or plain) and neighbours(first.word, second.word)


def _plain(said: Word, index: Index) -> bool:
    return said.kind is Kind.WORN or index.background.idf_of(said.stem) < PLAIN


def _phrase(text: str, index: Index) -> Clue:
    """Return one clue for a keyword or quoted phrase, in which acronyms keep their meaning."""
    said = words(text)
    if short := index.acronyms.whole(said):
        return _spelt(short, index)
    inside = dict.fromkeys(filter(None, map(index.acronyms.meant, said)))
    inside.update(dict.fromkeys(index.acronyms.terms(said)))
    joined = pairs(said)
    alone = singles(said)
    if inside:
        return Clue(tuple(dict.fromkeys((*inside, *alone, *joined))))
    return Clue(tuple(joined), tuple(alone)) if joined else Clue(tuple(alone))


def _idf(terms: Sequence[str], index: Index) -> float:
    return sum(map(index.background.idf_of, terms)) / max(1, len(terms))


def _need(clues: Sequence[Clue], prose: Sequence[Clue], index: Index) -> float:
    listed = [clue for clue in clues if clue.listed]
    most = max(_sum(prose, PROSE, index), _sum(listed, LISTED, index))
    return FULL * (index.background.k1 + 1) * most


def _sum(clues: Iterable[Clue], less: float, index: Index) -> float:
    masses = sorted((_idf(clue.terms, index) for clue in clues), reverse=True)
    return sum(mass * less**place for place, mass in enumerate(masses))


def _said(clues: Iterable[Clue]) -> frozenset[str]:
    return frozenset(term for clue in clues for term in clue.terms)


def _telling(clues: Iterable[Clue]) -> dict[str, float]:
    told: dict[str, float] = {}
    for clue in clues:
        for part in clue.parts:
            told.setdefault(part, HINT)
        share = (BREADTH if clue.listed else clue.worth) / max(1, len(clue.terms))
        for term in clue.terms:
            told[term] = max(share, told.get(term, 0))
    return told


def _weights(clues: Sequence[Clue], index: Index) -> dict[str, float]:
    """Return the weight of each term; what is asked for itself counts more than as a part."""
    weights: dict[str, float] = {}
    for clue in clues:
        for term in clue.terms:
            weights[term] = 1 / len(clue.terms)
    for clue in clues:
        for part, weight in _parts(clue, index):
            weights.setdefault(part, weight)
        if clue.near:
            weights.setdefault(clue.near, NEAR)
    return weights


def _parts(clue: Clue, index: Index) -> Iterator[tuple[str, float]]:
    """Yield the words of a phrase, which together are worth a share of the phrase."""
    parts = [part for part in clue.parts if part not in index.background.common]
    total = sum(map(index.background.idf_of, parts))
    share = PARTS * _idf(clue.terms, index)
    return ((part, share / total) for part in parts if total > 0)
