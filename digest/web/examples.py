"""Example papers in the form: a line each, or a library file that travels with it once it is read.

A browser sends a file once and never shows it again. So what was read of it is packed into a hidden
field, as is what we know of the papers that stand in the lines; what comes back may be anything.
"""

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from digest import compose, flow
from digest.errors import InputError
from digest.model import Example, VoteKind

MOST_LINES = 20
LONGEST_LINE = flow.LONGEST_TITLE

_MOST_PACKED = 400_000  # characters of a hidden field
_MOST_UNPACKED = 400_000  # bytes
_MOST = 100  # papers in it
_LONGEST = 2 * flow.LONGEST_TEXT
_LOST = "What was read of your file is lost: choose it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A library as the form shows it."""

    name: str
    papers: str  # how many, such as "34 papers"


def pack(examples: Sequence[Example]) -> str:
    """Return examples as a field's value; nothing is an empty one."""
    if not examples:
        return ""
    said = json.dumps(
        [[each.title, each.text, each.library] for each in examples], ensure_ascii=False
    )
    return urlsafe_b64encode(zlib.compress(said.encode())).decode()


def unpack(value: str) -> tuple[Example, ...]:
    """Return what ``pack`` made a field of. Raises InputError when it is nothing of ours."""
    if not value:
        return ()
    try:
        return _checked(json.loads(_inflate(value)))
    except (ValueError, TypeError, RecursionError, binascii.Error, zlib.error) as error:
        raise InputError(_LOST) from error


def lines_of(text: str) -> dict[str, int]:
    """Return the lines that name a paper, each with its number (from 1).

    Raises InputError when they are too many or too long.
    """
    numbered = [(" ".join(line.split()), n) for n, line in enumerate(text.split("\n"), start=1)]
    lines = {line: number for line, number in reversed(numbered) if line}
    for line, number in numbered:
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"Line {number} has {len(line):,} characters: write only the title, or a link."
            )
    if len(lines) > MOST_LINES:
        raise InputError(
            f"These are {len(lines)} papers: keep the {MOST_LINES} that say best what you mean, or "
            "choose a library file."
        )
    return dict(reversed(lines.items()))


def written(examples: Sequence[Example]) -> dict[str, str]:
    """Return the fields of an interest that show its examples."""
    liked = [each for each in examples if each.kind is VoteKind.MORE]
    named = [each for each in liked if not each.library]
    return {
        "examples": "\n".join(each.title for each in named),
        "known": pack(named),
        "library": pack([each for each in liked if each.library]),
    }


def named(
    text: str, known: Sequence[Example], found: flow.FoundExamples
) -> tuple[tuple[Example, ...], str]:
    """Return the examples that lines name, and what is wrong with the others, in sentences.

    A line that is the title of a ``known`` paper is that paper. Raises InputError as ``lines_of``.
    """
    lines = lines_of(text)
    held = dict(found.examples) | {as_line(each): each for each in known}
    troubles = [
        f"Line {number}: {found.troubles[line]}"
        for line, number in lines.items()
        if line in found.troubles and line not in held
    ]
    examples = dict.fromkeys(held[line] for line in lines if line in held)
    return tuple(examples), " ".join(troubles)


def as_line(example: Example) -> str:
    """Return the title of an example as it comes back from a browser and ``lines_of``."""
    return " ".join(plain(example.title).split())


def plain(value: str) -> str:
    """Return text without control characters; lines end as on this machine."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def unpacked(value: str) -> tuple[Example, ...]:
    """Return what a field holds, and nothing where it cannot be read."""
    try:
        return unpack(value)
    except InputError:
        return ()


def held(value: str) -> Held | None:
    """Return what the form says of the library in a field."""
    examples = unpacked(value)
    if not examples:
        return None
    return Held(name=examples[0].library, papers=compose.count(len(examples), "paper"))


def _inflate(value: str) -> bytes:
    if len(value) > _MOST_PACKED:
        raise ValueError("too long")
    inflating = zlib.decompressobj()
    said = inflating.decompress(urlsafe_b64decode(value.encode("ascii")), _MOST_UNPACKED)
    if not inflating.eof:
        raise ValueError("too long or cut off")
    return said


def _checked(said: Any) -> tuple[Example, ...]:
    if not isinstance(said, list) or len(said) > _MOST:
        raise ValueError("no list of ours")
    return tuple(_example(*map(str, each)) for each in said)


def _example(title: str, text: str, library: str) -> Example:
    texts = [compose.one_line(each) for each in (title, text, library)]
    if not texts[0] or max(map(len, texts)) > _LONGEST:
        raise ValueError("no paper of ours")
    return Example(title=texts[0], text=texts[1], library=texts[2])
