"""Acronyms: ``Mixture of Experts (MoE)`` teaches that both mean the same.

An acronym is a term in capitals (stems never are), said by the acronym and by the words that
spell it out alike.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from digest.match.lexicon import COMMON
from digest.match.text import Kind, Word, words

Stems = tuple[str, ...]

_BRACKET = re.compile(r"\(([A-Z][A-Za-z]{0,8}[A-Z][a-z]?)\)")
_REACH = 120  # characters before the bracket: room for nine long words
_PART = re.compile(r"[^\W_]+")
_LINKS = frozenset(("a", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))


@dataclass(frozen=True, slots=True)
class Acronyms:
    """Which acronyms are known, and the stems of the words that spell each out.

    ``spelt`` leads from stems to acronym, ``spelling`` back; ``openings`` from the first two
    stems of such a phrase to all that begin so, longest first.
    """

    spelt: Mapping[Stems, str]
    spelling: Mapping[str, Stems]
    openings: Mapping[Stems, tuple[Stems, ...]]

    def at(self, stems: Sequence[str], start: int) -> Stems:
        """Return the longest spelt-out acronym at ``start``, or ``()``."""
        opening = tuple(stems[start : start + 2])
        for phrase in self.openings.get(opening, ()):
            if tuple(stems[start : start + len(phrase)]) == phrase:
                return phrase
        return ()

    def meant(self, said: Word) -> str:
        """Return the acronym a reader typed, in capitals or, if it is a common one, not."""
        if said.capitals in self.spelling:
            return said.capitals
        typed = said.folded.upper()
        return typed if typed in COMMON else ""

    def whole(self, said: Sequence[Word]) -> str:
        """Return the acronym these words are or spell out, all of them together, or ``""``."""
        if len(said) == 1:
            return self.meant(said[0])
        return self.spelt.get(tuple(w.stem for w in said), "")

    def spelt_in(self, said: Sequence[Word]) -> Iterator[tuple[int, Stems]]:
        """Yield where a text spells out an acronym, and the stems of the words."""
        stems = [w.stem for w in said]
        for start, opening in enumerate(pairwise(stems)):
            if opening in self.openings and (phrase := self.at(stems, start)):
                yield start, phrase

    def terms(self, said: Sequence[Word]) -> list[str]:
        """Return the acronyms a text says, one for each time it says or spells one."""
        met = [w.capitals for w in said if w.capitals in self.spelling]
        return met + [self.spelt[phrase] for _, phrase in self.spelt_in(said)]


def _stems(phrase: str) -> Stems:
    return tuple(w.stem for w in words(phrase))


def _spelling(before: str, acronym: str) -> str | None:
    """Return the end of ``before`` whose words begin with the letters of ``acronym``.

    Small words between may be skipped (``Mixture of Experts``), letters may not.
    """
    parts = list(_PART.finditer(before))
    wanted = len(acronym) - 1
    for part in reversed(parts):
        first = part.group()[0].casefold()
        if first == acronym[wanted].casefold():
            wanted -= 1
        elif part.group().casefold() not in _LINKS:
            return None
        if wanted < 0:
            return before[part.start() :]
    return None


def _vague(spelling: str) -> bool:
    """Tell whether two words are too plain to be one thing (``diffusion models (DM)``)."""
    said = words(spelling)
    return len(said) < 2 or (len(said) == 2 and any(w.kind < Kind.TELLING for w in said))


def others(text: str, known: Acronyms) -> frozenset[str]:
    """Return the known acronyms that a text spells out as something else altogether."""
    return frozenset(
        acronym
        for acronym, spelling in _spelt_out(text)
        if acronym in known.spelling and set(_stems(spelling)).isdisjoint(known.spelling[acronym])
    )


def definitions(text: str) -> Iterator[tuple[Stems, str]]:
    """Yield what a text spells out: the stems of the words and the acronym in capitals."""
    for acronym, spelling in _spelt_out(text):
        if not _vague(spelling):
            yield _stems(spelling), acronym


def _spelt_out(text: str) -> Iterator[tuple[str, str]]:
    """Yield the acronyms in brackets, in capitals, and the words before that spell them."""
    for bracket in _BRACKET.finditer(text):
        acronym = bracket.group(1).removesuffix("s").upper()
        before = text[max(0, bracket.start() - _REACH) : bracket.start()]
        if spelling := _spelling(before, acronym):
            yield acronym, spelling


def _best(counts: Counter[tuple[Stems, str]]) -> Iterator[tuple[Stems, str]]:
    """Yield for every acronym its most frequent spelling; who comes first in the alphabet wins
    a tie, so that the order of the papers never matters."""
    ranked = sorted(counts, key=lambda pair: (-counts[pair], pair))
    taken: set[str | Stems] = set()
    for phrase, acronym in ranked:
        if acronym not in taken and phrase not in taken:
            taken |= {acronym, phrase}
            yield phrase, acronym


def _arrange(spelt: Mapping[Stems, str]) -> Acronyms:
    openings: defaultdict[Stems, list[Stems]] = defaultdict(list)
    for phrase in sorted(spelt, key=lambda phrase: (-len(phrase), phrase)):
        if len(phrase) > 1:
            openings[phrase[:2]].append(phrase)
    return Acronyms(
        spelt=spelt,
        spelling={acronym: phrase for phrase, acronym in spelt.items()},
        openings={opening: tuple(phrases) for opening, phrases in openings.items()},
    )


@cache
def common() -> Acronyms:
    """Return the acronyms everybody knows."""
    return _arrange({_stems(phrase): acronym for acronym, phrase in COMMON.items()})


def learn(texts: Iterable[str], known: Acronyms | None = None) -> Acronyms:
    """Return ``known`` (by default the common ones) and those that ``texts`` spell out.

    What is known stays: a paper that uses ``SSL`` for something of its own changes nothing.
    """
    before = known or common()
    counts = Counter(found for text in texts for found in definitions(text))
    fresh = {
        phrase: acronym
        for phrase, acronym in _best(counts)
        if phrase not in before.spelt and acronym not in before.spelling
    }
    return _arrange({**before.spelt, **fresh})
