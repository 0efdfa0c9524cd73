"""The operator's mail after what went wrong: sentences, each cause once a day."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from digest import flow, store
from digest.app import App
from digest.errors import StoreError
from digest.flow import Job
from digest.model import Freshness, OutcomeKind, SourceDay
from tests.flow.test_hosts import Town
from tests.flow.world import GRAPHS, World, read_mail, text_of


@pytest.fixture
def town() -> Town:
    return Town(gone=OutcomeKind.REJECTED, dark=OutcomeKind.UNKNOWN)


@pytest.fixture
def app(world: World, town: Town) -> App:
    return replace(
        world.app,
        open_transport=lambda: town,
        transport="smtp",
        operator="op@home.example",
    )


def told(town: Town) -> list[str]:
    """What the operator was sent."""
    mails = [read_mail(each) for each in town.letters]
    return [text_of(mail) for mail in mails if mail["To"] == "op@home.example"]


def break_source(world: World, app: App) -> None:
    day = SourceDay(
        source="Owls",
        date=world.clock().date(),
        freshness=Freshness.STALE,
        reason="It repeats the papers of Thursday.",
        papers=0,
        checked_at=world.clock(),
    )
    with store.writing(app.engine) as connection:
        store.source_days.save(connection, day)


def test_all_is_well_and_nobody_is_disturbed(world: World, app: App, town: Town) -> None:
    world.drop_papers()
    world.subscribe("ada@fine.example", GRAPHS)
    world.run()
    assert flow.watch(app) == ()
    assert told(town) == []


def test_mail_that_failed_is_told_once_a_day(world: World, app: App, town: Town) -> None:
    world.drop_papers()
    world.subscribe("ada@gone.example", GRAPHS)
    world.subscribe("bob@dark.example", GRAPHS)
    flow.ingest_listings(app)
    flow.prepare_issues(app)
    flow.deliver_issues(app)
    flow.watch(app)
    (mail,) = told(town)
    assert "1 mail of the last day failed; the last answer: gone says rejected." in " ".join(
        mail.split()
    )
    assert "Nobody knows whether 1 mail of the last day arrived." in " ".join(mail.split())
    assert "ada@" not in mail
    world.clock.move(hours=20)
    assert flow.watch(app) == ()


def test_a_stale_source_is_told_again_the_next_day(world: World, app: App, town: Town) -> None:
    break_source(world, app)
    assert flow.watch(app) == ("The source Owls is stale: It repeats the papers of Thursday.",)
    assert flow.watch(app) == ()
    world.clock.move(hours=25)
    break_source(world, app)
    flow.watch(app)
    assert len(told(town)) == 2


def test_a_run_that_stopped_and_a_worker_that_is_gone(world: World, app: App, town: Town) -> None:
    def fail() -> str | None:
        raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        flow.note_run(app, Job.INGEST, fail)
    flow.beat(app, Job.DELIVER)
    assert flow.watch(app) == ("The last run of ingest stopped: The disk is full.",)
    world.clock.move(minutes=11)
    (said,) = flow.watch(app)
    assert said.startswith("The worker was last there at ")
    flow.note_run(app, Job.INGEST, lambda: None)
    world.clock.move(hours=25)
    flow.beat(app, Job.DELIVER)
    assert flow.watch(app) == ()


def test_books_that_do_not_balance(world: World, app: App) -> None:
    world.drop_papers()
    world.subscribe("ada@fine.example", GRAPHS)
    world.run()
    with store.writing(app.engine) as connection:
        connection.execute(text("DELETE FROM deliveries"))
    assert flow.watch(app) == ("The books do not balance: some issues have no delivery.",)
    assert flow.watch(app) == ()


def test_without_an_operator_the_log_is_told(world: World, app: App, town: Town) -> None:
    break_source(world, app)
    assert len(flow.watch(replace(app, operator=None))) == 1
    assert told(town) == []
