"""Papers of the Semantic Scholar API: bulk search, relevance search, recommendations, batches.

``{"total", "token", "data": [paper]}`` from ``/graph/v1/paper/search/bulk``, ``{"total", "offset",
"next", "data"}`` from ``/graph/v1/paper/search``, ``{"recommendedPapers": [paper]}`` and bare
arrays from ``/graph/v1/paper/batch``, where an unknown id is null. A paper has ``paperId`` and
whatever ``fields=`` asked for: title, abstract, tldr, authors, externalIds, publicationDate, venue,
url, openAccessPdf, fieldsOfStudy (https://api.semanticscholar.org/api-docs).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from digest.ingest.identity import make_paper
from digest.ingest.markup import plain
from digest.ingest.paging import asked, missing, turn
from digest.ingest.rows import Entry, read_rows
from digest.ingest.values import day, items, number, record, text, texts, within
from digest.model import Link, LinkRel, Listing, Payload, Problem

_ID: Final = re.compile(r"[0-9a-f]{40}")
_ENVELOPE: Final = frozenset({"total", "token", "offset", "next", "data"})
_ADVICE: Final = "Semantic Scholar gives no more of one search; narrow it, or use the bulk search"


def is_semantic_scholar(value: Any) -> bool:
    """Say whether ``value`` holds papers of this API, or is an empty answer to a search."""
    if isinstance(value, dict) and isinstance(value.get("recommendedPapers"), list):
        return True
    if isinstance(value, dict) and value.get("data") == []:
        return "total" in value and value.keys() <= _ENVELOPE
    return any("paperId" in record(paper) for paper in _papers(value))


def read_semantic_scholar(
    payload: Payload, value: Any, *, today: date, on: date | None = None
) -> Listing:
    """Return the listing of one page of papers; a paper's day is that of its publication."""
    papers = _papers(value)
    said = record(value)
    seen = (number(said.get("offset")) or 0) + len(papers)
    next = _next(payload.name, said, seen) if papers else None
    return read_rows(
        payload,
        papers,
        _entry,
        today=today,
        on=on,
        next=next,
        problems=_missing(said, seen, next) if papers else (),
    )


def _papers(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    said = record(value)
    return items(said.get("recommendedPapers")) or items(said.get("data"))


def _next(url: str, said: Mapping[str, Any], seen: int) -> str | None:
    """The next page: by its token, which differs from page to page, or by its offset."""
    token = text(said.get("token"))
    if token and token != asked(url).get("token"):
        return turn(url, token=token)
    further = number(said.get("next"))
    before = max(number(asked(url).get("offset")) or 0, number(said.get("offset")) or 0)
    return turn(url, offset=further) if further is not None and further > before else None


def _missing(said: Mapping[str, Any], seen: int, next: str | None) -> Iterator[Problem]:
    """The last page of a bulk search does not say how many came before, but has no token."""
    total = number(said.get("total"))
    if said.get("token") or number(said.get("next")):
        return missing(seen, total, next)
    return missing(seen, total if "offset" in said else None, next, advice=_ADVICE)


def _entry(paper: Mapping[str, Any]) -> Entry | str:
    title = plain(text(paper.get("title")))
    if not title:
        return "has no title"
    published = day(paper.get("publicationDate"))
    known = record(paper.get("externalIds"))
    made = make_paper(
        title=title,
        abstract=plain(text(paper.get("abstract"))),
        arxiv_id=text(known.get("ArXiv")),
        doi=text(known.get("DOI")),
        authors=[text(record(each).get("name")) for each in items(paper.get("authors"))],
        submitted_on=published,
        categories=texts(paper.get("fieldsOfStudy")),
        venue=_venue(paper),
        tldr=text(within(paper, "tldr", "text")),
        links=list(_links(paper)),
    )
    return Entry(made, published)


def _venue(paper: Mapping[str, Any]) -> str | None:
    """The journal or conference; the archive a preprint lies in is none."""
    name = text(paper.get("venue")) or text(within(paper, "journal", "name"))
    return None if name.lower().startswith("arxiv") else name


def _links(paper: Mapping[str, Any]) -> Iterator[Link]:
    yield Link(rel=LinkRel.PDF, url=text(within(paper, "openAccessPdf", "url")))
    if _ID.fullmatch(name := text(paper.get("paperId"))):
        yield Link(rel=LinkRel.PAGE, url=f"https://www.semanticscholar.org/paper/{name}")
