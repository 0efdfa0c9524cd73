"""What was asked for: the days and the page that an address or a file name states."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlsplit

from digest.ingest import paging, values

DEFAULT_LIMIT: Final = 50  # rows of a page of the API, https://huggingface.co/docs/hub/api
LARGEST_LIMIT: Final = 100
RECENT: Final = timedelta(days=3)  # how far back a list without a date is followed: a weekend

_API: Final = re.compile(r"/api/daily_papers/?$")
_PERIODS: Final = ("date", "week", "month")
_PERIOD: Final = re.compile(r"/papers/(?:date|week|month)/[0-9W-]+/?$")
_SPAN: Final = re.compile(
    r"(?<![0-9])([0-9]{4})-(?:W([0-9]{2})|([0-9]{2})(?:-([0-9]{2}))?)(?![0-9])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The days from ``first`` to ``last``, both included: one day, an ISO week, or a month."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Say whether ``day`` lies within."""
        return self.first <= day <= self.last

    def __str__(self) -> str:
        """The day, or the first and the last."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def read_span(text: str) -> Span | None:
    """Return the days ``text`` names somewhere: ``2025-06-25``, ``2025-W26`` or ``2025-06``."""
    found = _SPAN.search(text)
    try:
        return _span(*found.groups()) if found else None
    except (ValueError, OverflowError):
        return None


def requested(name: str) -> Span | None:
    """Return the days that the address ``name`` asks for; a file asks for none."""
    query = paging.asked(name)
    said = [query[period] for period in _PERIODS if period in query]
    return read_span(said[0] if said else _path_of(name, _PERIOD))


def following(name: str, rows: int, days: Iterable[date], today: date) -> str | None:
    """Return the address of the page after the one ``name`` led to, which had ``rows`` rows.

    There is one when the page is full. A list that was asked for without any date never ends: it
    is followed while a page still has papers of the last days.
    """
    query = paging.asked(name)
    limit = values.number(query.get("limit")) or DEFAULT_LIMIT
    if not is_api(name) or rows < min(limit, LARGEST_LIMIT):
        return None
    if requested(name) is None and all(day < today - RECENT for day in days):
        return None
    return paging.turn(name, p=(values.number(query.get("p")) or 0) + 1)


def is_api(name: str) -> bool:
    """Say whether ``name`` is an address of the API, of the site or of a mirror."""
    return bool(_path_of(name, _API))


def _path_of(name: str, pattern: re.Pattern[str]) -> str:
    """Return what of the path of the address ``name`` fits ``pattern``; ``""`` for nothing."""
    if not name.startswith(("http://", "https://")):
        return ""
    try:
        found = pattern.search(urlsplit(name).path)
    except ValueError:
        return ""
    return found[0] if found else ""


def _span(year: str, week: str | None, month: str | None, day: str | None) -> Span:
    if week:
        monday = date.fromisocalendar(int(year), int(week), 1)
        return Span(first=monday, last=monday + timedelta(days=6))
    first = date(int(year), int(month or ""), int(day or 1))
    return Span(first=first, last=first if day else _last_of_month(first))


def _last_of_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
