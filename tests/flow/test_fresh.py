"""Visits to real servers become days: fresh, late, stale, partial, empty, broken."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from digest import flow, store
from digest.model import Freshness, SourceDay
from tests.build import NOON
from tests.flow.world import PAPERS, World, dump, open_world

TITLES = tuple(PAPERS)
WEEKDAYS = {"days": ["mon", "tue", "wed", "thu", "fri"], "by": 6, "deadline": 2}


class Journal:
    """A feed on a real server whose next answer tests choose."""

    def __init__(self) -> None:
        self.body: bytes | None = b""
        self.asked = 0

    def publish(self, *titles: str, on: date, cut: bool = False) -> None:
        """Answer with a feed of these of our papers, built on a day."""
        built = f"{on:%a, %d %b %Y} 05:00:00 +0000"
        items = "".join(
            f"<item><title>{title}</title><description>{PAPERS[title]}</description></item>"
            for title in titles
        )
        feed = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>A Journal</title>'
            f"<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
        )
        self.body = feed[: feed.rindex("</description>")].encode() if cut else feed.encode()

    def fall_silent(self) -> None:
        """Answer with an error."""
        self.body = None

    def serve(self) -> ThreadingHTTPServer:
        """Return a server, not yet started."""
        journal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                journal.asked += 1
                if journal.body is None:
                    self.send_error(404)
                    return
                tag = f'"{hash(journal.body)}"'
                if self.headers.get("If-None-Match") == tag:
                    self.send_response(304)
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(journal.body)))
                self.end_headers()
                self.wfile.write(journal.body)

            def log_message(self, *args: object) -> None:
                pass

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


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
    with _town(database, tmp_path, url=url, **WEEKDAYS) as opened:
        yield opened


def _town(database: str, home: Path, **source: Any) -> Any:
    return open_world(database, home, sources=[{"name": "A Journal", **source}])


def today(world: World) -> SourceDay | None:
    with store.reading(world.app.engine) as connection:
        return store.source_days.get(connection, "A Journal", world.clock.now.date())


def freshness(world: World) -> Freshness | None:
    """What is so of the journal after it was asked now."""
    flow.ingest_listings(world.app)
    told = today(world)
    return told.freshness if told else None


def at(world: World, day: int, hour: int) -> date:
    """Move the clock to an hour of a day in November 2026; the 20th is a Friday."""
    world.clock.now = datetime(2026, 11, day, hour, tzinfo=NOON.tzinfo)
    return world.clock.now.date()


def test_a_week_in_the_life_of_a_journal(town: World, journal: Journal) -> None:
    journal.publish(TITLES[0], on=at(town, 19, 7))
    assert freshness(town) is Freshness.FRESH
    at(town, 20, 7)
    assert freshness(town) is None, "not modified, and not late yet"
    journal.publish(TITLES[0], on=date(2026, 11, 20))
    assert freshness(town) is Freshness.STALE, "yesterday's paper under today's date"
    journal.fall_silent()
    assert freshness(town) is Freshness.BROKEN
    at(town, 20, 9)
    journal.publish(TITLES[0], on=date(2026, 11, 19))
    assert freshness(town) is Freshness.LATE
    journal.publish(*TITLES[:4], on=date(2026, 11, 20), cut=True)
    assert freshness(town) is Freshness.PARTIAL
    assert freshness(town) is Freshness.PARTIAL, "asked for all of it again"
    journal.publish(*TITLES[:4], on=date(2026, 11, 20))
    assert freshness(town) is Freshness.FRESH
    told = today(town)
    assert told is not None
    assert told.reason == "It announced 3 new papers."
    journal.fall_silent()
    assert freshness(town) is Freshness.FRESH
    at(town, 21, 9)
    journal.publish(on=date(2026, 11, 21))
    assert freshness(town) is Freshness.EMPTY


def test_the_scheduler_asks_often_while_a_listing_is_awaited(town: World, journal: Journal) -> None:
    journal.publish(TITLES[0], on=at(town, 19, 7))
    flow.ingest_listings(town.app)
    at(town, 20, 5)
    asked = []
    for _ in range(6 * 6):
        before = journal.asked
        flow.ingest_listings(town.app, patient=True)
        if journal.asked > before:
            asked.append(f"{town.clock.now:%H:%M}")
        if f"{town.clock.now:%H:%M}" == "06:50":
            journal.publish(TITLES[1], on=date(2026, 11, 20))
        town.clock.move(minutes=10)
    assert asked == ["05:00", "06:00", "06:20", "06:40", "07:00", "10:00"]


def test_a_source_that_promises_nothing_is_fresh_or_empty(
    database: str, tmp_path: Path, journal: Journal, url: str
) -> None:
    with _town(database, tmp_path, url=url) as world:
        journal.publish(TITLES[0], on=at(world, 19, 7))
        assert freshness(world) is Freshness.FRESH
        at(world, 20, 23)
        assert freshness(world) is Freshness.EMPTY


def test_a_folder_is_judged_by_what_is_dropped(database: str, tmp_path: Path) -> None:
    with _town(database, tmp_path, folder=tmp_path / "inbox") as world:
        assert freshness(world) is None
        world.drop("shopping.txt", "milk\neggs\n")
        assert freshness(world) is Freshness.BROKEN
        world.drop_papers()
        assert freshness(world) is Freshness.FRESH
        world.clock.move(days=1)
        assert freshness(world) is None, "nothing dropped, nothing to judge"
        whole = dump([TITLES[0]], day="Nov 20")
        world.drop("cut.txt", whole[: whole.rindex(" ")])
        assert freshness(world) is Freshness.PARTIAL


def test_a_folder_with_a_calendar_is_late_when_nobody_drops_anything(
    database: str, tmp_path: Path
) -> None:
    with _town(database, tmp_path, folder=tmp_path / "inbox", **WEEKDAYS) as world:
        at(world, 20, 7)
        assert freshness(world) is None
        world.clock.now += timedelta(hours=1)
        assert freshness(world) is Freshness.LATE
