"""Ask the sources, and what a person names, for listings; what they bring goes into the store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import httpx
import structlog

from digest import ingest, store
from digest.app import App, Source
from digest.errors import RetrieveError, SourceError
from digest.flow.fresh import note_day
from digest.flow.mail import (
    STDIN,
    ingest_file,
    ingest_maildir,
    ingest_mbox,
    ingest_messages,
    ingest_stream,
)
from digest.flow.visit import Ingested, digest_of, ingest_payload, refused
from digest.model import Payload, SourceDay, Validators

HOLD = timedelta(hours=1)  # how long a failed source steps aside
QUIET = 2.0  # seconds the scheduler leaves a file alone that is being written to
LONGEST_HOLD = timedelta(days=1)  # where it asks for more than that hour

_log = structlog.get_logger()


def ingest_listings(
    app: App,
    *,
    patient: bool = False,
    told: Callable[[Ingested], None] = lambda _: None,
) -> tuple[Ingested, ...]:
    """Ask every configured source for what is new; one that fails is reported and stops no other.

    ``patient`` leaves URLs alone that failed within the hour or may not be asked again yet.
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
    stdin: BinaryIO | None = None,
    told: Callable[[Ingested], None] = lambda _: None,
) -> tuple[Ingested, ...]:
    """Ingest the files and URLs a person named; a folder stands for the files in it, or the mails,
    which stay, and ``-`` for ``stdin``."""
    done: list[Ingested] = []
    with app.open_http() as client:
        for target in _spread(targets):
            for each in _ingest_target(app, client, target, on, stdin):
                told(each)
                done.append(each)
    return tuple(done)


def _spread(targets: Sequence[str]) -> Iterator[str]:
    for target in targets:
        if Path(target).is_dir() and not ingest.is_maildir(Path(target)):
            yield from map(str, ingest.waiting(Path(target)))
        else:
            yield target


def _ingest_target(
    app: App, client: httpx.Client, target: str, on: date | None, stdin: BinaryIO | None
) -> Iterator[Ingested]:
    try:
        if target == "-" and stdin is not None:
            yield from ingest_stream(app, stdin, on=on)
        elif _is_address(target):
            yield _ingest_address(app, client, target, on)
        elif Path(target).is_dir():
            yield from ingest_messages(app, Path(target), on=on)
        else:
            _check_path(target)
            yield from ingest_file(app, Path(target), source=target, on=on)
    except SourceError as error:
        yield refused(STDIN if target == "-" else ingest.shown(target), error)


def _check_path(target: str) -> None:
    """Raise RetrieveError for an address that is none of ours."""
    if "://" in target and not Path(target).exists():
        raise RetrieveError(
            f"{ingest.shown(target)} cannot be asked: give an http or https address, a file or a "
            "folder."
        )


def _ingest_address(app: App, client: httpx.Client, url: str, on: date | None) -> Ingested:
    payload = _retrieve(app, client, url)
    turn = _turner(app, client, url)
    return ingest_payload(app, payload, turn, source=ingest.shown(url), on=on)


def _retrieve(app: App, client: httpx.Client, target: str, *, robots: bool = False) -> Payload:
    """Retrieve a page. A person who names it is no robot: robots.txt is not asked."""
    payload = ingest.fetch(client, target, Validators(), limit=app.max_bytes, robots=robots)
    if payload is None:
        raise RetrieveError(
            f"{ingest.shown(target)} answered “not modified” though nothing was known of it."
        )
    return payload


def _is_address(target: str) -> bool:
    return target.casefold().startswith(("http://", "https://"))


def _turner(
    app: App, client: httpx.Client, url: str, *, robots: bool = False
) -> Callable[[str], Payload]:
    """Return what retrieves the pages that continue ``url``, with the login given there."""
    return lambda next: _retrieve(app, client, ingest.as_asked(next, url), robots=robots)


def _ingest_source(
    app: App, client: httpx.Client, source: Source, patient: bool
) -> Iterator[Ingested]:
    if source.folder is not None:
        return _ingest_folder(app, source, source.folder, QUIET if patient else 0.0)
    if source.maildir is not None:
        messages = ingest_maildir(app, source.maildir, source.name)
        return _ingest_mail(app, source, messages, patient)
    if source.mbox is not None:
        messages = ingest_mbox(app, source.mbox, source.name)
        return _ingest_mail(app, source, messages, patient)
    return _ingest_place(app, client, source, patient)


def _ingest_folder(app: App, source: Source, folder: Path, quiet: float) -> Iterator[Ingested]:
    """Ingest each waiting file; a new installation's folder is made, to have where to drop them."""
    done: list[Ingested] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        waiting = ingest.waiting(folder, quiet=quiet)
    except (OSError, SourceError) as error:
        done.append(
            Ingested(
                listing=source.name, date=None, error=f"The folder {folder} is no use: {error}"
            )
        )
        yield done[0]
    else:
        for path in waiting:
            for each in _ingest_dropped(app, path, source.name):
                done.append(each)
                yield each
    _note_dropped(app, source, done)


def _note_dropped(app: App, source: Source, done: Sequence[Ingested]) -> None:
    """A folder that promises nothing is judged when something was dropped."""
    if done or source.calendar:
        with store.writing(app.engine) as connection:
            note_day(connection, source, _brought(done), app.clock())


def _ingest_dropped(app: App, path: Path, source: str) -> Sequence[Ingested]:
    """Ingest a file and move it away; one that cannot be moved is told and stops no other."""
    try:
        return _take_dropped(app, path, source)
    except SourceError as error:
        return [refused(path.name, error)]


def _take_dropped(app: App, path: Path, source: str) -> Sequence[Ingested]:
    """Ingest a file once: a crash before the move means reading it again in vain.

    Nothing when the file is gone: another process took it. Of an mbox, one listing is enough to
    accept it. Raises RetrieveError when it cannot be moved, and when it was written to meanwhile:
    then it stays, whatever was found in it.
    """
    before = ingest.stamp_of(path)
    try:
        done = list(ingest_file(app, path, source=source))
    except SourceError as error:
        done = [refused(path.name, error)]
    if ingest.stamp_of(path) not in (before, None):
        raise RetrieveError(f"{path.name} is still being written: it stays, and is read again.")
    errors = [each.error for each in done if each.error]
    if len(errors) < len(done):
        ingest.accept(path)
        return done
    return done if ingest.reject(path, "\n".join(errors)) else []


def _ingest_mail(
    app: App, source: Source, messages: Iterator[Ingested], patient: bool
) -> Iterator[Ingested]:
    """Ingest what came by mail. A mail that is no listing says nothing of the source."""
    now = app.clock()
    with store.reading(app.engine) as connection:
        record = store.sources.get(connection, source.name)
    if patient and record.hold_until is not None and now < record.hold_until:
        return
    read: list[Ingested] = []
    try:
        for each in messages:
            read += [] if each.error else [each]
            yield each
    except SourceError as error:
        with store.writing(app.engine) as connection:
            store.sources.failed(
                connection, source.name, str(error), now=now, hold_until=now + HOLD
            )
        read = [refused(source.name, error)]
        yield read[0]
    else:
        if read or record.error:
            with store.writing(app.engine) as connection:
                store.sources.visited(connection, source.name, now=now)
    _note_dropped(app, source, read)


def _ingest_place(
    app: App, client: httpx.Client, source: Source, patient: bool
) -> Iterator[Ingested]:
    """Ingest a file or URL that stays where it is, if it has changed."""
    now = app.clock()
    day = ingest.day_of(source.calendar, now)
    with store.reading(app.engine) as connection:
        record = store.sources.get(connection, source.name)
        today = store.source_days.get(connection, source.name, day)
    if patient and _may_wait(source, record, today, now):
        return
    known = _known(source, record, day)
    done, payload = _visit(app, client, _dated(source, day), known)
    brought = _brought([done] if done else [])
    digest = digest_of(payload) if payload else None
    with store.writing(app.engine) as connection:
        if done is None or done.complete:
            validators = _validators(source, brought, payload, known)
            store.sources.read(connection, source.name, validators, now=now)
        else:
            reason = done.error or done.rest or ""
            until = now + min(max(HOLD, done.after), LONGEST_HOLD)
            store.sources.failed(connection, source.name, reason, now=now, hold_until=until)
        note_day(connection, source, brought, now, digest=digest)
    if done is not None:
        yield done


def _visit(
    app: App, client: httpx.Client, source: Source, known: Validators
) -> tuple[Ingested | None, Payload | None]:
    """Return what a source brought, and in which (first) payload; None if it has not changed."""
    try:
        payload = _retrieve_changed(app, client, source, known)
        if payload is None:
            return None, None
        turn = _turner(app, client, source.url, robots=source.robots) if source.url else None
        return ingest_payload(app, payload, turn, source=source.name), payload
    except SourceError as error:
        return refused(source.name, error), None


def _dated(source: Source, day: date) -> Source:
    return replace(source, url=ingest.dated(source.url, day)) if source.url else source


def _known(source: Source, record: store.sources.SourceRecord, day: date) -> Validators:
    """Return what to ask with; what another day's address answered says nothing of this one's."""
    if record.checked_at is None:
        return Validators()
    last = ingest.day_of(source.calendar, record.checked_at)
    return record.validators if _dated(source, last) == _dated(source, day) else Validators()


def _validators(
    source: Source, brought: ingest.Visit, payload: Payload | None, known: Validators
) -> Validators:
    """Return what to ask with next time; of a listing that was cut, the rest may come yet."""
    if source.url and brought.cut:
        return Validators()
    return payload.validators if payload else known


def _may_wait(
    source: Source,
    record: store.sources.SourceRecord,
    today: SourceDay | None,
    now: datetime,
) -> bool:
    if record.checked_at is not None and record.checked_at > now:
        return False  # by a clock that was ahead
    held = record.hold_until is not None and now < record.hold_until
    return held or not ingest.may_ask(source.calendar, today, record.checked_at, now)


def _brought(done: Sequence[Ingested]) -> ingest.Visit:
    """Return what a visit brought; one file that is no listing is missing from what was dropped."""
    read = [each for each in done if each.error is None]
    errors = [each.error for each in done if each.error]
    cuts = [cut for each in read if (cut := each.rest or ingest.cut_by(each.problems))]
    return ingest.Visit(
        papers=sum(each.papers for each in read),
        dated=max((each.date for each in read if each.date), default=None),
        cut=next(iter((*cuts, *errors)), None) if read else None,
        error=None if read else next(iter(errors), None),
    )


def _retrieve_changed(
    app: App, client: httpx.Client, source: Source, known: Validators
) -> Payload | None:
    if source.url is not None:
        return ingest.fetch(client, source.url, known, limit=app.max_bytes, robots=source.robots)
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
