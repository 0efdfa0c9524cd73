"""The ticks: none dropped, none doubled, none the last because one failed."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from digest import flow, scheduler
from digest.app import App
from digest.errors import StoreError
from tests.flow.world import GRAPHS, World, daily


def test_a_late_tick_comes_once_and_a_long_one_never_twice(world: World) -> None:
    ticking = scheduler.open_scheduler(world.app)
    ticking.start(paused=True)
    jobs = {job.name: job for job in ticking.get_jobs()}
    ticking.shutdown()
    spans = {name: job.trigger.interval.total_seconds() for name, job in jobs.items()}
    assert spans == {
        "ingest_tick": 60,
        "prepare_tick": 60,
        "bounce_tick": 60,
        "watch_tick": 60,
        "tidy_tick": 3600,
    }
    for job in jobs.values():
        assert (job.coalesce, job.misfire_grace_time, job.max_instances) == (True, None, 1)
        assert job.next_run_time == world.clock.now, "the first tick comes at the start"


def test_what_is_dropped_goes_to_who_is_due_in_the_same_tick(world: World) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    scheduler.ingest_tick(world.app)
    scheduler.prepare_tick(world.app)
    assert world.books() == {}
    world.drop_papers()
    scheduler.ingest_tick(world.app)
    assert world.books() == {"queued": 1}


def test_who_is_due_later_gets_it_without_another_listing(world: World) -> None:
    world.drop_papers()
    scheduler.ingest_tick(world.app)
    world.subscribe("ada@example.org", GRAPHS)
    scheduler.prepare_tick(world.app)
    assert world.books() == {"queued": 1}


def test_who_never_confirmed_is_forgotten(world: World) -> None:
    flow.sign_up(world.app, "ada@example.org", daily(GRAPHS))
    world.clock.move(days=40)
    scheduler.tidy_tick(world.app)
    assert flow.subscribers(world.app) == ()


@pytest.mark.parametrize("error", [StoreError("The database is away."), ZeroDivisionError("a bug")])
def test_a_tick_that_fails_is_told_and_the_next_one_comes(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    times: list[float] = []
    enough = threading.Event()

    def fail(*_: object, **__: object) -> None:
        times.append(time.monotonic())
        if len(times) == 3:
            enough.set()
        raise error

    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(flow, "ingest_listings", fail)
    with capture_logs() as logs:
        _tick_until(world.app, enough.wait)
    told = [each for each in logs if each["event"] == "tick.failed"]
    assert len(told) >= 3
    assert {each["tick"] for each in told} == {"ingest_tick"}, "the other tick went well"
    assert {each["log_level"] for each in told} == {"error"}
    assert str(error) in str(told[0])


def test_a_tick_that_takes_long_is_not_begun_again_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = []
    most: list[int] = []
    enough = threading.Event()

    def take_long(*_: object, **__: object) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.12)
        running.pop()
        if len(most) == 3:
            enough.set()

    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(flow, "ingest_listings", take_long)
    _tick_until(world.app, enough.wait)
    assert max(most) == 1


def _tick_until(app: App, wait: Callable[[float], Any]) -> None:
    """Run a scheduler on the real clock: it counts its ticks from now."""
    ticking = scheduler.open_scheduler(replace(app, clock=lambda: datetime.now(UTC)))
    ticking.start()
    try:
        assert wait(10), "the ticks did not come"
    finally:
        ticking.shutdown(wait=True)
    assert not [each for each in threading.enumerate() if "APScheduler" in each.name]
