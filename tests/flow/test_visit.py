"""A listing of several pages: each is kept as it comes, and what is missing is told."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from digest import flow
from digest.flow import visit
from tests.flow.world import World, open_world


class Feed(ThreadingHTTPServer):
    """Serves pages of a JSON Feed, two papers each; ``pages`` maps a path to the next one's."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.pages: dict[str, str | None] = {}
        self.rest = ""
        self.asked: list[str] = []
        self.logins: list[str | None] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Page(BaseHTTPRequestHandler):
    server: Feed

    def do_GET(self) -> None:
        path = self.path
        self.server.asked.append(path)
        self.server.logins.append(self.headers["Authorization"])
        if path == "/robots.txt":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"User-agent: *\nDisallow: /two\n")
            return
        if path not in self.server.pages:
            self.send_error(404)
            return
        if self.headers["If-None-Match"] == '"v1"':
            self.send_response(304)
            self.end_headers()
            return
        body = json.dumps(_feed(path, self.server.pages[path])).encode()
        self.send_response(200)
        self.send_header("ETag", '"v1"')
        if self.server.rest and len(self.server.asked) > 1:
            self.send_header("X-RateLimit-Remaining", "0")
            self.send_header("X-RateLimit-Reset", self.server.rest)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def _feed(path: str, next: str | None) -> dict[str, Any]:
    items = [
        {
            "id": f"{path}-{number}",
            "url": f"https://papers.example.org{path}/{number}",
            "title": f"Owls of Region {path.strip('/')}, Part {number}",
            "content_text": f"We count the owls of {path} for the {number}th time.",
        }
        for number in (1, 2)
    ]
    said = {"version": "https://jsonfeed.org/version/1.1", "title": "Owls", "items": items}
    return said if next is None else said | {"next_url": next}


@pytest.fixture
def feed() -> Iterator[Feed]:
    with Feed() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def world(database: str, tmp_path: Path, feed: Feed) -> Iterator[World]:
    sources = [{"url": feed.url("/one"), "name": "owls", "robots": False}]
    with open_world(database, tmp_path, sources=sources) as opened:
        yield opened


def test_every_page_is_ingested_and_the_first_is_asked_for_changes(
    world: World, feed: Feed
) -> None:
    feed.pages = {"/one": "/two", "/two": "/three", "/three": None}
    (done,) = flow.ingest_listings(world.app)
    assert (done.papers, done.new, done.complete, done.problems) == (6, 6, True, ())
    assert feed.asked == ["/one", "/two", "/three"]
    assert len(flow.papers(world.app)) == 6
    assert flow.ingest_listings(world.app) == ()
    assert feed.asked[3:] == ["/one"], "not modified: the other pages are left alone"


def test_a_page_that_fails_costs_what_follows_and_is_asked_again(world: World, feed: Feed) -> None:
    feed.pages = {"/one": "/two", "/two": "/gone"}
    (done,) = flow.ingest_listings(world.app)
    assert (done.new, done.error, done.complete) == (4, None, False)
    (problem,) = done.problems
    assert "its rest is missing" in problem.message
    assert "/gone answers 404" in problem.message
    (record,) = flow.status(world.app).sources
    assert record.error == problem.message
    assert record.hold_until is not None
    assert record.validators.etag is None, "else the first page, unchanged, would hide the rest"
    feed.pages["/gone"] = None
    (again,) = flow.ingest_listings(world.app)
    assert (again.papers, again.new, again.complete) == (6, 2, True)
    (record,) = flow.status(world.app).sources
    assert (record.error, record.validators.etag) == (None, '"v1"')


def test_pages_that_go_in_circles_are_left(world: World, feed: Feed) -> None:
    feed.pages = {"/one": "/two", "/two": "/three", "/three": feed.url("/two")}
    (done,) = flow.ingest_listings(world.app)
    assert feed.asked == ["/one", "/two", "/three"]
    assert (done.new, done.complete) == (6, False)
    assert "continues itself" in (done.rest or "")


def test_pages_without_end_are_left(
    world: World, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "PAGES", 5)
    feed.pages = {"/one": "/page0", **{f"/page{n}": f"/page{n + 1}" for n in range(99)}}
    (done,) = flow.ingest_listings(world.app)
    assert len(feed.asked) == 5
    assert (done.new, done.complete) == (10, False)
    assert "5 pages are enough" in (done.rest or "")


def test_papers_without_end_are_cut_and_told(
    world: World, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "ENTRIES", 3)
    feed.pages = {"/one": "/two", "/two": "/three", "/three": None}
    (done,) = flow.ingest_listings(world.app)
    assert feed.asked == ["/one", "/two"]
    assert (done.papers, done.new, done.complete) == (3, 3, False)
    assert "has 2 papers, and we took the first 1" in (done.rest or "")


def test_an_address_a_person_names_is_read_to_its_end_with_its_login(
    world: World, feed: Feed
) -> None:
    feed.pages = {"/one": "/two", "/two": None}
    address = feed.url("/one").replace("http://", "http://ada:secret@")
    (done,) = flow.ingest_given(world.app, [address])
    assert (done.new, done.complete) == (4, True)
    assert len(set(feed.logins)) == 1
    assert feed.logins[0] is not None
    assert "secret" not in str(flow.status(world.app).listings)


def test_a_file_never_sends_us_to_an_address(world: World, feed: Feed) -> None:
    feed.pages = {"/two": None}
    world.drop("owls.json", json.dumps(_feed("/one", feed.url("/two"))))
    done = [each for each in flow.ingest_given(world.app, [str(world.inbox)]) if not each.error]
    assert [each.new for each in done] == [2]
    assert feed.asked == []


def test_a_source_that_wants_a_long_rest_gets_it(world: World, feed: Feed) -> None:
    feed.pages = {"/one": "/two", "/two": "/three", "/three": None}
    feed.rest = "10800"
    (done,) = flow.ingest_listings(world.app)
    assert (done.new, done.complete) == (4, False)
    assert "wants a rest of" in (done.rest or "")
    (record,) = flow.status(world.app).sources
    assert record.hold_until is not None
    assert timedelta(hours=2) < record.hold_until - world.clock.now <= timedelta(hours=3)
    (done,) = flow.ingest_listings(world.app)
    assert "wants a rest of" in (done.error or ""), "and nobody can hurry it"
    assert feed.asked == ["/one", "/two"]


def test_robots_are_heeded_on_every_page_unless_we_are_allowed(
    database: str, tmp_path: Path, feed: Feed
) -> None:
    feed.pages = {"/one": "/two", "/two": None}
    sources = [{"url": feed.url("/one"), "name": "owls"}]
    with open_world(database, tmp_path, sources=sources) as world:
        (done,) = flow.ingest_listings(world.app)
        assert feed.asked == ["/robots.txt", "/one"]
        assert (done.new, done.complete) == (2, False)
        assert "set robots: false for this source" in (done.rest or "")
        (named,) = flow.ingest_given(world.app, [feed.url("/one")])
        assert (named.papers, named.complete) == (4, True), "a person is no robot"
