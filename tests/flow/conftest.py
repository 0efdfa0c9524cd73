"""A journal on a real server, and an installation that reads it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.journal import WEEKDAYS, Journal, open_town
from tests.flow.world import World


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def url(journal: Journal) -> Iterator[str]:
    with journal.serve() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/rss"
        server.shutdown()
        thread.join()


@pytest.fixture
def town(database: str, tmp_path: Path, url: str) -> Iterator[World]:
    """An installation that reads the journal, which announces on weekdays."""
    with open_town(database, tmp_path, url=url, **WEEKDAYS) as opened:
        yield opened
