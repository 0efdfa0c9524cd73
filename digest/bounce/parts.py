"""A mail that came back → text for people, fields for programs, and what it returns. Pure.

Nothing here raises on whatever bytes: mail that comes back is the worst mail there is.
"""

import re
from binascii import a2b_base64, a2b_qp
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from selectolax.lexbor import LexborHTMLParser

_LONGEST = 2_000_000  # bytes of a mail that are looked at: a report comes first
_LARGEST = 100_000  # characters of one part that are looked at
_HEADER = 5_000  # characters of a header
_DEEPEST = 8  # nested parts

# Where the report ends and the mail it is about begins.
_RETURNED = re.compile(
    r"(?im)^(?:[ \t|>*]{0,40}[-=_]{2,80}.{0,40}\b(?:copy of|original (?:message|mail)"
    r"|below this line|returned message|unsent message|message header|header of the"
    r"|message text follows).*"
    r"|[ \t]{0,40}(?:message headers? follows?|(?:the )?original message (?:follows|headers?\s*:)"
    r"|below is a copy of).*"
    r"|(?:Return-Path|Received|DKIM-Signature|ARC-Seal)\s*:.*)$"
)
_HIDDEN = re.compile("[\udc80-\udcff]+")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


@dataclass(slots=True)
class Parts:
    """What a mail consists of; ``groups`` are blocks of fields for programs (RFC 3464 and 5965),
    each a list of (name in lower case, value), ``returned`` is text of the mail it is about."""

    head: Message
    texts: list[str] = field(default_factory=list)
    groups: list[list[tuple[str, str]]] = field(default_factory=list)
    feedback: list[list[tuple[str, str]]] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    receipt: bool = False  # somebody read it (RFC 8098)

    @property
    def text(self) -> str:
        """All that it says for people."""
        return "\n".join(self.texts)

    @property
    def original(self) -> str:
        """What it returns of the mail it is about."""
        return "\n".join(self.returned)


def split(content: bytes) -> Parts:
    """Take a mail apart."""
    parts = _sorted(content.lstrip(b"\r\n\t ")[:_LONGEST])
    if not parts.text.strip() and not parts.groups:
        _take(content.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n\n")[2], parts)
    if not parts.groups:
        parts.groups = _groups_in(parts.text)
    if not parts.feedback:
        parts.feedback = _feedback_in(parts.text)
    return parts


def _sorted(content: bytes) -> Parts:
    try:
        mail = BytesParser(policy=compat32).parsebytes(content)
        parts = Parts(head=mail)
        _sort(mail, parts, 0)
        return parts
    except RecursionError:  # mails within mails within mails: its head is enough
        return Parts(head=BytesParser(policy=compat32).parsebytes(content, headersonly=True))


def fields(text: str) -> list[list[tuple[str, str]]]:
    """Return the blocks of fields in a text; continued lines are joined."""
    blocks: list[list[tuple[str, str]]] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n")):
        found: list[tuple[str, str]] = []
        for line in block.split("\n"):
            name, colon, value = line.partition(":")
            if line[:1] in " \t" and found:
                found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
            elif colon and re.fullmatch(r"[!-9;-~]+\s*", name):
                found.append((name.strip().lower(), value.strip()))
            elif found and line.strip():
                found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        if found:
            blocks.append(found)
    return blocks


def header(mail: Message, name: str) -> str:
    """Return a header as readable text on one line; "" where there is none."""
    raw = str(mail.get(name, ""))[:_HEADER]
    try:
        said = str(make_header(decode_header(raw)))
    except (LookupError, ValueError):  # an unknown character set, or bytes that are not of it
        said = raw
    return " ".join(said.split())


def _sort(part: Message, parts: Parts, depth: int) -> None:
    kind = part.get_content_type()
    if kind in _STATUS:
        parts.groups += fields(_raw(part))
    elif kind == "message/feedback-report":
        parts.feedback += fields(_raw(part))
    elif kind == "message/disposition-notification":
        parts.receipt = True
    elif kind in _ORIGINAL:
        parts.returned.append(_raw(part))
    elif part.is_multipart():
        _sort_all(part, parts, depth)
    elif kind.startswith("text/") or depth == 0:
        _read(part, parts, kind)


def _sort_all(part: Message, parts: Parts, depth: int) -> None:
    for each in part.get_payload() if depth < _DEEPEST else ():
        if isinstance(each, Message):
            _sort(each, parts, depth + 1)


def _read(part: Message, parts: Parts, kind: str) -> None:
    text = _text(part)
    if kind == "text/html":
        if parts.texts and parts.text.strip():
            return  # it says in colours what the plain text said
        text = _words_of(text)
    _take(text, parts)


def _words_of(page: str) -> str:
    tree = LexborHTMLParser(page)
    tree.strip_tags(["script", "style", "head"])
    return tree.text(separator="\n") if tree.root else ""


def _take(text: str, parts: Parts) -> None:
    cut = _RETURNED.search(text)
    if cut:
        parts.returned.append(text[cut.start() :])
        text = text[: cut.start()]
    parts.texts.append(text)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return _raw(part)
    charset = part.get_content_charset() or "utf-8"
    for name in (charset, "utf-8"):
        try:
            return payload.decode(name)[:_LARGEST].replace("\r\n", "\n")
        except (LookupError, UnicodeError):
            continue
    return payload.decode("latin-1")[:_LARGEST].replace("\r\n", "\n")


def _raw(part: Message) -> str:
    """Return what is in a part that the parser took apart as a message of its own."""
    payload = part.get_payload()
    if isinstance(payload, list):
        said = "\n\n".join(_flat(each) for each in payload if isinstance(each, Message))
        said = _decoded(said, str(part.get("content-transfer-encoding", "")))
    else:
        said = _text(part)
    return said[:_LARGEST].replace("\r\n", "\n")


def _decoded(said: str, encoding: str) -> str:
    """Decode what RFC 2046 section 5.2.1 allows no server to encode, and some do."""
    try:
        if encoding.strip().lower() == "base64":
            return a2b_base64("".join(said.split())).decode("utf-8", "replace")
        if encoding.strip().lower() == "quoted-printable":
            return a2b_qp(said.encode("utf-8", "replace")).decode("utf-8", "replace")
    except ValueError:
        pass
    return said


def _flat(mail: Message) -> str:
    """Return a message as text without asking its headers whether they are well."""
    head = _unhidden("\n".join(f"{name}: {value}" for name, value in mail.raw_items()))
    payload = mail.get_payload()
    if isinstance(payload, list):
        body = "\n\n".join(_flat(each) for each in payload if isinstance(each, Message))
    elif mail.get_content_charset() or "content-transfer-encoding" in mail:
        body = str(payload or "")
    else:
        body = bytes(mail.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return f"{head}\n\n{body}" if body.strip() else head


def _unhidden(text: str) -> str:
    """Return a head with its bytes beyond ASCII, which the parser hides, as UTF-8 (RFC 6532)."""
    return _HIDDEN.sub(
        lambda found: found.group().encode("ascii", "surrogateescape").decode("utf-8", "replace"),
        text,
    )


def _groups_in(text: str) -> list[list[tuple[str, str]]]:
    """Return blocks for programs that somebody put into the text."""
    return [
        block
        for block in fields(text)
        if any(name == "final-recipient" for name, _ in block)
        and any(name in ("action", "status") for name, _ in block)
    ]


def _feedback_in(text: str) -> list[list[tuple[str, str]]]:
    """Return blocks of a complaint (RFC 5965) that somebody put into the text."""
    return [
        block
        for block in fields(text)
        if {"feedback-type", "user-agent", "version"} <= {name for name, _ in block}
    ]
