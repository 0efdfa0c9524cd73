"""What follows from mail that comes back, whoever sends it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest import deliver, flow, store
from digest.flow import Followed
from digest.model import (
    DeliveryState,
    Envelope,
    LetterKind,
    Outcome,
    OutcomeKind,
    Subscriber,
    SubscriberState,
)
from digest.settings import email_address
from digest.store.schema import deliveries
from digest.tokens import Signer
from tests.bounce.samples import block, complaint, mail, report
from tests.flow.world import GRAPHS, World, open_world

SENDER = {"address": "digest@example.org", "bounces": "bounces@example.org"}
NO_SUCH = "550 5.1.1 no such user"


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    with open_world(database, tmp_path, sender=SENDER, web={"url": "https://e.org"}) as opened:
        opened.drop_papers()
        yield opened


def sent(world: World, address: str = "ada@example.net") -> Subscriber:
    """Subscribe somebody and send them an issue."""
    reader = world.subscribe(address, GRAPHS)
    world.run()
    return reader


def issue_of(world: World, reader: Subscriber) -> str:
    with store.reading(world.app.engine) as connection:
        return store.issues.of_subscriber(connection, reader.id, limit=1)[0].id


def path_of(world: World, reader: Subscriber) -> str:
    return deliver.verp("bounces@example.org", issue_of(world, reader), world.app.signer)


def returned(world: World, reader: Subscriber, status: str = "5.1.1", said: str = NO_SUCH) -> bytes:
    return report(
        block(reader.email, status, said), To=path_of(world, reader), original="To: somebody\n"
    )


def take(world: World, content: bytes) -> Followed:
    return flow.take_bounce(world.app, content).followed


def state_of(world: World, reader: Subscriber) -> SubscriberState:
    return flow.find_by_email(world.app, reader.email).state


def test_a_hard_bounce_suppresses_its_reader_and_no_other(world: World) -> None:
    reader, other = world.subscribe("ada@example.net", GRAPHS), sent(world, "bob@example.net")
    assert take(world, returned(world, reader)) is Followed.SUPPRESSED
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    assert state_of(world, other) is SubscriberState.ACTIVE
    assert world.books() == {DeliveryState.SENT: 1, DeliveryState.BOUNCED: 1}
    answer = flow.why(world.app, reader.email)
    assert answer.suppressed == "its mail came back (no-mailbox 5.1.1)"
    assert [(each.kind, each.words) for each in answer.bounces] == [("hard", NO_SUCH)]


def test_the_same_mail_twice_is_one_bounce(world: World) -> None:
    reader = sent(world)
    content = returned(world, reader, "4.2.2", "452 mailbox full")
    assert take(world, content) is Followed.COUNTED
    assert take(world, content) is Followed.KNOWN
    assert len(flow.why(world.app, reader.email).bounces) == 1


def test_a_message_id_is_proof_only_of_whom_we_sent_it_to(world: World) -> None:
    reader, other = world.subscribe("ada@example.net", GRAPHS), sent(world, "eve@example.net")
    hers = f"Message-ID: <{issue_of(world, other)}@example.org>\n"
    about_ada = report(block(reader.email, "5.1.1", NO_SUCH), original=hers)
    assert take(world, about_ada) is Followed.UNPROVEN
    assert state_of(world, reader) is SubscriberState.ACTIVE
    assert state_of(world, other) is SubscriberState.ACTIVE
    original = f"Message-ID: <{issue_of(world, reader)}@example.org>\n"
    assert take(world, report(block(reader.email, "5.1.1", NO_SUCH), original=original)) is (
        Followed.SUPPRESSED
    )
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize(
    "forged",
    [
        report(block("ada@example.net", "5.1.1", NO_SUCH)),
        report(
            block("ada@example.net", "5.1.1", NO_SUCH), To="bounces+i1-aaaaaaaaaaaa@example.org"
        ),
        report(block("Ada@Example.net", "4.2.2", "mailbox full")),
        complaint("ada@example.net"),
        mail("550 5.1.1 <ada@example.net>: no such user", X_Failed_Recipients="ada@example.net"),
    ],
)
def test_a_forgery_is_shown_and_changes_nothing(world: World, forged: bytes) -> None:
    reader = sent(world)
    before = world.books()
    assert take(world, forged) is Followed.UNPROVEN
    assert take(world, forged) is Followed.UNPROVEN
    assert state_of(world, reader) is SubscriberState.ACTIVE
    assert world.books() == before
    (shown,) = flow.why(world.app, reader.email).bounces
    assert shown.delivery_id is None
    assert flow.why(world.app, reader.email).suppressed is None


def test_many_forgeries_fill_no_database(world: World) -> None:
    reader = sent(world)
    for number in range(20):
        take(world, report(block(reader.email, "5.1.1", f"550 no such user {number}")))
    assert len(flow.why(world.app, reader.email).bounces) == 1


def test_a_forwarded_mail_that_comes_back_is_its_readers(world: World) -> None:
    reader = sent(world)
    elsewhere = report(
        block("ada@elsewhere.example", "5.1.1", NO_SUCH), To=path_of(world, reader), original="\n"
    )
    assert take(world, elsewhere) is Followed.SUPPRESSED


def test_of_several_forwarded_to_the_mildest_counts(world: World) -> None:
    reader = sent(world)
    fields = (block("a@x.example", "5.1.1", NO_SUCH), block("b@x.example", "4.2.2", "full"))
    content = report(*fields, To=path_of(world, reader), original="\n")
    assert take(world, content) is Followed.COUNTED


def test_a_complaint_lets_its_reader_go_at_once(world: World) -> None:
    reader = sent(world)
    original = f"Message-ID: <{issue_of(world, reader)}@example.org>\nTo: undisclosed\n"
    assert take(world, complaint(original=original)) is Followed.UNSUBSCRIBED
    assert state_of(world, reader) is SubscriberState.UNSUBSCRIBED
    assert flow.why(world.app, reader.email).suppressed == "its owner complained"
    assert world.books() == {DeliveryState.SENT: 1}, "it had arrived"


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_a_report_that_nobody_complained_lets_nobody_go(world: World, kind: str) -> None:
    reader = sent(world)
    original = f"Return-Path: <{path_of(world, reader)}>\n"
    content = complaint(reader.email, kind=kind, original=original)
    assert take(world, content) is Followed.COUNTED
    assert state_of(world, reader) is SubscriberState.ACTIVE


@pytest.mark.parametrize("action", ["delivered", "delayed"])
def test_news_on_the_way_change_nothing(world: World, action: str) -> None:
    reader = sent(world)
    content = report(
        block(reader.email, "4.4.1", "timed out", action=action), To=path_of(world, reader)
    )
    assert take(world, content) is Followed.NOTHING
    assert world.books() == {DeliveryState.SENT: 1}


def soft_day(world: World, reader: Subscriber) -> Followed:
    """A day passes; an issue is sent and comes back."""
    titles = list(("Message Passing on Sparse Graphs",))
    day = world.clock.now.toordinal()
    world.drop(
        "d.txt", f"Daily Papers\n\n{titles[0]} {day}\n\nGraph neural networks of day {day}.\n"
    )
    assert world.run().sent == 1
    followed = take(world, returned(world, reader, "4.2.2", "452 4.2.2 mailbox full"))
    world.clock.move(days=1)
    return followed


def test_issues_that_come_back_one_after_the_other_pause_a_reader_for_a_week(world: World) -> None:
    reader = world.subscribe("ada@example.net", GRAPHS)
    assert [soft_day(world, reader) for _ in range(3)] == [
        Followed.COUNTED,
        Followed.COUNTED,
        Followed.PAUSED,
    ]
    assert state_of(world, reader) is SubscriberState.PAUSED
    world.clock.move(days=5)
    assert world.run().sent == 0
    world.clock.move(days=2)
    assert soft_day(world, reader) is Followed.PAUSED, "it is still full"


def test_an_issue_that_arrived_between_begins_the_count_anew(world: World) -> None:
    reader = world.subscribe("ada@example.net", GRAPHS)
    for _ in range(2):
        assert soft_day(world, reader) is Followed.COUNTED
    world.drop("e.txt", "Daily Papers\n\nGraphs That Arrive\n\nGraph neural networks arrive.\n")
    assert world.run().sent == 1
    world.clock.move(days=7)
    assert soft_day(world, reader) is Followed.COUNTED
    assert state_of(world, reader) is SubscriberState.ACTIVE


class Hasty(deliver.OneByOne):
    """A server whose report is here before its answer is written down."""

    def __init__(self, take: Callable[[bytes], Followed], status: str, said: str) -> None:
        super().__init__()
        self.took: list[Followed] = []
        self._take, self._status, self._said = take, status, said

    def send(self, envelope: Envelope) -> Outcome:
        fields = block(envelope.recipient, self._status, self._said)
        self.took.append(self._take(report(fields, To=envelope.sender, original="To: x\n")))
        return Outcome(kind=OutcomeKind.ACCEPTED, reply="250 ok")


def hasty(world: World, status: str, said: str) -> tuple[World, Hasty]:
    server = Hasty(lambda content: take(world, content), status, said)
    return replace(world, app=replace(world.app, open_transport=lambda: server)), server


def test_what_comes_back_before_its_sending_is_recorded_waits_for_no_other_mail(
    world: World,
) -> None:
    through, server = hasty(world, "5.1.1", NO_SUCH)
    sent(through)
    assert server.took == [Followed.SUPPRESSED]
    assert world.books() == {DeliveryState.BOUNCED: 1}


def test_it_is_settled_with_the_next_round_if_the_process_that_sent_it_died(world: World) -> None:
    reader = sent(world)
    with store.writing(world.app.engine) as connection:
        connection.execute(deliveries.update().values(state=DeliveryState.SENDING, settled_at=None))
    assert take(world, returned(world, reader)) is Followed.SUPPRESSED
    with store.writing(world.app.engine) as connection:
        connection.execute(
            deliveries.update().values(state=DeliveryState.UNCERTAIN, settled_at=world.clock.now)
        )
    world.clock.move(days=1, hours=1)
    assert flow.fetch_bounces(world.app) == 0
    assert world.books() == {DeliveryState.BOUNCED: 1}


def test_what_comes_back_that_fast_counts_among_those_that_came_back(world: World) -> None:
    reader = world.subscribe("ada@example.net", GRAPHS)
    world.run()  # and it arrives
    world.clock.move(days=7)
    assert [soft_day(world, reader) for _ in range(2)] == [Followed.COUNTED, Followed.COUNTED]
    world.drop("f.txt", "Daily Papers\n\nGraphs in Haste\n\nGraph neural networks in haste.\n")
    through, server = hasty(world, "4.2.2", "452 4.2.2 mailbox full")
    through.run()
    assert server.took == [Followed.PAUSED]


def test_a_letter_that_comes_back_suppresses_its_address_too(world: World) -> None:
    reader = sent(world)
    flow.request_link(world.app, reader.email)
    flow.deliver_issues(world.app)
    with store.reading(world.app.engine) as connection:
        (letter,) = (
            each
            for each in store.deliveries.listed(connection, limit=9)
            if each.letter is LetterKind.PROFILE
        )
    name = letter.delivery.letter_id
    original = f"Message-ID: <{name}@example.org>\n"
    content = report(block(reader.email, "5.1.1", NO_SUCH), original=original)
    assert take(world, content) is Followed.SUPPRESSED


def test_who_asks_to_be_forgotten_is_forgotten_with_their_bounces(world: World) -> None:
    reader = sent(world)
    content = returned(world, reader)
    take(world, content)
    assert flow.export(world.app, reader)["bounces"]
    flow.erase(world.app, reader)
    assert take(world, content) is Followed.NOTHING


def test_an_old_secret_goes_on_counting(world: World) -> None:
    reader = sent(world)
    content = returned(world, reader)
    rotated = Signer(("a newer secret, also for tests", "a secret for the tests"))
    app = replace(world.app, signer=rotated)
    assert flow.take_bounce(app, content).followed is Followed.SUPPRESSED


def test_an_address_beyond_ascii_is_suppressed_in_every_spelling(world: World) -> None:
    reader = sent(world, "jürgen@example.net")
    assert take(world, returned(world, reader)) is Followed.SUPPRESSED
    key = world.app.signer.address_key
    with store.reading(world.app.engine) as connection:
        for spelt in ("JÜRGEN@example.net", "ju\u0308rgen@EXAMPLE.net"):
            assert store.subscribers.suppression(connection, key(email_address(spelt)))
        assert not store.subscribers.suppression(connection, key("jurgen@example.net"))


@pytest.mark.parametrize("address", ["straße@example.net", "Ada.L@example.net"])
def test_what_proves_nothing_is_found_under_the_letters_it_names(
    world: World, address: str
) -> None:
    reader = sent(world, address)
    assert take(world, report(block(address, "5.1.1", NO_SUCH))) is Followed.UNPROVEN
    assert [each.kind for each in flow.why(world.app, reader.email).bounces] == ["hard"]
