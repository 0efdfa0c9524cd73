"""What stands around the cards of an issue: a template printed once for each kind of issue.

An issue is of one kind with another where the same values are there; what they are is left open.
Headings and cards repeat, so the template is printed with two sections of two cards, which shows
what stands between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import jinja2

from digest.compose.stencil import Pieces, filled, hole, pieces_of
from digest.compose.templates import fill_in
from digest.errors import TemplateError

_HEADING, _CARD = hole("heading"), hole("card")
_SAMPLE = {"heading": _HEADING, "cards": (_CARD, _CARD)}
_ORDER = [_HEADING, _CARD, _CARD] * 2  # as the two sections of a sample are printed


@dataclass(frozen=True, slots=True)
class Section:
    """The papers of one interest, under the reader's own name for it: its cards in pieces."""

    heading: str
    cards: Sequence[Pieces]


class _Frame(NamedTuple):
    """What stands before the first heading, between heading and card, card and card, section and
    section, and after the last card."""

    before: Pieces
    to_card: Pieces = ()
    to_next: Pieces = ()
    to_section: Pieces = ()
    after: Pieces = ()


def print_issue(
    page: jinja2.Template, values: Mapping[str, str], sections: Sequence[Section] = ()
) -> Pieces:
    """Return ``page`` with ``values`` and ``sections``, the cards' holes filled too, in pieces.

    A condition of the template may ask whether a value is there, no more. Raises TemplateError when
    the template asks for a value that is not given, or does not print each section as its heading
    and then its cards.
    """
    frame = _frame(page, tuple(values), tuple(map(bool, values.values())), bool(sections))
    printed = list(frame.before)
    for number, section in enumerate(sections):
        printed += frame.to_section if number else ()
        printed.append(section.heading)
        for place, card in enumerate(section.cards):
            printed += frame.to_next if place else frame.to_card
            printed += card
    printed += frame.after
    return filled(printed, {hole(name): value for name, value in values.items()})


@lru_cache(maxsize=256)
def _frame(
    page: jinja2.Template, names: tuple[str, ...], there: tuple[bool, ...], has_sections: bool
) -> _Frame:
    """Return the frame for values of these names, some of them empty."""
    holes = {name: hole(name) * is_there for name, is_there in zip(names, there, strict=True)}
    samples = [_SAMPLE, _SAMPLE] if has_sections else []
    printed = pieces_of(fill_in(page, {**holes, "sections": samples}))
    places = [at for at, piece in enumerate(printed) if piece in (_HEADING, _CARD)]
    if [printed[at] for at in places] != _ORDER[: len(_ORDER) * has_sections]:
        raise TemplateError(
            f"The template {page.name} cannot be used: it has to print each of `sections` as its"
            " `heading`, once, and then its `cards`."
        )
    if not has_sections:
        return _Frame(before=printed)
    gaps = [printed[one + 1 : other] for one, other in pairwise(places)]
    return _Frame(
        before=printed[: places[0]],
        to_card=gaps[0],
        to_next=gaps[1],
        to_section=gaps[2],
        after=printed[places[-1] + 1 :],
    )


def size(pieces: Pieces) -> int:
    """Return how many bytes ``pieces`` are in UTF-8, a lone surrogate counted as ``?``."""
    return sum(
        len(piece) if piece.isascii() else len(piece.encode("utf-8", "replace")) for piece in pieces
    )
