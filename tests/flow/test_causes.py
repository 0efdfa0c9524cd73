"""Every cause of "why did I get nothing", made to happen and told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from digest import flow, store
from digest.cli.because import lines
from digest.flow import Job, Why
from digest.flow.causes import Cause
from digest.model import DeliveryState, Freshness, SourceDay
from digest.store.hosts import Host
from digest.store.schema import deliveries
from tests.deliver.servers import free_port
from tests.flow.world import GRAPHS, VELLUM, World, daily, open_world

ADA = "ada@example.org"


def told(world: World) -> dict[str, str]:
    """The causes, after looking that the answer fits one screen."""
    answer = flow.why(world.app, ADA)
    fits(answer)
    return {each.cause: each.said for each in answer.causes}


def fits(answer: Why) -> None:
    shown = list(lines(answer, 80))
    assert len(shown) <= 24, shown
    assert max(map(len, shown)) <= 80


def test_unconfirmed(world: World) -> None:
    world = replace(world, app=replace(world.app, web_url="https://digest.example.org"))
    flow.sign_up(world.app, ADA, daily(GRAPHS))
    assert list(told(world)) == [Cause.UNCONFIRMED]


def test_paused_and_left(world: World) -> None:
    ada = world.subscribe(ADA, GRAPHS)
    flow.pause(world.app, ada, world.clock() + timedelta(days=3))
    assert told(world) == {Cause.PAUSED: "They paused until Mon 23 Nov at 12:00 UTC."}
    flow.unsubscribe(world.app, ada)
    assert list(told(world)) == [Cause.LEFT]


def test_suppressed(world: World) -> None:
    world.subscribe(ADA, GRAPHS)
    with store.writing(world.app.engine) as connection:
        key = world.app.signer.address_key(ADA)
        store.subscribers.suppress(connection, key, "no such mailbox", now=world.clock())
    assert told(world)[Cause.SUPPRESSED].endswith("this address: no such mailbox.")


def test_not_due_and_taken_by_the_mail_server(world: World) -> None:
    world.drop_papers()
    world.subscribe(ADA, GRAPHS)
    world.run()
    causes = told(world)
    assert causes[Cause.NOT_DUE] == "The next issue is due Sat 21 Nov at 07:00 UTC."
    assert "was taken by the mail server Fri 20 Nov at 12:00 UTC" in causes[Cause.DELIVERY]


def test_a_dead_scheduler(world: World) -> None:
    world.drop_papers()
    world.subscribe(ADA, GRAPHS)
    flow.beat(world.app, Job.PREPARE)
    assert Cause.NOBODY_AT_WORK not in told(world)
    world.clock.move(minutes=30)
    assert "start the scheduler" in told(world)[Cause.NOBODY_AT_WORK]
    flow.beat(world.app, Job.PREPARE)
    assert Cause.NOBODY_AT_WORK not in told(world)


def test_nothing_above_the_floor(world: World) -> None:
    world.drop_papers()
    world.subscribe(ADA, VELLUM)
    world.run()
    assert told(world)[Cause.NONE_CLOSE].startswith("None of 5 new papers is close enough")


def test_all_were_sent(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe(ADA, GRAPHS)
    world.run()
    assert "every paper of the window" in told(world)[Cause.ALL_SENT]


def test_no_source_and_no_paper(world: World) -> None:
    world.subscribe(ADA, GRAPHS)
    assert told(world)[Cause.NO_SOURCE] == "No source has brought a paper yet."
    bare = replace(world, app=replace(world.app, sources=()))
    assert "presets" in told(bare)[Cause.NO_SOURCE]


@pytest.mark.parametrize("freshness", [Freshness.LATE, Freshness.STALE, Freshness.BROKEN])
def test_a_source_that_is_missing(world: World, freshness: Freshness) -> None:
    world.subscribe(ADA, GRAPHS)
    day = SourceDay(
        source="Owls",
        date=world.clock().date(),
        freshness=freshness,
        reason="nothing came since Thursday.",
        papers=0,
        checked_at=world.clock(),
    )
    with store.writing(world.app.engine) as connection:
        store.source_days.save(connection, day)
    assert told(world)[Cause.SOURCE_MISSING] == (
        f"Owls is {freshness}: nothing came since Thursday."
    )


def test_mail_that_waits_or_is_tried_again(database: str, tmp_path: Path) -> None:
    smtp = {"host": "127.0.0.1", "port": free_port(), "security": "none"}
    with open_world(database, tmp_path, smtp=smtp) as world:
        world.drop_papers()
        world.subscribe(ADA, GRAPHS)
        flow.ingest_listings(world.app)
        flow.prepare_issues(world.app)
        assert "waits to be sent: start the worker" in told(world)[Cause.DELIVERY]
        flow.beat(world.app, Job.DELIVER)
        assert told(world)[Cause.DELIVERY].endswith("waits to be sent.")
        flow.deliver_issues(world.app)
        said = told(world)[Cause.DELIVERY]
        assert "waits to be sent: the mail server is left alone until Fri 20 Nov at 12:05" in said
        assert "Connection refused" in said
        flow.resume(world.app)
        assert "was not taken yet (“" in told(world)[Cause.DELIVERY]


def test_a_domain_that_is_left_alone(world: World) -> None:
    world.drop_papers()
    world.subscribe(ADA, GRAPHS)
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)
    pause = timedelta(minutes=5)
    host = Host(
        name="example.org", paused_until=world.clock() + pause, pause=pause, reason="Too fast."
    )
    with store.writing(world.app.engine) as connection:
        store.hosts.put(connection, host)
    assert (
        "example.org is left alone until Fri 20 Nov at 12:05 UTC (“Too fast”);"
        in (told(world)[Cause.DELIVERY])
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (DeliveryState.UNCERTAIN, "may or may not have arrived (“551 the relay's own words”)"),
        (DeliveryState.FAILED, "failed Fri 20 Nov at 12:00 UTC (“551 the relay's own words”)"),
        (DeliveryState.BOUNCED, "came back Fri 20 Nov at 12:00 UTC (“551 the relay's own words”)"),
    ],
)
def test_mail_that_did_not_arrive(world: World, state: DeliveryState, words: str) -> None:
    world.drop_papers()
    world.subscribe(ADA, GRAPHS)
    world.run()
    with store.writing(world.app.engine) as connection:
        lost = {"state": state, "error": "551 the relay's own words."}
        connection.execute(update(deliveries).values(lost))
    assert words in told(world)[Cause.DELIVERY]


def test_everything_at_once_fits_one_screen(world: World) -> None:
    world.subscribe(ADA, GRAPHS)
    world.drop_papers()
    for _ in range(6):
        world.run()
        world.clock.move(days=1)
    answer = flow.why(world.app, ADA)
    long = replace(answer.causes[0], said="A very long sentence about it. " * 20)
    turn = replace(answer.turns[0], why="Why, " * 60)
    issue = replace(answer.issues[0], error="451 4.7.1 try again later, please " * 9)
    fits(
        replace(
            answer,
            causes=(long,) * 7,
            turns=(turn,) * 10,
            issues=(issue,) * 10,
            suppressed=None,
        )
    )
