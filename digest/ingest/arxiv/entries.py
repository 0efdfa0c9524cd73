"""The lines of a listing mail → its entries, each with its fields and where they stand."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from digest.model import AnnouncementKind

_RULE: Final = re.compile(r"(?:-{40,}|%[%-]{39,})\s*")
_HEAD: Final = re.compile(r"\s*(?:arXiv:|Paper(?: ?\(\*cross-listing\*\))?:) ?(\S+)(.*)")
_MARK: Final = re.compile(r"\s?\\\\\s*(?:\(\s*(?P<url>\S+).*)?")
_FIELD: Final = re.compile(
    r"\s?(?P<name>Date|Title|Authors?|Categories|Comments?|Report-no|Journal-ref|DOI|MSC-class|"
    r"ACM-class|License|Proxy|From|Subj-class)\s*(?:\([^()]*\)\s*)?:(?P<value>.*)"
)
_REPLACED: Final = re.compile(r"\s?(?:replaced with|(?:figures|part)\b.{0,20}\badded)", re.I)
_CROSS: Final = "(*cross-listing*)"
_TO: Final = re.compile(r"\s*received from\b.*?\bto\b(.*)")
_KINDS: Final = {
    "%-%-": AnnouncementKind.CROSS,
    "%%--": AnnouncementKind.REPLACE,
    "%%%-": None,  # the end
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it stands; ``line`` is where it begins, from 1.

    ``names`` are the id at its head and the address at its end, or empty.
    ``closed`` says that the line with the paper's address ends it, as it ends every whole entry.
    """

    line: int
    names: tuple[str, str]
    kind: AnnouncementKind
    fields: Mapping[str, str]
    title_line: int | None
    abstract: str
    closed: bool


@dataclass(slots=True, kw_only=True)
class Mail:
    """One mail as far as it was read: what its head says, its entries, whether its end came."""

    received_to: str = ""
    ended: bool = False
    last_line: int = 1
    entries: list[Entry] = field(default_factory=list)


class _Piece(NamedTuple):
    """The lines between two rules; ``at`` is the first one's index, ``rule`` stands before it."""

    at: int
    lines: Sequence[str]
    rule: str


def read_mails(lines: Sequence[str]) -> list[Mail]:
    """Return the mails in ``lines``, of which a file may hold several, one after the other."""
    mails = [Mail()]
    kind = AnnouncementKind.NEW
    for piece in _pieces(lines):
        if piece.rule in _KINDS:
            mails[-1].ended = mails[-1].ended or _KINDS[piece.rule] is None
            kind = _KINDS[piece.rule] or kind
        entries = list(_entries(piece, kind))
        received_to = "" if entries else _received_to(piece.lines)
        if received_to:
            mails.append(Mail(received_to=received_to))
            kind = AnnouncementKind.NEW
        mails[-1].entries += entries
        mails[-1].last_line = _last_line(piece) or mails[-1].last_line
    return mails if len(mails) == 1 or mails[0].entries else mails[1:]


def _last_line(piece: _Piece) -> int | None:
    said = (at for at in range(len(piece.lines), 0, -1) if piece.lines[at - 1].strip())
    return next((piece.at + at for at in said), None)


def _pieces(lines: Sequence[str]) -> Iterator[_Piece]:
    """Split at the rules. A rule is known by its first four characters."""
    start, rule = 0, ""
    for at, line in enumerate(lines):
        if line[:1] in ("-", "%") and _RULE.fullmatch(line):
            yield _Piece(start, lines[start:at], rule)
            start, rule = at + 1, line[:4]
    yield _Piece(start, lines[start:], rule)


def _received_to(lines: Iterable[str]) -> str:
    """What stands after ``to`` in ``received from  Wed 20 Nov 24 … to  Thu 21 Nov 24 …``."""
    return next((said[1] for said in map(_TO.match, lines) if said), "")


def _entries(piece: _Piece, kind: AnnouncementKind) -> Iterator[Entry]:
    """Yield the entries of a piece: one, more where a rule was lost, none in heads and feet."""
    starts = list(_starts(piece.lines))
    if not starts and any(_MARK.fullmatch(line) for line in piece.lines):
        starts = [0] if any(_tells(line) for line in piece.lines) else []
    for start, end in pairwise([*starts, len(piece.lines)]):
        yield _entry(piece.lines[start:end], piece.at + start + 1, kind)


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Yield where an id stands that nothing but a mark or the beginning is before."""
    before = "\\\\"
    for at, line in enumerate(lines):
        if before == "\\\\" and _HEAD.fullmatch(line):
            yield at
        before = line.strip() or before


def _tells(line: str) -> bool:
    return bool(_FIELD.match(line)) or bool((mark := _MARK.fullmatch(line)) and mark["url"])


def _entry(lines: Sequence[str], line: int, section: AnnouncementKind) -> Entry:
    top = next(at for at, text in enumerate(lines) if text.strip(" \t\\"))
    marks = [at for at in range(top, len(lines)) if _MARK.fullmatch(lines[at])]
    end = marks[0] if marks else len(lines)
    closing = next((at for at in marks if _url(lines[at]) or at > end), None)
    fields, title_at = _fields(lines[top:end])
    return Entry(
        line=line,
        names=(_id(lines[top]), "" if closing is None else _url(lines[closing])),
        kind=_kind(lines[top:end]) or section,
        fields=fields,
        title_line=None if title_at is None else line + top + title_at,
        abstract=" ".join(lines[end + 1 : closing]),
        closed=closing is not None,
    )


def _url(line: str) -> str:
    mark = _MARK.fullmatch(line)
    return (mark["url"] or "") if mark else ""


def _id(line: str) -> str:
    head = _HEAD.fullmatch(line)
    return head[1] if head else ""


def _kind(head: Sequence[str]) -> AnnouncementKind | None:
    """What the entry itself says: replacements of cross-lists say both."""
    if any(map(_REPLACED.match, head)):
        return AnnouncementKind.REPLACE
    return AnnouncementKind.CROSS if _CROSS in "".join(head[:1]) else None


def _fields(head: Sequence[str]) -> tuple[dict[str, str], int | None]:
    """Return the fields by name, continued lines joined, and the index of the title's line."""
    fields: dict[str, list[str]] = {}
    title_at = None
    values: list[str] = []
    for at, line in enumerate(head):
        if found := _FIELD.fullmatch(line):
            name = "Authors" if found["name"] == "Author" else found["name"]
            title_at = at if name == "Title" and title_at is None else title_at
            values = fields.setdefault(name, []) if name not in fields else []
            values.append(found["value"])
        else:
            values.append(line)
    return {name: " ".join(values) for name, values in fields.items()}, title_at
