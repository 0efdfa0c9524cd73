"""Printing cards: a template is filled once per paper, leaving holes for what differs by reader.

Thousands of readers get the same papers and differ in the words marked. So a card is rendered once
for each sentence that may answer, with named holes, and kept; for a reader's words the holes are
filled by joining strings, and that is kept too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

import jinja2
from markupsafe import escape

from digest.compose import card
from digest.compose.abstract import Excerpt, answer, excerpt
from digest.compose.language import plain, spoken
from digest.compose.passage import Mark, Passage, marked, mount, passage
from digest.compose.plaintext import fill
from digest.compose.stencil import Pieces, filled, hole, pieces_of
from digest.compose.templates import fill_in
from digest.compose.wording import cut
from digest.model import Match, Paper, Reason, Slot

_NAME_LIMIT = 40  # characters of a title that tell one link from its likes, read aloud
_WHY = hole("why")
_VIEW = hole("view")
_VOTE = hole("vote")
_PLACE = hole("place")
_LEFT = (_WHY, _VIEW, _VOTE, _PLACE)  # what a stencil leaves open


class Card(NamedTuple):
    """A printed card, in both forms."""

    html: Pieces
    text: Pieces


@dataclass(frozen=True, slots=True, eq=False)
class Press:
    """The opened templates of a card, and how a word is marked."""

    html: jinja2.Template
    text: jinja2.Template
    mark: Mark


@dataclass(frozen=True, slots=True, eq=False)
class _Stencil:
    """A card in pieces: passages to mark, and text, with the holes of ``_LEFT``."""

    html: tuple[Passage | str, ...]
    text: tuple[str, ...]


def print_card(
    press: Press,
    match: Match,
    *,
    position: int = 0,
    has_view: bool = False,
    has_vote: bool = False,
    language: str = "en",
    brief: bool = False,
) -> Card:
    """Return ``match`` as a card, its dates in ``language``.

    It has the holes ``view``, for the address of the issue's page, where whole abstracts stand, and
    ``vote``, for that of its votes, which is continued by the paper's ``position``; or neither. A
    ``brief`` card goes without the abstract's first lines. Raises TemplateError."""
    return _placed(
        position,
        press,
        match.paper,
        match.reasons,
        match.interest if match.slot else "",
        match.slot,
        match.also,
        language,
        brief,
        has_view,
        has_vote,
    )


@lru_cache(maxsize=8192)
def _placed(position: int, *what: Any) -> Card:
    """Return a card where it stands; kept, because readers with the same wish are shown the same
    words in the same order."""
    html, text = _print(*what)
    place = {_PLACE: f"/{position}"}
    return Card(html=filled(html, place), text=filled(text, place))


@lru_cache(maxsize=4096)
def _print(
    press: Press,
    paper: Paper,
    reasons: tuple[Reason, ...],
    interest: str,
    slot: Slot | None,
    also: tuple[Paper, ...],
    language: str,
    brief: bool,
    has_view: bool,
    has_vote: bool,
) -> Card:
    """Return a card that may stand anywhere; kept as well."""
    words = card.terms(reasons)
    why = card.why(
        Match(paper=paper, interest=interest, score=0.0, reasons=reasons, slot=slot, also=also)
    )
    number = answer(card.face(paper).abstract, words)
    votes = has_vote + (has_vote and slot is not Slot.MOST_READ)
    stencil = _stencil(press, paper, also, number, language, brief, bool(why), has_view, votes)
    in_html, in_text = {_WHY: str(escape(why))}, {_WHY: fill(why, len("Why: "))}
    html = [
        "".join(marked(piece, words, press.mark))
        if isinstance(piece, Passage)
        else in_html.get(piece, piece)
        for piece in stencil.html
    ]
    return Card(
        html=pieces_of("".join(html)),
        text=pieces_of("".join(filled(stencil.text, in_text))),
    )


@lru_cache(maxsize=4096)
def _stencil(
    press: Press,
    paper: Paper,
    also: tuple[Paper, ...],
    number: int,
    language: str,
    brief: bool,
    has_why: bool,
    has_view: bool,
    votes: int,
) -> _Stencil:
    """Return a card for whoever is shown this sentence; ``votes`` says how many kinds of votes
    there are: none, more, or less too."""
    face = card.face(paper)
    facts = card.facts(paper, language)
    shown = excerpt(face.abstract, number, face.tldr)
    if brief:
        shown = Excerpt(shown.sentence, passage(""), more=shown.more or bool(shown.opening.text))
    passages = {"title": face.title, "sentence": shown.sentence, "opening": shown.opening}
    values: dict[str, object] = {
        "url": face.url,
        "own": bool(face.tldr),
        "byline": face.byline,
        "facts": spoken(facts, language),
        "anchors": face.anchors,
        "why": _WHY if has_why else "",
        "vote": _VOTE + _PLACE if votes else "",
        "less": votes > 1,
        "also": card.twins(also),
        "name": cut(face.title.text, _NAME_LIMIT),
        "more": (_VIEW if has_view else face.home) if shown.more else None,
    }
    spaces = {name: hole(name) if within.text else "" for name, within in passages.items()}
    texts = {name: within.text for name, within in passages.items()}
    html = fill_in(press.html, {**values, **spaces}).strip()
    text = fill_in(press.text, {**values, **texts, "facts": plain(facts)}).strip()
    return _Stencil(html=tuple(_mounted(html, passages)), text=pieces_of(text))


def _mounted(html: str, passages: Mapping[str, Passage]) -> Iterator[Passage | str]:
    """Yield the card's holes, and what lies between them with the passages set in."""
    named = {hole(name): within for name, within in passages.items()}
    pieces = [named.get(piece, piece) for piece in pieces_of(html)]
    for is_hole, group in groupby(pieces, lambda piece: piece in _LEFT):
        parts = list(group)
        texts = [part for part in parts if isinstance(part, str)]
        if is_hole or len(texts) == len(parts):
            yield from texts
        else:
            yield mount(parts)
