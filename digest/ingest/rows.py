"""The entries of a JSON listing → a Listing: what is wrong with one costs only that one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from digest.model import Announcement, AnnouncementKind, Listing, Paper, Payload, Problem

MOST: Final = 20_000  # entries of one page; the largest page any of the services gives is 1,000
_SPELT_OUT: Final = 20  # faults told one by one


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row announces, how, and on which day; ``fault`` is what was lost of it, if anything,
    to be told after "entry 3 "."""

    paper: Paper
    day: date | None = None
    kind: AnnouncementKind = AnnouncementKind.NEW
    fault: str | None = None


#: A row becomes an entry; or the reason why not, after "entry 3 "; or None where it is no paper.
ReadRow = Callable[[Mapping[str, Any]], Entry | str | None]


def read_rows(
    payload: Payload,
    rows: Sequence[Any],
    read: ReadRow,
    *,
    today: date,
    on: date | None = None,
    stated: date | None = None,
    next: str | None = None,
    problems: Iterable[Problem] = (),
) -> Listing:
    """Return the listing of what ``read`` makes of each of ``rows``, in their order.

    Its date is ``on``, or else the day of its newest entry, or else the one ``stated`` for all, or
    else ``today``; never a day after ``today``. Each announcement has its own day where ``on`` is
    not given and they differ.
    """
    outcomes = [
        read(row) if isinstance(row, dict) else "is no JSON object" for row in islice(rows, MOST)
    ]
    entries = [outcome for outcome in outcomes if isinstance(outcome, Entry)]
    days = {entry.day for entry in entries if entry.day}
    spans = on is None and len(days) > 1
    return Listing(
        name=payload.name,
        date=min(on or max(days, default=stated or today), today),
        announcements=tuple(_announce(entry, today, spans) for entry in entries),
        problems=(*problems, *_faults(outcomes), *_rest(rows)),
        next=next,
    )


def _announce(entry: Entry, today: date, spans: bool) -> Announcement:
    own = min(entry.day, today) if spans and entry.day else None
    return Announcement(paper=entry.paper, kind=entry.kind, on=own)


def _faults(outcomes: Sequence[Entry | str | None]) -> Iterator[Problem]:
    faults = [(n, said) for n, each in enumerate(outcomes, start=1) if (said := _fault(each))]
    for number, said in faults[:_SPELT_OUT]:
        yield Problem(message=f"entry {number} {said}.")
    if (more := len(faults) - _SPELT_OUT) > 0:
        kept = any(isinstance(each, Entry) and each.fault for each in outcomes)
        lost = "or not wholly" if kept else "and were left out"
        yield Problem(message=f"{more:,} more entries could not be read {lost}.")


def _fault(outcome: Entry | str | None) -> str | None:
    return (
        outcome.fault if isinstance(outcome, Entry) else outcome and f"{outcome} and was left out"
    )


def _rest(rows: Sequence[Any]) -> Iterator[Problem]:
    if len(rows) > MOST:
        yield Problem(
            message=f"the listing has {len(rows):,} entries, and those after the first {MOST:,} "
            "were left out: ask for fewer at once.",
            cut=True,
        )
