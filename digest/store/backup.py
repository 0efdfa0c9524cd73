"""A whole database in one file, and back.

SQLite copies itself while others write (its online backup). PostgreSQL's own programs do it for a
server: ``pg_dump``, ``pg_restore`` and ``psql``, of its own version or a newer one.
"""

import os
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url, text

from digest.errors import StoreError
from digest.store.engine import open_engine, reading
from digest.store.health import file_of
from digest.store.schema import metadata

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def save(url: str, file: Path) -> None:
    """Write the database to ``file``, complete or not at all; nobody waits meanwhile. Raises
    StoreError."""
    draft = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # it holds addresses
        with _told(file):
            _save(url, draft)
            os.replace(draft, file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def _save(url: str, draft: Path) -> None:
    database = file_of(url)
    if database is None:
        _run("pg_dump", "--format=custom", "--no-owner", "--file", str(draft), url=make_url(url))
    elif database.exists():
        copy(database, draft)
    else:
        raise StoreError(f"There is no database at {database}: nothing to back up.")


def copy(source: Path, target: Path) -> None:
    """Copy an SQLite database into ``target``, replacing what is in it; whoever has it open sees
    all of it change at once. Raises StoreError when ``source`` is none."""
    with (
        _told(source),
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target, timeout=30)) as copied,
    ):
        original.backup(copied)


def unpack(file: Path, draft: Path) -> None:
    """Make a script for ``psql`` of a backup of PostgreSQL, which replaces our tables and nothing
    else. Raises StoreError when ``file`` is no such backup."""
    _run("pg_restore", "--no-owner", "--file", str(draft), str(file))
    tables = ", ".join(("alembic_version", *metadata.tables))
    script = draft.read_text(encoding="utf-8")
    draft.write_text(f"DROP TABLE IF EXISTS {tables} CASCADE;\n{script}", encoding="utf-8")


def replace(url: str, file: Path) -> None:
    """Put a backup of PostgreSQL in the place of what is there, at once or not at all. Raises
    StoreError, also while others are connected: they would go on as if nothing had happened."""
    _require_alone(url)
    with tempfile.TemporaryDirectory(prefix="digest-") as folder:
        script = Path(folder) / "restore.sql"
        unpack(file, script)
        words = ("--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file", str(script))
        _run("psql", "--no-psqlrc", "--output", os.devnull, *words, url=make_url(url))


def _require_alone(url: str) -> None:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            others = connection.execute(_OTHERS).scalar_one()
    finally:
        engine.dispose()
    if others:
        raise StoreError(
            f"Others use the database ({others}): stop web, scheduler and workers first."
        )


def _run(program: str, *words: str, url: URL | None = None) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which is ours."""
    environment = dict(os.environ)
    command = [program, *words]
    if url is not None:
        if url.password:
            environment["PGPASSWORD"] = str(url.password)
        command += ["--dbname", _without_password(url)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
    except FileNotFoundError as error:
        raise StoreError(
            f"{program} is missing here: install PostgreSQL's client programs, or run it where they"
            " are (docs/operations.md)."
        ) from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:500]
        raise StoreError(f"{program} failed: {said or f'exit code {done.returncode}'}.")


def _without_password(url: URL) -> str:
    bare = URL.create(
        "postgresql",
        username=url.username,
        host=url.host,
        port=url.port,
        database=url.database,
        query=url.query,
    )
    return bare.render_as_string()


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"{file} cannot be used ({error}): is it a backup of this kind?"
        ) from error
