"""Who is alive: a process owns its claims for as long as it holds a lock that dies with it.

A lease would make everyone wait for its end after a crash; a lock that the kernel (SQLite: a
locked file beside the database) or the server (PostgreSQL: a session's advisory lock) drops the
moment its holder dies tells at once. A frozen process keeps its lock; its claims wait for it.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from digest.errors import StoreError
from digest.store.engine import reading, translated

_TRY = text("SELECT pg_try_advisory_lock(hashtextextended(:owner, 0))")
_FREE = text("SELECT pg_advisory_unlock(hashtextextended(:owner, 0))")
_PROBE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:owner, 0))")


@contextmanager
def owning(engine: Engine, owner: str) -> Iterator[str]:
    """Be alive under the name ``owner`` until the end of the block, or of the process."""
    if engine.dialect.name == "sqlite":
        with _locked_file(_folder(engine) / owner):
            yield owner
    else:
        with _session_lock(engine, owner):
            yield owner


def dead(engine: Engine, owners: Sequence[str]) -> tuple[str, ...]:
    """Return those of ``owners`` that live no more."""
    if engine.dialect.name == "sqlite":
        return tuple(owner for owner in owners if not _file_is_locked(_folder(engine) / owner))
    with reading(engine) as connection:
        return tuple(owner for owner in owners if not _session_is_alive(connection, owner))


def require_alive(engine: Engine, owner: str) -> None:
    """Raise StoreError when others take ``owner``, who is us, for dead: our lock is gone."""
    if dead(engine, [owner]):
        raise StoreError(
            "The connection that showed we are alive was lost: what was being sent may be counted"
            " as uncertain. Run it again for the rest."
        )


def _folder(engine: Engine) -> Path:
    """The folder beside the database, by its real name: whoever opens it through a link too."""
    return Path(f"{Path(engine.url.database or '').resolve()}.owners")


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _file_is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)


@contextmanager
def _session_lock(engine: Engine, owner: str) -> Iterator[None]:
    """Hold the lock in a session of its own, whose end gives it back."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    with translated(), autocommit.connect() as connection:
        connection.detach()
        connection.execute(_TRY, {"owner": owner})
        yield
        # The server notices the end of the session a moment later; a lost one has no lock.
        with suppress(DBAPIError):
            connection.execute(_FREE, {"owner": owner})


def _session_is_alive(connection: Connection, owner: str) -> bool:
    return not connection.execute(_PROBE, {"owner": owner}).scalar_one()
