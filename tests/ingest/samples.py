"""The samples of every kind of listing, written by us: what hostile tests and ``fuzz/`` damage."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Final

from digest.errors import ParseError
from digest.ingest.mail import is_message
from digest.ingest.parse import JSON_KINDS, TEXT_KINDS, recognise
from digest.ingest.text import decode
from digest.model import Payload
from tests.ingest.letterbox import ARXIV, DATA, DUMP, HUGGING_FACE, mail

LISTINGS: Final = Path(__file__).resolve().parents[2] / "samples" / "listings"
MAIL: Final = "mail"  # holds a listing of another kind
KINDS: Final = (*JSON_KINDS, *TEXT_KINDS, MAIL)


def samples() -> dict[str, list[bytes]]:
    """Return the bytes of all our samples, by the kind of listing they are recognised as."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for content in (*_files(), *_mails()):
        if (kind := kind_of(content)) is not None:
            found[kind].append(content)
    return found


def kind_of(content: bytes) -> str | None:
    """Return the kind of listing that ``content`` is recognised as, if any."""
    if is_message(content):
        return MAIL
    try:
        text = decode(Payload(name="sample", content=content))
    except ParseError:
        return None
    return _kind_of_json(text) or recognise(text)


def _files() -> list[bytes]:
    paths = sorted(path for folder in (DATA, LISTINGS) for path in folder.rglob("*"))
    return [path.read_bytes() for path in paths if path.is_file()]


def _mails() -> list[bytes]:
    return [
        mail(ARXIV, encoding="quoted-printable").as_bytes(),
        mail(html=HUGGING_FACE, encoding="base64").as_bytes(),
        mail(DUMP, html=f"<pre>{DUMP}</pre>").as_bytes(),
    ]


def _kind_of_json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return next((name for name, kind in JSON_KINDS.items() if kind.recognises(value)), None)
