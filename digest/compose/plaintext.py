"""Setting type in a mail without any: lines of 72 columns, titles underlined by their length."""

import re
from collections.abc import Callable, Iterator
from unicodedata import category, east_asian_width

COLUMNS = 72
# Latin letters and usual punctuation: one column each. Looking one by one takes long.
_NARROW = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*")


def columns(text: str) -> int:
    """Return how many columns ``text`` takes: two for East Asian wide, none for combining marks."""
    return _measure_of(text)(text)


def fill(text: str, indent: int = 0) -> str:
    """Return ``text`` in lines of at most 72 columns, the second and later ones indented by
    ``indent`` blanks. A longer word gets a line of its own; addresses are never broken."""
    room, measure = COLUMNS - indent, _measure_of(text)
    if measure(text) <= room:
        return text
    return ("\n" + " " * indent).join(_lines(text.split(), room, measure))


def rule(text: str, character: str) -> str:
    """Return a line of ``character`` as long as the longest line of ``text``."""
    return character * max(map(columns, text.split("\n")))


def underlined(text: str, character: str) -> str:
    """Return ``text`` in lines, and a rule of ``character`` below it."""
    lines = fill(text)
    return f"{lines}\n{rule(lines, character)}"


def _lines(words: list[str], room: int, measure: Callable[[str], int]) -> Iterator[str]:
    line, width = words[:1], measure(words[0]) if words else 0
    for word in words[1:]:
        more = measure(word) + 1
        if width + more > room:
            yield " ".join(line)
            line, width = [word], more - 1
        else:
            line.append(word)
            width += more
    yield " ".join(line)


def _measure_of(text: str) -> Callable[[str], int]:
    """Return what measures ``text`` and its parts in columns."""
    return len if _NARROW.fullmatch(text) else _columns_one_by_one


def _columns_one_by_one(text: str) -> int:
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
