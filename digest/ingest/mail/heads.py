"""The head of a message, or of one of its parts → the few fields that tell what the body is.

The standard library decodes what fields say (RFC 2047, RFC 2231, dates); which bytes are fields is
decided here, so that a field of megabytes and a head without an end cost nothing.
"""

import re
from datetime import UTC, date, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from digest.ingest.text import fold

LOOK: Final = 64_000  # bytes that are looked at to recognise a message
LONGEST_HEAD: Final = 1_000_000  # bytes
LONGEST_FIELD: Final = 2_000  # bytes of a field that are read
LONGEST_SUBJECT: Final = 200  # characters
OLDEST: Final = date(1991, 8, 14)  # when arXiv began; clocks that were never set say 1970

_ENVELOPE: Final = re.compile(rb"\A\s*+(?:\xef\xbb\xbf)?(?:>?From [^\n]*+\n)?")
_NAME: Final = re.compile(rb"^([!-9;-~]{1,76})[ \t]*+:", re.MULTILINE)
_FIELD: Final = re.compile(rb"^([!-9;-~]{1,76})[ \t]*+:(.*+(?:\n[ \t].*+)*+)", re.MULTILINE)
_HEAD_END: Final = re.compile(rb"^\r?\n", re.MULTILINE)
_SURE: Final = frozenset(
    (b"from", b"received", b"return-path", b"delivered-to", b"message-id", b"mime-version")
)
_USUAL: Final = _SURE | {b"to", b"date", b"subject", b"content-type", b"reply-to", b"list-id"}
_READ: Final = frozenset(
    (
        b"subject",
        b"date",
        b"message-id",
        b"content-type",
        b"content-disposition",
        b"content-transfer-encoding",
    )
)
# Of the charsets Python knows those that mail is written in: some of the others take quadratic
# time, and some are no text.
_CHARSETS: Final = re.compile(
    r"(?:us-?ascii|ascii|utf-?(?:7|8|16|32)|iso-?8859|latin|windows-?12|cp-?\d|koi8|mac|gb|hz|big5"
    r"|euc|iso-?2022|shift|sjis|ks_c|tis)[\w:.-]{0,20}",
    re.IGNORECASE,
)


def is_message(content: bytes) -> bool:
    """Say whether ``content`` begins as a message does (RFC 5322), with the line ``From …`` of a
    mailbox before it or not: at once with a field, and with two that messages have."""
    start = content[:LOOK]
    at = _ENVELOPE.match(start)
    head = _split(start[at.end() if at else 0 :])[0]
    if not _NAME.match(head):
        return False
    names = {name.lower() for name in _NAME.findall(head)}
    return not names.isdisjoint(_SURE) and len(names & _USUAL) > 1


def split_message(content: bytes) -> tuple[Message, bytes, int]:
    """Return the head of a message, its body, and how many lines come before the body."""
    at = _ENVELOPE.match(content)
    start = at.end() if at else 0
    head, body = _split(content[start:])
    return _read(head), body, content.count(b"\n", 0, len(content) - len(body))


def split_part(content: bytes) -> tuple[Message, bytes, int]:
    """Return the same of a part; one that does not begin with a field is all body."""
    if content[:1] != b"\n" and not _NAME.match(content):
        return Message(), content, 0
    head, body = _split(content)
    return _read(head), body, content.count(b"\n", 0, len(content) - len(body))


def subject(head: Message) -> str:
    """Return the subject on one line, shortened; ``""`` where there is none."""
    line = fold(_decoded(str(head.get("subject", ""))))
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def day(head: Message, today: date) -> date | None:
    """Return the day the message was written, on the clock of this machine; None where it does not
    say, or where its clock was wrong: before arXiv was, or after ``today``."""
    try:
        said = parsedate_to_datetime(str(head.get("date", "")))
        written = _local(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return written if OLDEST <= written <= today else None


def file_name(head: Message) -> str:
    """Return the name of the file that a part is, on one line; ``""`` where there is none."""
    try:
        return fold(_decoded(head.get_filename() or ""))
    except (ValueError, LookupError, TypeError):
        return ""


def parameter(head: Message, name: str) -> str:
    """Return a parameter of the field Content-Type, ``""`` where it is not given."""
    try:
        said = head.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return said if isinstance(said, str) else str(said[2])


def text_of(content: bytes, charset: str) -> str | None:
    """Return ``content`` in this charset; None where we do not know that, or it says nothing: for
    us-ascii and UTF-8 the bytes themselves tell more."""
    if not _CHARSETS.fullmatch(charset) or charset.lower() in ("us-ascii", "ascii", "utf-8"):
        return None
    try:
        return content.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return None


def _split(content: bytes) -> tuple[bytes, bytes]:
    end = _HEAD_END.search(content, 0, LONGEST_HEAD)
    return (content[: end.start()], content[end.end() :]) if end else (content, b"")


def _read(head: bytes) -> Message:
    """The fields we use, each once and no longer than any real one."""
    read = Message()
    for name, value in _FIELD.findall(head[:LONGEST_HEAD]):
        key = name.lower().decode()
        if name.lower() in _READ and key not in read:
            read[key] = _letters(value[:LONGEST_FIELD]).replace("\n", " ").replace("\r", "").strip()
    return read


def _letters(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def _decoded(value: str) -> str:
    """What encoded words say (RFC 2047); where they are broken, the field as it is."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (MessageError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else text_of(piece, charset or "") or _letters(piece)
        for piece, charset in pieces
    )


def _local(moment: datetime) -> date:
    """The day here; a message that hides its zone (``-0000``) is written in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone().date()
