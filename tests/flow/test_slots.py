"""Papers beside those that matter: labelled, last, counted, never alone, never twice."""

import json
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest

from digest import flow, store
from digest.model import Amount, Slot, VoteKind, WhenEmpty
from digest.tokens import Purpose
from tests.flow.world import PAPERS, ROBOTS, World, text_of

READER = "ada@example.org"
LAB = replace(
    ROBOTS,
    text="Soft fruit such as tomatoes: learning force from touch with fingers. Robot hands.",
)  # which asks for FRUIT, and for a little of the other paper on robots
FRUIT = "Grasping Soft Fruit With Two Fingers"
TIDES = "Tides of an Inland Sea"
OUTSIDE, READ = "A little outside your interests", "Most read today"


def listing(*, twin: bool = False) -> str:
    """Our papers as JSON; the tides have the most upvotes."""
    papers = dict(PAPERS)
    if twin:
        papers["Soft Fruit, Grasped With Two Fingers"] = PAPERS[FRUIT] + " It is " + "so " * 30
        papers[FRUIT] += " It is " + "so " * 30
    entries = [
        {
            "paper": {
                "id": f"2611.{number:05}",
                "title": title,
                "summary": text,
                "upvotes": 90 if title == TIDES else number,
                "submittedOnDailyAt": "2026-11-19T08:00:00.000Z",
            }
        }
        for number, (title, text) in enumerate(papers.items(), start=1)
    ]
    return json.dumps(entries)


@pytest.fixture
def site(world: World) -> World:
    served = replace(world, app=replace(world.app, web_url="https://digest.example.org"))
    served.drop("papers.json", listing())
    return served


def headings(html: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", html)


def plain(mail: EmailMessage) -> str:
    return text_of(mail).replace("\r\n", "\n")


def html_of(site: World) -> str:
    part = site.mails(READER)[-1].get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return content


def ballot(site: World, position: int) -> flow.Ballot | None:
    with store.reading(site.app.engine) as connection:
        reader = flow.find_by_email(site.app, READER)
        (issue,) = store.issues.of_subscriber(connection, reader.id, limit=1)
    return flow.find_ballot(site.app, site.app.signer.sign(Purpose.VOTE, issue.id), position)


def test_they_stand_last_each_under_what_it_is(site: World) -> None:
    site.subscribe(READER, LAB, size=1, slots=tuple(Slot))
    assert site.run().sent == 1
    html, text = html_of(site), plain(site.mails(READER)[0])
    assert headings(html) == ["Robots", OUTSIDE, READ]
    assert (
        text.index("\nRobots\n======") < text.index(f"\n{OUTSIDE}\n===") < text.index(f"\n{READ}\n")
    )
    assert text.index(READ) < text.index(TIDES)
    assert site.mails(READER)[0]["Subject"].startswith("1 paper · Robots")
    feed = flow.find_feed(
        site.app, site.app.signer.sign(Purpose.FEED, flow.find_by_email(site.app, READER).id)
    )
    assert feed is not None
    assert [heading for heading, _ in feed.issues[0].papers] == ["Robots", OUTSIDE, READ]
    assert all(paper.why for _, paper in feed.issues[0].papers)


def test_they_are_off_until_chosen(site: World) -> None:
    site.subscribe(READER, LAB, size=1)
    site.run()
    assert headings(html_of(site)) == ["Robots"]


def test_they_count_as_delivered(site: World) -> None:
    site.subscribe(READER, LAB, size=1, slots=tuple(Slot))
    site.run()
    flow.change_wishes(
        site.app,
        flow.find_by_email(site.app, READER),
        replace(flow.find_by_email(site.app, READER).wishes, size=9),
    )
    told = flow.why(site.app, READER).now
    assert told.candidates == len(PAPERS) - 3
    assert TIDES not in {one.paper.title for one in told.shown}


def test_alone_they_make_no_issue(site: World) -> None:
    quiet = replace(ROBOTS, text="medieval vellum", name="Vellum")
    site.subscribe(READER, quiet, slots=tuple(Slot))
    assert site.run().sent == 0
    site.subscribe("bela@example.org", quiet, slots=tuple(Slot), when_empty=WhenEmpty.NOTE)
    assert site.run().sent == 1
    (mail,) = site.mails("bela@example.org")
    assert READ in text_of(mail)
    assert mail["Subject"].startswith("No papers this time")


def test_what_a_vote_under_them_teaches(site: World) -> None:
    site.subscribe(READER, LAB, size=1, slots=tuple(Slot))
    site.run()
    outside, read = ballot(site, 2), ballot(site, 3)
    assert outside is not None
    assert read is not None
    assert outside.kinds == tuple(VoteKind)
    assert (outside.match.slot, outside.match.interest) == (Slot.EXPLORE, "Robots")
    assert read.kinds == (VoteKind.MORE,), "nobody asked for it"
    assert (read.match.slot, read.match.interest) == (Slot.MOST_READ, "Robots")
    html = html_of(site)
    assert "/2/less" in html
    assert "/3/more" in html
    assert "/3/less" not in html
    assert ballot(site, 4) is None


def test_a_reader_who_wants_more_gets_more(site: World) -> None:
    flow.ingest_listings(site.app)
    held = []
    for amount in Amount:
        site.subscribe(READER, LAB, size=30, amount=amount)
        held.append(len(flow.why(site.app, READER).now.matches))
    assert held == sorted(held)
    assert held[0] < held[-1]


def test_a_near_twin_is_named_on_the_card_and_never_sent(world: World) -> None:
    world.drop("papers.json", listing(twin=True))
    world.subscribe(READER, LAB, size=1)
    assert world.run().sent == 1
    text = plain(world.mails(READER)[0])
    shown, other = sorted([FRUIT, "Soft Fruit, Grasped With Two Fingers"], key=text.index)
    assert f"Also as {other}:\nhttps://" in text
    assert f'">{other}</a>' in html_of(world)
    world.clock.move(days=1)
    assert other not in {one.paper.title for one in flow.why(world.app, READER).now.matches}
    assert shown != other
