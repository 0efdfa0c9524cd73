"""Whether two names may be the same person's: ``J. Smith`` and ``Smith, Jane``, not John's."""

import re
from typing import NamedTuple

from digest.match.text import fold

_NAME = re.compile(r"[^\W\d_]+")


class Name(NamedTuple):
    """A name without case and accents; ``given`` are names or initials in their order."""

    surname: str
    given: tuple[str, ...]


def parse(written: str) -> Name:
    """Return the parts of a name as it is written in a paper or by a reader."""
    last, comma, first = written.partition(",")
    parts = _NAME.findall(fold(f"{first} {last}" if comma else last))
    return Name(parts[-1], tuple(parts[:-1])) if parts else Name("", ())


def _agree(one: str, other: str) -> bool:
    initials = len(one) == 1 or len(other) == 1
    return one[0] == other[0] if initials else one == other


def same(one: Name, other: Name) -> bool:
    """Tell whether surnames are equal and no given name or initial speaks against it."""
    pairs = zip(one.given, other.given, strict=False)
    return one.surname == other.surname and all(_agree(a, b) for a, b in pairs)
