"""Bodies as quoted-printable (RFC 2045 section 6.7), piece by piece. Pure.

Each piece begins on a line of its own and ends in a line break, its own or a soft one, so that
encoded pieces can be joined: what many messages share is encoded once. No line is longer than 76
columns, begins with a dot (which SMTP would double) or ends in white space; ``binascii.b2a_qp``
promises none of that.
"""

import re
from functools import lru_cache

_ODD = re.compile(rb"[^\n -~]| (?=\n)")
# As much of a line as leaves room for a soft break, and for a dot at its beginning to be encoded;
# it ends in no half of an escape.
_PART = re.compile(rb".{1,73}(?<!=)(?<!=.)")
_DOT = re.compile(rb"^\.", re.MULTILINE)
_PLAIN = bytes(set(range(32, 127)) - {ord("=")}) + b"\n"
_SOFT = b"=\r\n"


@lru_cache(maxsize=32_768)
def quoted(piece: str) -> bytes:
    """Return ``piece`` encoded as UTF-8, with CRLF line ends; kept. A lone surrogate, which has no
    UTF-8, becomes ``?``."""
    data = piece.encode("utf-8", "replace")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.translate(None, _PLAIN) or b" \n" in data:
        data = _ODD.sub(_escaped, data.replace(b"=", b"=3D"))
    lines = data.split(b"\n")
    encoded = b"\r\n".join([_SOFT.join(_PART.findall(line)) for line in lines])
    if encoded.startswith(b".") or b"\n." in encoded:
        encoded = _DOT.sub(b"=2E", encoded)
    return encoded + _SOFT if lines[-1] else encoded


def _escaped(odd: re.Match[bytes]) -> bytes:
    return b"=%02X" % ord(odd[0])
