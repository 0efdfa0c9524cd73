"""The HTML of a papers page: the rows it carries as JSON for its own scripts."""

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any, Final

from digest.errors import ParseError
from digest.ingest.huggingface.daily import is_daily, read_daily
from digest.ingest.text import decode
from digest.model import Listing, Payload

_SIGN: Final = re.compile(
    r"data-target=[\"'](?:DailyPapers|PaperContent)\b"
    r"|<title>[^<]{0,300}Hugging Face\s{0,9}</title>",
    re.IGNORECASE,
)
_MARKUP: Final = re.compile(r"[\s\ufeff]*+<")
_TARGETS: Final = ("DailyPapers", "PaperContent")  # a listing, and the page of one paper
# Not with an HTML parser: its time is quadratic in how deep <div> is nested, and all we want is
# two attributes of one tag.
_ATTRIBUTE: Final = re.compile(r"""\bdata-(target|props)\s{0,9}=\s{0,9}(?:"([^"]*+)"|'([^']*+)')""")


def looks_like_page(text: str) -> bool:
    """Say whether ``text`` is the HTML of a page of Hugging Face."""
    return _MARKUP.match(text) is not None and _SIGN.search(text) is not None


def parse_page(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing in the HTML of a papers page: of a day, a week or a month, the trending
    papers, or a single paper.

    Raises ParseError when the page does not carry its papers as JSON.
    """
    for written in _props(decode(payload)):
        props = _load(written)
        if is_daily(props):
            return read_daily(payload, props, today=today, on=on)
    raise ParseError(
        payload.name,
        "this page of Hugging Face does not carry its papers as data: save the page's source "
        "rather than a copy, or ask https://huggingface.co/api/daily_papers instead.",
    )


def _props(text: str) -> Iterator[str]:
    """Yield the ``data-props`` of each tag whose ``data-target`` is a list of papers or a paper."""
    before: re.Match[str] | None = None
    for found in _ATTRIBUTE.finditer(text):
        if before and before[1] != found[1] and "<" not in text[before.end() : found.start()]:
            target, props = (before, found) if found[1] == "props" else (found, before)
            if (target[2] or target[3]) in _TARGETS:
                yield props[2] or props[3] or ""
        before = found


def _load(written: str) -> Any:
    try:
        return json.loads(unescape(written))
    except (ValueError, RecursionError):
        return None
