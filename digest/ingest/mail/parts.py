"""A message → the texts it carries that may be listings, and what is said of each around it.

The tree of a message is walked here and not by the standard library's parser, whose time grows with
the depth times the lines, which keeps every line of a message in a list, and which fails on a tree
deeper than Python's stack.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from email.message import Message
from itertools import islice
from pathlib import PurePath
from quopri import decodestring
from typing import Final

from digest.ingest.mail import heads
from digest.ingest.mail.prose import lay_out, unflow

HTML: Final = "text/html"
MOST_PARTS: Final = 500  # of one message
DEEPEST: Final = 10  # parts within parts; a forward of a forward has some 5

_READ: Final = re.compile(
    r"text/(?!calendar|css|(?:x-)?vcard|x-amp-html|rfc822-headers|rtf|javascript)"
    r"|application/(?:json|xml|[\w.-]+\+(?:json|xml))$",
)
_SUFFIXES: Final = frozenset(
    (".txt", ".text", ".md", ".json", ".xml", ".atom", ".rss", ".rdf", ".html", ".htm", ".eml")
)
_BASE64: Final = re.compile(rb"(?:[A-Za-z0-9+/]*+={0,2}+[ \t]*+(?:\n|\Z))*+")
_MESSAGES: Final = ("message/rfc822", "message/global")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One text of a message, in the charset ``decode`` expects.

    ``name`` is its file name, or the subject of the message it is the text of. ``attached`` says
    that it is a file. ``sent_on`` is when the message that it stands in was written. ``above`` is
    how many lines of the message come before it; None where its lines are not the message's own.
    ``media`` is what the content is; of HTML that was laid out, plain text.
    """

    name: str
    content: bytes
    media: str = "text/plain"
    attached: bool = False
    sent_on: date | None = None
    above: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message: what it is called, when it was written, and the texts in it.

    Of each group of ``texts`` the first that is a listing counts: the others say the same in
    another way.
    """

    name: str
    sent_on: date | None
    texts: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in a message a part stands: in which message, how deep, below how many lines."""

    subject: str
    sent_on: date | None
    depth: int
    above: int | None


_Texts = Iterator[tuple[Part, ...]]


def read_message(content: bytes, *, today: date) -> Mail:
    """Return what the message ``content`` carries; any bytes are one, in the worst case empty.

    ``today`` is the day no message is later than.
    """
    sent = content.replace(b"\r\n", b"\n")
    head, body, above = heads.split_message(sent)
    place = _place(head, depth=0, above=above, today=today)
    texts = tuple(islice(_texts(head, body, place, today), MOST_PARTS))
    return Mail(name=_name(head, place), sent_on=place.sent_on, texts=texts)


def _place(head: Message, *, depth: int, above: int | None, today: date) -> _Place:
    return _Place(
        subject=heads.subject(head), sent_on=heads.day(head, today), depth=depth, above=above
    )


def _name(head: Message, place: _Place) -> str:
    """The subject and the day, else the Message-ID."""
    named = place.subject or str(head.get("message-id", ""))[: heads.LONGEST_SUBJECT]
    when = f" ({place.sent_on})" if place.sent_on else ""
    return f"{named or 'a mail without a subject'}{when}"


def _texts(head: Message, body: bytes, place: _Place, today: date) -> _Texts:
    """Yield the groups of texts of a message or of a part of one."""
    media = head.get_content_type()
    if media == "multipart/report":  # what could not be delivered, or was complained of
        return
    pieces = _pieces(head, body) if media.startswith("multipart/") else []
    if pieces and place.depth < DEEPEST:
        yield from _inner(media, pieces, body, place, today)
    elif media in _MESSAGES and place.depth < DEEPEST:
        yield from _forwarded(_decoded(head, body), place, today, written=_is_plain(head))
    elif media.startswith("multipart/"):  # its boundary is nowhere: the text was saved without
        yield from _leaf(head, "text/plain", body, place, today)
    elif _may_list(head, media):
        yield from _leaf(head, media, body, place, today)


def _inner(
    media: str, pieces: list[tuple[int, int]], body: bytes, place: _Place, today: date
) -> _Texts:
    groups = _branches(pieces, body, place, today)
    if media == "multipart/alternative":
        parts = [part for group in islice(groups, MOST_PARTS) for part in group]
        yield tuple(parts)
    else:
        yield from groups


def _branches(pieces: list[tuple[int, int]], body: bytes, place: _Place, today: date) -> _Texts:
    line, counted = 0, 0
    for start, end in pieces:
        line, counted = line + body.count(b"\n", counted, start), start
        head, inner, lines = heads.split_part(body[start:end])
        above = None if place.above is None else place.above + line + lines
        yield from _texts(head, inner, replace(place, depth=place.depth + 1, above=above), today)


def _forwarded(content: bytes, place: _Place, today: date, *, written: bool) -> _Texts:
    """A message in a message; its lines are the outer one's if it stands there as it is."""
    head, body, lines = heads.split_message(content)
    above = place.above + lines if written and place.above is not None else None
    inside = _place(head, depth=place.depth + 1, above=above, today=today)
    yield from _texts(head, body, inside, today)


def _leaf(head: Message, media: str, body: bytes, place: _Place, today: date) -> _Texts:
    content, file = _decoded(head, body), heads.file_name(head)
    if file.lower().endswith(".eml") and heads.is_message(content):
        yield from _forwarded(content, place, today, written=False)
        return
    text = heads.text_of(content, heads.parameter(head, "charset"))
    if media.startswith("text/") and text is not None and not media.endswith("xml"):
        content = text.encode("utf-8", errors="replace")
    as_sent = Part(
        name=file or place.subject,
        content=content,
        media=media,
        attached=bool(file) or head.get_content_disposition() == "attachment",
        sent_on=place.sent_on,
        above=place.above if _is_plain(head) else None,
    )
    if media == HTML:
        yield as_sent, replace(as_sent, content=lay_out(content), media="text/plain", above=None)
    elif heads.parameter(head, "format").lower() == "flowed":
        joined = heads.parameter(head, "delsp").lower() == "yes"
        yield (replace(as_sent, content=unflow(content, joined=joined), above=None),)
    else:
        yield (as_sent,)


def _pieces(head: Message, body: bytes) -> list[tuple[int, int]]:
    """Where the parts of a body begin and end; nowhere, if the boundary is not in it.

    The last part of a message that was cut has no end mark and goes to the end.
    """
    boundary = heads.parameter(head, "boundary").rstrip()
    if not boundary:
        return []
    mark = re.compile(
        rb"^--" + re.escape(boundary.encode("utf-8", errors="replace")) + rb"(--)?[ \t]*+(?:\n|\Z)",
        re.MULTILINE,
    )
    found = list(islice(mark.finditer(body), MOST_PARTS))
    ends = [each.start() - 1 for each in found[1:]] + [len(body)]
    return [(each.end(), end) for each, end in zip(found, ends, strict=False) if not each[1]]


def _may_list(head: Message, media: str) -> bool:
    """Text, JSON and XML may be listings, and so may files that are called so."""
    if _READ.match(media):
        return PurePath(heads.file_name(head)).suffix.lower() != ".bib"
    return PurePath(heads.file_name(head)).suffix.lower() in _SUFFIXES


def _encoding(head: Message) -> str:
    return str(head.get("content-transfer-encoding", "")).strip().lower()


def _is_plain(head: Message) -> bool:
    return _encoding(head) not in ("base64", "quoted-printable")


def _decoded(head: Message, body: bytes) -> bytes:
    """The body as it was before it was encoded to be sent; or as it is, where a mail program
    saved the text and left the head as it came."""
    encoding = _encoding(head)
    if encoding == "quoted-printable":
        return decodestring(body)
    if encoding == "base64" and (encoded := _BASE64.match(body)):
        # Mailing lists write their plain footers below it.
        return _from_base64(encoded[0]) if 2 * encoded.end() >= len(body) else body
    return body


def _from_base64(encoded: bytes) -> bytes:
    """What was encoded, up to where it was cut."""
    letters = encoded.translate(None, b" \t\n=")
    whole = len(letters) - (len(letters) % 4 == 1)
    return b64decode(letters[:whole] + b"=" * (-whole % 4))
