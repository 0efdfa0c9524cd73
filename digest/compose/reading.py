"""Reading an abstract: its sentences, where the reader's words stand, which sentence answers.

Positions are character offsets into one string, so nothing is cut out before it is escaped.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_SENTENCE_LIMIT = 340  # characters: about five lines of a phone
_OPENING_LIMIT = 240

_STOP = re.compile(r"[.!?][)\]\"'”’]*\s+(?=[\"'“‘(\[]?[^\Wa-z_])|[。！？]")
_NO_STOP = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Figs?|Eqs?|Secs?|Tabs?|Refs?|Nos?|Drs?|St|Prof)"
    r"|(?:^|[\s.(])\w)\.\s*$"
)
_CLAIM = re.compile(
    r"\b(?:we|this (?:paper|work|article|study)) (?:\w+ly )?"
    r"(?:propose|introduce|present|develop|describe|show|find|stud|investigate|release|explore)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


class Span(NamedTuple):
    """A stretch of a text, from ``start`` up to but not including ``stop``."""

    start: int
    stop: int


class Hit(NamedTuple):
    """Where one of the reader's words stands; ``rank`` 0 is the most telling word."""

    start: int
    stop: int
    rank: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its sentences; ``claim`` is the sentence that says what was done."""

    text: str
    lowered: str
    sentences: tuple[Span, ...]
    claim: int
    echoes: frozenset[int]  # sentences that only repeat the title


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a card shows of an abstract: the answering sentence, the first lines, and whether
    there is more."""

    sentence: Span
    opening: Span
    more: bool


@lru_cache(maxsize=4096)
def read(text: str, title: str = "") -> Reading:
    """Return ``text`` taken apart; kept, because the same papers go to many readers."""
    sentences = tuple(_sentences(text))
    return Reading(
        text=text,
        lowered=_lowered(text),
        sentences=sentences,
        claim=_claim(text, sentences),
        echoes=frozenset(_echoes(text, sentences, title)),
    )


def find(lowered: str, words: Sequence[str]) -> list[Hit]:
    """Return where ``words`` (lower case, most telling first) stand as whole words, in order and
    without overlaps. A plural ``s`` belongs to the word."""
    hits = [
        Hit(start, stop, rank)
        for rank, word in enumerate(words)
        for start, stop in _occurrences(lowered, word)
    ]
    if len(hits) < 2:
        return hits
    hits.sort(key=lambda hit: (hit.start, -hit.stop))
    return list(_without_overlaps(hits))


def excerpt(reading: Reading, hits: Sequence[Hit]) -> Excerpt:
    """Return the sentence with the most telling hits, and the lines that stand before it (after
    it, when it comes first), cut at a word."""
    if not reading.sentences:
        return Excerpt(Span(0, 0), Span(0, 0), more=False)
    chosen = _answer(reading, hits)
    first, last = reading.sentences[0], reading.sentences[-1]
    whole = reading.sentences[chosen]
    before = Span(first.start, reading.sentences[chosen - 1].stop)
    after = (
        Span(reading.sentences[1].start, last.stop) if len(reading.sentences) > 1 else Span(0, 0)
    )
    sentence = _shorten(reading.text, whole, _SENTENCE_LIMIT)
    opening = _shorten(reading.text, before if chosen else after, _OPENING_LIMIT)
    shown_to_the_end = last.stop in (sentence.stop, opening.stop)
    return Excerpt(sentence, opening, more=not shown_to_the_end or sentence != whole)


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for stop in _STOP.finditer(text):
        end = len(text[: stop.end()].rstrip())
        if not _NO_STOP.search(text[start:end]):
            yield Span(start, end)
            start = stop.end()
    if text[start:].strip():
        yield Span(start, len(text.rstrip()))


def _lowered(text: str) -> str:
    lowered = text.lower()  # "İ" grows in lower case: then offsets would lie
    return lowered if len(lowered) == len(text) else text


def _claim(text: str, sentences: Sequence[Span]) -> int:
    claims = (n for n, span in enumerate(sentences) if _CLAIM.search(text, *span))
    return next(claims, 0)


def _echoes(text: str, sentences: Sequence[Span], title: str) -> Iterator[int]:
    known = set(_WORD.findall(title.lower()))
    for n, span in enumerate(sentences):
        words = set(_WORD.findall(text[slice(*span)].lower()))
        if len(words & known) > 0.8 * len(words):
            yield n


def _occurrences(lowered: str, word: str) -> Iterator[Span]:
    start = lowered.find(word) if word else -1
    while start >= 0:
        stop = start + len(word)
        stop += lowered.startswith("s", stop)
        if _is_edge(lowered, start - 1, word[0]) and (_is_edge(lowered, stop, lowered[stop - 1])):
            yield Span(start, stop)
        start = lowered.find(word, stop)


def _is_edge(text: str, outside: int, inside: str) -> bool:
    """Return whether a word may begin or end between ``inside`` and the character outside."""
    if not 0 <= outside < len(text):
        return True
    return not (text[outside].isalnum() and inside.isalnum())


def _without_overlaps(hits: Sequence[Hit]) -> Iterator[Hit]:
    reached = 0
    for hit in hits:
        if hit.start >= reached:
            yield hit
            reached = hit.stop


def _answer(reading: Reading, hits: Sequence[Hit]) -> int:
    scores: dict[int, float] = {}
    seen = set()
    for hit in hits:
        n = bisect_right(reading.sentences, (hit.start, len(reading.text))) - 1
        if n not in reading.echoes and (n, hit.rank) not in seen:
            seen.add((n, hit.rank))
            # A claim is worth a little more than a mention; the k-th word counts 1/k.
            scores[n] = scores.get(n, 0.3 * (n == reading.claim)) + 1 / (1 + hit.rank)
    return max(scores, key=lambda n: (scores[n], -n), default=reading.claim)


def _shorten(text: str, span: Span, limit: int) -> Span:
    if span.stop - span.start <= limit:
        return span
    blank = text.rfind(" ", span.start, span.start + limit)
    stop = blank if blank > span.start else span.start + limit
    return Span(span.start, stop)
