"""The clock jumps, while sending and between runs: due dates do not run away, no paper comes
twice, none is lost."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from digest import flow, store
from digest.model import Cadence, DeliveryState
from digest.store.schema import deliveries, issue_papers, issues, papers, subscribers
from tests.build import NOON, schedule
from tests.flow.world import GRAPHS, PAPERS, ROBOTS, World

READERS = ("ada@example.org", "bob@example.org", "cat@example.org")
WANTED = [title for title in PAPERS if "Tides" not in title]  # by these readers
DAY = timedelta(days=1)


@pytest.fixture
def town(world: World) -> World:
    """Readers of every cadence, on both sides of the date line, who have had their first issue."""
    zones = ("UTC", "Pacific/Kiritimati", "Pacific/Honolulu")
    cadences = (Cadence.DAILY, Cadence.WEEKDAYS, Cadence.WEEKLY)
    for reader, zone, cadence in zip(READERS, zones, cadences, strict=True):
        world.subscribe(reader, GRAPHS, ROBOTS)
        wishes = flow.subscribers(world.app)[0].wishes
        flow.subscribe(
            world.app,
            reader,
            replace(wishes, schedule=schedule(cadence=cadence, timezone=zone)),
        )
    _arrive(world, 0)
    return world


def _arrive(world: World, number: int) -> None:
    """Let one more of the papers come, and do what is due."""
    world.drop_papers([WANTED[number]], name=f"{number}.txt")
    world.run()


def _live(world: World, since: datetime, *, days: int) -> None:
    """Let so many days go by, an hour at a time where something may happen."""
    for day in range(days):
        for hour in (0, 7, 12, 18):
            world.clock.now = since.replace(hour=hour, minute=5) + day * DAY
            if world.clock.now > since:
                world.run()


def _had(world: World) -> Counter[tuple[str, str]]:
    """Return how often each reader was sent each paper."""
    with store.reading(world.app.engine) as connection:
        rows = connection.execute(
            select(subscribers.c.email, papers.c.title)
            .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
            .join(issue_papers, issue_papers.c.issue_id == deliveries.c.issue_id)
            .join(papers, papers.c.id == issue_papers.c.paper_id)
            .where(deliveries.c.state == DeliveryState.SENT, issue_papers.c.position > 0)
        ).all()
    return Counter((row.email, row.title) for row in rows)


def _all_is_well(world: World) -> None:
    """Everybody had each paper once, on days of which each had one issue, and is due soon."""
    had = _had(world)
    assert had == {(reader, title): 1 for reader in READERS for title in WANTED}
    with store.reading(world.app.engine) as connection:
        dates = connection.execute(select(issues.c.subscriber_id, issues.c.date)).all()
    assert len(dates) == len(set(dates))
    assert flow.status(world.app).balanced
    for each in flow.subscribers(world.app):
        assert each.due_at <= world.clock.now + 7 * DAY, "their next turn is no further away"


def _be_wrong_by(town: World, days: int) -> None:
    """Let papers come while the clock is wrong for an hour, and after it is right again."""
    before = town.clock.now
    town.clock.move(days=days)
    _arrive(town, 1)
    town.clock.now = before + timedelta(hours=1)
    _arrive(town, 2)
    _live(town, town.clock.now, days=2)
    _arrive(town, 3)
    _live(town, town.clock.now, days=9)


@pytest.mark.parametrize("days", [1, 10, 365])
def test_a_clock_that_was_ahead_for_a_while_puts_nobody_off(town: World, days: int) -> None:
    _be_wrong_by(town, days)
    _all_is_well(town)


@pytest.mark.parametrize("days", [1, 10])  # what came over a month ago is not looked back on
def test_a_clock_that_was_behind_for_a_while_doubles_nothing(town: World, days: int) -> None:
    _be_wrong_by(town, -days)
    _all_is_well(town)


@pytest.mark.parametrize("days", [1, 365, -1, -365])
def test_a_clock_that_jumps_while_sending_loses_and_doubles_nothing(town: World, days: int) -> None:
    for number in (1, 2, 3):
        town.drop_papers([WANTED[number]], name=f"{number}.txt")
    flow.ingest_listings(town.app)
    town.clock.now = NOON + 7 * DAY
    flow.prepare_issues(town.app)
    flow.deliver_issues(town.app, told=lambda _: town.clock.move(days=days))
    flow.deliver_issues(town.app)
    _live(town, NOON + 7 * DAY, days=9)
    _all_is_well(town)
