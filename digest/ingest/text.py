"""Bytes → text, and text → one line: the two steps every parser begins with."""

import codecs
import re
from typing import Final

from digest.errors import ParseError
from digest.model import Payload

LONGEST: Final = 50_000  # characters read of one field; an abstract has some 2,000

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first bytes of files that people drop into a folder by mistake.
_MAGIC: Final = {
    b"%PDF-": "a PDF file",
    b"PK\x03\x04": "a zip archive or an Office document",
    b"\x1f\x8b": "gzip-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ\x00": "xz-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"SQLite format 3\x00": "a SQLite database",
    b"\x7fELF": "a program",
}
# No width, no meaning on one line: byte order marks and joiners (U+200C and U+200D do mean
# something in Persian and in emoji), soft hyphens, and the controls that turn text around.
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LOOK: Final = 4096  # bytes that are looked at to tell UTF-16
_LATIN: Final = 0.6  # of the letters; a page of titles in English has more than 0.99
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MUTE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tabs and line ends
_GRAVEL_LINES: Final = 100_000
_GRAVEL_WIDTH: Final = 16  # characters of an average line; the narrowest real page has 19
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(payload: Payload) -> str:
    """Return the text of ``payload``: UTF-8, UTF-16 with or without its mark, or Windows-1252.

    A character cut in half at the very end is dropped (the parser reports a cut file by its
    content), and single bad bytes in a UTF-8 text become U+FFFD. Raises ParseError when there is
    no text: nothing at all, or something binary.
    """
    content = payload.content
    if not content.strip():
        raise ParseError(payload.name, "the file is empty: save the listing again.", line=1)
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    if unmarked := _unmarked(content):
        return content.decode(unmarked, errors="replace")
    _refuse_binary(payload)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return _legacy(content)


def fold(text: str) -> str:
    """Return ``text`` on one line: every run of white space (and of control characters) is one
    blank, what has no width is gone, and lone surrogates, which no database takes, are U+FFFD."""
    line = " ".join(text.split())
    if line.isprintable():  # as nearly every line is
        return line
    visible = _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))
    return " ".join(_CONTROL.sub(" ", visible).split())


def storable(text: str) -> str:
    """Return ``text`` without what no database takes: lone surrogates are U+FFFD, NULs blanks."""
    if text.isascii() and "\0" not in text:  # both are known at once
        return text
    return _SURROGATE.sub("\ufffd", text).replace("\0", " ")


def visible(text: str) -> str:
    """Return ``text`` in its lines and columns, without what nobody sees: what has no width is
    gone, and control characters are blanks."""
    return _MUTE.sub(" ", _INVISIBLE.sub("", text))


def is_gravel(text: str) -> bool:
    """Say whether the text is a million scraps: time grows with lines, and no listing is like
    that."""
    lines = text.count("\n")
    return lines > _GRAVEL_LINES and len(text) < _GRAVEL_WIDTH * lines


def _unmarked(content: bytes) -> str | None:
    """Return which UTF-16 the content is, by the zero in every other byte of Latin letters: on one
    side only, and without the control characters of a binary file."""
    beginning = content[:_LOOK]
    for encoding, zeros, others in (
        ("utf-16-le", beginning[1::2], beginning[::2]),
        ("utf-16-be", beginning[::2], beginning[1::2]),
    ):
        if zeros.count(0) > len(zeros) * _LATIN and not _BINARY.search(others):
            return encoding
    return None


def _refuse_binary(payload: Payload) -> None:
    for magic, kind in _MAGIC.items():
        if payload.content.startswith(magic):
            raise ParseError(
                payload.name,
                f"the file is {kind}, not text: give the listing as text or as a feed.",
                line=1,
            )
    if (at := payload.content.find(b"\x00")) >= 0:
        raise ParseError(
            payload.name,
            "the file is binary, not text: save the listing as UTF-8 text.",
            line=payload.content.count(b"\n", 0, at) + 1,
        )


def _legacy(content: bytes) -> str:
    """Few bad bytes among many good letters are a damaged UTF-8; otherwise it never was one."""
    lenient = content.decode("utf-8", errors="replace")
    bad = lenient.count("\ufffd")
    good = sum(not char.isascii() for char in lenient) - bad
    return lenient if good > bad else content.decode("cp1252", errors="replace")
