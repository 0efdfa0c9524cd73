"""What anybody may read, and what a reader may read again."""

import pytest

from digest import flow, store
from digest.app import App
from digest.flow.public import PAGE
from digest.model import Subscriber
from digest.tokens import Purpose
from tests.build import NOON, paper
from tests.flow.world import GRAPHS, VELLUM, World


def add_papers(app: App, number: int) -> None:
    papers = [paper(f"Title {n:03}", f"Abstract number {n}.") for n in range(number)]
    with store.writing(app.engine) as connection:
        store.papers.add(connection, papers, on=NOON.date(), seen_at=NOON)


def profile_token(app: App, reader: Subscriber) -> str:
    return app.signer.sign(Purpose.PROFILE, reader.id)


def titles(latest: flow.Latest) -> list[str]:
    return [sheet.title for sheet in latest.papers]


def test_the_latest_papers_come_in_pages(world: World) -> None:
    add_papers(world.app, 2 * PAGE + 1)
    pages = [flow.latest(world.app, (), page=page) for page in (1, 2, 3, 4)]
    assert [len(page.papers) for page in pages] == [PAGE, PAGE, 1, 0]
    assert [page.more for page in pages] == [True, True, False, False]
    shown = [title for page in pages for title in titles(page)]
    assert shown == [f"Title {n:03}" for n in range(2 * PAGE + 1)], "none twice, none left out"


def test_a_full_last_page_is_the_last(world: World) -> None:
    add_papers(world.app, PAGE)
    assert not flow.latest(world.app, (), page=1).more


def test_a_search_looks_at_title_and_abstract(world: World) -> None:
    world.drop_papers()
    flow.ingest_listings(world.app)
    found = flow.latest(world.app, ("robot", "tomato"), page=1)
    assert titles(found) == ["Grasping Soft Fruit With Two Fingers"]
    assert "We learn the force" in found.papers[0].opening
    assert "19 Nov 2026" in found.papers[0].facts


def test_an_archive_holds_ones_own_issues(world: World) -> None:
    world.drop_papers()
    ada = world.subscribe("ada@example.org", GRAPHS)
    bela = world.subscribe("bela@example.org", VELLUM)
    world.run()
    archive = flow.find_archive(world.app, profile_token(world.app, ada))
    assert archive is not None
    (issue,) = archive.issues
    assert (issue.subject, issue.delivery) == ("2 papers · Graphs · Fri 20 Nov", "sent")
    assert sorted(sheet.title for _, sheet in issue.papers) == [
        "Deeper Graph Neural Networks Without Oversmoothing",
        "Message Passing on Sparse Graphs",
    ]
    assert {interest for interest, _ in issue.papers} == {"Graphs"}
    assert all("graph" in sheet.why.lower() for _, sheet in issue.papers)
    message = flow.view(world.app, issue.view)
    assert message is not None
    assert message.recipient == "ada@example.org"
    other = flow.find_archive(world.app, profile_token(world.app, bela))
    assert other is not None
    assert other.issues == ()


def test_a_feed_says_the_same_and_keeps_its_names(world: World) -> None:
    world.drop_papers()
    ada = world.subscribe("ada@example.org", GRAPHS)
    world.run()
    archive = flow.find_archive(world.app, profile_token(world.app, ada))
    assert archive is not None
    feed = flow.find_feed(world.app, archive.feed)
    assert feed == archive
    assert feed.guid == f"tag:example.org,2026-11-20:archive/{ada.id}"
    world.clock.move(days=40)
    assert flow.find_feed(world.app, archive.feed) == feed


@pytest.mark.parametrize("purpose", list(Purpose))
def test_each_address_opens_one_thing(world: World, purpose: Purpose) -> None:
    ada = world.subscribe("ada@example.org", GRAPHS)
    token = world.app.signer.sign(purpose, ada.id)
    assert (flow.find_archive(world.app, token) is not None) == (purpose is Purpose.PROFILE)
    assert (flow.find_feed(world.app, token) is not None) == (purpose is Purpose.FEED)
    assert (flow.find_profile(world.app, token) is not None) == (purpose is Purpose.PROFILE)


def test_of_the_erased_nothing_is_shown(world: World) -> None:
    ada = world.subscribe("ada@example.org", GRAPHS)
    flow.erase(world.app, ada)
    assert flow.find_archive(world.app, profile_token(world.app, ada)) is None
    assert flow.find_feed(world.app, world.app.signer.sign(Purpose.FEED, ada.id)) is None
