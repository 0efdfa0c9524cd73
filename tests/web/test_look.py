"""The preview while the papers are still being indexed, and the files that browsers keep."""

import re
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import httpx
import pytest

from digest import flow
from digest.flow import look
from digest.web.static import Static
from tests.flow.world import World, dump
from tests.web.conftest import Site, open_site

ASKED = {"text-0": "graph neural networks"}

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def busy(site: Site, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Papers that are not indexed until this event is set; nobody waits for that."""
    ready, really = threading.Event(), flow.prepare.open_window

    def open_later(*given: Any, **more: Any) -> flow.prepare.Window:
        assert ready.wait(60)
        return really(*given, **more)

    monkeypatch.setattr(look, "open_window", open_later)
    monkeypatch.setattr(look, "PATIENCE", 0)
    site.world.drop_papers()
    flow.ingest_listings(site.world.app)
    return ready


def until_shown(client: httpx.Client, sentence: str) -> None:
    deadline = time.monotonic() + 60
    while sentence not in client.post("/preview", data=ASKED).text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@any_database
def test_before_the_papers_are_indexed_the_page_is_there(site: Site, busy: threading.Event) -> None:
    for answer in (
        site.client.post("/preview", data=ASKED),
        site.client.get("/"),
        site.client.post("/", data=ASKED | {"do": "preview"}),
    ):
        assert answer.status_code == 200
        assert "The preview is being prepared" in answer.text
        assert "<noscript><p>Then press “Show what I would get”.</p></noscript>" in answer.text
        assert "data-soon" in answer.text
        assert answer.text.count("<article>") == 3
    busy.set()
    until_shown(site.client, "2 papers for you")
    assert "data-soon" not in site.client.get("/").text


def test_the_papers_are_indexed_before_anybody_asks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drop_papers()
    flow.ingest_listings(world.app)
    opened, really = threading.Event(), flow.prepare.open_window

    def noticed(*given: Any, **more: Any) -> flow.prepare.Window:
        opened.set()
        return really(*given, **more)

    monkeypatch.setattr(look, "open_window", noticed)
    url = world.app.engine.url.render_as_string(hide_password=False)
    with open_site(url, world.inbox.parent):
        assert opened.wait(60)


@any_database
def test_browsers_keep_a_file_until_it_changes(site: Site) -> None:
    page = site.client.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert {address.partition("?")[0] for address in addresses} == {
        "/static/base.css",
        "/static/page.css",
        "/static/wishes.js",
    }
    for address in addresses:
        file = site.client.get(address)
        assert file.status_code == 200
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        for other in (address.partition("?")[0], address[:-1] + "-"):
            asked_again = {"If-None-Match": file.headers["ETag"]}
            old = site.client.get(other, headers=asked_again)
            assert (old.status_code, old.headers["Cache-Control"]) == (304, "no-cache")


def test_another_content_has_another_address(tmp_path: Path) -> None:
    addresses = set()
    for content in ("a { color: red }", "a { color: blue }", "a { color: red }"):
        (tmp_path / "page.css").write_text(content)
        addresses.add(Static(tmp_path).address("page.css"))
    assert len(addresses) == 2


def test_papers_that_were_replaced_are_freed(world: World) -> None:
    world.drop_papers()
    flow.ingest_listings(world.app)
    shelf = flow.Shelf(world.app)
    before = weakref.ref(current(shelf).window.index)
    world.drop("more.txt", dump(day="Nov 20").replace("Tides", "Winds"))
    world.clock.move(minutes=5)
    flow.ingest_listings(world.app)
    deadline = time.monotonic() + 60
    while before() is not None:
        shelf.stock()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(current(shelf).window.papers) == 6


def current(shelf: flow.Shelf) -> flow.Stock:
    shelf.stock()
    assert shelf.wait()
    stock = shelf.stock()
    assert stock is not None
    return stock
