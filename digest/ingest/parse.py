"""Which parser for which kind of source: recognised by its content, never by its name."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from digest.errors import ParseError
from digest.ingest.dump import looks_like_dump, parse_dump
from digest.ingest.feed import parse_feed
from digest.ingest.text import decode
from digest.model import Listing, Payload

_FEED: Final = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:\?xml|rss|feed|rdf:RDF)\b", re.DOTALL)

# A new kind of source is one file, one line here and one in recognise().
PARSERS: Final[dict[str, Callable[..., Listing]]] = {
    "feed": parse_feed,
    "dump": parse_dump,
}


def recognise(payload: Payload) -> str:
    """Return the kind of listing ``payload`` is, a key of ``PARSERS``.

    Raises ParseError when it is none, is empty or is binary.
    """
    text = decode(payload)
    if _FEED.match(text):
        return "feed"
    if looks_like_dump(text):
        return "dump"
    raise ParseError(
        payload.name,
        "this is no listing paper-digest can read: expected the text of a daily-papers page "
        "(titles and abstracts) or an RSS or Atom feed.",
        line=1,
    )


def parse(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing that ``payload`` holds, whatever its kind.

    ``today`` is the day of ingestion, which no listing is later than; ``on`` overrides the date
    the listing states. Raises ParseError, naming file and line, when there is nothing to read.
    """
    return PARSERS[recognise(payload)](payload, today=today, on=on)
