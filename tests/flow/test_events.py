"""One event for each change of state, with ids and never an address."""

from datetime import timedelta

from structlog.testing import capture_logs

from digest import flow
from tests.flow.world import GRAPHS, VELLUM, World


def test_each_change_of_state_is_one_event_without_an_address(world: World) -> None:
    world.drop_papers()
    with capture_logs() as logs:
        ada = world.subscribe("ada@example.org", GRAPHS)
        bob = world.subscribe("bob@example.org", VELLUM)
        world.run()
        flow.pause(world.app, ada, world.clock() + timedelta(days=3))
        flow.unsubscribe(world.app, ada)
        flow.unsubscribe(world.app, bob)
        flow.erase(world.app, bob)
    told = [(each["event"], each.get("subscriber")) for each in logs if "subscriber" in each]
    assert told.count(("subscriber.left", bob.id)) == 1
    assert sorted(told) == sorted(
        [
            ("subscriber.subscribed", ada.id),
            ("subscriber.subscribed", bob.id),
            ("turn.taken", ada.id),
            ("turn.taken", bob.id),
            ("subscriber.paused", ada.id),
            ("subscriber.left", ada.id),
            ("subscriber.left", bob.id),
            ("subscriber.erased", bob.id),
        ]
    )
    turns = {each["subscriber"]: each for each in logs if each["event"] == "turn.taken"}
    (sent,) = [each for each in logs if each["event"] == "delivery.attempted"]
    assert turns[ada.id]["issue"] == sent["issue"]
    assert (turns[bob.id]["result"], turns[bob.id]["issue"]) == ("skipped", None)
    assert "example.org" not in str(logs)
