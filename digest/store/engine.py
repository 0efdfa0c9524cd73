"""Opening the database: SQLite by default, PostgreSQL by URL, and the two kinds of transaction."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    NoSuchModuleError,
    OperationalError,
    TimeoutError,
)

from digest.errors import StoreError

_BUSY_TIMEOUT_MS = 30_000
_PAUSE, _TRIES = 0.0005, 400  # seconds between tries to begin, and how many of them
_CHECKPOINT_PAGES = 8_000  # 32 MB of log: fewer, longer walks through the database file
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"reading": True},  # see _begin_sqlite; its transactions see one moment anyway
    "postgresql": {"isolation_level": "REPEATABLE READ"},
}
_CACHE_KIB = 65_536  # keys are hashes: without their index in memory every insert is a seek


def open_engine(url: str) -> Engine:
    """Return an engine for ``url``; an SQLite file's folder is made.

    SQLite runs with a write-ahead log and ``synchronous=FULL``: what is committed survives a power
    cut. Raises StoreError when the URL cannot be used.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url, parsed.database)
        return create_engine(url, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, OSError) as error:
        raise StoreError(f"The database cannot be opened: {error}. Check `database`.") from error


def _open_sqlite(url: str, path: str | None) -> Engine:
    if not path or path == ":memory:":
        raise StoreError("The database must be a file: several processes share it.")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{_CACHE_KIB}",
        f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once in a writing transaction: a reader that turns writer half-way
    would fail with "database is locked" without waiting."""
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN DEFERRED")
    elif not _begun_soon(connection.connection.dbapi_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun_soon(raw: Any) -> bool:
    """Try to begin every half millisecond for a while: other writers need but a few, and SQLite's
    own wait sleeps in steps that grow beyond them."""
    raw.execute("PRAGMA busy_timeout=0")
    try:
        return any(_begun(raw) for _ in range(_TRIES))
    finally:
        raw.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")


def _begun(raw: Any) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:  # where it lasts, the last try tells
        time.sleep(_PAUSE)
        return False
    return True


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a read transaction that sees one moment; it never waits for writers."""
    options = _READING[engine.dialect.name]
    with translated(), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a write transaction, committed at the end or rolled back."""
    with translated(), engine.begin() as connection:
        yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's refusals into sentences; anything else passes."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(_sentence(error)) from error
    except TimeoutError as error:
        raise StoreError("All connections to the database are taken: try again.") from error
    except DatabaseError as error:
        if "does not exist" in str(error.orig) or "not a database" in str(error.orig):
            raise StoreError(_sentence(error)) from error
        raise


def _sentence(error: DatabaseError) -> str:
    words = str(error.orig).strip().splitlines()[0]
    if "no such table" in words or "does not exist" in words or "no such column" in words:
        return f"The database is not up to date ({words}): run `digest migrate`."
    if "locked" in words:
        return "The database stayed locked for 30 seconds: is another program holding it?"
    if "is full" in words or "No space left" in words:
        return f"The database has no room to write ({words}): make room on its disk."
    what_to_do = next((told for said, told in _ADVICE.items() if said in words), "")
    return f"The database cannot be used: {words.rstrip('.')}{what_to_do}."


_ADVICE = {
    "not a database": ": name the right file (`database`), or go back with `digest restore`",
    "malformed": ": go back to the last backup with `digest restore`",
    "readonly": ": give us the right to write to it and its folder",
    "unable to open": ": give us the right to read it and its folder",
    "connection failed": ": start it, or check `database`",
    "connection is bad": ": start it, or check `database`",
}
