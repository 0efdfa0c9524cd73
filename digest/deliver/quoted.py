"""Bodies as quoted-printable (RFC 2045 section 6.7), piece by piece. Pure.

Each piece begins on a line of its own and ends in a line break, its own or a soft one, so that
encoded pieces can be joined: what many messages share is encoded once. No line is longer than 76
columns, begins with a dot (which SMTP would double) or ends in white space.
"""

from binascii import b2a_qp
from functools import lru_cache

_SOFT = b"=\n"
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
    if b"\n." in lines or lines.startswith(b"."):
        lines = (b"\n" + lines).replace(b"\n.", b"\n=2E" + _SOFT)[1:]
    return lines.replace(b"\n", b"\r\n")
