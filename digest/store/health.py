"""Is the database well: can it be written, is it whole, and what time is it there?"""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, make_url, text

from digest.errors import StoreError
from digest.store.engine import writing
from digest.store.schema import attempts

_PROBE = "doctor"


class _TakenBack(Exception):
    """Ends a transaction without a trace."""


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite database; None for a server."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    return Path(parsed.database or "") if sqlite else None


def require_file(engine: Engine) -> None:
    """Raise StoreError when the file of an SQLite database was moved or deleted.

    Who has it open goes on with it, and what is stored so is lost with the last of them.
    """
    file = file_of(engine.url.render_as_string())
    if file is not None and not file.exists():
        raise StoreError(f"There is no database at {file}: stop all that runs, and put it back.")


def find_flaw(connection: Connection) -> str | None:
    """Return what is wrong with the file itself; None when it is sound (a server sees to that)."""
    if connection.dialect.name != "sqlite":
        return None
    said = str(connection.execute(text("PRAGMA quick_check(1)")).scalar_one())
    return None if said == "ok" else " ".join(said.split())


def try_writing(engine: Engine) -> None:
    """Write a row and take it back. Raises StoreError when nothing can be written."""
    try:
        with writing(engine) as connection:
            connection.execute(delete(attempts).where(attempts.c.key == _PROBE))
            until = datetime.fromtimestamp(0, UTC)
            connection.execute(insert(attempts).values(key=_PROBE, seat=0, until=until))
            raise _TakenBack
    except _TakenBack:
        return


def now(connection: Connection) -> datetime | None:
    """Return the time on the database server's clock; None where it is ours."""
    if connection.dialect.name == "sqlite":
        return None
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)
