"""Which parser for which kind of source: recognised by its content, never by its name."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

from digest.errors import ParseError
from digest.ingest import arxiv, huggingface
from digest.ingest.apis import (
    is_biorxiv,
    is_crossref,
    is_json_feed,
    is_openreview,
    is_semantic_scholar,
    read_biorxiv,
    read_crossref,
    read_json_feed,
    read_openreview,
    read_semantic_scholar,
)
from digest.ingest.dump import looks_like_dump, names_itself, parse_dump
from digest.ingest.feed import looks_like_feed, parse_feed
from digest.ingest.mail import HTML, is_message, parse_message
from digest.ingest.text import decode
from digest.model import Listing, Payload

_JSON: Final = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:[{"\]]|null\b))')


class _Parser(Protocol):
    def __call__(self, payload: Payload, *, today: date, on: date | None = None) -> Listing: ...


class _Reader(Protocol):
    def __call__(
        self, payload: Payload, value: Any, *, today: date, on: date | None = None
    ) -> Listing: ...


class TextKind(NamedTuple):
    """A kind of listing that is text: how to tell, and what reads it."""

    recognises: Callable[[str], bool]
    parse: _Parser


class JsonKind(NamedTuple):
    """A kind of listing that is JSON: how to tell by its value, and what reads that."""

    recognises: Callable[[Any], bool]
    read: _Reader


# A new kind of source is one file, one line here, and one pair of data files for its test. The
# order is that of asking: what is told by sure signs comes before what is told by its looks.
JSON_KINDS: Final[dict[str, JsonKind]] = {
    "biorxiv": JsonKind(is_biorxiv, read_biorxiv),
    "openreview": JsonKind(is_openreview, read_openreview),
    "crossref": JsonKind(is_crossref, read_crossref),
    "semantic-scholar": JsonKind(is_semantic_scholar, read_semantic_scholar),
    "json-feed": JsonKind(is_json_feed, read_json_feed),
    "hugging face": JsonKind(huggingface.is_daily, huggingface.read_daily),
}
TEXT_KINDS: Final[dict[str, TextKind]] = {
    "arxiv page": TextKind(arxiv.looks_like_page, arxiv.parse_page),
    "feed": TextKind(looks_like_feed, parse_feed),
    "arxiv mail": TextKind(arxiv.looks_like_mail, arxiv.parse_mail),
    "hugging face mail": TextKind(huggingface.looks_like_mail, huggingface.parse_mail),
    "hugging face page": TextKind(huggingface.looks_like_page, huggingface.parse_page),
    "dump": TextKind(looks_like_dump, parse_dump),
}

_PLAIN: Final = ("arxiv mail", "dump")


def parse(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing that ``payload`` holds, whatever its kind; that of a mail is what its text
    and the files with it hold.

    ``today`` is the day of ingestion, which no listing is later than; ``on`` overrides the date
    the listing states. Raises ParseError, naming file and line, when there is nothing to read.
    """
    if is_message(payload.content):
        return parse_message(payload, _read, _read_sure, today=today, on=on)
    listing = _read(payload, today=today, on=on)
    if listing is None:
        raise _unknown(payload)
    return listing


def _read(payload: Payload, *, today: date, on: date | None = None) -> Listing | None:
    """The listing; None where the kind of ``payload`` is not known. Raises ParseError."""
    text = decode(payload)
    if _JSON.match(text):
        value = _load(payload, text)
        kind = _json_kind(value)
        return JSON_KINDS[kind].read(payload, value, today=today, on=on) if kind else None
    name = recognise(text)
    return TEXT_KINDS[name].parse(payload, today=today, on=on) if name else None


def _read_sure(payload: Payload, *, today: date, on: date | None = None) -> Listing | None:
    """The same of the text of a mail. Newsletters look like dumps: one has to say that it is. And
    text that stands in HTML is none before it is laid out in lines."""
    text = decode(payload)
    name = recognise(text)
    if name == "dump" and not names_itself(text):
        return None
    if name in _PLAIN and payload.content_type == HTML:
        return None
    return _read(payload, today=today, on=on)


def recognise(text: str) -> str | None:
    """Return the kind of the listing that is ``text``, a key of ``TEXT_KINDS``; None if it is
    none."""
    return next((name for name, kind in TEXT_KINDS.items() if kind.recognises(text)), None)


def kind_of(payload: Payload) -> str | None:
    """Return what kind of listing ``payload`` is, in a word or two; None if it is none.

    Raises ParseError when it is broken JSON.
    """
    if is_message(payload.content):
        return "mail"
    text = decode(payload)
    return _json_kind(_load(payload, text)) if _JSON.match(text) else recognise(text)


def _json_kind(value: Any) -> str | None:
    return next((name for name, kind in JSON_KINDS.items() if kind.recognises(value)), None)


def _load(payload: Payload, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(
            payload.name,
            f"the JSON breaks off or is broken ({error.msg}): fetch it again.",
            line=error.lineno,
        ) from error
    except (RecursionError, ValueError) as error:
        raise ParseError(payload.name, "the JSON is nested too deeply to read.", line=1) from error


def _unknown(payload: Payload) -> ParseError:
    return ParseError(
        payload.name,
        "this is no listing paper-digest can read: expected the text of a daily-papers page "
        "(titles and abstracts), an RSS or Atom feed, a listing mail or page of arXiv, or the JSON "
        "of a service the README names.",
        line=1,
    )
