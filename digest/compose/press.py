"""Printing cards: a template is filled once per paper, leaving holes for what differs by reader.

Thousands of readers get the same papers and differ in the words marked. So a card is rendered once
for each sentence that may answer, with named holes, and kept; for a reader the holes are filled
by joining strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import jinja2
from markupsafe import Markup, escape

from digest.compose import card
from digest.compose.abstract import answer, excerpt
from digest.compose.card import Face
from digest.compose.passage import Mark, marked
from digest.compose.plaintext import fill
from digest.compose.templates import fill_in
from digest.model import Match

_EDGE = "\0"  # stands in no value: they are all printable


@dataclass(frozen=True, slots=True)
class Card:
    """A printed card, in both forms."""

    html: Markup
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Press:
    """The opened templates of a card, and how a word is marked."""

    html: jinja2.Template
    text: jinja2.Template
    mark: Mark


@dataclass(frozen=True, slots=True, eq=False)
class _Stencil:
    """A card with holes: every second piece is the name of one."""

    html: tuple[str, ...]
    text: tuple[str, ...]


def print_card(press: Press, match: Match, *, view: str | None) -> Card:
    """Return ``match`` as a card; ``view`` is the issue's page, where whole abstracts stand."""
    face = card.face(match.paper)
    words = card.terms(match.reasons)
    why = card.why(match.reasons)
    number = answer(face.abstract, words)
    shown = excerpt(face.abstract, number)
    stencil = _stencil(press, face, number, bool(why), view is not None)
    html = {
        "title": marked(face.title, words, press.mark),
        "sentence": marked(shown.sentence, words, press.mark),
        "opening": marked(shown.opening, words, press.mark),
        "why": escape(why),
        "view": escape(view),
    }
    text = {"why": fill(why, len("Why: "))}
    return Card(html=Markup(_filled(stencil.html, html)), text=_filled(stencil.text, text))


@lru_cache(maxsize=4096)
def _stencil(press: Press, face: Face, number: int, has_why: bool, has_view: bool) -> _Stencil:
    shown = excerpt(face.abstract, number)
    shared: dict[str, object] = {
        "url": face.url,
        "byline": face.byline,
        "facts": face.facts,
        "anchors": face.anchors,
        "why": _hole("why") if has_why else "",
    }
    html: dict[str, object] = {
        "title": _hole("title"),
        "sentence": _hole("sentence") if shown.sentence.text else "",
        "opening": _hole("opening") if shown.opening.text else "",
        "more": (_hole("view") if has_view else face.url) if shown.more else None,
    }
    text: dict[str, object] = {
        "title": face.title.text,
        "sentence": shown.sentence.text,
        "opening": shown.opening.text,
    }
    return _Stencil(
        html=tuple(fill_in(press.html, shared | html).strip().split(_EDGE)),
        text=tuple(fill_in(press.text, shared | text).strip().split(_EDGE)),
    )


def _hole(name: str) -> str:
    return f"{_EDGE}{name}{_EDGE}"


def _filled(pieces: tuple[str, ...], values: Mapping[str, str]) -> str:
    filled = list(pieces)
    filled[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(filled)
