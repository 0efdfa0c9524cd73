"""Hosts that want less of us are left alone, by all workers; and the operator hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from digest import deliver, flow, store
from digest.app import App
from digest.model import DeliveryState, Envelope, Outcome, OutcomeKind
from tests.flow.world import World


class Town(deliver.OneByOne):
    """A transport whose recipients' domains answer as told, and accept else."""

    def __init__(self, **answers: OutcomeKind) -> None:
        super().__init__()
        self.answers = answers
        self.offered: list[str] = []
        self.letters: list[bytes] = []

    def send(self, envelope: Envelope) -> Outcome:
        self.offered.append(envelope.recipient)
        self.letters.append(envelope.content)
        domain = envelope.recipient.rpartition("@")[2].removesuffix(".example")
        kind = self.answers.get(domain, OutcomeKind.ACCEPTED)
        return Outcome(kind=kind, reply=f"{domain} says {kind}")

    def to(self, domain: str) -> int:
        return len([each for each in self.offered if each.endswith(f"@{domain}.example")])


def _through(world: World, town: Town, **more: object) -> App:
    return replace(world.app, open_transport=lambda: town, transport="smtp", **more)  # type: ignore[arg-type]


def test_a_domain_that_wants_less_is_left_alone_and_the_others_are_served(world: World) -> None:
    world.queue_for(slow=5, fine=5)
    town = Town(slow=OutcomeKind.THROTTLED)
    delivered = flow.deliver_issues(_through(world, town))
    assert delivered.error is None
    assert (town.to("slow"), town.to("fine")) == (1, 5)
    assert world.books() == {DeliveryState.SENT: 5, DeliveryState.QUEUED: 5}
    (host,) = flow.status(world.app).resting
    assert (host.name, host.reason) == ("slow.example", "slow says throttled")
    world.clock.move(minutes=4)
    flow.deliver_issues(_through(world, town))
    assert town.to("slow") == 1, "another worker leaves it alone too"


def test_pauses_grow_while_it_goes_on_and_end_when_it_is_over(world: World) -> None:
    world.queue_for(slow=5)
    town = Town(slow=OutcomeKind.THROTTLED)
    pauses = []
    for _ in range(4):
        flow.deliver_issues(_through(world, town))
        (host,) = flow.status(world.app).resting
        pauses.append(host.pause / timedelta(minutes=1))
        world.clock.move(minutes=75)
    assert pauses == [5, 10, 20, 40]
    assert town.to("slow") == 4, "one message each time, no more"
    assert flow.deliver_issues(_through(world, Town())).sent == 5
    assert flow.status(world.app).resting == ()
    with store.reading(world.app.engine) as connection:
        assert store.hosts.load(connection) == {}, "five messages later it is forgiven"


def test_a_throttled_message_costs_its_reader_no_attempt(world: World) -> None:
    world.queue_for(slow=1)
    for _ in range(9):
        flow.deliver_issues(_through(world, Town(slow=OutcomeKind.THROTTLED)))
        world.clock.move(minutes=75)
    assert flow.deliver_issues(_through(world, Town())).sent == 1


def test_a_mail_server_that_refuses_us_is_left_alone_by_all_until_told_otherwise(
    world: World,
) -> None:
    world.queue_for(fine=3)
    town = Town(fine=OutcomeKind.POLICY)
    assert flow.deliver_issues(_through(world, town)).error == "fine says policy"
    again = flow.deliver_issues(_through(world, town))
    assert again.error is not None
    assert again.error.startswith("The mail server is left alone until ")
    assert len(town.offered) == 1
    assert flow.resume(world.app) == 1
    assert flow.deliver_issues(_through(world, Town())).sent == 2


def test_a_run_in_which_nobody_is_known_stops_by_itself(world: World) -> None:
    world.queue_for(gone=30)
    town = Town(gone=OutcomeKind.REJECTED)
    delivered = flow.deliver_issues(_through(world, town))
    assert delivered.error is not None
    assert "20 of the last 20 messages were not taken" in delivered.error
    assert len(town.offered) == 20
    assert world.books() == {DeliveryState.FAILED: 20, DeliveryState.QUEUED: 10}


def test_a_relay_that_puts_off_everything_is_left_alone_and_told(world: World) -> None:
    world.queue_for(full=50)
    town = Town(full=OutcomeKind.DEFERRED)
    delivered = flow.deliver_issues(_through(world, town, operator="op@home.example"))
    assert "none of the last 40 messages was taken" in (delivered.error or "")
    assert (town.to("full"), town.to("home")) == (40, 1)
    assert world.books() == {DeliveryState.QUEUED: 50}


def test_a_relay_that_drops_after_every_dot_makes_few_uncertain(world: World) -> None:
    world.queue_for(gone=9)
    town = Town(gone=OutcomeKind.UNKNOWN)
    delivered = flow.deliver_issues(_through(world, town))
    assert "did not answer the last 3 messages" in (delivered.error or "")
    assert world.books() == {DeliveryState.UNCERTAIN: 3, DeliveryState.QUEUED: 6}


def test_the_operator_hears_of_it_once(world: World) -> None:
    world.queue_for(fine=3)
    town = Town(fine=OutcomeKind.POLICY)
    app = _through(world, town, operator="op@home.example")
    flow.deliver_issues(app)
    world.clock.move(minutes=75)
    flow.deliver_issues(app)
    assert town.to("home") == 1
    assert b"delivery needs you" in town.letters[town.offered.index("op@home.example")]


class _Gossip(Town):
    """A mail server that names the recipient in its answers."""

    def send(self, envelope: Envelope) -> Outcome:
        outcome = super().send(envelope)
        return replace(outcome, reply=f"<{envelope.recipient}>: go away, {envelope.recipient}!")


@pytest.mark.parametrize("kind", [OutcomeKind.POLICY, OutcomeKind.THROTTLED, OutcomeKind.UNKNOWN])
def test_whom_a_mail_server_names_is_named_nowhere_else(world: World, kind: OutcomeKind) -> None:
    world.queue_for(fine=4)
    town = _Gossip(fine=kind)
    with capture_logs() as logged:
        delivered = flow.deliver_issues(_through(world, town, operator="op@home.example"))
    assert "@fine.example" not in str(logged) + str(delivered.error)
    (host,) = flow.status(world.app).resting
    assert "go away" in host.reason
    assert "@" not in host.reason
    for recipient, letter in zip(town.offered, town.letters, strict=True):
        assert recipient != "op@home.example" or b"@fine.example" not in letter
