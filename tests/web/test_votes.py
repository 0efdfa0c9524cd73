"""The page behind a vote link, asked for over HTTP."""

import json
import re
import threading

import pytest

from digest import flow, store
from digest.model import Slot
from digest.store.votes import VoteRecord
from tests.flow.world import GRAPHS, PAPERS, text_of
from tests.web.conftest import Site

READER = "ada@example.org"
TITLE = "Message Passing on Sparse Graphs"

# Where the store has no part in the answer, one kind of database is enough.
any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def delivered(site: Site) -> Site:
    """A site whose one reader has got one mail, of one paper."""
    site.world.drop_papers([TITLE])
    site.world.subscribe(READER, GRAPHS)
    assert site.world.run().sent == 1
    return site


def link(site: Site, kind: str = "more") -> str:
    (mail,) = site.world.mails(READER)
    (found,) = re.findall(rf"http://\S+/vote/\S+/1/{kind}\b", text_of(mail))
    return str(found)


def votes(site: Site) -> tuple[VoteRecord, ...]:
    reader = flow.find_by_email(site.world.app, READER)
    with store.reading(site.world.app.engine) as connection:
        return store.votes.of_subscriber(connection, reader.id)


def kinds(site: Site) -> list[str]:
    return [each.vote.kind.value for each in votes(site)]


def heading(page: str) -> str:
    (found,) = re.findall("<h1>(.*)</h1>", page)
    return str(found)


def buttons(page: str) -> list[tuple[str, str]]:
    return re.findall(r'action="(\w+)"><p><button[^>]*>(.*?)</button>', page)


def test_the_mail_has_both_links_under_the_paper(delivered: Site) -> None:
    (mail,) = delivered.world.mails(READER)
    html = mail.get_body(("html",))
    assert html is not None
    for kind in ("more", "less"):
        assert f'href="{link(delivered, kind)}"' in html.get_content()


@pytest.mark.parametrize("kind", ["more", "less"])
def test_looking_shows_the_paper_and_one_button_and_changes_nothing(
    delivered: Site, kind: str
) -> None:
    for _ in range(2):
        page = delivered.client.get(link(delivered, kind))
        assert page.status_code == 200
        assert heading(page.text) == f"{kind.title()} like this?"
        assert buttons(page.text) == [(kind, f"{kind.title()} like this")]
        for shown in (TITLE, "prune the edges", "Graphs", "One press"):
            assert shown in page.text
    head = delivered.client.head(link(delivered, kind))
    assert (head.status_code, head.content) == (200, b"")
    assert votes(delivered) == ()


def test_a_press_is_recorded_and_says_what_will_change(delivered: Site) -> None:
    page = delivered.client.post(link(delivered))
    assert page.status_code == 200
    assert heading(page.text) == "Noted: more like this."
    assert f"The next issue will bring more papers like “{TITLE}”" in page.text
    assert buttons(page.text) == [("less", "Less like this instead"), ("back", "Take my vote back")]
    assert kinds(delivered) == ["more"]
    again = delivered.client.get(link(delivered))
    assert heading(again.text) == "You asked for more like this."


def test_the_last_press_wins_and_back_takes_it_back(delivered: Site) -> None:
    more = link(delivered)
    delivered.client.post(more)
    page = delivered.client.post(link(delivered, "less"))
    assert heading(page.text) == "Noted: less like this."
    assert "further down" in page.text
    assert kinds(delivered) == ["less"]
    back = re.sub("more$", "back", more)
    for _ in range(2):
        page = delivered.client.post(back)
        assert heading(page.text) == "Taken back: this paper counts for nothing any more."
        assert [act for act, _ in buttons(page.text)] == ["more", "less"]
        assert kinds(delivered) == []
    assert delivered.client.get(back).status_code == 200
    assert kinds(delivered) == []


def test_presses_at_once_are_one_vote(delivered: Site) -> None:
    urls = [link(delivered, kind) for kind in ("more", "less")] * 4
    answers: list[int] = []

    def press(url: str) -> None:
        answers.append(delivered.client.post(url).status_code)

    threads = [threading.Thread(target=press, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * len(urls)
    assert len(kinds(delivered)) == 1


@any_database
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wrong_links_are_unknown(delivered: Site, method: str) -> None:
    good = link(delivered)
    token = good.split("/")[-3]
    swapped = token[:-1] + ("A" if token[-1] != "A" else "Q")
    for url in (
        good.replace("/1/", "/2/"),
        good.replace("/1/", "/0/"),
        good.replace("/1/", "/-1/"),
        good.replace("/1/", f"/{'9' * 40}/"),
        good.replace("/1/", "/x/"),
        good.replace("/more", "/both"),
        good.replace(token, swapped),
        good.replace(token, "x"),
    ):
        answer = delivered.client.request(method, url)
        assert answer.status_code == 404, url
        assert "There is nothing behind this link." in answer.text
    assert votes(delivered) == ()


@any_database
def test_a_hostile_title_is_text(site: Site) -> None:
    title = 'Graph Neural Networks <script>alert(1)</script> "&'
    site.world.drop(
        "dump.txt",
        f"Daily Papers\n\nNov 19\n\n{title}\n\nGraph neural networks <b>again</b> and again. We "
        "test graph neural networks on graphs of many kinds.\n",
    )
    site.world.subscribe(READER, GRAPHS)
    assert site.world.run().sent == 1
    page = site.client.get(link(site)).text
    assert "<script" not in page
    assert "<b>" not in page
    assert "alert(1)" in page


@any_database
def test_whoever_left_or_changed_is_told_the_truth(delivered: Site) -> None:
    app = delivered.world.app
    reader = flow.find_by_email(app, READER)
    flow.unsubscribe(app, reader)
    assert "You have left" in delivered.client.get(link(delivered)).text
    delivered.world.subscribe(READER)
    page = delivered.client.post(link(delivered))
    assert "You have no interest called “Graphs” any more" in page.text
    flow.erase(app, reader)
    assert delivered.client.get(link(delivered)).status_code == 404


@any_database
def test_what_everybody_read_can_only_be_liked(site: Site) -> None:
    papers = [
        {"id": "2611.00001", "title": TITLE, "summary": PAPERS[TITLE], "upvotes": 1},
        {"id": "2611.00002", "title": "Tides", "summary": "Of the sea.", "upvotes": 9},
    ]
    site.world.drop("papers.json", json.dumps([{"paper": each} for each in papers]))
    site.world.subscribe(READER, GRAPHS, slots=(Slot.MOST_READ,))
    assert site.world.run().sent == 1
    more = link(site).replace("/1/", "/2/")
    assert buttons(site.client.get(more).text) == [("more", "More like this")]
    assert buttons(site.client.post(more).text) == [("back", "Take my vote back")]
    less = more.replace("more", "less")
    assert [do(less).status_code for do in (site.client.get, site.client.post)] == [404, 404]
    assert kinds(site) == ["more"]
