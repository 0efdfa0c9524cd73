"""Prose → words → terms.

A *term* is what is counted: a stem (``retriev``), two neighbouring words written as one
(``statespac``, so that ``state-space``, ``state space`` and ``statespace`` are the same term), or
an acronym in capitals (``MOE``), which stands for itself and for the words that spell it out.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import Stemmer

from digest.match.lexicon import COMMON, PREFIXES, STOP, WORN
from digest.match.spelling import usual

_LETTER = r"(?:(?<![\w-])[A-Za-z][-‐‑](?=[^\W\d_]{2}))?"  # x-ray: one word
_MARKS = r"(?:[\u0300-\u036f]+[^\W_]*)*"  # accents may be marks of their own
_WORD = rf"{_LETTER}[^\W_]+{_MARKS}(?:\+\+)?"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)+|{_WORD}|[.,;:!?()\[\]\"“”]")
_PLURAL_ACRONYM = re.compile(r"[A-Z][A-Za-z0-9]*[A-Z0-9]s")

_HYPHENS = str.maketrans("", "", "-‐‑")
_TOKENIZE = "tokeniz"  # Snowball's stem of it is "token", which is another subject

# No cache inside: it is not safe between threads, and ours is shared by all texts anyway.
_STEMMER = Stemmer.Stemmer("english", 0)


class Kind(IntEnum):
    """What a word may do: nothing (stop word, punctuation: it also ends a phrase), count in
    phrases only, count alone where nothing better is said, count."""

    SILENT = 0
    NUMBER = 1
    WORN = 2
    TELLING = 3


class Word(NamedTuple):
    """One word: without case and accents, in the usual spelling, its stem, its kind, and the word
    in capitals when it was written as an acronym (``MoE`` → ``MOE``)."""

    folded: str
    stem: str
    kind: Kind
    capitals: str = ""


class Place(NamedTuple):
    """Where a word stands in its text: ``text[start:end]``."""

    word: Word
    start: int
    end: int


def fold(text: str) -> str:
    """Return ``text`` without case and accents (Unicode NFKD, combining marks dropped)."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    marks = unicodedata.normalize("NFKD", folded)
    return "".join(mark for mark in marks if not unicodedata.combining(mark))


def stem(folded: str) -> str:
    """Return the Snowball English stem of one folded word."""
    return str(_STEMMER.stemWord(folded))


def _kind(folded: str) -> Kind:
    if folded[0].isdigit() and folded.replace(".", "").replace(",", "").isdigit():
        return Kind.NUMBER
    if folded in STOP or (len(folded) == 1 and folded.isascii()):
        return Kind.SILENT
    return Kind.WORN if folded in WORN else Kind.TELLING


def _singular(token: str) -> str:
    """Return ``LLMs`` (which no stemmer touches) as ``LLM``."""
    common = token.endswith("s") and token[:-1].upper() in COMMON and token.upper() not in COMMON
    return token[:-1] if common or _PLURAL_ACRONYM.fullmatch(token) else token


@lru_cache(maxsize=1 << 17)
def word(token: str) -> Word:
    """Return what one token of a text says."""
    single = _singular(token.translate(_HYPHENS))
    folded = usual(fold(single))
    if not folded or not folded[0].isalnum():
        return Word("", "", Kind.SILENT)
    acronym = sum(map(str.isupper, single)) > 1
    root = _TOKENIZE if folded.startswith(_TOKENIZE) else stem(folded)
    return Word(folded, root, _kind(folded), single.upper() if acronym else "")


def _joins(token: str) -> bool:
    return token[0].isalpha() and word(token).kind is not Kind.SILENT


def _prefixes(written: Sequence[str]) -> Iterator[int]:
    """Yield where a prefix stands that is one word with what follows it."""
    last = -2
    for place, token in enumerate(written[:-1]):
        if token.casefold() in PREFIXES and place > last + 1 and _joins(written[place + 1]):
            last = place
            yield place


def places(text: str) -> Iterator[Place]:
    """Yield the words of a text with their places; a prefix is one word with what follows it."""
    found = [(token.group(), *token.span()) for token in _TOKEN.finditer(text)]
    for place in reversed([*_prefixes([written for written, _, _ in found])]):
        (prefix, start, _), (rest, _, end) = found[place : place + 2]
        found[place : place + 2] = [(prefix + rest, start, end)]
    return (Place(word(written), start, end) for written, start, end in found)


def words(text: str) -> list[Word]:
    """Return the words of ``places``, punctuation as silent ones; faster."""
    written = _TOKEN.findall(text)
    if not PREFIXES.isdisjoint(map(str.casefold, written)):
        for place in reversed([*_prefixes(written)]):
            written[place : place + 2] = ["".join(written[place : place + 2])]
    return list(map(word, written))


def neighbours(first: Word, second: Word) -> bool:
    """Tell whether two words that stand side by side make a term together."""
    return bool(first.kind and second.kind) and first.kind + second.kind > Kind.WORN


def compound(first: Word, second: Word) -> str:
    """Return the term of two neighbours: what they would be if written as one word."""
    return stem(first.folded + second.folded)


def compounds(joined: Sequence[tuple[Word, Word]]) -> list[str]:
    """Return the terms of many neighbours."""
    return list(_STEMMER.stemWords([a.folded + b.folded for a, b in joined]))


def pairs(said: Sequence[Word]) -> list[str]:
    """Return the terms of all neighbours; ``of`` does not part them (``theory of mind``)."""
    close = [w for w in said if w.folded != "of"]
    return compounds([(a, b) for a, b in pairwise(close) if neighbours(a, b)])


def singles(said: Sequence[Word]) -> list[str]:
    """Return the terms of the words alone."""
    return [w.stem for w in said if w.kind >= Kind.WORN]


@lru_cache(maxsize=4)  # the title and abstract of a paper, wanted by several one after the other
def plain(text: str) -> tuple[Sequence[Word], Sequence[str]]:
    """Return the words of a text, and the terms of words alone and of neighbours."""
    said = words(text)
    return said, singles(said) + pairs(said)
