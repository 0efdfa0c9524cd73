"""Ask the sources, and what a person names, for listings; what they bring goes into the store."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import structlog

from digest import ingest, store
from digest.app import App, Source
from digest.errors import RetrieveError, SourceError
from digest.flow.visit import Ingested, digest_of, ingest_payload, refused
from digest.model import Payload, Validators

HOLD = timedelta(hours=1)  # how long a failed source steps aside
POLL = timedelta(minutes=30)  # how often the scheduler asks a URL

_log = structlog.get_logger()


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
        turn = _turner(app, client, target) if _is_address(target) else None
        return ingest_payload(app, payload, turn, source=ingest.shown(target), on=on)
    except SourceError as error:
        return refused(ingest.shown(target), error)


def _retrieve(app: App, client: httpx.Client, target: str) -> Payload:
    if not _is_address(target):
        return ingest.read_file(Path(target), limit=app.max_bytes)
    payload = ingest.fetch(client, target, Validators(), limit=app.max_bytes)
    if payload is None:
        raise RetrieveError(
            f"{ingest.shown(target)} answered “not modified” though nothing was known of it."
        )
    return payload


def _is_address(target: str) -> bool:
    return target.casefold().startswith(("http://", "https://"))


def _turner(app: App, client: httpx.Client, url: str) -> Callable[[str], Payload]:
    """Return what retrieves the pages that continue ``url``, with the login given there."""
    return lambda next: _retrieve(app, client, ingest.as_asked(next, url))


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
        return refused(path.name, error)


def _take_dropped(app: App, path: Path, source: str) -> Ingested | None:
    """Ingest a file once: a crash before the move means reading it again in vain.

    None when the file is gone: another process took it. Raises RetrieveError when it cannot be
    moved.
    """
    try:
        payload = ingest.read_file(path, limit=app.max_bytes)
        done = ingest_payload(app, payload, source=source)
    except SourceError as error:
        return refused(path.name, error) if ingest.reject(path, str(error)) else None
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
    done, validators = _visit(app, client, source, record.validators)
    with store.writing(app.engine) as connection:
        if done is None or done.complete:
            store.sources.read(connection, source.name, validators, now=now)
        else:
            reason = done.error or done.rest or ""
            store.sources.failed(connection, source.name, reason, now=now, hold_until=now + HOLD)
    if done is not None:
        yield done


def _visit(
    app: App, client: httpx.Client, source: Source, known: Validators
) -> tuple[Ingested | None, Validators]:
    """Return what a source brought, None if it has not changed, and the validators of that."""
    try:
        payload = _retrieve_changed(app, client, source, known)
        if payload is None:
            return None, known
        turn = _turner(app, client, source.url) if source.url else None
        return ingest_payload(app, payload, turn, source=source.name), payload.validators
    except SourceError as error:
        return refused(source.name, error), known


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
    tag = digest_of(payload)
    if tag == known.etag:
        return None
    return Payload(name=payload.name, content=payload.content, validators=Validators(etag=tag))


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
            complete=each.complete,
        )
