"""What arXiv's API says around its papers: that it refuses, how many there are, where it goes on.

https://info.arxiv.org/help/api/user-manual.html, sections 3.1.1.2 (paging), 3.3.2 (the feed's
OpenSearch elements) and 3.4 (errors, which are entries too). The feed is as feedparser gives it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from digest.errors import ParseError
from digest.ingest import paging
from digest.ingest.text import fold
from digest.ingest.values import day, number
from digest.model import Problem

_ERRORS: Final = "arxiv.org/api/errors"
_MOST: Final = 3_000  # results read of one query; all of computer science has as many in a week
_DAYS: Final = 7  # looked back, where the query sorts by date
_SORTED: Final = {"submittedDate": "published", "lastUpdatedDate": "updated"}

_Said = Mapping[str, Any]


def without_errors(name: str, entries: Sequence[_Said]) -> tuple[list[_Said], list[Problem]]:
    """Return the entries that are papers, and a problem for each that is an error.

    Raises ParseError with what arXiv says when it gave nothing but errors.
    """
    errors = [fold(str(entry.get("summary") or ""))[:500] for entry in entries if _is_error(entry)]
    if errors and len(errors) == len(entries):
        raise ParseError(name, f"arXiv refuses the query ({errors[0]}): change its address.")
    return (
        [entry for entry in entries if not _is_error(entry)],
        [Problem(message=f"arXiv refuses a part of the query ({error}).") for error in errors],
    )


def next_page(
    url: str, feed: _Said, entries: Sequence[_Said], *, today: date
) -> tuple[str | None, list[Problem]]:
    """Return the address where a query goes on after this page, and what is missing without.

    The next page begins after the last result that came, not after the last one asked for, as
    arXiv now and then gives fewer. It is not asked for after a page without results, after
    3,000 results, nor once a query sorted by date has reached papers older than a week.
    """
    total = number(feed.get("opensearch_totalresults"))
    seen = (number(feed.get("opensearch_startindex")) or 0) + len(entries)
    if not _is_ours(feed) or total is None or seen >= total or _is_old(url, entries, today):
        return None, []
    if not entries:
        return None, [_empty(seen, total)]
    if seen >= _MOST:
        return None, [_endless(seen, total)]
    next = paging.turn(url, start=seen)
    return next, list(paging.missing(seen, total, next))


def _is_ours(feed: _Said) -> bool:
    return "arxiv.org/api/" in str(feed.get("id") or "")


def _is_error(entry: _Said) -> bool:
    return _ERRORS in str(entry.get("id") or "")


def _is_old(url: str, entries: Sequence[_Said], today: date) -> bool:
    query = paging.asked(url)
    field = _SORTED.get(query.get("sortBy", ""))
    if field is None or not entries or query.get("sortOrder", "descending") != "descending":
        return False
    last = day(entries[-1].get(field))
    return last is not None and (today - last).days > _DAYS


def _empty(seen: int, total: int) -> Problem:
    return Problem(
        message=f"the listing is partial: arXiv says that there are {total:,} results, but gave "
        f"none from number {seen + 1:,} on, as it does now and then; ask again later.",
        cut=True,
    )


def _endless(seen: int, total: int) -> Problem:
    return Problem(
        message=f"the query has {total:,} results, of which {seen:,} are read: narrow it, or sort "
        "it with sortBy=submittedDate.",
        cut=True,
    )
