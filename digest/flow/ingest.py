"""Bytes from sources become papers in the store.

::

    source → payload → listing → works known and new → store
             retrieve   parse     reconcile              one transaction per listing
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import structlog

from digest import ingest, store
from digest.app import App, Source
from digest.errors import DigestError, ParseError, RetrieveError, SourceError
from digest.model import Listing, Payload, Problem, Validators

HOLD = timedelta(hours=1)  # how long a failed source steps aside
POLL = timedelta(minutes=30)  # how often the scheduler asks a URL

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What became of one listing: ``error`` is set when nothing of it could be read."""

    listing: str
    date: date | None
    papers: int = 0
    new: int = 0
    updated: int = 0
    problems: tuple[Problem, ...] = field(default=())
    error: str | None = None


def ingest_listings(
    app: App,
    *,
    patient: bool = False,
    told: Callable[[Ingested], None] = lambda _: None,
) -> tuple[Ingested, ...]:
    """Ask every configured source for what is new; one that fails is reported and stops no other.

    ``patient`` leaves URLs alone that failed within the hour or were asked within the half hour.
    ``told`` hears of each listing as it is done.
    """
    done: list[Ingested] = []
    with app.open_http() as client:
        for source in app.sources:
            for each in _ingest_source(app, client, source, patient):
                _note(each, source.name)
                told(each)
                done.append(each)
    return tuple(done)


def ingest_given(
    app: App,
    targets: Sequence[str],
    *,
    on: date | None = None,
    told: Callable[[Ingested], None] = lambda _: None,
) -> tuple[Ingested, ...]:
    """Ingest the files and URLs a person named; a folder stands for the files in it, which stay."""
    done: list[Ingested] = []
    with app.open_http() as client:
        for target in _spread(targets):
            each = _ingest_target(app, client, target, on)
            told(each)
            done.append(each)
    return tuple(done)


def _spread(targets: Sequence[str]) -> Iterator[str]:
    for target in targets:
        if Path(target).is_dir():
            yield from map(str, ingest.waiting(Path(target)))
        else:
            yield target


def _ingest_target(app: App, client: httpx.Client, target: str, on: date | None) -> Ingested:
    try:
        payload = _retrieve(app, client, target)
        return _ingest_payload(app, payload, source=target, on=on)
    except SourceError as error:
        return Ingested(listing=target, date=None, error=str(error))


def _retrieve(app: App, client: httpx.Client, target: str) -> Payload:
    if not target.startswith(("http://", "https://")):
        return ingest.read_file(Path(target), limit=app.max_bytes)
    payload = ingest.fetch(client, target, Validators(), limit=app.max_bytes)
    if payload is None:
        raise RetrieveError(f"{target} answered “not modified” though nothing was known of it.")
    return payload


def _ingest_source(
    app: App, client: httpx.Client, source: Source, patient: bool
) -> Iterator[Ingested]:
    if source.folder is not None:
        return _ingest_folder(app, source.folder, source.name)
    return _ingest_place(app, client, source, patient)


def _ingest_folder(app: App, folder: Path, name: str) -> Iterator[Ingested]:
    """Ingest each waiting file; a new installation's folder is made, to have where to drop them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        waiting = ingest.waiting(folder)
    except (OSError, SourceError) as error:
        yield Ingested(listing=name, date=None, error=f"The folder {folder} is no use: {error}")
    else:
        dropped = (_ingest_dropped(app, path, name) for path in waiting)
        yield from (each for each in dropped if each is not None)


def _ingest_dropped(app: App, path: Path, source: str) -> Ingested | None:
    """Ingest a file and move it away; one that cannot be moved is told and stops no other."""
    try:
        return _take_dropped(app, path, source)
    except SourceError as error:
        return Ingested(listing=path.name, date=None, error=str(error))


def _take_dropped(app: App, path: Path, source: str) -> Ingested | None:
    """Ingest a file once: a crash before the move means reading it again in vain.

    None when the file is gone: another process took it. Raises RetrieveError when it cannot be
    moved.
    """
    try:
        payload = ingest.read_file(path, limit=app.max_bytes)
        done = _ingest_payload(app, payload, source=source)
    except SourceError as error:
        if ingest.reject(path, str(error)) is None:
            return None
        return Ingested(listing=path.name, date=None, error=str(error))
    ingest.accept(path)
    return done


def _ingest_place(
    app: App, client: httpx.Client, source: Source, patient: bool
) -> Iterator[Ingested]:
    """Ingest a file or URL that stays where it is, if it has changed."""
    now = app.clock()
    with store.reading(app.engine) as connection:
        record = store.sources.get(connection, source.name)
    if patient and _may_wait(record, now):
        return
    try:
        payload = _retrieve_changed(app, client, source, record.validators)
        if payload is not None:
            yield _ingest_payload(app, payload, source=source.name)
    except SourceError as error:
        with store.writing(app.engine) as connection:
            store.sources.failed(
                connection, source.name, str(error), now=now, hold_until=now + HOLD
            )
        yield Ingested(listing=source.name, date=None, error=str(error))
    else:
        validators = payload.validators if payload else record.validators
        with store.writing(app.engine) as connection:
            store.sources.read(connection, source.name, validators, now=now)


def _may_wait(record: store.sources.SourceRecord, now: datetime) -> bool:
    held = record.hold_until is not None and now < record.hold_until
    fresh = record.checked_at is not None and now < record.checked_at + POLL
    return held or fresh


def _retrieve_changed(
    app: App, client: httpx.Client, source: Source, known: Validators
) -> Payload | None:
    if source.url is not None:
        return ingest.fetch(client, source.url, known, limit=app.max_bytes)
    assert source.file is not None, "a source is a folder, a file or a URL"
    payload = ingest.read_file(source.file, limit=app.max_bytes)
    tag = _digest(payload)
    if tag == known.etag:
        return None
    return Payload(name=payload.name, content=payload.content, validators=Validators(etag=tag))


def _ingest_payload(app: App, payload: Payload, *, source: str, on: date | None = None) -> Ingested:
    """Ingest what a source gave. One that makes us fail is refused like one we cannot read, so that
    it stops no other. Raises SourceError, StoreError."""
    try:
        return _learn(app, payload, source=source, on=on)
    except DigestError:
        raise
    except Exception as error:
        _log.error("listing.broke", source=source, exc_info=error)
        raise ParseError(
            payload.name, f"reading it failed ({type(error).__name__}): please report it as a bug"
        ) from error


def _learn(app: App, payload: Payload, *, source: str, on: date | None) -> Ingested:
    now = app.clock()
    listing = ingest.parse(payload, today=now.astimezone().date(), on=on)
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
            digest=_digest(payload),
            ids=works.ids,
            now=now,
        )
    return _ingested(listing, new=len(works.new), updated=len(works.changed))


def _digest(payload: Payload) -> str:
    return hashlib.sha256(payload.content).hexdigest()


def _ingested(listing: Listing, *, new: int, updated: int) -> Ingested:
    return Ingested(
        listing=listing.name,
        date=listing.date,
        papers=len(listing.announcements),
        new=new,
        updated=updated,
        problems=listing.problems,
    )


def _note(each: Ingested, source: str) -> None:
    if each.error:
        _log.warning("listing.failed", source=source, error=each.error)
    else:
        _log.info(
            "listing.ingested",
            source=source,
            papers=each.papers,
            new=each.new,
            updated=each.updated,
            problems=len(each.problems),
        )
