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
    assert flow.watch(app) == ("The books do not balance: please report this with your database.",)
    assert flow.watch(app) == ()


def test_without_an_operator_the_log_is_told(world: World, app: App, town: Town) -> None:
    break_source(world, app)
    assert len(flow.watch(replace(app, operator=None))) == 1
    assert told(town) == []


def test_what_the_mail_server_did_not_take_is_told_once_it_does(
    world: World, app: App, town: Town
) -> None:
    world.queue_for(fine=2)
    town.answers |= {"fine": OutcomeKind.BUSY, "home": OutcomeKind.BUSY}
    flow.deliver_issues(app)
    assert town.to("home") == 1
    for _ in range(3):
        world.clock.move(minutes=1)
        flow.watch(app)
    assert town.to("home") == 1, "a server that is busy is not asked every minute"
    town.answers = {}
    world.clock.move(minutes=15)
    flow.deliver_issues(app)
    flow.watch(app)
    mail = " ".join(told(town)[-1].split())
    assert "2026-11-20T12:00Z: fine says busy" in mail
    world.clock.move(minutes=15)
    flow.watch(app)
    assert town.to("home") == 2


def test_an_operator_whose_address_is_wrong_is_not_written_to_for_ever(
    world: World, app: App, town: Town
) -> None:
    break_source(world, app)
    town.answers |= {"home": OutcomeKind.REJECTED}
    for _ in range(3):
        flow.watch(app)
        world.clock.move(minutes=20)
    assert town.to("home") == 1


def test_a_mail_that_the_server_refuses_every_hour_is_told_once(
    world: World, app: App, town: Town
) -> None:
    world.queue_for(odd=1, fine=5)
    town.answers |= {"odd": OutcomeKind.POLICY}
    for _ in range(18):
        flow.deliver_issues(app)
        world.clock.move(minutes=65)
    assert (town.to("fine"), town.to("odd") > 3) == (5, True)
    assert town.to("home") == 1


def test_a_mail_server_that_puts_off_all_of_few_mails_is_told(
    world: World, app: App, town: Town
) -> None:
    world.queue_for(full=2)
    town.answers |= {"full": OutcomeKind.DEFERRED}
    flow.deliver_issues(app)
    assert flow.watch(app) == (), "once may be chance"
    world.clock.move(minutes=6)
    flow.deliver_issues(app)
    assert flow.watch(app) == (
        "No mail was taken within the hour, and 2 mails put off more than once;"
        " the last answer: full says deferred.",
    )
