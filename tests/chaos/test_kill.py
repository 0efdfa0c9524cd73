"""kill -9 of what sends, at 200 random moments: nobody gets two copies, nobody is forgotten."""

import random
import time
from pathlib import Path

import pytest

from digest import flow
from digest.model import DeliveryState
from digest.settings.values import DeliverSettings
from tests.chaos import lives, scene
from tests.chaos.conftest import Note
from tests.chaos.lives import Place

KILLS = 50  # on each of two databases, with each of two servers
READERS = 600  # more than can be served until the last kill
CALLS = 150_000  # in which a process begins, and hands over a dozen messages or so
SECONDS = 0.25  # in which it does as much
IN_FLIGHT = DeliverSettings().connections


def _kill_one(place: Place, chance: random.Random) -> bool:
    """Let a process send and kill it; returns whether it died of that."""
    if chance.random() < 0.5:
        with lives.life(place, lives.deliver, calls=chance.randrange(CALLS)) as doomed:
            return doomed.end()
    with lives.life(place, lives.deliver) as doomed:
        time.sleep(chance.uniform(0, SECONDS))
        doomed.kill()
        return doomed.end()


@pytest.mark.parametrize("server", scene.SERVERS)
def test_killed_at_any_moment_a_sender_doubles_nothing_and_forgets_nobody(
    database: str, tmp_path: Path, server: str, chance: random.Random, note: Note
) -> None:
    with scene.SERVERS[server](tmp_path) as taking:
        place = Place(database=database, folder=tmp_path, settings=taking.settings)
        with scene.installation(place) as world:
            scene.fill(world, READERS)
            kills = 0
            while kills < KILLS:
                kills += _kill_one(place, chance)
                in_flight = scene.count(world)[DeliveryState.SENDING]
                assert in_flight <= IN_FLIGHT, "only what is in flight is in doubt"
            assert scene.count(world)[DeliveryState.QUEUED], "no kill came after the end"
            flow.deliver_issues(world.app)
            uncertain = scene.account(scene.states(world), taking.taken())
            note(f"{kills} kills, {uncertain} uncertain")
            place.clock.move(days=1)
            assert flow.prepare_issues(world.app).issues == uncertain, "their papers come again"
            flow.deliver_issues(world.app)
            assert set(taking.taken()) == set(scene.addresses(READERS)), "nobody is missing"
