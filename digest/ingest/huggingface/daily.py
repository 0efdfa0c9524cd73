"""Rows of daily papers → listing: which day they are of, and whether they are all."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from digest.errors import ParseError
from digest.ingest import values
from digest.ingest.huggingface.asked import (
    DEFAULT_LIMIT,
    LARGEST_LIMIT,
    Span,
    following,
    is_api,
    read_span,
    requested,
)
from digest.ingest.huggingface.row import open_row, read_row
from digest.ingest.rows import MOST, read_rows
from digest.ingest.text import fold
from digest.model import Listing, Payload, Problem

LOOK: Final = 20  # rows that are looked at to recognise a listing

_ROWS: Final = ("data", "dailyPapers", "papers")
_FINE: Final = ("success", "ok", "200", "true")
_OWN_FIELDS: Final = ("upvotes", "submittedOnDailyAt", "discussionId", "ai_summary", "numComments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Rows, and what stands around them: the days they are said to be of, a status, a count.

    ``shown`` says that they come from a page of the site, which shows a hundred papers or so.
    """

    rows: Sequence[Any]
    span: Span | None = None
    status: str | None = None
    count: int | None = None
    shown: bool = False


def is_daily(value: Any) -> bool:
    """Say whether a JSON value is a listing of daily papers: by its rows, or by what is around
    them where there is none (a day without papers)."""
    if isinstance(value, list):
        return not value or any(map(_is_row, islice(value, LOOK)))
    if not isinstance(value, dict):
        return False
    if rows := _rows(value):
        return any(map(_is_row, islice(rows, LOOK)))
    return _is_row(value) or "dailyPapers" in value or {"status", "date", "data"} <= value.keys()


def read_daily(payload: Payload, value: Any, *, today: date, on: date | None = None) -> Listing:
    """Return the listing that a JSON value for which ``is_daily`` holds describes.

    Its date is ``on``, else that of the newest row, else the one said around the rows, else the
    last day that the address asks for or the file name states, else ``today``; never a later day.
    ``next`` is the address of the next page where this one is full.

    Raises ParseError when no paper can be read though there are rows, or a word on why there are
    none.
    """
    parcel = _open(value)
    rows = [*map(open_row, parcel.rows[:MOST]), *parcel.rows[MOST:]]
    days = [day for row in rows[:MOST] if (day := _day(row))]
    span = parcel.span or read_span(payload.name)
    listing = read_rows(
        payload,
        rows,
        read_row,
        today=today,
        on=on,
        stated=span.last if span else None,
        next=following(payload.name, len(rows), days, today),
        problems=[
            *(Problem(message=said, cut=True) for said in _doubts(payload, parcel)),
            *(Problem(message=said) for said in _other_days(requested(payload.name), parcel, days)),
        ],
    )
    if listing.problems and not listing.announcements:
        first = listing.problems[0].message
        raise ParseError(payload.name, f"no paper could be read, because {first}")
    return listing


def _is_row(row: Any) -> bool:
    opened = open_row(row)
    if not isinstance(opened, dict):
        return False
    inner = opened.get("paper")
    if isinstance(inner, dict):
        return not inner.keys().isdisjoint(("id", "title", "summary"))
    return "title" in opened and not opened.keys().isdisjoint(_OWN_FIELDS)


def _rows(value: Mapping[str, Any]) -> list[Any] | None:
    found = (value[name] for name in _ROWS if isinstance(value.get(name), list))
    return next(found, None)


def _open(value: Any) -> Parcel:
    if isinstance(value, list):
        return Parcel(rows=value)
    rows = _rows(value)
    if rows is None and _is_row(value):
        return Parcel(rows=[value])
    status = value.get("status")
    said = value.get("date") or value.get("dateString")
    return Parcel(
        rows=rows or [],
        span=read_span(values.text(said)),
        status=None if status is None else fold(str(status))[:40],
        count=values.number(value.get("count")),
        shown="dailyPapers" in value,
    )


def _day(row: Any) -> date | None:
    name = "submittedOnDailyAt"
    return values.day(values.within(row, "paper", name)) or values.day(values.within(row, name))


def _doubts(payload: Payload, parcel: Parcel) -> Iterator[str]:
    """Say why it may not be all there is."""
    if parcel.status is not None and parcel.status.lower() not in _FINE:
        yield f"its status is “{parcel.status}”, so papers may be missing: fetch it again."
    if parcel.count is not None and parcel.count != len(parcel.rows):
        yield (
            f"it counts {parcel.count} papers but holds {len(parcel.rows)}, so it may be cut: "
            "fetch it again."
        )
    yield from _full(payload, parcel)


def _other_days(asked: Span | None, parcel: Parcel, days: Sequence[date]) -> Iterator[str]:
    """The site answers a question about an empty day with the papers of another one."""
    other = Counter(day for day in days if asked and day not in asked)
    if other:
        shown = ", ".join(map(str, sorted(other)[:3])) + (" and others" if len(other) > 3 else "")
        yield (
            f"{asked} was asked for, but {other.total()} of the {len(parcel.rows)} papers are of "
            f"{shown}: each keeps its own day."
        )


def _full(payload: Payload, parcel: Parcel) -> Iterator[str]:
    rows = len(parcel.rows)
    if parcel.shown and rows >= LARGEST_LIMIT:
        yield (
            f"the page shows {rows} papers, about as many as it ever does, so there may be more: "
            "ask https://huggingface.co/api/daily_papers, which has pages."
        )
    elif not parcel.shown and not is_api(payload.name) and rows in (DEFAULT_LIMIT, LARGEST_LIMIT):
        yield (
            f"it holds exactly {rows} papers, which is a full page, so there may be more: give "
            "the next page too, or the address as a source."
        )
