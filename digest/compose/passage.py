"""A passage of text in which the reader's words can be marked for HTML.

Escaped once, when it is made; words are looked up in the escaped form, with entities skipped, so
that hostile text stays text and a mark never falls into an entity.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import escape

_WORD = re.compile(r"&(?:amp|lt|gt|#34|#39);|(\w+)")  # the entities are markupsafe's


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before and after a marked word."""

    start: str
    stop: str


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """``text`` as it is and escaped; ``places`` says where in ``html`` each word stands."""

    text: str
    html: str
    lowered: str
    places: dict[str, list[tuple[int, int]]]


def passage(text: str) -> Passage:
    """Return ``text`` as a passage."""
    html = str(escape(text))
    places: dict[str, list[tuple[int, int]]] = {}
    for found in _WORD.finditer(html):
        for form in _forms(found[1]):
            places.setdefault(form, []).append(found.span())
    return Passage(text=text, html=html, lowered=_lowered(html), places=places)


def holds(within: Passage, word: str) -> bool:
    """Return whether the lower-case ``word`` or phrase stands in the passage."""
    return bool(_places(within, word))


def marked(within: Passage, words: Iterable[str], mark: Mark) -> str:
    """Return the passage as HTML with the lower-case ``words`` or phrases in it marked.

    Only whole words count; a plural ``s`` belongs to the word.
    """
    spans = [span for word in words for span in _places(within, word)]
    if not spans:
        return within.html
    return "".join(_pieces(within.html, sorted(spans), mark))


def _forms(word: str | None) -> Iterator[str]:
    if word:
        yield (lowered := word.lower())
        if lowered.endswith("s"):
            yield lowered[:-1]


def _lowered(html: str) -> str:
    lowered = html.lower()  # "İ" grows in lower case: then offsets would lie
    return lowered if len(lowered) == len(html) else html


def _places(within: Passage, word: str) -> Sequence[tuple[int, int]]:
    places = within.places.get(word)
    if places is None:
        return () if word.isalnum() else list(_phrase_places(within.lowered, word))
    return places


def _phrase_places(lowered: str, phrase: str) -> Iterator[tuple[int, int]]:
    phrase = str(escape(phrase))
    start = lowered.find(phrase) if phrase else -1
    while start >= 0:
        stop = start + len(phrase)
        stop += lowered.startswith("s", stop)
        if _may_part(lowered, start) and _may_part(lowered, stop):
            yield start, stop
        start = lowered.find(phrase, stop)


def _may_part(text: str, at: int) -> bool:
    """Return whether a word may begin or end between the characters before and at ``at``."""
    return not (text[at - 1 : at].isalnum() and text[at : at + 1].isalnum())


def _pieces(html: str, spans: Sequence[tuple[int, int]], mark: Mark) -> list[str]:
    pieces: list[str] = []
    done = 0
    for start, stop in spans:
        if start >= done:
            pieces += html[done:start], mark.start, html[start:stop], mark.stop
            done = stop
    pieces.append(html[done:])
    return pieces
