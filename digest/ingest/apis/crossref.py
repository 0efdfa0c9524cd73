"""Works of the Crossref REST API: ``https://api.crossref.org/works?filter=…&cursor=*``.

``{"status": "ok", "message-type": "work-list", "message": {"items": [work], "next-cursor",
"total-results", "items-per-page"}}``; a work's fields are those of
https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md: lists of titles, abstracts in
JATS, dates as ``{"date-parts": [[year, month, day]]}`` that may lack month and day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urldefrag

from digest.ingest.identity import make_paper
from digest.ingest.markup import plain
from digest.ingest.paging import asked, missing, turn
from digest.ingest.rows import Entry, read_rows
from digest.ingest.values import items, number, record, text, texts
from digest.model import Listing, Payload, Problem

# What a reader reads; Crossref also registers volumes, components, reviews, grants, …
_READ: Final = frozenset(
    (
        "journal-article",
        "proceedings-article",
        "posted-content",
        "report",
        "dissertation",
        "book",
        "monograph",
        "book-chapter",
        "other",
        "",  # where select= left the type out
    )
)
_SAME_WORK: Final = ("is-preprint-of", "has-preprint")
_MOST_VERSIONS: Final = 20  # more relations than this are no versions of one work


def is_crossref(value: Any) -> bool:
    """Say whether ``value`` is a list of works, or one work."""
    kind, message = record(value).get("message-type"), record(value).get("message")
    if kind == "work":
        return isinstance(message, dict)
    return kind == "work-list" and isinstance(record(message).get("items"), list)


def read_crossref(payload: Payload, value: Any, *, today: date, on: date | None = None) -> Listing:
    """Return the listing of one page of works.

    What is no paper by its type (a component, an issue, a review, …) is left out. A work's day is
    when its DOI was registered, so that old works that were only indexed again are not news.
    """
    message = value["message"]
    single = value["message-type"] == "work"
    works = [message] if single else items(message["items"])
    seen = _before(payload.name) + len(works)
    next = _next(payload.name, message, len(works), seen)
    total = None if single or not works else number(message.get("total-results"))
    return read_rows(
        payload,
        works,
        _entry,
        today=today,
        on=on,
        next=next,
        problems=_missing(payload.name, seen, total, next),
    )


def _before(url: str) -> int:
    """How many works came on the pages before: we write it into the address's fragment, which no
    server is sent, because a cursor may look the same on every page."""
    return number(urldefrag(url).fragment) or number(asked(url).get("offset")) or 0


def _next(url: str, message: Mapping[str, Any], count: int, seen: int) -> str | None:
    """The next page; a cursor is given even at the end, which fewer works than rows mark."""
    cursor, rows = text(message.get("next-cursor")), number(message.get("items-per-page"))
    total = number(message.get("total-results"))
    if not cursor or not count or count < (rows or 1) or seen >= (total or seen + 1):
        return None
    turned = turn(urldefrag(url).url, cursor=cursor)
    return turned and f"{turned}#{seen}"


def _missing(url: str, seen: int, total: int | None, next: str | None) -> Iterator[Problem]:
    if asked(url) and "cursor" not in asked(url):
        return missing(seen, total, next, advice="add cursor=* to its address to get all pages")
    return missing(seen, total, next)


def _entry(work: Mapping[str, Any]) -> Entry | str | None:
    if text(work.get("type")) not in _READ:
        return None
    if not (title := _title(work)):
        return "has no title"
    paper = make_paper(
        title=title,
        abstract=plain(text(work.get("abstract"))),
        doi=text(work.get("DOI")),
        other_dois=_versions(work),
        authors=list(_authors(work)),
        submitted_on=_first_day(work, "posted", "published-online", "published", "issued"),
        categories=[*texts(work.get("subject")), text(work.get("group-title")).strip()],
        venue=_first(work, "container-title"),
    )
    return Entry(paper, _first_day(work, "created", "posted", "published-online"))


def _title(work: Mapping[str, Any]) -> str:
    title, subtitle = _first(work, "title"), _first(work, "subtitle")
    if not title or not subtitle or subtitle.casefold() in title.casefold():
        return title
    return f"{title}{' ' if title[-1] in ':?!.–—' else ': '}{subtitle}"


def _first(work: Mapping[str, Any], name: str) -> str:
    """The first of the field's texts: the title in its own language, the journal's full name."""
    return next(filter(None, map(plain, texts(work.get(name)))), "")


def _versions(work: Mapping[str, Any]) -> Iterator[str]:
    relation = record(work.get("relation"))
    for name in _SAME_WORK:
        for each in items(relation.get(name))[:_MOST_VERSIONS]:
            yield text(record(each).get("id"))


def _authors(work: Mapping[str, Any]) -> Iterator[str]:
    """People and groups; whoever is marked as the first comes first."""
    people = [record(each) for each in items(work.get("author"))]
    for person in sorted(people, key=lambda each: each.get("sequence") != "first"):
        parts = (text(person.get(part)) for part in ("given", "family", "suffix"))
        yield plain(" ".join(filter(None, parts)) or text(person.get("name")))


def _first_day(work: Mapping[str, Any], *names: str) -> date | None:
    return next(filter(None, (_day(work.get(name)) for name in names)), None)


def _day(value: Any) -> date | None:
    """A whole day; one that lacks the day or the month is none."""
    dates = items(record(value).get("date-parts"))
    parts = [number(part) for part in items(dates[0])] if dates else []
    try:
        return date(*parts) if len(parts) == 3 and None not in parts else None  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
