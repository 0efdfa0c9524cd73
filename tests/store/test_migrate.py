"""The migrations build exactly what schema.py says, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from digest import store
from digest.errors import StoreError
from digest.store.schema import metadata

VERSIONS = Path(store.__file__).parent / "migrations" / "versions"
NEWEST = max(path.name for path in VERSIONS.glob("0*.py"))[:4]


def test_the_migrated_schema_is_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before, after = store.upgrade(engine)
    assert before == after == NEWEST


def test_an_unmigrated_database_says_what_to_do(tmp_path: Path) -> None:
    engine = store.open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StoreError, match="digest migrate"):
        store.require_migrated(engine)
    with (
        pytest.raises(StoreError, match="digest migrate"),
        store.reading(engine) as connection,
    ):
        store.papers.count(connection)
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "nonsense", "oracle+x://a/b"])
def test_an_unusable_url_is_one_sentence(url: str) -> None:
    with pytest.raises(StoreError, match="database"):
        store.open_engine(url)


def test_sqlite_survives_power_cuts(tmp_path: Path) -> None:
    engine = store.open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with store.writing(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
