"""Bodies as quoted-printable (RFC 2045 section 6.7), piece by piece. Pure.

Each piece begins on a line of its own and ends in a line break, its own or a soft one, so that
encoded pieces can be joined: what many messages share is encoded once. No line is longer than 76
columns, begins with a dot (which SMTP would double) or ends in white space; ``binascii.b2a_qp``
promises none of that.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

_ROOM = 75  # columns, so that a soft line break has room
_ODD = re.compile(rb"[^\n -<>-~]| (?=\n)")
_SOFT, _HARD = b"=\r\n", b"\r\n"


@lru_cache(maxsize=8192)
def quoted(piece: str) -> bytes:
    """Return ``piece`` encoded as UTF-8, with CRLF line ends; kept. A lone surrogate, which has no
    UTF-8, becomes ``?``."""
    data = piece.encode("utf-8", "replace")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    *lines, last = _ODD.sub(_escaped, data).split(b"\n")
    wrapped = [part for line in lines for part in _wrapped(line, _HARD)]
    return b"".join([*wrapped, *_wrapped(last, _SOFT)] if last else wrapped)


def _escaped(odd: re.Match[bytes]) -> bytes:
    return b"=%02X" % ord(odd[0])


def _wrapped(line: bytes, end: bytes) -> Iterator[bytes]:
    """Yield ``line`` in parts of at most 76 columns, the last with ``end``."""
    while True:
        if line.startswith(b"."):
            line = b"=2E" + line[1:]
        if len(line) <= _ROOM:
            yield line + end
            return
        escape = line.rfind(b"=", _ROOM - 2, _ROOM)  # one that would be cut
        at = _ROOM if escape < 0 else escape
        yield line[:at] + _SOFT
        line = line[at:]
