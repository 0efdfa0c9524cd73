"""Chromium, and an installation whose mail goes through a real mail server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.town import Town, open_town
from tests.deliver.servers import require

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window; its absence is a skip, and under CI a failure."""
    program = require("chromium", "chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def town(database: str, tmp_path: Path) -> Iterator[Town]:
    """A site with papers, and a mail server for its letters and issues."""
    with open_town(database, tmp_path) as opened:
        yield opened


@pytest.fixture
def album(request: pytest.FixtureRequest) -> Path | None:
    """Where the pictures of a test go: ``PICTURES=folder pytest tests/browser`` takes them."""
    asked = os.environ.get("PICTURES")
    if not asked:
        return None
    folder = Path(asked, request.node.name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
