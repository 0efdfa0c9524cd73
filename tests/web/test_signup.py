"""From a page to the first mail: what strangers see, and what they cannot do."""

import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import RateLimitItemPerHour

from digest import flow, store
from digest.flow.limits import PER_NETWORK
from digest.model import Cadence, SubscriberState
from digest.web import guard
from tests.flow.world import GRAPHS, text_of
from tests.web.conftest import Site, open_site

ASKED = {"text-0": "graph neural networks", "cadence": "daily", "hour": "18", "timezone": "UTC"}

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def papers(site: Site) -> Site:
    """A site that has read our papers."""
    site.world.drop_papers()
    flow.ingest_listings(site.world.app)
    return site


def asked(email: str = "ada@example.org", **more: str) -> dict[str, str]:
    return {**ASKED, "email": email, "do": "sign-up", **more}


def confirm_link(site: Site, to: str) -> str:
    flow.deliver_issues(site.world.app)
    found = re.search(r"http://\S+/confirm/\S+", text_of(site.world.mails(to)[-1]))
    assert found
    return found[0]


def test_from_the_page_to_the_first_issue(papers: Site) -> None:
    assert "by mail." in papers.client.get("/").text
    sent = papers.client.post("/", data=asked())
    assert sent.status_code == 200
    assert "we sent one mail to ada@example.org. Nothing comes until you confirm." in sent.text
    link = confirm_link(papers, "ada@example.org")
    for _ in range(2):
        page = papers.client.get(link).text
        assert "One press, and your issues come to ada@example.org." in page
    assert flow.find_by_email(papers.world.app, "ada@example.org").state is SubscriberState.PENDING
    done = papers.client.post(link).text
    assert "The first issue can come Fri 20 Nov at 18:00 UTC" in done
    assert papers.client.post(link).text == done, "pressing twice is pressing once"
    papers.world.clock.move(hours=6)
    assert papers.world.run().sent == 1


def test_an_address_beyond_ascii_gets_its_issue(papers: Site) -> None:
    jürgen = "jürgen@xn--bcher-kva.example"
    sent = papers.client.post("/", data=asked("ju\u0308rgen@Bücher.example"))
    assert f"we sent one mail to {jürgen}." in sent.text
    papers.client.post(confirm_link(papers, jürgen))
    papers.world.clock.move(hours=6)
    assert papers.world.run().sent == 1
    subjects = {mail["Subject"].split(" ")[0] for mail in papers.world.mails(jürgen)}
    assert subjects == {"Please", "2"}, "the letter and the issue"
    again = papers.client.post("/link", data={"email": "jürgen@bücher.example"})
    assert "one mail with the link is on its way" in again.text


@any_database
def test_an_address_that_looks_like_another_is_refused(papers: Site) -> None:
    answer = papers.client.post("/", data=asked("ａda@example.org"))
    assert answer.status_code == 422
    assert "only looks like “a”" in answer.text


def test_a_confirm_link_is_good_for_a_week(papers: Site) -> None:
    papers.client.post("/", data=asked())
    link = confirm_link(papers, "ada@example.org")
    papers.world.clock.move(days=7)
    for answer in (papers.client.get(link), papers.client.post(link)):
        assert answer.status_code == 404
        assert "subscribe again" in answer.text


def test_a_used_link_does_not_bring_back_who_left(papers: Site) -> None:
    papers.client.post("/", data=asked())
    link = confirm_link(papers, "ada@example.org")
    papers.client.post(link)
    reader = flow.find_by_email(papers.world.app, "ada@example.org")
    flow.unsubscribe(papers.world.app, reader)
    assert "This link was used before" in papers.client.post(link).text


@any_database
def test_the_preview_shows_what_would_come_and_why(papers: Site) -> None:
    page = papers.client.post("/preview", data=ASKED).text
    assert "2 papers for you, of 5 recent papers (until Thu 19 Nov)." in page
    assert "<mark>Graph Neural Networks</mark>" in page
    assert "<b>Why:</b> Graph neural networks" in page
    assert "Robot" not in page
    assert "<html" not in page
    near = papers.client.post("/preview", data={"text-0": "tides of bureaucracy in offices"}).text
    assert "None of 5 recent papers" in near


@any_database
def test_before_anything_is_said_the_newest_papers_stand_there(papers: Site) -> None:
    page = papers.client.get("/").text
    assert "Say what you care about" in page
    assert page.count("<article>") == 3


@any_database
def test_an_installation_without_papers_has_a_page(site: Site) -> None:
    page = site.client.get("/")
    assert page.status_code == 200
    assert "No paper has been announced yet" in page.text


@any_database
def test_older_papers_are_better_than_none(papers: Site) -> None:
    papers.world.clock.move(days=90)
    assert "2 papers for you" in papers.client.post("/preview", data=ASKED).text


@any_database
def test_new_papers_reach_the_preview(papers: Site) -> None:
    papers.client.get("/")
    papers.world.clock.move(minutes=1)
    papers.world.drop(
        "more.txt",
        "Daily Papers\n\nNov 20\n\nGraph Neural Networks for Timetables\n\nGraph neural networks "
        "plan the timetables of trains. We test graph neural networks on a mountain railway.\n",
    )
    flow.ingest_listings(papers.world.app)
    assert "2 papers for you" in papers.client.post("/preview", data=ASKED).text
    papers.world.clock.move(minutes=4)
    until = time.monotonic() + 10
    while "3 papers for you" not in papers.client.post("/preview", data=ASKED).text:
        assert time.monotonic() < until


@any_database
def test_without_javascript_nothing_typed_is_lost(papers: Site) -> None:
    typed = asked("ada@", **{"text-0": "graph <neural> networks", "must-0": "graph", "size": "7"})
    for do, interests in (("preview", 1), ("add", 2)):
        page = papers.client.post("/", data={**typed, "do": do}).text
        assert page.count('class="interest"') == interests
        for kept in (
            "graph &lt;neural&gt; networks</textarea>",
            "graph</textarea>",
            'value="ada@"',
        ):
            assert kept in page
        assert 'name="size" value="7"' in page
        assert '<option value="18" selected>' in page
        assert "2 papers for you" in page
        assert "needs another look" not in page
    gone = papers.client.post("/", data={**typed, "text-1": "robots", "do": "remove-0"}).text
    assert "robots</textarea>" in gone
    assert "neural" not in gone.split('class="preview"')[0]


@any_database
@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"email": ""}, "email", "Write the address"),
        ({"email": "ada@example"}, "email", "is not an e-mail address"),
        ({"email": '"a\r\nRCPT TO:<b@example.org>"@example.org'}, "email", "is not an e-mail"),
        ({"email": "x" * 300 + "@example.org"}, "email", "No address is that long."),
        ({"text-0": " "}, "text-0", "Say in a few words what you care about."),
        ({"text-0": "x" * 2001}, "text-0", "2,001 characters"),
        ({"weight-0": "none"}, "weight-0", "Write a number above 0"),
        ({"timezone": "Europe/Berln"}, "timezone", "did you mean Europe/Berlin?"),
        ({"cadence": "days"}, "weekdays", "Choose at least one day."),
    ],
)
def test_a_mistake_stands_at_its_field(
    papers: Site, wrong: dict[str, str], field: str, sentence: str
) -> None:
    answer = papers.client.post("/", data=asked() | wrong)
    assert answer.status_code == 422
    said = re.search(rf'<p class="wrong" id="{field}-wrong">(.*?)</p>', answer.text, re.DOTALL)
    assert said, answer.text
    assert sentence in said[1]
    assert f'aria-describedby="{field}-wrong' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert flow.subscribers(papers.world.app) == ()


def test_nobody_learns_who_is_subscribed(papers: Site) -> None:
    papers.world.subscribe("known@example.org", GRAPHS)
    pages = {
        name: [
            papers.client.post("/", data=asked(f"{name}@example.org")).text.replace(name, "")
            for _ in range(2)  # the second is over the limit
        ]
        for name in ("known", "other")
    }
    links = {
        name: papers.client.post("/link", data={"email": f"{name}@example.org"}).text.replace(
            name, ""
        )
        for name in ("known", "other", "nobody")
    }
    assert len({page for both in pages.values() for page in both}) == 1
    assert len(set(links.values())) == 1
    flow.deliver_issues(papers.world.app)
    assert len(papers.world.mails("known@example.org")) == 1
    assert len(papers.world.mails("other@example.org")) == 1
    assert papers.world.mails("nobody@example.org") == []
    (known,) = flow.subscribers(papers.world.app)[:1]
    assert known.wishes.schedule.cadence is Cadence.DAILY
    assert known.wishes.schedule.hour == 7, "a stranger changes nothing"


@any_database
def test_the_time_of_an_answer_tells_nothing(papers: Site) -> None:
    papers.world.subscribe("known@example.org", GRAPHS)
    for name in ("known", "other", "known"):
        for path in ("/", "/link"):
            began = time.monotonic()
            papers.client.post(path, data=asked(f"{name}@example.org"))
            assert time.monotonic() - began >= 0.25


def test_one_network_makes_only_so_many_mails(
    papers: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_STEP", 0.001)
    most = PER_NETWORK.amount
    for number in range(most + 3):
        answer = papers.client.post("/", data=asked(f"a{number}@example.org"))
        assert "Check your inbox" in answer.text
    assert len(flow.subscribers(papers.world.app)) == most
    seen = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    papers.client.post("/", data=asked("b@example.org"), headers=seen)
    assert len(flow.subscribers(papers.world.app)) == most + 1, "another network may"
    papers.world.clock.move(hours=1)
    papers.client.post("/", data=asked("c@example.org"))
    assert len(flow.subscribers(papers.world.app)) == most + 2


def test_all_networks_together_have_a_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow.limits, "ALTOGETHER", RateLimitItemPerHour(2))
    app = site.world.app
    admitted = [flow.admit(app, f"198.51.{number}.0/24") for number in range(4)]
    assert admitted == [True, True, False, False]


@any_database
@pytest.mark.parametrize("path", ["/", "/preview", "/link"])
def test_other_sites_cannot_post(papers: Site, path: str) -> None:
    here = f"http://{papers.client.base_url.netloc.decode()}"
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Origin": here},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = papers.client.post(path, data=asked(), headers=headers)
        assert answer.status_code == 403, headers
        assert "did not come from our own page" in answer.text
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": here}, {}):
        assert papers.client.post(path, data=asked(), headers=headers).status_code == 200
    assert papers.client.get("/").headers["Referrer-Policy"] == "same-origin"


@any_database
def test_too_much_is_refused(papers: Site) -> None:
    answer = papers.client.post("/preview", content=b"text-0=" + b"x" * 2_000_000)
    assert answer.status_code == 413
    assert "more than we can read" in answer.text


@any_database
def test_the_script_and_the_style_are_ours(papers: Site) -> None:
    page = papers.client.get("/")
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert papers.client.get(address).status_code == 200
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert papers.client.get("/static/../../email/issue.html").status_code == 404
    script = Path(__file__).parents[2] / "templates" / "web" / "static" / "wishes.js"
    assert len(script.read_text().splitlines()) < 150


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one site for many requests."""
    folder = tmp_path_factory.mktemp("fuzzed")
    url = f"sqlite:///{folder / 'digest.db'}"
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    with open_site(url, folder) as site:
        site.world.drop_papers()
        flow.ingest_listings(site.world.app)
        yield site.client


_NAMES = st.sampled_from(
    [
        *ASKED,
        "email",
        "do",
        "weekdays",
        "size",
        "must-0",
        "known-0",
        "library-0",
        "examples-0",
        "authors-1",
        "text-9",
        "x",
    ]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_NAMES, st.text() | st.binary()), st.sampled_from(["/", "/preview"]))
def test_whatever_is_posted_gets_a_page(
    fuzzed: httpx.Client, fields: dict[str, str | bytes], path: str
) -> None:
    answer = fuzzed.post(path, data=fields)
    assert answer.status_code in (200, 422)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=500))
def test_whatever_bytes_are_posted_get_a_page(fuzzed: httpx.Client, body: bytes) -> None:
    assert fuzzed.post("/", content=body).status_code in (200, 422)


def test_the_preview_is_quick(fuzzed: httpx.Client) -> None:
    fuzzed.get("/")
    taken = [fuzzed.post("/preview", data=ASKED).elapsed.total_seconds() for _ in range(20)]
    assert statistics.median(taken) < 0.2
