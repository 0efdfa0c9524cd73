"""The daily mail of Hugging Face: titles with votes and links, but no abstracts.

As text (the links may be missing, or follow in brackets or on their own line)::

    Daily Papers
    by AK and the AI research community
    Here is the selection of papers for today (18 Nov):
    Sparse Owls: Routing by Night (140 ▲)
    Dense Bats (35 ▲)
    To view more checkout today's Daily Paper page.

As HTML, the title and its votes are the words of a link to ``huggingface.co/papers/2611.90001``
whose ``utm_campaign`` is the day.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from itertools import islice, zip_longest
from typing import Final

from digest.errors import ParseError
from digest.ingest.dump.dates import MONTH_PATTERN, read_date
from digest.ingest.huggingface.asked import read_span
from digest.ingest.huggingface.row import shorten
from digest.ingest.identity import make_paper
from digest.ingest.markup import plain
from digest.ingest.text import decode, fold
from digest.model import Announcement, Listing, Payload, Problem

LONGEST_TITLE: Final = 500  # characters
MOST: Final = 1_000  # papers; a real mail has fewer than 100
LONGEST_LINK: Final = 5_000  # characters of markup within a link

_VOTES: Final = re.compile(r"[(（]\s{0,9}([0-9]{1,6})\s{0,9}▲\s{0,9}[)）]")
_ADDRESS: Final = re.compile(
    r"[<(\[]?https?://(?:www\.)?(?:huggingface\.co|hf\.co)/papers/([0-9]{4}\.[0-9]{4,5})"
    r"[^\s<>()\[\]]*+[>)\]]?"
)
_MARK: Final = re.compile(f"{_VOTES.pattern}|{_ADDRESS.pattern}")
_HEAD: Final = re.compile(r"selection of papers for[^:]{0,80}:", re.IGNORECASE)
_FOOT: Final = re.compile(r"\bTo view more\b", re.IGNORECASE)
_QUOTED: Final = re.compile(r"^[ \t]*[>*•-][>*•\s-]*", re.MULTILINE)
_DAY: Final = re.compile(
    rf"(?:Daily papers of|papers for today \()\s{{0,9}}([0-9]{{1,2}}) ({MONTH_PATTERN})[a-z]{{0,6}}"
    r"(?: ([0-9]{4}))?",
    re.IGNORECASE,
)
_CAMPAIGN: Final = re.compile(r"utm_campaign=([0-9]{4}-[0-9]{2}-[0-9]{2})")
_LINK: Final = re.compile(r"</?a\b[^<>]*+>", re.IGNORECASE)
_BESIDE: Final = 200  # characters after a link
_CUT: Final = (
    "the mail goes on with “{}”, which has no votes behind it and was not read as a title: if the "
    "mail is cut, give it whole."
)
_CUT_LINK: Final = "the mail breaks off at “{}”: give it whole."
_SENDER: Final = "utm_source=digest-papers"
_MARKUP: Final = re.compile(r"[\s\ufeff]*<")


@dataclass(slots=True, kw_only=True)
class _Entry:
    """One paper of the mail; ``line`` is where its title begins."""

    title: str
    line: int | None = None
    arxiv_id: str | None = None
    upvotes: int | None = None


def looks_like_mail(text: str) -> bool:
    """Say whether ``text`` is the text or the HTML of the daily mail."""
    if _MARKUP.match(text):
        return _SENDER in text
    return _VOTES.search(text) is not None and (_SENDER in text or _HEAD.search(text) is not None)


def parse_mail(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing in the body of one daily mail, as text or as HTML.

    Its date is ``on``, else the day the mail states, else ``today``; never a later day. The
    papers have no abstracts, which is no problem: the mail never has them. Raises ParseError
    where there is no paper at all.
    """
    text = decode(payload)
    entries, problems = _read_markup(text) if _MARKUP.match(text) else _read_text(text)
    if not entries:
        raise ParseError(
            payload.name, "this daily mail of Hugging Face names no paper: give it whole."
        )
    return Listing(
        name=payload.name,
        date=min(on or _stated(payload.name, text, today) or today, today),
        announcements=tuple(_announcement(entry) for entry in entries),
        problems=tuple(problems),
    )


def _read_markup(text: str) -> tuple[list[_Entry], list[Problem]]:
    entries: dict[str, _Entry] = {}
    problems = []
    tags = [*islice(_LINK.finditer(text), 4 * MOST)]
    for tag, end, following in zip_longest(tags, tags[1:], tags[2:]):
        address = _ADDRESS.search(unescape(tag[0]))
        words = plain(_between(text, tag, end)) if address else ""
        if address and words and address[1] not in entries:
            after = plain(_between(text, end, following)[:_BESIDE]) if end else ""
            entries[address[1]] = _link(address[1], words, after)
            problems += [] if end else [Problem(message=_CUT_LINK.format(shorten(words)))]
    return list(entries.values()), problems


def _between(text: str, tag: re.Match[str], end: re.Match[str] | None) -> str:
    return text[tag.end() : end.start() if end else None][:LONGEST_LINK]


def _link(arxiv_id: str, words: str, after: str) -> _Entry:
    """The votes stand within the link, behind the title, or directly after it."""
    found = _VOTES.search(words) or _VOTES.match(after)
    title = _VOTES.sub("", words).strip() or words
    return _Entry(title=title, arxiv_id=arxiv_id, upvotes=int(found[1]) if found else None)


def _read_text(text: str) -> tuple[list[_Entry], list[Problem]]:
    entries: list[_Entry] = []
    problems: list[Problem] = []
    for words, mark, line in _pieces(text):
        title = _title(words)
        if len(title) > LONGEST_TITLE or (title and not mark):
            problems.append(Problem(message=_CUT.format(shorten(title)), line=line))
        elif title:
            entries.append(_Entry(title=title, line=line))
        if entries and mark:
            _mark(entries[-1], mark)
    return entries, problems if entries else []


def _pieces(text: str) -> Iterator[tuple[str, re.Match[str] | None, int]]:
    """Yield the words before each mark, the mark, and the line the words begin on; at last
    those behind all marks. Without the head's own sentence a first title is one line."""
    head, foot = _HEAD.search(text), _FOOT.search(text)
    at = head.end() if head else 0
    line = 1 + text.count("\n", 0, at)
    body = text[: foot.start()] if foot else text
    for number, mark in enumerate(islice(_MARK.finditer(body, at), 2 * MOST)):
        start = at if head or number else body.rfind("\n", at, mark.start()) + 1
        words = body[start : mark.start()].lstrip()
        yield words, mark, line + body.count("\n", at, mark.start() - len(words))
        line += body.count("\n", at, mark.end())
        at = mark.end()
    rest = body[at:].lstrip()
    yield rest, None, line + body.count("\n", at, len(body) - len(rest))


def _mark(entry: _Entry, mark: re.Match[str]) -> None:
    """Votes or an address end a title; where none stands before, they are of the same paper."""
    if mark[1] and entry.upvotes is None:
        entry.upvotes = int(mark[1])
    entry.arxiv_id = entry.arxiv_id or mark[2]


def _title(words: str) -> str:
    """The words on one line, without marks of quoting, of lists, or of one half of a link."""
    line = fold(_QUOTED.sub("", words))
    for mark, other in ("[]", "]["):
        if mark in line and other not in line:
            line = line.replace(mark, " ").strip()
    return line if any(map(str.isalnum, line)) else ""


def _stated(name: str, text: str, today: date) -> date | None:
    campaign = _CAMPAIGN.search(text)
    span = read_span(campaign[1]) if campaign else None
    if span:
        return span.last
    found = _DAY.search(name) or _DAY.search(text)
    if found is None:
        return None
    year = f", {found[3]}" if found[3] else ""
    return read_date(f"{found[2].capitalize()} {found[1]}{year}", not_after=today)


def _announcement(entry: _Entry) -> Announcement:
    paper = make_paper(
        title=entry.title, abstract="", arxiv_id=entry.arxiv_id, upvotes=entry.upvotes
    )
    return Announcement(paper=paper, line=entry.line)
