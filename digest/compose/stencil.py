"""Holes in what a template printed, filled for each reader by putting pieces together.

Rendering a template takes longer than all else that is done for one message, and most of what it
says is the same in many. So it is rendered with holes, named marks that stand where readers differ,
and cut there; filling is a look-up for each piece.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

_EDGE = "\0"  # stands in no value: they are all printable
_HOLE = re.compile(f"({_EDGE}[a-z_]+{_EDGE})")

Pieces = Sequence[str]


def hole(name: str) -> str:
    """Return the hole ``name`` (lower-case letters and ``_``); nothing of it is escaped in HTML."""
    return f"{_EDGE}{name}{_EDGE}"


def pieces_of(printed: str) -> tuple[str, ...]:
    """Return ``printed`` in pieces: its holes, and what stands between them."""
    return tuple(filter(None, _HOLE.split(printed)))


def filled(pieces: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """Return ``pieces`` with ``values`` in their holes; a hole that has none stays."""
    return [values.get(piece, piece) for piece in pieces]
