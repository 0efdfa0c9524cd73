"""The JSON API of bioRxiv and medRxiv: ``…/details/[server]/[interval]/[cursor]/[format]``.

``{"messages": [{status, cursor, count, total}], "collection": [{doi, title, authors, date, version,
category, abstract, published, server}]}`` (https://api.biorxiv.org/details/biorxiv/help). Numbers
come as numbers or as strings, ``total`` counts every version, and a page has 100 rows or 30.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from digest.errors import ParseError
from digest.ingest.apis.highwire import prose
from digest.ingest.identity import doi, make_paper
from digest.ingest.markup import plain
from digest.ingest.paging import missing, turn
from digest.ingest.rows import Entry, read_rows
from digest.ingest.text import fold
from digest.ingest.values import day, items, number, record, text
from digest.model import AnnouncementKind, Link, LinkRel, Listing, Payload

_NOTHING: Final = re.compile(r"\s*no (?:posts|articles|papers)\b", re.IGNORECASE)
_PLACE: Final = re.compile(
    r"(?P<before>.*/details/(?:bio|med)rxiv/(?:\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d|\d+d?))"
    r"(?:/(?P<cursor>\d{1,9}))?(?P<after>/json)?/?",
    re.IGNORECASE,
)
_Versions = Mapping[str | None, list[Mapping[str, Any]]]  # by DOI, the latest last

_SERVERS: Final = {"biorxiv": "www.biorxiv.org", "medrxiv": "www.medrxiv.org"}


def is_biorxiv(value: Any) -> bool:
    """Say whether ``value`` is an answer of this API, be it that there is nothing."""
    said = items(record(value).get("messages"))
    return bool(said) and "status" in record(said[0]) and "collection" in value


def read_biorxiv(payload: Payload, value: Any, *, today: date, on: date | None = None) -> Listing:
    """Return the listing of one page; a work in several versions is announced once, by its latest.

    A work whose first version is not on the page is a replacement. Raises ParseError when the API
    answers with an error of its own.
    """
    said = record(value["messages"][0])
    status, rows = fold(text(said.get("status"))), items(value["collection"])
    if not rows and status.lower() != "ok" and not _NOTHING.match(status):
        raise ParseError(payload.name, f"the API answers “{status}”: check the address.")
    seen = (number(said.get("cursor")) or 0) + len(rows)
    total = number(said.get("total"))
    next = _next(payload.name, seen, total) if rows else None
    return read_rows(
        payload,
        rows,
        partial(_entry, versions=_versions(rows)),
        today=today,
        on=on,
        next=next,
        problems=missing(seen, total, next) if rows else (),
    )


def _next(url: str, seen: int, total: int | None) -> str | None:
    """The page from ``seen`` on, which is always further than the one at ``url``."""
    path, mark, query = url.partition("?")
    place = _PLACE.fullmatch(path)
    if place is None or total is None or not int(place["cursor"] or 0) < seen < total:
        return None
    return turn(f"{place['before']}/{seen}{place['after'] or ''}{mark}{query}")


def _versions(rows: list[Any]) -> _Versions:
    versions: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in sorted(map(record, rows), key=_version):
        versions.setdefault(doi(text(row.get("doi"))), []).append(row)
    return versions


def _version(row: Mapping[str, Any]) -> int:
    return number(row.get("version")) or 1


def _entry(row: Mapping[str, Any], *, versions: _Versions) -> Entry | str | None:
    registered = doi(text(row.get("doi")))
    same = versions[registered] if registered else [row]
    if row is not same[-1]:
        return None
    if not (title := plain(text(row.get("title")))):
        return "has no title"
    new = _version(same[0]) == 1
    paper = make_paper(
        title=title,
        abstract=prose(text(row.get("abstract"))),
        doi=registered,
        other_dois=[text(row.get("published"))],  # the article's, or "NA"
        authors=_authors(text(row.get("authors"))),
        submitted_on=day(same[0].get("date")) if new else None,
        categories=[text(row.get("category")).strip()],
        links=list(_links(row, registered)),
    )
    kind = AnnouncementKind.NEW if new else AnnouncementKind.REPLACE
    return Entry(paper, day(row.get("date")), kind)


def _authors(names: str) -> list[str]:
    """``Lovelace, A.; Noether, E.; The Owl Consortium`` in the order names are read in."""
    return [" ".join(_in_order(name)) for name in plain(names).split(";")]


def _in_order(name: str) -> list[str]:
    family, *given = (part.strip() for part in name.split(","))
    return [*given[:1], family, *given[1:]]  # "King, M. L., Jr."


def _links(row: Mapping[str, Any], registered: str | None) -> Iterator[Link]:
    host = _SERVERS.get(text(row.get("server")).strip().lower())
    if host and registered:
        page = f"https://{host}/content/{quote(registered, safe='/')}v{_version(row)}"
        yield Link(rel=LinkRel.PDF, url=f"{page}.full.pdf")
