"""Which addresses we write to: the strict grammar, applied when sealing and again at the wire.

And which of them reach one mailbox."""

import re

# RFC 5321 section 4.1.2: a Dot-string at a Domain, ASCII only. No quoted local parts: a line
# break inside one makes some software address another recipient. Lengths: section 4.5.3.1.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
ADDRESS = re.compile(rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@){ATOM}(?:\.{ATOM})*@{DOMAIN.pattern}")

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


def mailbox(address: str) -> str:
    """Return what all spellings of an address that reach one mailbox have in common: no case, no
    ``+tag``, and at Gmail no dots and one domain. To count by, never to write to."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
