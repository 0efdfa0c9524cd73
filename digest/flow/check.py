"""What a source gives now: asked, read and judged, and nothing of it stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import httpx

from digest import ingest, store
from digest.app import App, Source
from digest.errors import ParseError, SourceError
from digest.flow.mail import last_mails
from digest.model import Calendar, Freshness, Listing, Payload, Problem, SourceDay, Validators
from digest.store.sources import SourceRecord

_TITLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A configured source and what is known of it: its last visit, what is so of it today (or
    whether a listing is awaited), and its last fresh day. ``place`` has no password in it."""

    name: str
    place: str
    calendar: Calendar | None
    asked_at: datetime | None
    today: SourceDay | None
    awaited: bool
    fresh_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was understood of what a source gave just now: the kind of its listing, how many papers
    (``new`` to this source), the first titles, and what would be said of its day. ``error`` says
    why there is nothing."""

    source: str
    listing: str
    kind: str | None = None
    date: date | None
    papers: int = 0
    new: int = 0
    titles: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    goes_on: bool = False
    freshness: Freshness | None = None
    reason: str = ""
    error: str | None = None


def known_sources(app: App) -> tuple[Known, ...]:
    """Return the configured sources, in their order."""
    with store.reading(app.engine) as connection:
        records = {each.name: each for each in store.sources.everything(connection)}
        last = store.source_days.latest(connection)
        fresh = store.source_days.latest(connection, [Freshness.FRESH])
    now = app.clock()
    return tuple(_known(each, records, last, fresh, now) for each in app.sources)


def _known(
    source: Source,
    records: Mapping[str, SourceRecord],
    last: Mapping[str, SourceDay],
    fresh: Mapping[str, SourceDay],
    now: datetime,
) -> Known:
    name, today = source.name, ingest.day_of(source.calendar, now)
    day = last.get(name)
    is_todays = day is not None and day.date == today
    return Known(
        name=name,
        place=_place(source),
        calendar=source.calendar,
        asked_at=records[name].checked_at if name in records else None,
        today=day if is_todays else None,
        awaited=not is_todays and ingest.announces(source.calendar, today),
        fresh_on=fresh[name].date if name in fresh else None,
    )


def _place(source: Source) -> str:
    paths = source.folder or source.file or source.maildir or source.mbox
    return ingest.shown(str(paths or source.url))


def check_sources(
    app: App, sources: Sequence[Source], *, told: Callable[[int], None] = lambda _: None
) -> tuple[Checked, ...]:
    """Ask each of ``sources`` now; of a folder, each file that waits is read and stays, of mail the
    last few."""
    done: list[Checked] = []
    with app.open_http() as client:
        for source in sources:
            for each in _check(app, client, source):
                told(1)
                done.append(each)
    return tuple(done)


def _check(app: App, client: httpx.Client, source: Source) -> Iterator[Checked]:
    try:
        for retrieve in _retrievals(app, client, source):
            yield _check_one(app, source, retrieve)
    except SourceError as error:
        yield _refused(app, source, source.name, error)


def _retrievals(
    app: App, client: httpx.Client, source: Source
) -> Iterator[Callable[[], Payload | None]]:
    """Yield what retrieves each listing. Raises RetrieveError when a folder cannot be read."""
    limit = app.max_bytes
    if source.folder is not None:
        # A folder that was never looked into is made then.
        for path in ingest.waiting(source.folder) if source.folder.exists() else ():
            yield lambda path=path: ingest.read_file(path, limit=limit)  # type: ignore[misc]
    elif source.file is not None:
        yield lambda: ingest.read_file(source.file or Path(), limit=limit)
    elif source.maildir is not None or source.mbox is not None:
        for payload in last_mails(app, source):
            yield lambda payload=payload: payload  # type: ignore[misc]
    else:
        day = ingest.day_of(source.calendar, app.clock())
        url = ingest.dated(source.url or "", day)
        yield lambda: ingest.fetch(client, url, Validators(), limit=limit, robots=source.robots)


def _check_one(app: App, source: Source, retrieve: Callable[[], Payload | None]) -> Checked:
    name = source.name
    try:
        payload = retrieve()
        if payload is None:
            raise ParseError(name, "it answered “not modified” though nothing was asked of it.")
        name = payload.name
        listing = ingest.parse(payload, today=app.clock().astimezone().date())
    except SourceError as error:
        return _refused(app, source, name, error)
    return _told(app, source, listing, ingest.kind_of(payload))


def _refused(app: App, source: Source, listing: str, error: SourceError) -> Checked:
    judged = _judge(app, source, ingest.Visit(error=str(error)))
    checked = Checked(source=source.name, listing=listing, date=None, error=str(error))
    return _with(checked, judged)


def _told(app: App, source: Source, listing: Listing, kind: str | None) -> Checked:
    papers = [each.paper for each in listing.announcements]
    new = _count_new(app, source, listing)
    visit = ingest.Visit(
        new=new, papers=len(papers), dated=listing.date, cut=ingest.cut_by(listing.problems)
    )
    checked = Checked(
        source=source.name,
        listing=listing.name,
        kind=kind,
        date=listing.date,
        papers=len(papers),
        new=new,
        titles=tuple(paper.readable_title for paper in papers[:_TITLES]),
        problems=listing.problems,
        goes_on=listing.next is not None,
    )
    return _with(checked, _judge(app, source, visit))


def _with(checked: Checked, day: SourceDay | None) -> Checked:
    return replace(checked, freshness=day.freshness, reason=day.reason) if day else checked


def _judge(app: App, source: Source, visit: ingest.Visit) -> SourceDay | None:
    return ingest.judge(source.name, visit, source.calendar, None, app.clock())


def _count_new(app: App, source: Source, listing: Listing) -> int:
    """Count the papers that the source did not announce before today."""
    start = ingest.start_of(source.calendar, ingest.day_of(source.calendar, app.clock()))
    keys = [key for each in listing.announcements for key in each.paper.keys]
    with store.reading(app.engine) as connection:
        known = store.papers.find(connection, keys)
        before = store.source_days.announced_before(connection, source.name, before=start)
    return sum(
        all(key not in known or known[key].id not in before for key in each.paper.keys)
        for each in listing.announcements
    )
