"""Reading an abstract: its sentences, and which of them answers the reader."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from digest.compose.passage import Passage, forms, passage, words_of
from digest.compose.wording import cut

_SENTENCE_LIMIT = 340  # characters: about five lines of a phone
_OPENING_LIMIT = 240
_OPENING_LEAST = 120
_CLAIM_BONUS = 0.6  # what was done beats the background that says the same words, or one more

_STOP = re.compile(r"[.!?][)\]\"'”’]*\s+(?=[\"'“‘(\[]?[^\Wa-z_])|[。！？]")
_NO_STOP = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Figs?|Eqs?|Secs?|Tabs?|Refs?|Nos?|Drs?|St|Prof)"
    r"|(?:^|[\s.(])\w)\.\s*$"
)
_CLAIM = re.compile(
    r"\b(?:we|this (?:paper|work|article|study|survey)) (?:\w+ly |also |then |further |first )?"
    r"(?:propose|introduce|present|develop|design|describe|show|find|stud|investigate|release"
    r"|explore|demonstrate|analy[sz]e|evaluate|enhance|improve|build|report|argue|address)"
    r"|\bour (?:\w+ ){1,3}(?:achieve|improve|outperform|reduce|show)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Abstract:
    """An abstract in sentences.

    ``where`` says in which sentences a word stands; ``claims`` are those that say what was done,
    ``echoes`` those that only repeat the title.
    """

    sentences: tuple[str, ...]
    where: dict[str, tuple[int, ...]]
    claims: tuple[int, ...]
    echoes: frozenset[int]


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """What a card shows of an abstract: the answering sentence, the first lines, and whether
    there is ``more``."""

    sentence: Passage
    opening: Passage
    more: bool


def read(text: str, title: str) -> Abstract:
    """Return the abstract ``text`` of the paper ``title`` in sentences."""
    sentences = tuple(_sentences(text))
    where: dict[str, tuple[int, ...]] = {}
    for number, sentence in enumerate(sentences):
        for form in {form for word in words_of(sentence) for form in forms(word)}:
            where[form] = (*where.get(form, ()), number)
    return Abstract(
        sentences=sentences,
        where=where,
        claims=tuple(_matching(_CLAIM, sentences)),
        echoes=frozenset(_echoes(sentences, title)),
    )


def answer(abstract: Abstract, words: Sequence[str]) -> int:
    """Return the number of the sentence with the most telling of ``words`` (lower case, most
    telling first; the k-th counts 1/k), or of the first claim where none holds any."""
    scores = [0.0] * len(abstract.sentences)
    for rank, word in enumerate(words, start=1):
        for number in abstract.where.get(word) or _where(abstract, word):
            scores[number] += 1 / rank
    for echo in abstract.echoes:
        scores[echo] = 0.0
    for claim in abstract.claims:
        if scores[claim]:
            scores[claim] += _CLAIM_BONUS
    best = max(scores, default=0.0)
    return scores.index(best) if best else next(iter(abstract.claims), 0)


@lru_cache(maxsize=4096)
def excerpt(abstract: Abstract, number: int) -> Excerpt:
    """Return sentence ``number``, and the lines before it (after it, when it comes first)."""
    texts = abstract.sentences
    sentence = cut("".join(texts[number : number + 1]), _SENTENCE_LIMIT)
    around = texts[:number] or texts[1:]
    opening = _opening(around)
    whole = sentence in texts and opening == " ".join(around) and number in (0, len(texts) - 1)
    return Excerpt(passage(sentence), passage(opening), more=bool(texts) and not whole)


def _opening(sentences: Sequence[str]) -> str:
    """Return the first sentences, whole ones unless that leaves too little."""
    shown = ""
    for longer in accumulate(sentences, "{} {}".format):
        if len(longer) > _OPENING_LIMIT:
            return shown if len(shown) >= _OPENING_LEAST else cut(longer, _OPENING_LIMIT)
        shown = longer
    return shown


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(text):
        sentence = text[start : stop.end()].rstrip()
        if not _NO_STOP.search(sentence):
            yield sentence
            start = stop.end()
    if start < len(text):
        yield text[start:]


def _matching(pattern: re.Pattern[str], sentences: Sequence[str]) -> Iterator[int]:
    return (n for n, sentence in enumerate(sentences) if pattern.search(sentence))


def _echoes(sentences: Sequence[str], title: str) -> Iterator[int]:
    known = set(words_of(title.lower()))
    for number, sentence in enumerate(sentences):
        words = set(words_of(sentence.lower()))
        if len(words & known) > 0.8 * len(words):
            yield number


def _where(abstract: Abstract, phrase: str) -> set[int]:
    """Return the sentences that hold all words of a phrase, wherever in the sentence."""
    every = set(range(len(abstract.sentences)))
    return every.intersection(*(abstract.where.get(word, ()) for word in words_of(phrase)))
