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
_ASKED = 0.75  # of a claim: a sentence that says all the reader's words which the abstract says
_MADE = 1.25  # claims: what was made tells more than what was found or tried
_HARDLY = 0.01  # of a claim: where code and data are is shown only to whom it answers
_LATE = 0.1  # of a claim: what the last sentence loses against the first
_TELLING = 4  # letters: shorter words of a title are mostly small ones

_STOP = re.compile(r"[.!?][)\]\"'”’]*\s+(?=[\"'“‘(\[]?[^\Wa-z_])|[。！？]")
_NO_STOP = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|resp|approx|Figs?|Eqs?|Secs?|Tabs?|Refs?|Nos?|Drs?|St|Prof)"
    r"|(?:^|[\s.(])\w)\.\s*$"
)
_SUBJECT = (
    r"\b(?:we|this (?:paper|work|article|study|survey)) (?:\w+ly |also |then |further |first )?"
)
_NEW = re.compile(
    rf"{_SUBJECT}(?:propose|introduce|present|develop|design|release|build)", re.IGNORECASE
)
_WHERE = re.compile(
    r"https?://|\b(?:code|data|weights|page)\b.{0,60}\b(?:available|released|open-sourced?)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    rf"{_SUBJECT}(?:propose|introduce|present|develop|design|describe|show|find|stud|investigate"
    r"|release|explore|demonstrate|analy[sz]e|evaluate|enhance|improve|build|report|argue|address)"
    r"|\bour (?:\w+ ){1,3}(?:achieve|improve|outperform|reduce|show)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Abstract:
    """An abstract in sentences.

    ``where`` says in which sentences a word stands; ``worth`` is how well each sentence alone tells
    what the paper is: 1 for one that says what was done, and the share of the title's words that it
    says; 0 for one that only repeats the title. Chosen by measuring (``bench/tldr.py``). ``title``
    are the title's words, in all their forms.
    """

    sentences: tuple[str, ...]
    where: dict[str, tuple[int, ...]]
    worth: tuple[float, ...]
    title: frozenset[str]


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
        worth=tuple(_worth(sentences, title)),
        title=frozenset(form for word in words_of(title) for form in forms(word)),
    )


def answer(abstract: Abstract, words: Sequence[str]) -> int:
    """Return the number of the sentence that is worth most by itself and by how many of ``words``
    (lower case, most telling first; the k-th counts 1/k) it says. It says one of them, if any does,
    unless the title does: a reason is to be seen on the card."""
    asked, most = [0.0] * len(abstract.sentences), 0.0
    for rank, word in enumerate(words, start=1):
        where = abstract.where.get(word) or _where(abstract, word)
        most += 1 / rank if where else 0
        for number in where:
            asked[number] += 1 / rank
    titled = any(abstract.title.issuperset(words_of(word)) for word in words)
    least = 0.0 if titled or not most else min(filter(None, asked))
    scores = [
        worth + _ASKED * said / (most or 1) if worth and said >= least else 0.0
        for worth, said in zip(abstract.worth, asked, strict=True)
    ]
    return scores.index(max(scores)) if scores else 0


@lru_cache(maxsize=4096)
def excerpt(abstract: Abstract, number: int, tldr: str = "") -> Excerpt:
    """Return sentence ``number``, and the lines before it (after it, when it comes first). A
    ``tldr``, the source's own, takes the sentence's place; the lines then begin with the sentence,
    so that the reader's words are seen."""
    texts = abstract.sentences
    if tldr:
        opening = _opening(texts[number:])
        shown = f"… {opening}" if number and opening else opening
        whole = opening == " ".join(texts)
        return Excerpt(passage(cut(tldr, _SENTENCE_LIMIT)), passage(shown), more=not whole)
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


def _worth(sentences: Sequence[str], title: str) -> Iterator[float]:
    known = set(words_of(title.lower()))
    telling = {word for word in known if len(word) >= _TELLING}
    for number, sentence in enumerate(sentences):
        words = set(words_of(sentence.lower()))
        if len(words & known) > 0.8 * len(words):
            yield 0.0
        elif _WHERE.search(sentence):
            yield _HARDLY
        else:
            said = len(words & telling) / max(1, len(telling))
            claim = _MADE if _NEW.search(sentence) else bool(_CLAIM.search(sentence))
            yield claim + said + _LATE * (1 - number / len(sentences))


def _where(abstract: Abstract, phrase: str) -> set[int]:
    """Return the sentences that hold all words of a phrase, wherever in the sentence."""
    every = set(range(len(abstract.sentences)))
    return every.intersection(*(abstract.where.get(word, ()) for word in words_of(phrase)))
