"""Two stored papers turn out to be one: votes, issues and what was delivered stay."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from html import escape
from typing import Any
from unittest.mock import patch

from digest import flow, store
from digest.flow import prepare
from digest.model import DeliveryState, Paper, Vote, VoteKind
from tests.flow.world import GRAPHS, PAPERS, World

TITLE = "Message Passing on Sparse Graphs"
DRAFT = "Passing Messages, Sparsely: A Draft"


def drop_feed(world: World, name: str, title: str, authors: str = "Ada Byron") -> None:
    """Drop an Atom feed with one arXiv paper that has the abstract of ``TITLE``."""
    world.drop(
        f"{name}.xml",
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>'
        "<updated>2026-11-19T00:00:00Z</updated><entry>"
        "<id>http://arxiv.org/abs/2611.90001v1</id>"
        f"<title>{escape(title)}</title><author><name>{authors}</name></author>"
        f"<summary>{escape(PAPERS[TITLE])}</summary></entry></feed>",
    )


def known(world: World) -> dict[str, Paper]:
    return {paper.title: paper for paper in flow.papers(world.app)}


def vote(world: World, subscriber_id: str, paper: Paper, kind: VoteKind) -> Vote:
    return Vote(
        subscriber_id=subscriber_id,
        paper_id=paper.id,
        interest=GRAPHS.name,
        kind=kind,
        voted_at=world.clock.now,
    )


def test_a_join_keeps_votes_issues_and_what_was_delivered(world: World) -> None:
    world.drop_papers([TITLE])
    reader = world.subscribe("ada@example.org", GRAPHS)
    world.run()
    drop_feed(world, "draft", DRAFT)
    flow.ingest_listings(world.app)
    sent, draft = known(world)[TITLE], known(world)[DRAFT]
    with store.writing(world.app.engine) as connection:
        store.votes.cast(connection, vote(world, reader.id, sent, VoteKind.LESS))
    drop_feed(world, "final", TITLE)
    world.clock.move(days=1)
    done = world.run()
    (paper,) = known(world).values()
    assert paper.id == draft.id
    assert set(paper.keys) >= {*sent.keys, *draft.keys}
    assert done.sent == 0, "it was sent under its other name"
    with store.reading(world.app.engine) as connection:
        (record,) = store.votes.of_subscriber(connection, reader.id)
        (issue,) = store.issues.of_subscriber(connection, reader.id, limit=None)
        held = store.issues.load(connection, [issue.id])[issue.id]
    assert (record.vote.paper_id, record.vote.kind) == (paper.id, VoteKind.LESS)
    assert [match.paper.id for match in held.selection.matches] == [paper.id]
    assert world.books() == {DeliveryState.SENT: 1}


def test_of_two_votes_the_later_counts(world: World) -> None:
    world.drop_papers([TITLE])
    drop_feed(world, "draft", DRAFT)
    first = world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    papers = known(world)
    with store.writing(world.app.engine) as connection:
        for title, kind in ((TITLE, VoteKind.LESS), (DRAFT, VoteKind.MORE)):
            world.clock.move(minutes=1)
            store.votes.cast(connection, vote(world, first.id, papers[title], kind))
        store.joins.join(connection, papers[DRAFT].id, papers[TITLE].id)
        (record,) = store.votes.of_subscriber(connection, first.id)
    assert (record.vote.paper_id, record.vote.kind) == (papers[TITLE].id, VoteKind.MORE)


def test_a_paper_joined_while_a_turn_is_thought_about_is_thought_about_again(
    world: World,
) -> None:
    world.drop_papers([TITLE])
    drop_feed(world, "draft", DRAFT)
    world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    think = prepare.think

    def think_slowly(*args: object) -> object:
        thought = think(*args)  # type: ignore[arg-type]
        drop_feed(world, "final", TITLE)
        flow.ingest_listings(world.app)
        return thought

    with patch("digest.flow.prepare.think", think_slowly):
        assert flow.prepare_issues(world.app) == flow.Prepared()
    assert flow.prepare_issues(world.app).issues == 1
    flow.deliver_issues(world.app)
    (mail,) = world.mails()
    assert "1 paper" in mail["Subject"]


def test_a_join_waits_for_the_issue_that_is_being_written_and_takes_it_along(
    world: World,
) -> None:
    """Two processes: one has written an issue and not committed it, the other joins its paper."""
    world.drop_papers([TITLE])
    reader = world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    sent = known(world)[TITLE]
    drop_feed(world, "draft", DRAFT)
    flow.ingest_listings(world.app)
    draft = known(world)[DRAFT]
    with store.writing(world.app.engine) as connection:  # the newer of the two is not chosen
        store.votes.cast(connection, vote(world, reader.id, draft, VoteKind.LESS))
    add = store.issues.add

    with ThreadPoolExecutor() as pool:
        ingesting: list[Future[tuple[flow.Ingested, ...]]] = []

        def add_slowly(*args: Any, **named: Any) -> Any:
            added = add(*args, **named)
            drop_feed(world, "final", TITLE)
            ingesting.append(pool.submit(flow.ingest_listings, world.app))
            time.sleep(0.5)  # it has come as far as it can
            return added

        with patch("digest.store.issues.add", add_slowly):
            flow.prepare_issues(world.app)
        (future,) = ingesting
        (done,) = future.result(timeout=60)
    assert done.error is None
    (paper,) = known(world).values()
    assert set(paper.keys) >= {*sent.keys, *draft.keys}
    with store.reading(world.app.engine) as connection:
        (issue,) = store.issues.of_subscriber(connection, reader.id, limit=None)
        held = store.issues.load(connection, [issue.id])[issue.id]
        (record,) = store.votes.of_subscriber(connection, reader.id)
    assert {match.paper.id for match in held.selection.matches} == {paper.id}
    assert record.vote.paper_id == paper.id
