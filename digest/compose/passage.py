"""A passage of text in which the reader's words can be marked for HTML.

It is kept in pieces, each word by itself and what lies between escaped, so that hostile text stays
text, a mark never falls into an entity, and marking is no search but a few look-ups.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern

from markupsafe import escape

_WORD = re.compile(r"(\w+)")
_PHRASE = re.compile(r"\w+(?:[ -]\w+)*")
_JOINTS = (" ", "-")  # may stand between the words of a phrase


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before and after a marked word."""

    start: str
    stop: str


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """``text``, and the same as ``pieces`` of HTML; ``places`` says which pieces a word (lower
    case, also without its plural ``s``) is."""

    text: str
    pieces: tuple[str, ...]
    places: dict[str, list[int]]


def passage(text: str) -> Passage:
    """Return ``text`` as a passage."""
    pieces = [intern(piece) for piece in _WORD.split(text)]  # the same words stand in all papers
    places: dict[str, list[int]] = {}
    for number, word in list(enumerate(pieces))[1::2]:
        for form in forms(word):
            places.setdefault(form, []).append(number)
    pieces[::2] = [str(escape(between)) for between in pieces[::2]]
    return Passage(text=text, pieces=tuple(pieces), places=places)


def mount(parts: Iterable[Passage | str]) -> Passage:
    """Return passages and the HTML between them as one passage; no mark falls on the latter."""
    pieces: list[str] = []
    places: dict[str, list[int]] = {}
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        for word, numbers in part.places.items():
            places.setdefault(word, []).extend(number + len(pieces) for number in numbers)
        pieces += part.pieces
    return Passage(text="", pieces=tuple(pieces), places=places)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` as they stand there."""
    return _WORD.findall(text)


def forms(word: str) -> Iterator[str]:
    """Yield what ``word`` is looked up by: lower case, with and without a plural ``s``."""
    yield (lowered := intern(word.lower()))
    if lowered.endswith("s"):
        yield intern(lowered[:-1])


def marked(within: Passage, words: Iterable[str], mark: Mark) -> list[str]:
    """Return the passage as pieces of HTML to be joined, the lower-case ``words`` and phrases in
    it marked. Only whole words count; a plural ``s`` belongs to the word."""
    pieces = list(within.pieces)
    places = within.places
    for word in words:
        if word in places:
            for number in places[word]:
                pieces[number] = f"{mark.start}{pieces[number]}{mark.stop}"
        elif not word.isalnum():  # a phrase, or a word such as k-means
            # Marks that overlap nest: each opens before it closes, and all are alike.
            for first, last in _find_phrase(within, word):
                pieces[first] = mark.start + pieces[first]
                pieces[last] += mark.stop
    return pieces


def _find_phrase(within: Passage, phrase: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last piece of the lower-case ``phrase``, wherever it stands, its words
    joined by blanks or hyphens, whichever it has itself."""
    words = words_of(phrase) if _PHRASE.fullmatch(phrase) else []
    reach = 2 * len(words) - 2
    for first in within.places.get(words[0], ()) if words else ():
        if _stands(within, words, first):
            yield first, first + reach


def _stands(within: Passage, words: Sequence[str], first: int) -> bool:
    for number, word in enumerate(words[1:], start=1):
        here = first + 2 * number
        if here not in within.places.get(word, ()) or within.pieces[here - 1] not in _JOINTS:
            return False
    return True
