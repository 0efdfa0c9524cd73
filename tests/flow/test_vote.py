"""One press under a paper, and the next issue knows better."""

import re
import threading
from dataclasses import replace

import pytest

from digest import flow, store
from digest.model import ReasonKind, SubscriberState, VoteKind, WhenEmpty
from digest.tokens import Purpose
from tests.flow.world import GRAPHS, ROBOTS, VELLUM, World, daily, text_of

BASE = "https://digest.example.org"
READER = "ada@example.org"
FRUIT = "Grasping Soft Fruit With Two Fingers"
ARM = "Whole-Arm Robot Grasping in Clutter"

TOMORROW = {
    "Ripe Tomatoes Under Soft Fingers": (
        "Picking soft fruit such as ripe tomatoes needs fingers that feel. We learn the force of "
        "soft fingers from touch, for robot grasping in greenhouses."
    ),
    "Robot Grasping of Steel Bolts": (
        "Bolts lie in bins in factories. Robot grasping of steel bolts needs magnets, cameras and "
        "a plan for every bin in the hall."
    ),
    "Tomatoes and Soft Fruit in Storage": (
        "Soft fruit bruises in crates. Ripe tomatoes keep for weeks when the air is cool and the "
        "force on each soft tomato is small, as fingers can tell by touch."
    ),
}


@pytest.fixture
def site(world: World) -> World:
    """An installation that serves pages, whose one reader has got one mail."""
    served = replace(world, app=replace(world.app, web_url=BASE))
    served.drop_papers()
    served.subscribe(READER, ROBOTS, GRAPHS)
    assert served.run().sent == 1
    return served


def links(site: World, number: int = -1) -> list[tuple[str, str, str]]:
    """Return token, position and vote of each vote link in a mail."""
    text = text_of(site.mails(READER)[number])
    return re.findall(rf"{BASE}/vote/([^/\s]+)/(\d+)/(more|less)", text)


def ballot_on(site: World, title: str) -> flow.Ballot:
    for token, position, _ in links(site):
        found = flow.find_ballot(site.app, token, int(position))
        assert found is not None
        if found.match.paper.title == title:
            return found
    raise AssertionError(f"{title} is not in the mail")


def tomorrow(site: World) -> flow.Why:
    """Let another day's papers come in, and tell what an issue would hold."""
    site.clock.move(days=1)
    papers = "\n\n".join(f"{title}\n\n{text}" for title, text in TOMORROW.items())
    site.drop("tomorrow.txt", f"Daily Papers\n\nNov 20\n\n{papers}\n")
    flow.ingest_listings(site.app)
    return flow.why(site.app, READER)


def order(told: flow.Why) -> list[str]:
    return [one.paper.title for one in told.now.matches if one.interest == "Robots"]


def test_every_paper_of_a_mail_can_be_voted_on(site: World) -> None:
    found = links(site)
    assert len(found) == 8
    assert {vote for _, _, vote in found} == {"more", "less"}
    assert len({token for token, _, _ in found}) == 1, "one signature an issue"
    ballots = {
        position: flow.find_ballot(site.app, token, int(position)) for token, position, _ in found
    }
    text = text_of(site.mails(READER)[0])
    for position, ballot in ballots.items():
        assert ballot is not None
        assert ballot.vote is None
        card = text.index(ballot.match.paper.title)
        assert card < text.index(f"/{position}/more")
        assert text.find(f"/{int(position) - 1}/more", card) == -1, "its own card"


def test_more_like_this_changes_the_next_issue_and_says_so(site: World) -> None:
    flow.cast_vote(site.app, ballot_on(site, FRUIT), VoteKind.MORE)
    told = tomorrow(site)
    assert order(told)[0] == "Ripe Tomatoes Under Soft Fingers"
    first = next(one for one in told.now.matches if one.paper.title == order(told)[0])
    assert (first.reasons[-1].kind, first.reasons[-1].words[0]) == (ReasonKind.LIKE, FRUIT)
    assert site.run().sent == 1
    text = " ".join(text_of(site.mails(READER)[-1]).split())
    assert f"; like “{FRUIT}”: both say Soft, Fingers" in text


def test_without_a_vote_nothing_is_like_anything(site: World) -> None:
    told = tomorrow(site)
    kinds = {reason.kind for one in told.now.matches for reason in one.reasons}
    assert kinds == {ReasonKind.TERMS}
    assert "like “" not in text_of(site.mails(READER)[0])


def test_less_like_this_puts_them_down_and_leaves_the_interest(site: World) -> None:
    ballot = ballot_on(site, FRUIT)
    flow.cast_vote(site.app, ballot, VoteKind.LESS)
    after = tomorrow(site)
    flow.take_vote_back(site.app, ballot)
    before = flow.why(site.app, READER)
    fruit, bolts = "Ripe Tomatoes Under Soft Fingers", "Robot Grasping of Steel Bolts"
    score = {
        told: {one.paper.title: one.score for one in held.now.matches}
        for told, held in (("before", before), ("after", after))
    }
    assert score["after"][fruit] < score["before"][fruit]
    assert score["after"][bolts] == score["before"][bolts]
    assert set(order(after)) == set(order(before)) >= {fruit, bolts}


def test_the_last_press_wins_and_can_be_taken_back(site: World) -> None:
    ballot = ballot_on(site, FRUIT)
    for kind in (VoteKind.MORE, VoteKind.LESS):
        assert flow.cast_vote(site.app, ballot, kind).vote == ballot_on(site, FRUIT).vote
    held = ballot_on(site, FRUIT).vote
    assert held is not None
    assert (held.kind, held.interest) == (VoteKind.LESS, "Robots")
    for _ in range(2):
        assert flow.take_vote_back(site.app, ballot).vote is None
    assert ballot_on(site, FRUIT).vote is None


def test_presses_at_once_are_one_vote(site: World) -> None:
    ballot = ballot_on(site, FRUIT)
    threads = [
        threading.Thread(target=flow.cast_vote, args=(site.app, ballot, kind))
        for kind in [VoteKind.MORE, VoteKind.LESS] * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading(site.app.engine) as connection:
        votes = store.votes.of_subscriber(connection, ballot.subscriber.id)
    assert [one.title for one in votes] == [FRUIT]


def test_a_vote_teaches_only_while_its_interest_is_there(site: World) -> None:
    ballot = ballot_on(site, FRUIT)
    assert ballot.heard
    flow.cast_vote(site.app, ballot, VoteKind.MORE)
    flow.change_wishes(site.app, ballot.subscriber, daily(GRAPHS))
    assert not ballot_on(site, FRUIT).heard
    kinds = {r.kind for one in tomorrow(site).now.matches for r in one.reasons}
    assert ReasonKind.LIKE not in kinds
    reader = flow.find_by_email(site.app, READER)
    assert reader.wishes == daily(GRAPHS), "votes are no wishes"


@pytest.mark.parametrize("position", [5, 10**30, 0])
def test_there_is_no_ballot_for_what_was_not_sent(site: World, position: int) -> None:
    token = links(site)[0][0]
    assert flow.find_ballot(site.app, token, position) is None


def test_only_our_own_links_speak(site: World) -> None:
    issue_id = flow.why(site.app, READER).issues[0].id
    for token in ("", "nonsense", issue_id, site.app.signer.sign(Purpose.VIEW, issue_id)):
        assert flow.find_ballot(site.app, token, 1) is None
    gone = site.app.signer.sign(Purpose.VOTE, "another issue")
    assert flow.find_ballot(site.app, gone, 1) is None


def test_the_near_miss_of_a_quiet_day_can_be_voted_on(world: World) -> None:
    served = replace(world, app=replace(world.app, web_url=BASE))
    served.drop_papers()
    wish = replace(VELLUM, text="vellum manuscripts of monks in the tide of a stormy century")
    served.subscribe(READER, wish, when_empty=WhenEmpty.NOTE)
    assert served.run().sent == 1
    (token, position, _), _ = links(served)
    assert position == "0"
    ballot = flow.find_ballot(served.app, token, 0)
    assert ballot is not None
    assert flow.cast_vote(served.app, ballot, VoteKind.LESS).vote is not None


def test_whoever_left_is_told_apart(site: World) -> None:
    reader = flow.find_by_email(site.app, READER)
    assert not ballot_on(site, FRUIT).left
    flow.unsubscribe(site.app, reader)
    assert ballot_on(site, FRUIT).left
    assert flow.find_by_email(site.app, READER).state is SubscriberState.UNSUBSCRIBED


def test_votes_are_exported_and_erased(site: World) -> None:
    reader = flow.cast_vote(site.app, ballot_on(site, FRUIT), VoteKind.MORE).subscriber
    (held,) = flow.export(site.app, reader)["votes"]
    assert (held["title"], held["vote"]["kind"]) == (FRUIT, "more")
    token = links(site)[0][0]
    flow.erase(site.app, reader)
    assert flow.find_ballot(site.app, token, 1) is None
    with store.reading(site.app.engine) as connection:
        assert store.votes.examples(connection, [reader.id]) == {}


def test_only_the_newest_votes_teach(site: World) -> None:
    ballot = ballot_on(site, FRUIT)
    flow.cast_vote(site.app, ballot, VoteKind.MORE)
    site.clock.move(minutes=1)
    flow.cast_vote(site.app, ballot_on(site, ARM), VoteKind.MORE)
    with store.reading(site.app.engine) as connection:
        found = store.votes.examples(connection, [ballot.subscriber.id, "nobody"])
    titles = [one.title for one in found.pop(ballot.subscriber.id)["Robots"]]
    assert (titles, found) == ([ARM, FRUIT], {})
