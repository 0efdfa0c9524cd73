"""JSON Feed 1.0 and 1.1: ``{"version": "https://jsonfeed.org/version/1.1", "items": […]}``.

https://www.jsonfeed.org/version/1.1/. Version 1 has one ``author`` where 1.1 has ``authors``; only
``content_html`` is HTML.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

from digest.ingest.identity import arxiv_id, doi, make_paper
from digest.ingest.markup import plain
from digest.ingest.paging import follow
from digest.ingest.rows import Entry, read_rows
from digest.ingest.text import fold
from digest.ingest.values import day, items, record, text, texts
from digest.model import Link, LinkRel, Listing, Payload, Problem

_VERSION: Final = "jsonfeed.org/version/"


def is_json_feed(value: Any) -> bool:
    """Say whether ``value`` is a feed that says which version of the format it follows."""
    version, listed = record(value).get("version"), record(value).get("items")
    return isinstance(version, str) and _VERSION in version and isinstance(listed, list)


def read_json_feed(payload: Payload, value: Any, *, today: date, on: date | None = None) -> Listing:
    """Return the listing of one page of a feed; ``next_url`` is followed within the same host."""
    link = text(value.get("next_url")).strip()
    same = link == text(value.get("feed_url")).strip()
    next = follow(payload.name, link) if link and not same else None
    return read_rows(
        payload,
        items(value["items"]),
        partial(_entry, writers=_names(value)),
        today=today,
        on=on,
        next=next,
        problems=_unfollowed(link) if link and not next else (),
    )


def _unfollowed(link: str) -> Iterator[Problem]:
    yield Problem(
        message=f"the feed goes on at {fold(link)[:200]}, which is not followed from here: only "
        "further pages of the host the feed was asked from are."
    )


def _entry(item: Mapping[str, Any], *, writers: list[str]) -> Entry | str:
    title = fold(text(item.get("title")))
    if not title:
        return "has no title"
    published = day(item.get("date_published"))
    places = [text(item.get(name)).strip() for name in ("external_url", "url", "id")]
    content = fold(text(item.get("content_text"))) or plain(text(item.get("content_html")))
    summary = fold(text(item.get("summary")))
    paper = make_paper(
        title=title,
        abstract=content or summary,
        arxiv_id=next(filter(None, map(arxiv_id, filter(_says_arxiv, places))), None),
        doi=next(filter(None, map(doi, places)), None),
        authors=_names(item) or writers,
        submitted_on=published,
        categories=texts(item.get("tags")),
        tldr=None if (content or summary).startswith(summary.rstrip(" .…")) else summary,
        links=list(_links(places)),
    )
    return Entry(paper, published)


def _names(holder: Mapping[str, Any]) -> list[str]:
    people = items(holder.get("authors")) or [holder.get("author")]
    return [name for person in people if (name := text(record(person).get("name")).strip())]


def _says_arxiv(place: str) -> bool:
    """An id such as ``post/1234567`` is no arXiv id of the old style."""
    return "arxiv" in place.lower() or "/papers/" in place


def _links(places: Iterable[str]) -> Iterator[Link]:
    first = next((place for place in places if place.startswith(("http://", "https://"))), None)
    if first:
        yield Link(rel=LinkRel.ABSTRACT, url=first)
