"""Bringing the database's tables up to date, with Alembic."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from digest.errors import StoreError
from digest.store.engine import reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x_D16E57  # any number will do, as long as all processes take the same one


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Migrate to the newest schema; returns the revisions before and after.

    A database that is up to date is only looked at: nobody waits for a lock. Two processes may
    migrate at once: the second waits and finds nothing to do.
    """
    before, newest = _revision(engine), _newest()
    if before != newest:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
            _migrate(connection)
    return before, newest


def require_migrated(engine: Engine) -> None:
    """Raise StoreError unless the schema is the newest one."""
    current = _revision(engine)
    if current != _newest():
        raise StoreError(f"The database is at {current or 'no version'}: run `digest migrate`.")


def _migrate(connection: Connection) -> None:
    from alembic import command  # a tenth of a second, and hardly ever needed

    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _revision(engine: Engine) -> str | None:
    """Return the revision Alembic has noted in the database, if it was ever there."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _newest() -> str:
    """Return the newest revision: the number its file's name begins with."""
    return max(path.name for path in (_SCRIPTS / "versions").glob("[0-9]*.py")).partition("_")[0]
