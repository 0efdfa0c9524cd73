"""What becomes of queued issues, on the outbox and on real mail servers."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text, update

from digest import deliver, flow, store
from digest.app import App
from digest.errors import StoreError, TransportError
from digest.model import (
    DeliveryState,
    Envelope,
    Outcome,
    OutcomeKind,
    SubscriberState,
)
from digest.store.schema import subscribers
from tests.deliver.servers import HOST, smtp_sink
from tests.flow.world import GRAPHS, World


class Scripted(deliver.OneByOne):
    """A transport at the very edge that answers as told."""

    def __init__(self, *answers: OutcomeKind | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.offered: list[str] = []

    def send(self, envelope: Envelope) -> Outcome:
        self.offered.append(envelope.recipient)
        answer = self.answers.pop(0) if self.answers else OutcomeKind.ACCEPTED
        if isinstance(answer, Exception):
            raise answer
        return Outcome(kind=answer, reply=f"said {answer}")


def _queue(world: World, readers: int) -> None:
    world.drop_papers()
    for number in range(readers):
        world.subscribe(f"r{number}@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)


def _through(world: World, transport: Scripted, *, claim: int = 50) -> App:
    return replace(
        world.app,
        open_transport=lambda: transport,
        transport="smtp",
        claim=claim,
    )


@pytest.mark.parametrize("claim", [1, 4, 50])
def test_everybody_is_served_whatever_is_claimed_at_a_time(world: World, claim: int) -> None:
    _queue(world, 7)
    transport = Scripted()
    app = _through(world, transport, claim=claim)
    told: list[int] = []
    assert flow.deliver_issues(app, told=told.append).sent == 7
    assert sorted(transport.offered) == [f"r{number}@example.org" for number in range(7)]
    assert sum(told) == 7
    assert world.books() == {DeliveryState.SENT: 7}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (OutcomeKind.DEFERRED, DeliveryState.QUEUED),
        (OutcomeKind.REJECTED, DeliveryState.FAILED),
        (OutcomeKind.NO_MAILBOX, DeliveryState.FAILED),
        (OutcomeKind.UNKNOWN, DeliveryState.UNCERTAIN),
    ],
)
def test_one_failure_is_one_failure(
    world: World, answer: OutcomeKind, state: DeliveryState
) -> None:
    _queue(world, 3)
    delivered = flow.deliver_issues(_through(world, Scripted(answer)))
    assert delivered.error is None
    assert world.books() == {DeliveryState.SENT: 2, state: 1}


@pytest.mark.parametrize(
    "answer", [OutcomeKind.POLICY, OutcomeKind.BUSY, TransportError("The password is wrong.")]
)
def test_a_relay_that_refuses_us_ends_the_run_and_costs_nobody(
    world: World, answer: OutcomeKind | Exception
) -> None:
    _queue(world, 3)
    transport = Scripted(answer)
    delivered = flow.deliver_issues(_through(world, transport))
    assert delivered.error in ("said policy", "said busy", "The password is wrong.")
    assert len(transport.offered) == 1
    assert world.books() == {DeliveryState.QUEUED: 3}
    world.clock.move(hours=2)
    assert flow.deliver_issues(_through(world, transport)).sent == 3


@pytest.mark.parametrize(
    ("replayable", "state"), [(True, DeliveryState.QUEUED), (False, DeliveryState.UNCERTAIN)]
)
def test_a_message_that_breaks_the_transport_stops_no_other(
    world: World, replayable: bool, state: DeliveryState
) -> None:
    _queue(world, 3)
    transport = Scripted(ZeroDivisionError("made to fail"))
    transport.replayable = replayable  # type: ignore[misc]
    delivered = flow.deliver_issues(_through(world, transport, claim=1))
    assert delivered.error is None
    assert world.books() == {DeliveryState.SENT: 2, state: 1}


def test_a_process_that_others_take_for_dead_claims_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL the connection that holds our lock may be lost while all others work."""
    _queue(world, 3)
    with store.owners.owning(world.app.engine, "me") as owner:
        store.owners.require_alive(world.app.engine, owner)
        _lose_lock(world, owner)
        with pytest.raises(StoreError, match="was lost"):
            store.owners.require_alive(world.app.engine, owner)


def _lose_lock(world: World, owner: str) -> None:
    engine = world.app.engine
    if engine.dialect.name == "sqlite":
        (Path(f"{engine.url.database}.owners") / owner).unlink()
        return
    with store.writing(engine) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
                " WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


def test_a_deferred_message_is_tried_again_and_expires_with_the_next_issue(world: World) -> None:
    _queue(world, 1)
    transport = Scripted(*[OutcomeKind.DEFERRED] * 99)
    app = _through(world, transport)
    for _ in range(24 * 12):
        flow.deliver_issues(app)
        world.clock.move(minutes=5)
    assert 5 <= len(transport.offered) <= 6
    assert world.books() == {DeliveryState.FAILED: 1}


def test_a_mailbox_that_does_not_exist_is_left_alone(world: World) -> None:
    _queue(world, 1)
    flow.deliver_issues(_through(world, Scripted(OutcomeKind.NO_MAILBOX)))
    answer = flow.why(world.app, "r0@example.org")
    assert answer.suppressed == "no such mailbox"
    assert answer.subscriber.state is SubscriberState.UNSUBSCRIBED
    world.subscribe("r0@example.org", GRAPHS)
    assert flow.why(world.app, "r0@example.org").suppressed is None


def test_an_uncertain_issue_is_never_sent_again_but_its_papers_are(world: World) -> None:
    _queue(world, 1)
    flow.deliver_issues(_through(world, Scripted(OutcomeKind.UNKNOWN)))
    world.clock.move(hours=5)
    assert flow.deliver_issues(world.app).sent == 0
    world.clock.move(days=1)
    assert flow.prepare_issues(world.app).issues == 1
    assert flow.deliver_issues(world.app).sent == 1


def test_an_issue_that_cannot_be_composed_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _queue(world, 3)
    seal = deliver.seal

    def breaking(message: object, return_path: str | None) -> Envelope:
        if message.recipient == "r1@example.org":  # type: ignore[attr-defined]
            raise ZeroDivisionError("made to fail")
        return seal(message, return_path)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver, "seal", breaking)
    assert flow.deliver_issues(world.app).sent == 2
    assert world.books() == {DeliveryState.SENT: 2, DeliveryState.QUEUED: 1}
    monkeypatch.undo()
    assert flow.deliver_issues(world.app).sent == 0, "it steps aside for an hour"
    world.clock.move(hours=1)
    assert flow.deliver_issues(world.app).sent == 1


def test_what_is_queued_for_somebody_who_left_is_not_sent(world: World) -> None:
    _queue(world, 2)
    flow.unsubscribe(world.app, flow.find_by_email(world.app, "r0@example.org"))
    assert flow.deliver_issues(world.app).sent == 1
    assert world.books() == {DeliveryState.SENT: 1, DeliveryState.SUPPRESSED: 1}


def test_a_dead_owner_of_the_outbox_leaves_nothing_uncertain(world: World) -> None:
    """Writing the same file again is no second copy: what was being written is queued again."""
    _queue(world, 2)
    with store.writing(world.app.engine) as connection:
        claimed = store.deliveries.claim(
            connection, owner="dead", token="t", transport="outbox", now=world.clock(), limit=9
        )
        store.deliveries.begin_sending(connection, claimed[:1], now=world.clock())
    assert flow.deliver_issues(world.app).sent == 2
    assert len(world.mails()) == 2


def test_a_dead_owner_of_smtp_leaves_its_group_uncertain(world: World) -> None:
    _queue(world, 2)
    with store.writing(world.app.engine) as connection:
        claimed = store.deliveries.claim(
            connection, owner="dead", token="t", transport="smtp", now=world.clock(), limit=9
        )
        store.deliveries.begin_sending(connection, claimed[:1], now=world.clock())
    assert flow.deliver_issues(world.app).sent == 1
    assert world.books() == {DeliveryState.SENT: 1, DeliveryState.UNCERTAIN: 1}


def test_a_living_owner_keeps_what_it_holds(world: World) -> None:
    _queue(world, 1)
    with store.owners.owning(world.app.engine, "alive"):
        with store.writing(world.app.engine) as connection:
            store.deliveries.claim(
                connection, owner="alive", token="t", transport="smtp", now=world.clock(), limit=9
            )
        assert flow.deliver_issues(world.app).sent == 0
    assert flow.deliver_issues(world.app).sent == 1


def test_a_stop_is_heard_between_messages(world: World) -> None:
    _queue(world, 4)
    told: list[int] = []
    stopped = flow.deliver_issues(world.app, stopping=lambda: len(told) >= 2, told=told.append)
    assert stopped.sent == 3, "one was begun with the commit of the second"
    assert world.books() == {DeliveryState.SENT: 3, DeliveryState.QUEUED: 1}


def test_the_outbox_shows_an_index(world: World, tmp_path: Path) -> None:
    _queue(world, 2)
    flow.deliver_issues(world.app)
    index = (tmp_path / "outbox" / "index.html").read_text(encoding="utf-8")
    assert index.count("r0@example.org") >= 1
    assert index.count("r1@example.org") >= 1


def test_one_reader_whose_wishes_cannot_be_read_stops_nobody(world: World) -> None:
    _queue(world, 3)
    spoil = update(subscribers).where(subscribers.c.email == "r1@example.org")
    with store.writing(world.app.engine) as connection:
        connection.execute(spoil.values(wishes={"size": "none"}))
    assert flow.deliver_issues(world.app).sent == 2
    assert world.books() == {DeliveryState.SENT: 2, DeliveryState.QUEUED: 1}
    world.clock.move(days=1)
    world.drop_papers(name="again.txt")
    assert flow.prepare_issues(world.app).failed == 0


def test_a_clock_that_was_ahead_leaves_nothing_waiting(world: World) -> None:
    _queue(world, 1)
    world.clock.move(hours=10)
    flow.deliver_issues(_through(world, Scripted(OutcomeKind.DEFERRED)))
    world.clock.move(hours=-10)
    assert flow.deliver_issues(world.app).sent == 1


SINKS = [
    (["-q", "DATA"], DeliveryState.QUEUED, 1),
    (["-q", "."], DeliveryState.UNCERTAIN, 1),
    (["-Q", "."], DeliveryState.QUEUED, 0),
    (["-r", "."], DeliveryState.QUEUED, 1),
    (["-r", "RCPT"], DeliveryState.QUEUED, 1),
    (["-r", "RCPT", "-b", "450 4.7.1 slow down"], DeliveryState.QUEUED, 0),
    (["-f", "."], DeliveryState.FAILED, 1),
    (["-f", "RCPT"], DeliveryState.FAILED, 1),
    (["-f", "RCPT", "-B", "550 5.1.1 nobody"], DeliveryState.FAILED, 1),
    (["-f", "RCPT", "-B", "554 5.7.1 denied"], DeliveryState.QUEUED, 0),
    (["-p", "-W", "RCPT:1"], DeliveryState.SENT, 1),
    (["-W", ".:1"], DeliveryState.SENT, 1),
    (["-m", "1"], DeliveryState.SENT, 1),
]


@pytest.mark.parametrize(("options", "state", "attempts"), SINKS, ids=str)
def test_every_fault_of_a_mail_server_has_its_state(
    world: World, options: list[str], state: DeliveryState, attempts: int
) -> None:
    _queue(world, 1)
    with smtp_sink(*options) as port:
        server = deliver.SmtpServer(host=HOST, port=port, security=deliver.Security.NONE)
        open_smtp = partial(deliver.open_smtp, server, connections=3)
        flow.deliver_issues(replace(world.app, open_transport=open_smtp, transport="smtp"))
    assert world.books() == {state: 1}
    (issue,) = flow.why(world.app, "r0@example.org").issues
    assert (issue.attempts, issue.error is None) == (attempts, state is DeliveryState.SENT)


def test_a_mail_server_that_takes_one_connection_gets_everything_over_it(world: World) -> None:
    _queue(world, 5)
    with smtp_sink("-m", "1") as port:
        server = deliver.SmtpServer(host=HOST, port=port, security=deliver.Security.NONE, timeout=2)
        open_smtp = partial(deliver.open_smtp, server, connections=3)
        app = replace(world.app, open_transport=open_smtp, transport="smtp")
        assert flow.deliver_issues(app).sent == 5


def test_whoever_is_told_may_write(world: World) -> None:
    """As the worker does, which notes that it is there."""
    _queue(world, 2)
    told = flow.deliver_issues(world.app, told=lambda _: flow.beat(world.app, flow.Job.DELIVER))
    assert told.sent == 2


class _Outage(Scripted):
    """A transport during whose second message the table of deliveries goes away, for a while."""

    def __init__(self, world: World, seconds: float) -> None:
        super().__init__()
        self.world = world
        self.back = threading.Timer(seconds, self._rename, ("away", "deliveries"))

    def send(self, envelope: Envelope) -> Outcome:
        outcome = super().send(envelope)
        if len(self.offered) == 2:
            self._rename("deliveries", "away")
            self.back.start()
        return outcome

    def _rename(self, old: str, new: str) -> None:
        with self.world.app.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_answers_are_kept_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.flow.deliver.AGAIN", 0.05)
    _queue(world, 5)
    transport = _Outage(world, seconds=0.5)
    delivered = flow.deliver_issues(_through(world, transport))
    transport.back.join()
    assert (delivered.sent, delivered.error) == (5, None)
    assert sorted(transport.offered) == [f"r{number}@example.org" for number in range(5)]
    assert world.books() == {DeliveryState.SENT: 5}


def test_a_database_that_stays_away_leaves_them_uncertain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.flow.deliver.PATIENCE", 0.2)
    monkeypatch.setattr("digest.flow.deliver.AGAIN", 0.05)
    _queue(world, 5)
    transport = _Outage(world, seconds=1.5)
    with pytest.raises(StoreError):
        flow.deliver_issues(_through(world, transport))
    transport.back.join()
    assert flow.deliver_issues(_through(world, Scripted())).sent == 3
    assert world.books() == {DeliveryState.SENT: 4, DeliveryState.UNCERTAIN: 1}
