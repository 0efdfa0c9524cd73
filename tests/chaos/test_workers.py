"""Several workers at once, dying or frozen: what one had begun, another ends, once."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from digest import flow
from digest.model import DeliveryState
from digest.settings.values import DeliverSettings
from digest.store import pace, upkeep
from tests.chaos import lives, scene
from tests.chaos.conftest import Note
from tests.chaos.lives import Life, Place, Work
from tests.flow.world import World

WORKERS = 4
ROUNDS = 5
READERS = 400
CALLS = 250_000  # in which one of them begins, and does what it does
IN_FLIGHT = DeliverSettings().connections


def test_workers_that_die_beside_each_other_double_nothing_and_forget_nobody(
    database: str, tmp_path: Path, chance: random.Random, note: Note
) -> None:
    with scene.postfix_sink(tmp_path) as taking:
        settings = taking.settings | {"deliver": {"claim": 5}}
        place = Place(database=database, folder=tmp_path, settings=settings)
        with scene.installation(place) as world:
            scene.fill(world, READERS)
            kills = 0
            for _ in range(ROUNDS):
                kills += _die_together(place, [chance.randrange(CALLS) for _ in range(WORKERS)])
                in_flight = scene.count(world)[DeliveryState.SENDING]
                assert in_flight <= WORKERS * IN_FLIGHT
            assert scene.count(world)[DeliveryState.QUEUED], "no kill came after the end"
            flow.deliver_issues(world.app)
            uncertain = scene.account(scene.states(world), taking.taken())
            assert uncertain <= kills * IN_FLIGHT
            note(f"{WORKERS} workers at once, {kills} kills, {uncertain} uncertain")


def _die_together(place: Place, calls: list[int]) -> int:
    """Let so many processes work at once; returns how many died of it."""
    with ExitStack() as opened:
        doomed = [opened.enter_context(lives.life(place, lives.deliver, calls=n)) for n in calls]
        return sum(each.end() for each in doomed)


@contextmanager
def _frozen(place: Place, work: Work) -> Iterator[tuple[World, Life]]:
    """An installation, and a process that froze in the middle of its work."""
    with scene.installation(place) as world:
        scene.fill(world, 80)
        with lives.life(place, work) as frozen:
            scene.until(lambda: frozen.frozen)
            yield world, frozen


@pytest.mark.parametrize("work", [lives.freeze_before_the_dot, lives.freeze_after_the_dot])
def test_a_worker_frozen_until_others_took_over_and_thawed_doubles_nothing(
    database: str, tmp_path: Path, work: Work
) -> None:
    with scene.postfix_sink(tmp_path) as taking:
        place = Place(database=database, folder=tmp_path, settings=taking.settings)
        with _frozen(place, work) as (world, frozen):
            held = scene.count(world)
            assert 0 < held[DeliveryState.SENDING] <= IN_FLIGHT
            flow.deliver_issues(world.app)
            left = scene.count(world)
            for state in pace.IN_FLIGHT:
                assert left[state] == held[state], "it holds what it had: it may thaw at once"
            place.clock.now += upkeep.LONGEST_CLAIM + timedelta(minutes=1)
            flow.deliver_issues(world.app)
            assert not scene.is_open(world), "others have taken over"
            frozen.thaw()
            assert not frozen.end(), "it ends in peace"
            uncertain = scene.account(scene.states(world), taking.taken())
            assert uncertain == held[DeliveryState.SENDING], "its late answers change nothing"
    assert "delivery.lost" in scene.log_of(place)


def test_a_worker_frozen_for_a_moment_goes_on(database: str, tmp_path: Path) -> None:
    with scene.postfix_sink(tmp_path) as taking:
        place = Place(database=database, folder=tmp_path, settings=taking.settings)
        work = lives.freeze_after_the_dot
        with _frozen(place, work) as (world, frozen):
            flow.deliver_issues(world.app)  # what it has not claimed
            frozen.thaw()
            assert not frozen.end()
            assert scene.account(scene.states(world), taking.taken()) == 0
