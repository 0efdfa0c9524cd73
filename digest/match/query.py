"""Interest → query: what a reader wrote, as weighted terms.

A wish is cut into *clues*. A clue is one thing asked for: a telling word, a hyphened or quoted
phrase, a keyword, an acronym with all its spellings. A paper is measured by how many of the clues
it says and how telling they are. A long text is not punished for its length: of many clues only
few are needed (``PROSE``); of several keywords, one is nearly enough (``LISTED``).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from digest.match.acronym import Acronyms
from digest.match.background import Background
from digest.match.lexicon import WORN
from digest.match.text import (
    Kind,
    Place,
    Word,
    compound,
    neighbours,
    pairs,
    places,
    singles,
    stem,
    words,
)
from digest.model import Interest

PARTS = 0.35  # what the words of a phrase are worth beside the phrase itself, together
NEAR = 0.5  # two words of prose that stand side by side in the paper too
PROSE = 0.8  # each further clue of a text is needed a little less than the one before it
LISTED = 0.5  # each further keyword is needed half as much as the one before it
FULL = 0.65  # of the BM25 a term can reach: said in the title, or three times in the abstract
SUBJECT = 1.5  # words of prose that an acronym stands for
HINT = 0.05  # and a word of a phrase that is not said whole
PLAIN = 1.1  # idf of a word in a quarter of all papers: plain, as worn words are
BRIEF = 4  # words that are no sentence yet
BESIDE = 0.5  # of a clue: a worn word beside the only telling one of a topic
OTHERS = 2.0  # times what a topic needs is asked of it at most, because the others are rarer
BREADTH = 3  # clues that a paper should say when a text has as many or more

_WORN = frozenset(map(stem, WORN))
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]")
_COMMA = re.compile(r"[,;\n]")
_BETWEEN = re.compile(r"[,;\n]|\b(?:and|or)\b")
_UNWANTED = re.compile(
    r"\b(?:but not|not about|no interest in|nothing (?:on|about)|except(?: for)?|excluding)\b"
    r"[^.;!?]*",
    re.IGNORECASE,
)


class Clue(NamedTuple):
    """One thing asked for: the terms that say it, the words it is made of, and what it makes
    together with the word before it (``protein folding``). ``worth`` is how many words of prose
    it stands for; a ``listed`` one is a keyword or quoted, and enough by itself."""

    terms: tuple[str, ...]
    parts: tuple[str, ...] = ()
    near: str = ""
    worth: float = 1.0
    listed: bool = False


class Fact(NamedTuple):
    """What is known of a word: the clue that it is alone, whether it is an acronym, and whether it
    is too plain to mean much without company."""

    alone: Clue
    acronym: bool
    plain: bool


class Ground:
    """What is known of words before anything is asked."""

    def __init__(self, acronyms: Acronyms, background: Background) -> None:
        self.acronyms = acronyms
        self.background = background
        self._facts: dict[Word, Fact] = {}

    def fact(self, said: Word) -> Fact:
        """Return what is known of a word; found out when somebody first says it."""
        known = self._facts.get(said)
        if known is None:
            known = self._facts[said] = self._fact(said)
        return known

    def _fact(self, said: Word) -> Fact:
        plain = said.kind is Kind.WORN or self.background.idf_of(said.stem) < PLAIN
        if short := self.acronyms.meant(said):
            return Fact(self.spelt(short), True, plain)
        return Fact(Clue((said.stem,) if said.kind is Kind.TELLING else ()), False, plain)

    def spelt(self, acronym: str) -> Clue:
        """Return the clue of an acronym, however it is written."""
        parts = (acronym.casefold(), *self.acronyms.spelling[acronym])
        return Clue((acronym,), parts, worth=SUBJECT)


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


def ask(interest: Interest, ground: Ground) -> Query:
    """Return what an interest asks for, given what is known of words."""
    read = list(_clues(interest, ground))
    told = [clue for clue in read if not _empty(clue.terms, ground)]
    clues = _distinct(told, ground.background.common) or _distinct(told, frozenset())
    clues = clues or _distinct(_worn(interest, ground), frozenset())
    prose = [clue for clue in clues if not clue.listed]
    listed = [clue for clue in clues if clue.listed]
    if len(prose) == 1 and not listed and _near(read):
        return _lone(prose[0], read, ground)
    most = max(_sum(prose, PROSE, ground), _sum(listed, LISTED, ground))
    return _query(clues, read, most, ground)


def topics(interest: Interest, ground: Ground) -> Iterator[Query]:
    """Yield what each topic of a list asks for (``protein structure, molecules``): any of them is
    enough, and it need not be said in just these words.

    A topic is needed as if it were as telling as the others are on average, but at most
    ``OTHERS`` times as much as alone: what is said everywhere must be said well to count.
    """
    asked = list(_topics(interest, ground))
    mean = sum(one.need for one in asked) / max(1, len(asked))
    for one in asked:
        yield replace(one, need=max(one.need, min(mean, OTHERS * one.need)))


def _topics(interest: Interest, ground: Ground) -> Iterator[Query]:
    """Yield the topics of a list, each as if it were alone."""
    for phrase in _list(_QUOTED.sub(" . ", _wanted(interest))):
        read = list(_prose(phrase, ground))
        clues = _distinct(read, ground.background.common)
        if len(clues) == 1:
            yield _lone(clues[0], read, ground)
        elif clues:
            several = _query(clues, read, _sum(clues, PROSE, ground), ground)
            yield replace(several, breadth=1 + PROSE * (several.breadth - 1))


def _lone(clue: Clue, read: Sequence[Clue], ground: Ground) -> Query:
    """Return what a topic of one telling word asks for.

    It is needed as if it had a second one, equally telling: the title says it, or the abstract
    more than once. A worn word beside it (``materials design``, ``video generation``) is half a
    clue that only the whole phrase says.
    """
    lone = _query([clue], read, (1 + PROSE) * _idf(clue.terms, ground), ground)
    worn = {near for near in _near(read) if near not in lone.telling}
    said = {**lone.telling, **dict.fromkeys(worn, 1 + BESIDE)}
    return replace(lone, telling=said, breadth=1 + BESIDE) if worn else lone


def _query(clues: Sequence[Clue], read: Sequence[Clue], most: float, ground: Ground) -> Query:
    prose = [clue for clue in clues if not clue.listed]
    return Query(
        weights=_weights(clues, _near(read), ground),
        need=FULL * (ground.background.k1 + 1) * most,
        telling=_telling(clues),
        parts=frozenset(part for clue in clues for part in clue.parts) - _said(clues),
        breadth=max(1, min(len(prose), BREADTH)),
        broad=len(prose) > BREADTH,
    )


def _near(read: Sequence[Clue]) -> list[str]:
    return [clue.near for clue in read if clue.near]


def keywords(interest: Interest) -> tuple[str, ...]:
    """Return the keywords; the conditions of an interest that says nothing else are its words."""
    if interest.keywords or interest.text.strip():
        return interest.keywords
    return tuple(word for wish in interest.must for word in wish.split("|"))


def _clues(interest: Interest, ground: Ground) -> Iterator[Clue]:
    text = _wanted(interest)
    prose = _QUOTED.sub(" . ", text)
    listed = _list(prose)
    if not listed:
        yield from _prose(prose, ground)
    for phrase in (*listed, *_QUOTED.findall(text), *keywords(interest)):
        yield _phrase(phrase, ground)._replace(listed=True)


def _wanted(interest: Interest) -> str:
    return _UNWANTED.sub(" ", interest.text)


def _list(text: str) -> list[str]:
    """Return the subjects of a text that only lists them (``radar, rain and hail``); without a
    comma only phrases are subjects of their own (``voice cloning and text to speech``, but not
    ``vision and language``)."""
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    sizes = {len(part.split()) for part in parts}
    least = 1 if _COMMA.search(text) else 2
    return parts if len(parts) > 1 and sizes <= set(range(least, BRIEF + 1)) else []


def _distinct(clues: Iterable[Clue], common: frozenset[str]) -> list[Clue]:
    """Return each clue once; without what more than half of all papers say."""
    told = {clue.terms: clue for clue in clues if not common.issuperset(clue.terms)}
    return list(told.values())


def _worn(interest: Interest, ground: Ground) -> Iterator[Clue]:
    """Yield the worn words of a wish that is no more than a few of them (``benchmarks``), but
    those that ask for nothing."""
    said = [w for w in words(" ".join((interest.text, *keywords(interest)))) if w.stem]
    if len(said) <= BRIEF:
        rare = [term for term in singles(said) if not _empty((term,), ground)]
        yield from (Clue((term,), listed=True) for term in rare)


def _empty(terms: Sequence[str], ground: Ground) -> bool:
    """Tell whether these are worn words of every fourth paper (``models, learning, data``)."""
    known = ground.background
    return bool(terms) and all(
        term in _WORN and (term in known.common or known.idf_of(term) < PLAIN) for term in terms
    )


def _prose(text: str, ground: Ground) -> Iterator[Clue]:
    said = tuple(places(text))
    stems = [place.word.stem for place in said]
    start = 0
    before: Word | None = None  # the word just read, if it was a clue of its own
    while start < len(said):
        clue, width = _next(said, stems, start, text, ground)
        here = said[start].word if width == 1 else None
        if here and before and neighbours(before, here):
            clue = Clue(clue.terms, clue.parts, compound(before, here), clue.worth)
        yield clue
        before = here
        start += width


def _next(
    said: Sequence[Place], stems: Sequence[str], start: int, text: str, ground: Ground
) -> tuple[Clue, int]:
    """Return the clue that begins at ``start`` and how many words it takes."""
    here = said[start].word
    fact = ground.fact(here)
    if fact.acronym or start + 1 == len(said):
        return fact.alone, 1
    if phrase := ground.acronyms.at(stems, start):
        return ground.spelt(ground.acronyms.spelt[phrase]), len(phrase)
    after = said[start + 1].word
    plain = fact.plain and ground.fact(after).plain  # one thing: code generation
    if (plain or _hyphened(said, start, text)) and neighbours(here, after):
        return Clue((compound(here, after),), (here.stem, after.stem)), 2
    return fact.alone, 1


def _hyphened(said: Sequence[Place], start: int, text: str) -> bool:
    return text[said[start].end : said[start + 1].start] in {"-", "‐", "‑"}


def _phrase(text: str, ground: Ground) -> Clue:
    """Return one clue for a keyword or quoted phrase, in which acronyms keep their meaning."""
    said = words(text)
    if short := ground.acronyms.whole(said):
        return ground.spelt(short)
    inside = dict.fromkeys(filter(None, map(ground.acronyms.meant, said)))
    inside.update(dict.fromkeys(ground.acronyms.terms(said)))
    joined = pairs(said)
    alone = singles(said)
    if inside:
        return Clue(tuple(dict.fromkeys((*inside, *alone, *joined))))
    return Clue(tuple(joined), tuple(alone)) if joined else Clue(tuple(alone))


def _idf(terms: Sequence[str], ground: Ground) -> float:
    if len(terms) == 1:
        return ground.background.idf_of(terms[0])
    return sum(map(ground.background.idf_of, terms)) / max(1, len(terms))


def _sum(clues: Iterable[Clue], less: float, ground: Ground) -> float:
    masses = sorted((_idf(clue.terms, ground) for clue in clues), reverse=True)
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


def _weights(clues: Sequence[Clue], near: Sequence[str], ground: Ground) -> dict[str, float]:
    """Return the weight of each term; what is asked for itself counts more than as a part."""
    weights: dict[str, float] = {}
    for clue in clues:
        for term in clue.terms:
            weights[term] = 1 / len(clue.terms)
    for clue in filter(attrgetter("parts"), clues):
        for part, weight in _parts(clue, ground):
            weights.setdefault(part, weight)
    for term in near:
        weights.setdefault(term, NEAR)
    return weights


def _parts(clue: Clue, ground: Ground) -> Iterator[tuple[str, float]]:
    """Yield the words of a phrase, which together are worth a share of the phrase."""
    parts = [part for part in clue.parts if part not in ground.background.common]
    total = sum(map(ground.background.idf_of, parts))
    share = PARTS * _idf(clue.terms, ground)
    return ((part, share / total) for part in parts if total > 0)
