"""Which addresses we write to, the strict grammar: applied to what people type, when sealing and
again at the wire. And which of them reach one mailbox. Pure."""

import re
from unicodedata import normalize

# RFC 5321 section 4.1.2: a Dot-string at a Domain. No quoted local parts: a line break inside one
# makes some software address another recipient. Lengths, in octets: section 4.5.3.1.
LONGEST_LOCAL, LONGEST = 64, 254
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
ADDRESS = re.compile(
    rf"(?=.{{1,{LONGEST}}}\Z)(?=[^@]{{1,{LONGEST_LOCAL}}}@){ATOM}(?:\.{ATOM})*@{DOMAIN.pattern}"
)

# RFC 6531 section 3.3: the same Dot-string, and what is beyond ASCII; but no control, blank or line
# break of Unicode, whatever some software makes of it, and no surrogate, which has no UTF-8. Nor
# may software that takes look-alikes for each other (NFKD) find in it what ends an address: ＠, ≮.
_UTF8_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f-\x9f\s\ud800-\udfff]+'
_UTF8_LOCAL = re.compile(rf"{_UTF8_ATOM}(?:\.{_UTF8_ATOM})*")

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


def is_address(text: str) -> bool:
    """Tell whether we write to an address: ASCII, or UTF-8 before the "@" and ASCII behind it."""
    if text.isascii():
        return ADDRESS.fullmatch(text) is not None
    local, _, domain = text.rpartition("@")
    return (
        _UTF8_LOCAL.fullmatch(local) is not None
        and local.isprintable()  # nothing that is not seen, or turns the direction of a line
        and _UTF8_LOCAL.fullmatch(normalize("NFKD", local)) is not None
        and DOMAIN.fullmatch(domain) is not None
        and not is_too_long(text)
    )


def is_too_long(address: str) -> bool:
    """Tell whether an address, or what stands before its "@", is longer than servers take."""
    local = address.rpartition("@")[0]
    return len(local.encode()) > LONGEST_LOCAL or len(address.encode()) > LONGEST


def mailbox(address: str) -> str:
    """Return what all spellings of an address that reach one mailbox have in common: no case, no
    ``+tag``, and at Gmail no dots and one domain. To count by, never to write to."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
