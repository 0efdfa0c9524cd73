"""What one visit to a source brings: a payload, and the pages that continue it, into the store.

::

    payload → listing → works known and new → store
              parse     reconcile              one transaction per page
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import structlog

from digest import ingest, store
from digest.app import App
from digest.errors import DigestError, ParseError, RetrieveError, SourceError
from digest.model import Listing, Payload, Problem

PAGES: Final = 40  # pages of one visit
ENTRIES: Final = 20_000  # announcements of one visit

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of one listing and the pages that continue it.

    ``error`` is set when nothing of it could be read, and ``line`` (from 1) where that is known.
    ``rest`` says why reading ended before the listing did: what came until then is kept. ``after``
    is for how long the source then asked to be left alone.
    """

    listing: str
    date: date | None
    papers: int = 0
    new: int = 0
    updated: int = 0
    problems: tuple[Problem, ...] = ()
    error: str | None = None
    line: int | None = None
    rest: str | None = None
    after: timedelta = timedelta(0)

    @property
    def complete(self) -> bool:
        """Whether the listing was read to its end."""
        return self.error is None and self.rest is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page in the store; ``next`` is the address of the one that continues it."""

    done: Ingested
    next: str | None


def refused(listing: str, error: SourceError) -> Ingested:
    """Return what became of a listing of which nothing could be read."""
    line = error.line if isinstance(error, ParseError) else None
    return Ingested(listing=listing, date=None, error=str(error), line=line, after=_after(error))


def _after(error: SourceError) -> timedelta:
    return timedelta(seconds=error.after if isinstance(error, RetrieveError) else 0)


def ingest_payload(
    app: App,
    payload: Payload,
    turn: Callable[[str], Payload] | None = None,
    *,
    source: str,
    on: date | None = None,
) -> Ingested:
    """Ingest what a source gave, page by page; ``turn`` retrieves the page at an
    address (None: a file, which has no other).

    A later page that fails costs itself and what would follow it. Raises SourceError when nothing
    could be read, StoreError.
    """
    page = _ingest_page(app, payload, source=source, on=on)
    done, read = page.done, {payload.name}
    while turn is not None and page.next is not None:
        try:
            _check(page.next, payload.name, read, done.papers)
            read.add(page.next)
            page = _ingest_page(
                app, turn(page.next), source=source, on=on, room=ENTRIES - done.papers
            )
        except SourceError as error:
            reason = f"the listing goes on, and its rest is missing: {error}"
            return replace(_broken_off(done, reason), after=_after(error))
        done = _joined(done, page.done, len(read))
    return done


def digest_of(payload: Payload) -> str:
    """Return the SHA-256 of the bytes, in hexadecimal."""
    return hashlib.sha256(payload.content).hexdigest()


def _check(next: str, first: str, read: set[str], papers: int) -> None:
    """Raise ParseError, saying what to do, when there is a reason not to ask for the next page."""
    if next in read:
        raise ParseError(next, "this page continues itself: tell whoever runs the source.")
    if ingest.follow(first, next) is None:
        raise ParseError(next, "this is not where the listing began, so we do not follow it.")
    if len(read) >= PAGES or papers >= ENTRIES:
        raise ParseError(next, f"{len(read)} pages are enough for one visit: ask for less at once.")


def _ingest_page(
    app: App, payload: Payload, *, source: str, on: date | None, room: int = ENTRIES
) -> _Page:
    """Ingest one page. One that makes us fail is refused like one we cannot read, so that it stops
    no other. Raises SourceError, StoreError."""
    try:
        return _learn(app, payload, source=source, on=on, room=room)
    except DigestError:
        raise
    except Exception as error:
        _log.error("listing.broke", source=source, exc_info=error)
        raise ParseError(
            payload.name, f"reading it failed ({type(error).__name__}): please report it as a bug"
        ) from error


def _learn(app: App, payload: Payload, *, source: str, on: date | None, room: int) -> _Page:
    now = app.clock()
    whole = ingest.parse(payload, today=now.astimezone().date(), on=on)
    listing = replace(whole, announcements=whole.announcements[:room])
    with store.writing(app.engine) as connection:
        store.papers.lock(connection)
        keys = (key for each in listing.announcements for key in each.paper.keys)
        known = store.papers.find(connection, keys)
        works = ingest.reconcile(known, listing.announcements)
        store.papers.add(connection, works.new, on=listing.date, seen_at=now)
        for gone, kept in works.joined:
            store.joins.join(connection, gone, kept)
        store.papers.change(connection, works.changed)
        store.papers.record(
            connection,
            listing,
            source=source,
            digest=digest_of(payload),
            ids=works.ids,
            now=now,
        )
    done = _ingested(listing, new=len(works.new), updated=len(works.changed))
    if len(whole.announcements) <= room:
        return _Page(done=done, next=listing.next)
    said = f"has {len(whole.announcements):,} papers, and we took the first {room:,}: split it"
    return _Page(done=_broken_off(done, f"{listing.name} {said}."), next=None)


def _ingested(listing: Listing, *, new: int, updated: int) -> Ingested:
    return Ingested(
        listing=listing.name,
        date=listing.date,
        papers=len(listing.announcements),
        new=new,
        updated=updated,
        problems=listing.problems,
    )


def _joined(done: Ingested, more: Ingested, page: int) -> Ingested:
    later = (replace(each, message=f"page {page}: {each.message}") for each in more.problems)
    return replace(
        done,
        papers=done.papers + more.papers,
        new=done.new + more.new,
        updated=done.updated + more.updated,
        problems=(*done.problems, *later),
        rest=more.rest,
    )


def _broken_off(done: Ingested, reason: str) -> Ingested:
    return replace(done, rest=reason, problems=(*done.problems, Problem(message=reason)))
