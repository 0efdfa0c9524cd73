"""A message becomes bytes for the wire: RFC 5322 headers, RFC 2045 bodies, assembled by hand.

The standard library's ``EmailMessage`` takes milliseconds per message; here what many messages
share is made once: a sender's headers, and the pieces of bodies (``quoted.py``).
``tests/deliver/test_envelope.py`` proves that the standard library reads back what was meant.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from digest.addresses import ADDRESS, ATOM, DOMAIN, is_address
from digest.deliver.quoted import quoted
from digest.errors import InputError
from digest.model import Envelope, Message, Sender

_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
_WEB_URL = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]{1,900}")  # ASCII without blank < >
_BREAKS = re.compile(r"[\r\n\0]")
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_BARE = re.compile(rf"{ATOM}(?: {ATOM})*")  # a display name that needs no quotes
_FOLD = "\r\n "
_PLAIN_TEXT = 60  # columns, so that the header's name stands before it
_HEADER_LINE = 76  # columns, RFC 2047 section 2
_ENCODED_WORD = 39  # bytes of text: 64 columns encoded, so that "Subject: " stands before it


def seal(message: Message, return_path: str | None = None) -> Envelope:
    """Return ``message`` as it goes over the wire; the same message gives the same bytes.

    The envelope sender is ``return_path`` (see ``verp.py``), or the sender's address without one.
    Raises InputError, naming the field, when a value would break or extend the headers: a line
    break, an address that is none, an unsubscribe link that is no http(s) URL.
    """
    _must_match(_ID, message.id, "id")
    if not is_address(message.recipient):
        raise _unfit(message.recipient, "recipient")
    return Envelope(
        id=message.id,
        sender=_must_match(ADDRESS, return_path or message.sender.address, "bounce address"),
        recipient=message.recipient,
        content=_content(message),
        tidy=True,
    )


def _content(message: Message) -> bytes:
    sender = message.sender
    boundary = f"=_{message.id}"  # no quoted-printable body holds "=_"
    head = (
        f"Date: {format_datetime(message.composed_at.astimezone(UTC))}\r\n"
        f"{_sender_headers(sender)}"
        f"To: {message.recipient}\r\n"
        f"{_header('Subject', _unstructured(_text(message.subject, 'subject')))}"
        f"Message-ID: <{message.id}@{sender.domain}>\r\n"
        f"{_list_headers(message)}"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
        "\r\n"
    )
    content = [
        head.encode(),  # ASCII, but for a recipient who is not (RFC 6532)
        *_part(boundary, "plain", message.text_pieces),
        *_part(boundary, "html", message.html_pieces),
        f"--{boundary}--\r\n".encode("ascii"),
    ]
    return b"".join(content)


def _part(boundary: str, kind: str, pieces: Sequence[str]) -> list[bytes]:
    head = (
        f"--{boundary}\r\n"
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    # A line break of its own: the last piece's may be a soft one.
    return [head.encode("ascii"), *map(quoted, pieces), b"\r\n"]


@lru_cache(maxsize=64)
def _sender_headers(sender: Sender) -> str:
    """Return the headers that all messages of a sender share; made once and kept."""
    _must_match(ADDRESS, sender.address, "sender address")
    _must_match(DOMAIN, sender.domain, "sender domain")
    name = _phrase(_text(sender.name, "sender name"))
    reply_to = sender.reply_to
    if reply_to is not None:
        _must_match(ADDRESS, reply_to, "reply-to address")
    return (
        f"{_header('From', [*name, f'<{sender.address}>'])}"
        + (f"Reply-To: {reply_to}\r\n" if reply_to else "")
        + "Auto-Submitted: auto-generated\r\n"
        "Content-Language: en\r\n"
        "MIME-Version: 1.0\r\n"
    )


def _list_headers(message: Message) -> str:
    """Return what makes a message one of a list's; a letter to one person has none of it."""
    if not message.listed:
        return ""
    domain = message.sender.domain
    return (
        f"{_list_id(message.sender)}"
        f"{_list_unsubscribe(message.unsubscribe)}"
        f"Feedback-ID: {_feedback_id(message.composed_at, domain)}\r\n"
    )


@lru_cache(maxsize=64)
def _list_id(sender: Sender) -> str:
    name = _phrase(_text(sender.name, "sender name"))
    return _header("List-Id", [*name, f"<digest.{sender.domain}>"])


def _list_unsubscribe(url: str | None) -> str:
    """Return the headers of RFC 2369 and RFC 8058: one click, nothing else."""
    if url is None:
        return ""
    _must_match(_WEB_URL, url, "unsubscribe link")
    return f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def _feedback_id(composed_at: datetime, domain: str) -> str:
    """Return campaign:customer:kind:sender as Gmail's feedback loop counts complaints: by day."""
    return f"{composed_at.astimezone(UTC):%Y%m%d}:{domain}:issue:paper-digest"


def _must_match(grammar: re.Pattern[str], value: str, field: str) -> str:
    if not grammar.fullmatch(value):
        raise _unfit(value, field)
    return value


def _unfit(value: str, field: str) -> InputError:
    return InputError(f"The {field} {value!r} cannot stand in a mail header: correct it.")


def _text(value: str, field: str) -> str:
    if _BREAKS.search(value):
        raise InputError(f"The {field} {value!r} holds a line break or NUL: remove it.")
    return value


def _header(name: str, words: Sequence[str]) -> str:
    """Return a header, folded between all of ``words`` where one line would be too long."""
    line = f"{name}: {' '.join(words)}\r\n"
    if len(line) <= _HEADER_LINE + 2:
        return line
    return f"{name}: {_FOLD.join(words)}\r\n"


def _unstructured(text: str) -> list[str]:
    """Return the words of a free text such as a subject: itself where it is plain and short."""
    if _PLAIN.fullmatch(text) and len(text) <= _PLAIN_TEXT and "=?" not in text:
        return [text]
    return list(_encoded_words(text))


def _phrase(text: str) -> list[str]:
    """Return the words of a display name: bare, quoted, or encoded (RFC 5322 3.2.5, RFC 2047)."""
    words = _unstructured(text)
    if words != [text] or _BARE.fullmatch(text):
        return words
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return [f'"{escaped}"']


def _encoded_words(text: str) -> Iterator[str]:
    """Yield RFC 2047 encoded words, none of which splits a character."""
    data = text.encode("utf-8", "replace")
    start = 0
    while start < len(data):
        stop = start + _ENCODED_WORD
        while stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        yield f"=?utf-8?b?{b2a_base64(data[start:stop], newline=False).decode('ascii')}?="
        start = stop
