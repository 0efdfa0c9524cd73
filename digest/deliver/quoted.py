"""Bodies as quoted-printable (RFC 2045 section 6.7), piece by piece. Pure.

Each piece begins on a line of its own and ends in a line break, its own or a soft one, so that
encoded pieces can be joined: what many messages share is encoded once. No line is longer than 76
columns, begins with a dot (which SMTP would double) or ends in white space.
"""

import re
from binascii import b2a_qp
from functools import lru_cache

_SOFT = b"=\n"
_DOT = b"=2E"
_DOTS = re.compile(rb"^\.+", re.MULTILINE)
_DOTS_A_LINE = 25
_END = b"x"  # stands for the soft line break at the end, so that there is room for it


@lru_cache(maxsize=8192)
def quoted(piece: str) -> bytes:
    """Return ``piece`` encoded as UTF-8, with CRLF line ends; kept. A lone surrogate, which has no
    UTF-8, becomes ``?``."""
    data = piece.encode("utf-8", "replace")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = b2a_qp(data + _END)[:-1]
    if lines and not lines.endswith(b"\n"):
        lines += _SOFT
    return _DOTS.sub(_escaped, lines).replace(b"\n", b"\r\n")


def _escaped(dots: re.Match[bytes]) -> bytes:
    """Return dots that begin a line, on lines of their own."""
    full, rest = divmod(len(dots[0]), _DOTS_A_LINE)
    ended = (_DOT * number + _SOFT for number in [_DOTS_A_LINE] * full + [rest] if number)
    return b"".join(ended)
