"""What a mail that came back is about: whose mail, to whom, by which of our names for it. Pure."""

import re
import sys
from collections.abc import Iterator
from unicodedata import normalize

from digest.bounce.parts import Parts, header
from digest.bounce.prose import ADDRESS

# Where a mail says which address it came to, and who it was for.
CAME_TO = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "to")
_CONTINUED = r"\s*:((?:.*)(?:\n[ \t].*)*)"
_IDS = re.compile(
    r"(?im)^[ \t>]*(?:(?:x-)?(?:original-)?message-id|in-reply-to|references)" + _CONTINUED
)
_ID = re.compile(r"<?([^\s<>@]{1,200}@[^\s<>@]{1,200})>?")
_TO = re.compile(
    r"(?im)^[ \t]*(?:x-hmxmroriginalrecipient|x-original-to|delivered-to|to)" + _CONTINUED
)
# In a field nothing stands around it but what is named here; in prose of East Asia words do.
_UTF8_ADDRESS = re.compile(
    r'[^\x00-\x20"(),:;<>@\[\\\]\s\ud800-\udfff]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+'
)
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_SENDER_FIELDS = ("original-mail-from", "x-postfix-sender", "original-envelope-id")


def address_in(field: str) -> str:
    """Return the address in a field such as ``rfc822; <ada@example.org>``, or ""."""
    return next(iter(_addresses_in(field)), "")


def _addresses_in(field: str) -> list[str]:
    """Return the addresses in a field; those of the type utf-8 (RFC 6533 section 3) are written out
    there, or like ``j\\x{FC}rgen@example.org``."""
    plain = _ESCAPED.sub(_character, field)
    grammar = ADDRESS if plain.isascii() else _UTF8_ADDRESS
    return [_as_we_write(address) for address in grammar.findall(plain)]


def _as_we_write(address: str) -> str:
    """Return an address with NFC before the "@" and ASCII (IDNA) behind it, where it has that."""
    local, _, domain = normalize("NFC", address).rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return f"{local}@{domain}"


def _character(escaped: re.Match[str]) -> str:
    number = int(escaped[1], 16)
    return chr(number) if number <= sys.maxunicode else escaped[0]


def original_to(parts: Parts) -> tuple[str, ...]:
    """Return whom the mail that came back had gone to, as its headers say."""
    match = _TO.search(parts.original)
    return tuple(_addresses_in(match.group(1))) if match else ()


def return_paths(parts: Parts) -> Iterator[str]:
    """Yield the addresses with a ``+`` that it came to, or its original came from."""
    came_to = " ".join(str(value) for name in CAME_TO for value in parts.head.get_all(name, ()))
    reported = " ".join(
        value
        for block in (*parts.feedback, *parts.groups)
        for name, value in block
        if name in _SENDER_FIELDS
    )
    found = (
        address
        for text in (came_to, reported, parts.original, parts.text)
        for address in ADDRESS.findall(text)
        if "+" in address
    )
    yield from dict.fromkeys(found)


def message_ids(parts: Parts) -> Iterator[str]:
    """Yield the Message-IDs of the mails it refers to."""
    head = "\n".join(
        f"{name}: {header(parts.head, name)}" for name in ("in-reply-to", "references")
    )
    blocks = "\n".join(f"{name}: {value}" for block in parts.feedback for name, value in block)
    found = (
        name
        for text in (parts.original, head, blocks, parts.text)
        for match in _IDS.finditer(text)
        for name in _ID.findall(match.group(1))
    )
    yield from dict.fromkeys(found)
