"""Notes of the OpenReview API: ``https://api2.openreview.net/notes?content.venueid=…``.

``{"notes": [{id, forum, cdate, tcdate, pdate, odate, content: {title, authors, abstract, TLDR,
venue, keywords, pdf}}], "count": …}`` with moments in milliseconds; each field of the content is
``{"value": …}`` in version 2 and bare in version 1
(https://docs.openreview.net/reference/api-v2/entities/note, …/getting-started/using-the-api).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from digest.ingest.identity import arxiv_id, make_paper
from digest.ingest.paging import asked, missing, turn
from digest.ingest.rows import Entry, read_rows
from digest.ingest.values import day_of_milliseconds, items, number, record, text, texts
from digest.model import Link, LinkRel, Listing, Payload

_PAGE: Final = 1000  # notes on a page that asks for no other limit
_SITE: Final = "https://openreview.net"


def is_openreview(value: Any) -> bool:
    """Say whether ``value`` is a list of notes, be it empty."""
    notes = record(value).get("notes")
    if not isinstance(notes, list):
        return False
    return any("content" in record(note) for note in notes) or (not notes and "count" in value)


def read_openreview(
    payload: Payload, value: Any, *, today: date, on: date | None = None
) -> Listing:
    """Return the listing of one page of notes.

    Reviews, comments and decisions (notes in the forum of another) and what is deleted are no
    papers and are left out. A paper's day is when it became public.
    """
    notes, total = items(value["notes"]), number(value.get("count"))
    parameters = asked(payload.name)
    seen = (number(parameters.get("offset")) or 0) + len(notes)
    full = len(notes) >= max(1, number(parameters.get("limit")) or _PAGE)
    goes_on = bool(notes) and (full if total is None else seen < total)
    next = turn(payload.name, offset=seen) if goes_on else None
    return read_rows(
        payload,
        notes,
        _entry,
        today=today,
        on=on,
        next=next,
        problems=missing(seen, total, next) if notes else (),
    )


def _entry(note: Mapping[str, Any]) -> Entry | str | None:
    forum = text(note.get("forum")) or text(note.get("id"))
    if text(note.get("id")) not in ("", forum) or note.get("ddate"):
        return None
    content = {name: _bare(each) for name, each in record(note.get("content")).items()}
    if not (title := text(content.get("title")).strip()):
        return "has no title"
    created = _first_day(note, "cdate", "tcdate")
    places = [text(content.get(name)) for name in ("pdf", "html")]
    paper = make_paper(
        title=title,
        abstract=text(content.get("abstract")),
        arxiv_id=next(filter(None, map(arxiv_id, filter(_is_address, places))), None),
        openreview_id=forum.strip() or None,
        authors=_authors(content.get("authors")),
        submitted_on=created,
        categories=_keywords(content.get("keywords")),
        venue=text(content.get("venue")),
        tldr=text(content.get("TLDR")) or text(content.get("TL;DR")),
        links=list(_links(places[0], forum)),
    )
    return Entry(paper, _first_day(note, "odate", "pdate") or created)


def _bare(field: Any) -> Any:
    return field.get("value") if isinstance(field, dict) else field


def _first_day(note: Mapping[str, Any], *names: str) -> date | None:
    return next(filter(None, (day_of_milliseconds(note.get(name)) for name in names)), None)


def _authors(value: Any) -> list[str]:
    """Names, or objects with one; what is still under review has none worth telling."""
    names = (text(record(each).get("fullname")) or text(each) for each in items(value))
    return [name for name in names if name.strip().lower() != "anonymous"]


def _keywords(value: Any) -> list[str]:
    parts = text(value).replace(";", ",").split(",") if isinstance(value, str) else texts(value)
    return [part.strip() for part in parts]


def _is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _links(pdf: str, forum: str) -> Iterator[Link]:
    if _is_address(pdf):
        yield Link(rel=LinkRel.PDF, url=pdf)
    elif pdf.startswith("/") and forum:
        yield Link(rel=LinkRel.PDF, url=f"{_SITE}/pdf?id={forum}")
