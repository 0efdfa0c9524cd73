"""Votes on the profile: shown, taken back, and heard by the preview."""

import re

import pytest
from sqlalchemy import event

from digest import flow
from digest.model import VoteKind
from digest.tokens import Purpose
from tests.flow.test_vote import FRUIT, TOMORROW
from tests.flow.world import GRAPHS, ROBOTS
from tests.web.conftest import Site

READER = "ada@example.org"
FIRST = "Message Passing on Sparse Graphs"
SECOND = "Deeper Graph Neural Networks Without Oversmoothing"

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def voted(site: Site) -> Site:
    """A site whose one reader voted on two papers, an hour apart."""
    site.world.drop_papers()
    site.world.subscribe(READER, GRAPHS)
    assert site.world.run().sent == 1
    for title, kind in ((FIRST, VoteKind.MORE), (SECOND, VoteKind.LESS)):
        vote(site, title, kind)
        site.world.clock.move(hours=1)
    return site


def vote(site: Site, title: str, kind: VoteKind) -> None:
    app = site.world.app
    (issue,) = flow.find_profile(app, token(site)).issues  # type: ignore[union-attr]
    signed = app.signer.sign(Purpose.VOTE, issue.id)
    for position in (1, 2):
        ballot = flow.find_ballot(app, signed, position)
        assert ballot is not None
        if ballot.match.paper.title == title:
            flow.cast_vote(app, ballot, kind)


def token(site: Site) -> str:
    reader = flow.find_by_email(site.world.app, READER)
    return site.world.app.signer.sign(Purpose.PROFILE, reader.id)


def shown(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li>\s*<p>(.*?)</p>\s*<p class="quiet">(.*?)</p>', page)


def test_votes_are_listed_newest_first_and_taken_back_by_a_press(voted: Site) -> None:
    here = f"/profile/{token(voted)}"
    page = voted.client.get(here).text
    assert shown(page) == [
        (SECOND, "less like this, for Graphs · 20 Nov 2026"),
        (FIRST, "more like this, for Graphs · 20 Nov 2026"),
    ]
    assert f'Take it back<span class="unseen">: {FIRST}</span>' in page
    papers = re.findall(r'name="paper" value="([^"]*)"', page)
    assert voted.client.get(f"{here}/votes").status_code == 405, "looking acts on nothing"
    for _ in range(2):
        page = voted.client.post(f"{here}/votes", data={"paper": papers[0]}).text
        assert "Taken back" in page
        assert [title for title, _ in shown(page)] == [FIRST]
    voted.client.post(f"{here}/votes", data={"paper": papers[1]})
    assert "None yet. Under each paper" in voted.client.get(here).text


@any_database
@pytest.mark.parametrize("paper", ["", "nonsense", "\0", "9" * 9999])
def test_nonsense_takes_nothing_back(voted: Site, paper: str) -> None:
    page = voted.client.post(f"/profile/{token(voted)}/votes", data={"paper": paper})
    assert page.status_code == 200
    assert len(shown(page.text)) == 2


def test_nobody_takes_back_the_vote_of_another(voted: Site) -> None:
    page = voted.client.get(f"/profile/{token(voted)}").text
    (paper, _) = re.findall(r'name="paper" value="([^"]*)"', page)
    other = voted.world.subscribe("bela@example.org", GRAPHS)
    theirs = voted.world.app.signer.sign(Purpose.PROFILE, other.id)
    voted.client.post(f"/profile/{theirs}/votes", data={"paper": paper})
    assert len(shown(voted.client.get(f"/profile/{token(voted)}").text)) == 2
    wrong = voted.world.app.signer.sign(Purpose.UNSUBSCRIBE, other.id)
    for path in ("votes", "preview"):
        assert voted.client.post(f"/profile/{wrong}/{path}", data={}).status_code == 404


def cards(page: str) -> list[str]:
    return re.findall(r"<h4><a [^>]*>(.*?)</a></h4>", page)


def test_the_preview_of_a_profile_goes_by_the_votes(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe(READER, ROBOTS)
    assert site.world.run().sent == 1
    vote(site, FRUIT, VoteKind.MORE)
    papers = "\n\n".join(f"{title}\n\n{text}" for title, text in TOMORROW.items())
    site.world.drop("tomorrow.txt", f"Daily Papers\n\nNov 20\n\n{papers}\n")
    flow.ingest_listings(site.world.app)
    here = f"/profile/{token(site)}"
    page = site.client.get(here).text
    assert f'data-preview="{here}/preview"' in page
    typed = {"kept-0": "0", "text-0": ROBOTS.text, "name-0": "Robots"}
    taught = site.client.post(f"{here}/preview", data=typed).text
    assert f"like “{FRUIT}”" in taught
    assert f"like “{FRUIT}”" in page, "with and without JavaScript it is the same"
    assert cards(taught) == cards(page)
    anonymous = site.client.post("/preview", data=typed).text
    assert "like “" not in anonymous
    assert cards(anonymous) != cards(taught)
    reader = flow.find_by_email(site.world.app, READER)
    assert reader.wishes.profile.interests == (ROBOTS,), "looking saves nothing"
    graphs = site.client.post(f"{here}/preview", data={"text-0": GRAPHS.text}).text
    assert "like “" not in graphs, "a vote under a name that is gone teaches nothing"


@any_database
def test_a_preview_asks_the_store_little(voted: Site) -> None:
    here = f"/profile/{token(voted)}"
    typed = {"kept-0": "0", "text-0": "graph neural networks"}
    voted.client.post(f"{here}/preview", data=typed)
    asked: list[str] = []

    def count(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(voted.world.app.engine, "before_cursor_execute", count)
    voted.client.post(f"{here}/preview", data=typed)
    queries = [each for each in asked if each.startswith("SELECT")]
    assert len(queries) == 2, "the reader, and their votes"


def test_the_feed_is_linked_and_opens(voted: Site) -> None:
    page = voted.client.get(f"/profile/{token(voted)}").text
    (feed,) = re.findall(r'href="(/feed/[^"]+)"', page)
    assert voted.client.get(feed).headers["Content-Type"].startswith("application/atom+xml")
