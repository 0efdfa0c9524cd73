"""A backup of all we know, and back to it without sending anybody the same paper twice.

::

    backup → a copy → what was due since: possibly sent → in the place of what was there
                      who left since: gone                → the sources, asked once: seen before

What a source shows at the moment of the restore may have been sent since the backup was made, so it
counts as sent to everybody who was due since; what comes later is new (docs/decisions/0014).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine

from digest import compose, ingest, store
from digest.app import App
from digest.errors import SourceError, StoreError
from digest.flow.ingest import ingest_listings
from digest.flow.mail import ingest_file
from digest.flow.subscribe import follow_config
from digest.flow.visit import digest_of
from digest.model import Selection, Subscriber
from digest.store.recovery import Refusals
from digest.store.subscribers import TurnResult

CATCH_UP = timedelta(hours=1)  # while the sources are asked, nobody is sent what they bring
_BATCH = 500
_WHY = "A backup was restored: the issue of this day may have been sent, so it is not sent again."

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did, and when: deliveries that became uncertain, turns taken for taken,
    listings read again, and where what was there before is kept (SQLite)."""

    at: datetime
    uncertain: int
    turns: int
    listings: int = 0
    kept: Path | None = None


def back_up(url: str, file: Path) -> None:
    """Write the database to a file, while others work on. Raises StoreError."""
    store.backup.save(url, file)
    _log.info("backup.made")


def restore(app: App, url: str, file: Path) -> Restored:
    """Put a backup in the place of the database, and let no paper be sent twice. Raises
    StoreError; then nothing was changed."""
    if not file.is_file():
        raise StoreError(f"There is no file {file}: name a backup that `digest backup` made.")
    database = store.health.file_of(url)
    known = _refusals(app.engine)
    app.engine.dispose()
    if database is None:
        store.backup.replace(url, file)
        done = _reconcile(app, known)
    else:
        done = _restore_file(app, file, database, known)
    done = replace(done, listings=_catch_up(app, done.at))
    _log.info("backup.restored", uncertain=done.uncertain, turns=done.turns, listings=done.listings)
    return done


def _refusals(engine: Engine) -> Refusals:
    """Return who wants no mail by what is there now; nobody where that cannot be read."""
    try:
        with store.reading(engine) as connection:
            return store.recovery.refusals(connection)
    except StoreError as error:
        _log.warning("backup.nothing_carried_over", error=str(error))
        return Refusals()


def _restore_file(app: App, file: Path, database: Path, known: Refusals) -> Restored:
    """Reconcile a copy, and only then let it take the place of ``database``."""
    draft = database.with_name(f"{database.name}.restoring")
    _remove(draft)
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        store.backup.copy(file, draft)
        engine = store.open_engine(f"sqlite:///{draft}")
        try:
            done = _reconcile(replace(app, engine=engine), known)
        finally:
            engine.dispose()
        kept = _keep(database)
        store.backup.copy(draft, database)
    finally:
        _remove(draft)
    return replace(done, kept=kept)


def _keep(database: Path) -> Path | None:
    """Keep a copy of what is there; what is damaged is moved aside whole."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore")
    _remove(kept)
    try:
        store.backup.save(f"sqlite:///{database}", kept)
    except StoreError:
        for each in _files(database):
            if each.exists():
                each.rename(each.with_name(each.name.replace(database.name, kept.name, 1)))
    return kept


def _remove(database: Path) -> None:
    for each in _files(database):
        each.unlink(missing_ok=True)


def _files(database: Path) -> Iterator[Path]:
    return (database.with_name(database.name + tail) for tail in ("", "-wal", "-shm"))


def _reconcile(app: App, known: Refusals) -> Restored:
    """Take what was due since the backup was made for possibly sent."""
    store.upgrade(app.engine)
    _require_sound(app.engine)
    follow_config(app, dismiss=False)  # whoever was added there since is no newcomer
    now = app.clock()
    with store.writing(app.engine) as connection:
        uncertain = store.recovery.doubt(connection, now=now, fresh_from=now + CATCH_UP)
        store.recovery.refuse(connection, known)
        return Restored(at=now, uncertain=uncertain, turns=_take_turns(connection, now))


def _require_sound(engine: Engine) -> None:
    with store.reading(engine) as connection:
        flaw = store.health.find_flaw(connection)
    if flaw:
        raise StoreError(f"The backup is damaged ({flaw}): take an older one.")


def _take_turns(connection: Connection, now: datetime) -> int:
    """Take the turns of all who are due for taken; returns how many those are."""
    turns = 0
    after_id = ""
    while due := store.subscribers.due(connection, now=now, after_id=after_id, limit=_BATCH):
        after_id = due[-1].subscriber.id
        turns += len(due)
        for each in due:
            _take_turn(connection, each.subscriber, now)
    return turns


def _take_turn(connection: Connection, subscriber: Subscriber, now: datetime) -> None:
    schedule = subscriber.wishes.schedule
    next_due_at = compose.next_due(schedule, after=now, last_issue_on=subscriber.last_issue_on)
    store.subscribers.take_turn(connection, subscriber, next_due_at=next_due_at, issue_on=None)
    store.subscribers.record_turn(
        connection,
        subscriber.id,
        on=compose.issue_date(schedule, now),
        now=now,
        result=TurnResult.SKIPPED,
        selection=Selection(matches=(), candidates=0, above_floor=0),
        why=_WHY,
    )


def _catch_up(app: App, now: datetime) -> int:
    """Learn what the sources show now, and what was dropped since the backup: it was there before
    the restore. Returns how many listings that were."""
    again = sum(1 for _ in _dropped_since(app, now))
    done = ingest_listings(app)
    with store.writing(app.engine) as connection:
        to = app.clock() + timedelta(seconds=1)
        store.recovery.set_fresh_from(connection, was=now + CATCH_UP, to=to)
    return again + len(done)


def _dropped_since(app: App, now: datetime) -> Iterator[Path]:
    """Ingest the files that were ingested since, which the backup knows nothing of."""
    for source in app.sources:
        folder = source.folder / "ingested" if source.folder else None
        for path in sorted(folder.iterdir()) if folder and folder.is_dir() else ():
            try:
                digest = digest_of(ingest.read_file(path, limit=app.max_bytes))
                if not _is_known(app, source.name, digest, now):
                    list(ingest_file(app, path, source=source.name))
                    yield path
            except (SourceError, OSError) as error:
                _log.warning("listing.failed", source=source.name, error=str(error))


def _is_known(app: App, source: str, digest: str, now: datetime) -> bool:
    with store.reading(app.engine) as connection:
        return store.source_days.had_before(connection, source, digest, since=now)
