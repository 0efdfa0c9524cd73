"""Bringing the database's tables up to date, with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from digest.errors import StoreError
from digest.store.engine import reading, writing

_SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x_D16E57  # any number will do, as long as all processes take the same one


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Migrate to the newest schema; returns the revisions before and after.

    Two processes may do so at once: the second waits and finds nothing to do.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
        before = _current(connection)
        command.upgrade(_config(connection), "head")
        return before, _newest()


def require_migrated(engine: Engine) -> None:
    """Raise StoreError unless the schema is the newest one."""
    with reading(engine) as connection:
        current = _current(connection)
    if current != _newest():
        raise StoreError(f"The database is at {current or 'no version'}: run `digest migrate`.")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "migrations/versions is empty"
    return head
