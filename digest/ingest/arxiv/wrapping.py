"""Mail as people save it → the lines that were sent: quotation marks and encodings undone."""

import re
from quopri import decodestring
from typing import Final

from digest.ingest.dump.lines import unify_newlines

# A rule of 78 dashes is longer than quoted-printable lets a line be (RFC 2045 section 6.7), so
# that a mail written so shows it at every rule; some programs leave "=20" at the ends of lines.
_PRINTABLE: Final = re.compile(r"^[>| \t]*+(?:-{40,}+=|(?:\\\\|-{40,}+)=20)[ \t]*+$", re.MULTILINE)
_QUOTED: Final = re.compile(r"^[ \t]*+(?:> ?)++(?:-{40}|\\\\[ \t]*+$)", re.MULTILINE)
_QUOTE: Final = re.compile(r"^[ \t]*+(?:> ?)++", re.MULTILINE)


def unwrap(text: str) -> list[str]:
    """Return the lines of a mail, each in the place where an editor shows it.

    Undone are carriage returns, non-breaking spaces, what is left of quoted-printable, and the
    ``>`` of a mail that was forwarded. A line put together from several leaves blank ones behind.
    """
    sent = unify_newlines(text)
    if _PRINTABLE.search(sent):
        sent = _decoded(sent)
    sent = sent.replace("\xa0", " ")
    if _QUOTED.search(sent):
        sent = _QUOTE.sub("", sent)
    return sent.split("\n")


def _decoded(text: str) -> str:
    """Lines that end in ``=`` go on in the next, which is left blank; ``=C3=A9`` is a letter."""
    lines: list[str] = []
    begun: list[str] = []
    for line in text.split("\n"):
        piece = line.rstrip(" \t")
        begun.append(piece.removesuffix("="))
        if not piece.endswith("="):
            lines += [_letters("".join(begun)), *[""] * (len(begun) - 1)]
            begun = []
    return "\n".join([*lines, *map(_letters, begun)])


def _letters(line: str) -> str:
    if "=" not in line:
        return line
    raw = decodestring(line.encode())
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
