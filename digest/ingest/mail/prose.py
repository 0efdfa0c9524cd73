"""How mail programs write text, undone: HTML laid out in lines, and lines that flow (RFC 3676)."""

import re
from html import unescape
from itertools import groupby
from typing import Final

MOST_LINES: Final = 100_000  # of a text that flows; a listing is no longer than 30,000

_HIDDEN: Final = re.compile(
    r"<(script|style|head|title)\b[^<>]*+>.*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)|<!doctype[^<>]*+>",
    re.IGNORECASE | re.DOTALL,
)
_LINK: Final = re.compile(r"<a\b([^<>]*+)>([^<>\[\]]*+)</a\s*+>", re.IGNORECASE)
_PAPER: Final = re.compile(r"https?://huggingface\.co/papers/\d[^\s\"'<>?]*+")
_HEADING: Final = re.compile(r"<h[1-6]\b[^<>]*+>\s*+", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"</?(?:p|h[1-6]|ul|ol|table|blockquote|pre)\b[^<>]*+>", re.I)
_LINE: Final = re.compile(r"<br\b[^<>]*+>\n?|</(?:div|tr|li|article|section)\b[^<>]*+>", re.I)
_TAG: Final = re.compile(r"</?[a-z][^<>]*+>", re.IGNORECASE)
_GAP: Final = re.compile(r"\n(?:[ \t]*+\n){2,}+")


def lay_out(html: bytes) -> bytes:
    """Return the text of ``html`` (UTF-8) in lines, as a mail program that shows no HTML would.

    Headings and links to papers of Hugging Face are written as in Markdown, which says what they
    are. Takes the tags off one by one, in time linear in the text.
    """
    text = html.decode("utf-8", errors="replace")
    text = _LINK.sub(_link, _HIDDEN.sub("", text))
    text = _PARAGRAPH.sub("\n\n", _HEADING.sub("\n\n### ", text))
    text = unescape(_TAG.sub("", _LINE.sub("\n", text))).replace("\xa0", " ")
    return _GAP.sub("\n\n", text).strip().encode("utf-8", errors="replace")


def _link(found: re.Match[str]) -> str:
    paper = _PAPER.search(found[1])
    return f"[{found[2].strip()}]({paper[0]})" if paper and found[2].strip() else found[2]


def unflow(text: bytes, *, joined: bool) -> bytes:
    """Return ``text`` with its paragraphs each on one line: a line that ends in a blank goes on in
    the next of the same depth of quotation. ``joined``: the blank itself is not meant (DelSp)."""
    if text.count(b"\n") > MOST_LINES:
        return text
    lines = [_unstuffed(line) for line in text.split(b"\n")]
    return b"\n".join(
        quote + line
        for quote, group in groupby(lines, key=lambda each: each[0])
        for line in _paragraphs([line for _, line in group], joined=joined)
    )


def _unstuffed(line: bytes) -> tuple[bytes, bytes]:
    """The marks of quotation, in one way of writing, and the rest without its stuffed blank."""
    depth = len(line) - len(line.lstrip(b">"))
    rest = line[depth:].removeprefix(b" ")
    return b">" * depth + b" " * bool(depth), rest


def _paragraphs(lines: list[bytes], *, joined: bool) -> list[bytes]:
    done: list[bytes] = []
    begun: list[bytes] = []
    for line in lines:
        flows = line.endswith(b" ") and line != b"-- "
        begun.append(line[:-1] if flows and joined else line)
        if not flows:
            done.append(b"".join(begun))
            begun = []
    return [*done, b"".join(begun)] if begun else done
