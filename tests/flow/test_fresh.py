"""Visits to real servers become days: fresh, late, stale, partial, empty, broken."""

from datetime import date, datetime, timedelta
from pathlib import Path

from digest import flow, store
from digest.model import Freshness, SourceDay
from tests.build import NOON
from tests.flow.journal import TITLES, WEEKDAYS, Journal, open_town
from tests.flow.world import World, dump


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
    with open_town(database, tmp_path, url=url) as world:
        journal.publish(TITLES[0], on=at(world, 19, 7))
        assert freshness(world) is Freshness.FRESH
        at(world, 20, 23)
        assert freshness(world) is Freshness.EMPTY


def test_a_folder_is_judged_by_what_is_dropped(database: str, tmp_path: Path) -> None:
    with open_town(database, tmp_path, folder=tmp_path / "inbox") as world:
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
    with open_town(database, tmp_path, folder=tmp_path / "inbox", **WEEKDAYS) as world:
        at(world, 20, 7)
        assert freshness(world) is None
        world.clock.now += timedelta(hours=1)
        assert freshness(world) is Freshness.LATE
