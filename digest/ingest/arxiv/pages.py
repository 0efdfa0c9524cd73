"""The listing pages of arxiv.org: ``list/cs.CL/new``, ``/recent``, ``/pastweek``, also in parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from digest.errors import ParseError
from digest.ingest import paging
from digest.ingest.arxiv.fields import read_authors, read_day
from digest.ingest.arxiv.markup import Heading, Item, read_pieces
from digest.ingest.identity import arxiv_id, make_paper
from digest.ingest.text import LONGEST, decode
from digest.model import Announcement, AnnouncementKind, Listing, Payload, Problem

_LOOK: Final = 200_000  # characters that are looked at to recognise a page
_SIGN: Final = re.compile(
    r"<(?:div|dl)\b[^<>]{0,200}\b(?:id=[\"']?(?:dlpage|articles)\b|class=[\"']?list-title\b)",
    re.IGNORECASE,
)
_MOST_ENTRIES: Final = 20_000
_TOTAL: Final = re.compile(r"\btotal of ([\d,]{1,9}) entries", re.IGNORECASE)
_SHOW: Final = re.compile(r"\bshowing (?:up to )?(\d{1,5}) entries per page", re.IGNORECASE)
_NOTHING: Final = re.compile(r"No updates (?:today|for this time period)", re.IGNORECASE)
_SECTION_KINDS: Final = {
    "cross": AnnouncementKind.CROSS,
    "replacement": AnnouncementKind.REPLACE,
}
_SECTION: Final = re.compile(r"(cross|replacement)", re.IGNORECASE)
_SHOWN: Final = re.compile(r"\((continued, )?showing .{0,20}?(\d{1,6}) of (\d{1,6}) entries")
_CATEGORY: Final = re.compile(r"\(([a-z]{2,}(?:-[a-z]+)*+(?:\.[A-Za-z-]{2,})?)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An entry, and what the headings above it say: its kind and its day."""

    item: Item
    kind: AnnouncementKind
    day: date | None


@dataclass(slots=True, kw_only=True)
class _Page:
    """A page as far as it was read; ``hidden`` counts what its sections say they leave out."""

    entries: list[_Entry] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    hidden: int = 0


def looks_like_page(text: str) -> bool:
    """Say whether ``text`` is a listing page of arxiv.org. Looks at the beginning only."""
    beginning = text[:_LOOK]
    return beginning.lstrip("\ufeff \t\r\n").startswith("<") and bool(_SIGN.search(beginning))


def parse_page(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing on one of arXiv's pages, as it is now and as it was before 2023.

    Its date is ``on``, else the latest day its headings state, else ``today``; never a later day.
    An announcement has its own day where the page is of several. ``next`` leads to the entries
    the page leaves out, when its address is known; otherwise they are a problem. An entry without
    title, and a page that was cut, are problems.

    Raises ParseError where there is no such page.
    """
    html = decode(payload)
    if not looks_like_page(html):
        raise ParseError(payload.name, "this is no listing page of arXiv.", line=1)
    if max(html.count(tag) for tag in ("<dt", "<h3", "<DT", "<H3")) > _MOST_ENTRIES:
        raise ParseError(
            payload.name, f"this page holds more than {_MOST_ENTRIES:,} entries: ask for fewer."
        )
    page = _read(html)
    total = _total(html, page)
    if not page.entries and not total and not _NOTHING.search(html):
        raise ParseError(payload.name, "this page of arXiv's lists no papers.", line=1)
    next = _next(payload.name, html, page, total)
    several = on is None and len(set(page.days)) > 1
    return Listing(
        name=payload.name,
        date=min(on or max(page.days, default=today), today),
        announcements=tuple(
            _announcement(entry, min(entry.day, today) if several and entry.day else None)
            for entry in page.entries
            if _is_told(entry.item)
        ),
        problems=(*_problems(html, page), *paging.missing(_seen(page, payload.name), total, next)),
        next=next,
    )


def _read(html: str) -> _Page:
    page = _Page()
    kind, day = AnnouncementKind.NEW, None
    for piece in read_pieces(html):
        if isinstance(piece, Item):
            page.entries.append(_Entry(item=piece, kind=_kind(piece) or kind, day=day))
            continue
        kind = _section(piece)
        if day := read_day(piece.text) or day:
            page.days.append(day)
        shown = _SHOWN.search(piece.text)
        if shown and not shown[1]:
            page.hidden += max(0, int(shown[3]) - int(shown[2]))
    return page


def _section(heading: Heading) -> AnnouncementKind:
    found = _SECTION.match(heading.text)
    return _SECTION_KINDS[found[1].lower()] if found else AnnouncementKind.NEW


def _kind(item: Item) -> AnnouncementKind | None:
    if "(replaced" in item.head:
        return AnnouncementKind.REPLACE
    return AnnouncementKind.CROSS if "(cross-list" in item.head else None


def _total(html: str, page: _Page) -> int | None:
    """How many entries all pages have, as far as this one says."""
    found = _TOTAL.search(html)
    if found:
        return int(found[1].replace(",", "") or 0)
    return len(page.entries) + page.hidden if page.hidden else None


def _seen(page: _Page, url: str) -> int:
    """The number of the last whole entry, counted from the first page on."""
    whole = [entry.item for entry in page.entries if entry.item.whole]
    skipped = paging.asked(url).get("skip", "")
    skip = int(skipped) if re.fullmatch(r"\d{1,7}", skipped, re.ASCII) else 0
    return max(skip + len(whole), *(item.number or 0 for item in whole[-1:]), 0)


def _next(url: str, html: str, page: _Page, total: int | None) -> str | None:
    seen = _seen(page, url)
    if total is None or seen >= total or not any(entry.item.whole for entry in page.entries):
        return None
    show = paging.asked(url).get("show") or next(iter(_SHOW.findall(html)), None)
    return paging.turn(url, skip=seen, **({"show": show} if show else {}))


def _is_told(item: Item) -> bool:
    """The title is there, and all of it: where the page was cut below, subjects follow."""
    return bool(item.title and (item.whole or item.subjects))


def _announcement(entry: _Entry, on: date | None) -> Announcement:
    item = entry.item
    return Announcement(
        paper=make_paper(
            title=item.title[:LONGEST],
            abstract=item.abstract[:LONGEST],
            arxiv_id=item.id,
            authors=_authors(item.authors),
            categories=_CATEGORY.findall(item.subjects),
            venue=item.venue[:LONGEST],
        ),
        kind=entry.kind,
        line=item.line,
        on=on,
    )


def _authors(names: Sequence[str]) -> Sequence[str]:
    return names if len(names) > 1 else read_authors("".join(names))


def _problems(html: str, page: _Page) -> Iterator[Problem]:
    with_abstracts = any(entry.item.abstract for entry in page.entries)
    for place, entry in enumerate(page.entries, start=1):
        yield from _entry_problems(entry.item, entry.item.number or place, with_abstracts)
    if _is_cut(html, page):
        yield Problem(
            message="the page breaks off here: papers may be missing or cut; fetch it again.",
            line=html.rstrip().count("\n") + 1,
            cut=True,
        )


def _entry_problems(item: Item, number: int, with_abstracts: bool) -> Iterator[Problem]:
    if item.tangled:
        yield Problem(
            message=f"entry {number} is a tangle of markup and was left out.", line=item.line
        )
    elif not _is_told(item):
        yield Problem(
            message=f"entry {number} has no whole title and was left out.", line=item.line
        )
    elif arxiv_id(item.id) is None:
        yield Problem(
            message=f"entry {number} has no arXiv id; it is known by its title alone.",
            line=item.line,
        )
    elif with_abstracts and not item.abstract and item.whole:
        yield Problem(message=f"entry {number} has no abstract.", line=item.line)


def _is_cut(html: str, page: _Page) -> bool:
    """A whole page ends; of a part of one, the last entry does."""
    if re.search(r"<html\b", html[:_LOOK], re.IGNORECASE):
        return re.search(r"</html\s*>", html[-_LOOK:], re.IGNORECASE) is None
    return any(not entry.item.whole for entry in page.entries)
