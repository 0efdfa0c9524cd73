"""Coming, changing one's mind, leaving."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest import flow
from digest.app import App
from digest.errors import InputError
from digest.flow.links import links_of
from digest.model import Cadence, SubscriberState, Wishes
from tests.build import NOON, issue, schedule, wishes
from tests.flow.world import GRAPHS, ROBOTS, VELLUM, World, daily


def test_a_newcomer_is_due_at_once(world: World) -> None:
    result = flow.subscribe(world.app, "ada@example.org", daily(GRAPHS))
    assert result.new
    assert result.subscriber.due_at == NOON


def test_subscribing_again_replaces_the_wishes(world: World) -> None:
    first = flow.subscribe(world.app, "ada@example.org", daily(GRAPHS))
    again = flow.subscribe(world.app, "ada@example.org", daily(ROBOTS))
    assert not again.new
    assert again.subscriber.id == first.subscriber.id
    assert again.subscriber.wishes == daily(ROBOTS)
    assert flow.subscribers(world.app) == (again.subscriber,)


def test_a_new_hour_counts_from_now(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS, hour=7)
    world.run()
    changed = world.subscribe("ada@example.org", GRAPHS, hour=18)
    assert changed.due_at == datetime(2026, 11, 21, 18, tzinfo=UTC)


def test_a_new_schedule_counts_for_whoever_never_had_an_issue(world: World) -> None:
    world.drop_papers()
    weekly = wishes(VELLUM, schedule=schedule(Cadence.WEEKLY, weekdays=(3,)))
    flow.subscribe(world.app, "ada@example.org", weekly)
    world.run()
    changed = world.subscribe("ada@example.org", GRAPHS, hour=7)
    assert changed.due_at == datetime(2026, 11, 21, 7, tzinfo=UTC), "not on Thursday"


def test_leaving_and_coming_back(world: World) -> None:
    reader = world.subscribe("ada@example.org", GRAPHS)
    for _ in range(2):
        flow.unsubscribe(world.app, reader)
    assert flow.find_by_email(world.app, reader.email).state is SubscriberState.UNSUBSCRIBED
    assert world.subscribe("ada@example.org", GRAPHS).state is SubscriberState.ACTIVE


def test_an_unknown_address_is_a_sentence(world: World) -> None:
    with pytest.raises(InputError, match=r"Nobody is subscribed as eve@example\.org"):
        flow.find_by_email(world.app, "eve@example.org")


def test_a_signed_link_speaks_for_its_reader_only(world: World) -> None:
    reader = world.subscribe("ada@example.org", GRAPHS)
    app = replace(world.app, web_url="https://digest.example.org")
    links = links_of(app, issue(id="i", subscriber_id=reader.id), reader)
    assert links.unsubscribe is not None
    assert links.view is not None
    head, _, token = links.unsubscribe.rpartition("/")
    assert head == "https://digest.example.org/unsubscribe"
    assert flow.find_by_token(app, token) == reader
    assert flow.find_by_token(app, token[:-1]) is None
    assert flow.find_by_token(app, links.view.rpartition("/")[2]) is None
    assert links_of(world.app, issue(), reader).unsubscribe is None


def _listed(world: World, *readers: tuple[str, Wishes]) -> App:
    app = replace(world.app, wished=readers)
    flow.follow_config(app)
    return app


def test_the_configuration_is_followed(world: World) -> None:
    world.subscribe("cli@example.org", GRAPHS)
    _listed(world, ("ada@example.org", daily(GRAPHS)), ("bob@example.org", daily(GRAPHS)))
    _listed(world, ("ada@example.org", daily(ROBOTS)))
    states = {each.email: each for each in flow.subscribers(world.app)}
    assert states["ada@example.org"].wishes == daily(ROBOTS)
    assert states["bob@example.org"].state is SubscriberState.UNSUBSCRIBED
    assert states["cli@example.org"].state is SubscriberState.ACTIVE
    _listed(world, ("ada@example.org", daily(ROBOTS)), ("bob@example.org", daily(GRAPHS)))
    assert flow.find_by_email(world.app, "bob@example.org").state is SubscriberState.ACTIVE


def test_a_question_dismisses_nobody(world: World) -> None:
    _listed(world, ("ada@example.org", daily(GRAPHS)))
    flow.follow_config(world.app, dismiss=False)
    assert flow.find_by_email(world.app, "ada@example.org").state is SubscriberState.ACTIVE
    flow.follow_config(world.app)
    assert flow.find_by_email(world.app, "ada@example.org").state is SubscriberState.UNSUBSCRIBED


def test_whoever_left_stays_away_until_the_configuration_changes(world: World) -> None:
    listed = ("ada@example.org", daily(GRAPHS))
    app = _listed(world, listed)
    flow.unsubscribe(app, flow.find_by_email(app, "ada@example.org"))
    _listed(world, listed)
    assert flow.find_by_email(app, "ada@example.org").state is SubscriberState.UNSUBSCRIBED
    _listed(world, ("ada@example.org", daily(ROBOTS)))
    assert flow.find_by_email(app, "ada@example.org").state is SubscriberState.ACTIVE
