"""Content as DATA carries it (RFC 5321 section 4.5.2). Pure."""

import re


def to_wire(content: bytes) -> bytes:
    """Return ``content`` with CRLF only, dots doubled, and the final dot."""
    lines = content.count(b"\r\n")
    if content.count(b"\n") != lines or content.count(b"\r") != lines:
        content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n"
