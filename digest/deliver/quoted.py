"""Bodies as quoted-printable (RFC 2045 section 6.7), piece by piece. Pure.

Each piece begins on a line of its own and ends in a line break, its own or a soft one, so that
encoded pieces can be joined: what many messages share is encoded once. No line is longer than 76
columns, begins with a dot (which SMTP would double) or ends in white space. The standard library
encodes what cannot lead to such a line, which is nearly everything; the rest we do ourselves.
"""

import re
from binascii import b2a_qp
from functools import lru_cache

_ODD = re.compile(rb"[^\n -~]| (?=\n)")
# As much of a line as leaves room for a soft break, and for a dot at its beginning to be encoded;
# it ends in no half of an escape.
_PART = re.compile(rb".{1,73}(?<!=)(?<!=.)")
_DOT = re.compile(rb"^\.", re.MULTILINE)
_SOFT = b"=\n"


@lru_cache(maxsize=32_768)
def quoted(piece: str) -> bytes:
    """Return ``piece`` encoded as UTF-8, with CRLF line ends; kept. A lone surrogate, which has no
    UTF-8, becomes ``?``."""
    data = piece.encode("utf-8", "replace")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = None if b" \n" in data else _by_library(data)
    return (_by_hand(data) if lines is None else lines).replace(b"\n", b"\r\n")


def _by_library(data: bytes) -> bytes | None:
    """Return ``data`` encoded; None where a line would begin with a dot."""
    lines = b2a_qp(data + b"x")[:-1]  # the soft line break takes the place of the x
    if lines.startswith(b".") or b"\n." in lines:
        return None
    return lines + _SOFT if lines and not lines.endswith(b"\n") else lines


def _by_hand(data: bytes) -> bytes:
    lines = _ODD.sub(_escaped, data.replace(b"=", b"=3D")).split(b"\n")
    encoded = _DOT.sub(b"=2E", b"\n".join([_SOFT.join(_PART.findall(line)) for line in lines]))
    return encoded + _SOFT if lines[-1] else encoded


def _escaped(odd: re.Match[bytes]) -> bytes:
    return b"=%02X" % ord(odd[0])
