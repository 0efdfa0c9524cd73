"""The public page of the latest papers."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from digest import flow, store
from tests.build import NOON, paper
from tests.flow.world import GRAPHS
from tests.web.conftest import Site

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HOSTILE = "<script>alert(1)</script> & \"quotes\" '$x_1$'"


class Page(HTMLParser):
    """The titles of the papers on a page, its relations, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.tags: set[str] = set()
        self.rel: dict[str, str] = {}
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        if given.get("rel") in ("prev", "next"):
            self.rel[given["rel"] or ""] = given["href"] or ""
        if tag == "h2":
            self._in_title = True
            self.titles.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "h2"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.titles[-1] += data


def add_papers(site: Site, *titles: str) -> None:
    with store.writing(site.world.app.engine) as connection:
        papers = [paper(title) for title in titles]
        store.papers.add(connection, papers, on=NOON.date(), seen_at=NOON)


def test_a_visitor_sees_papers_before_giving_an_address(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    site.world.run()
    answer = site.client.get("/papers")
    assert answer.status_code == 200
    assert len(Page(answer.text).titles) == 5
    assert '<a href="/">' in answer.text
    assert "ada@" not in answer.text
    found = site.client.get("/papers", params={"q": " Robot  tomato "})
    assert Page(found.text).titles == ["Grasping Soft Fruit With Two Fingers"]
    assert 'value="Robot tomato"' in found.text


def test_pages_lead_to_each_other_and_keep_the_question(site: Site) -> None:
    add_papers(site, *(f"A & B number {n:02}" for n in range(60)))
    url, seen = "/papers?q=a+%26", []
    while url:
        page = Page(site.client.get(url).text)
        seen += page.titles
        back, url = page.rel.get("prev"), page.rel.get("next", "")
    assert seen == [f"A & B number {n:02}" for n in range(60)]
    assert back == "/papers?q=a+%26&page=2"


@any_database
def test_an_empty_answer_says_so(site: Site) -> None:
    assert "No paper" in site.client.get("/papers").text
    add_papers(site, "One")
    answer = site.client.get("/papers?q=nothing")
    assert re.search(r"No paper\s+holds all words of “nothing”", answer.text)
    assert "There are no more papers." in site.client.get("/papers?page=9").text
    assert "No paper further on holds" in site.client.get("/papers?q=one&page=9").text


def test_hostile_text_stays_text(site: Site) -> None:
    add_papers(site, HOSTILE)
    for question in ("", HOSTILE, "<script>", "%", "_", "\\", "'", '"', "\x00", "one\x00two"):
        answer = site.client.get("/papers", params={"q": question})
        assert answer.status_code == 200, question
        page = Page(answer.text)
        assert "script" not in page.tags
        assert page.titles in ([HOSTILE], [])
    assert Page(site.client.get("/papers", params={"q": "<script>"}).text).titles == [HOSTILE]
    assert Page(site.client.get("/papers", params={"q": "alert"}).text).titles == []
    assert Page(site.client.get("/papers", params={"q": "quotes"}).text).titles == [HOSTILE]


@any_database
def test_a_question_never_reaches_a_header(site: Site) -> None:
    answer = site.client.get("/papers?q=a%0d%0aSet-Cookie:%20x=1%0d%0a%0d%0a<b>")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert 'value="a Set-Cookie: x=1 &lt;b&gt;"' in answer.text
    for values in answer.headers.values():
        assert "x=1" not in values


@any_database
@pytest.mark.parametrize("page", ["0", "-1", "x", "", "9" * 40, "²", "1e3", "%00"])
def test_a_page_that_is_no_number_is_the_first(site: Site, page: str) -> None:
    add_papers(site, "One")
    answer = site.client.get(f"/papers?page={page}")
    assert (answer.status_code, Page(answer.text).titles) == (200, ["One"])


@any_database
def test_endless_questions_are_cut(site: Site) -> None:
    add_papers(site, "One")
    assert site.client.get("/papers", params={"q": "one " * 4000}).status_code == 200
    assert site.client.get("/papers", params={"q": "o" * 30000}).status_code == 200


@any_database
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_papers_are_only_read(site: Site, method: str) -> None:
    assert site.client.request(method, "/papers").status_code == 405
    assert flow.status(site.world.app).papers == 0


def test_only_the_newest_papers_are_searched(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow.public, "SEARCHED", 2)
    with store.writing(site.world.app.engine) as connection:
        for age in range(4):
            papers = [paper(f"Tides {age} {letter}") for letter in "ab"]
            on = NOON.date() - timedelta(days=age)
            store.papers.add(connection, papers, on=on, seen_at=NOON)
    found = site.client.get("/papers?q=tides").text
    assert Page(found).titles == ["Tides 0 a", "Tides 0 b", "Tides 1 a", "Tides 1 b"]
    assert "We search what was announced since 19 Nov 2026." in found
    assert len(Page(site.client.get("/papers").text).titles) == 8
