"""The pages, asked for over HTTP: what they show, and that only a POST changes anything."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from digest import flow
from digest.errors import StoreError
from digest.model import SubscriberState
from digest.web import preview
from tests.flow.world import GRAPHS, text_of
from tests.web.conftest import Site

ONE_CLICK = {"List-Unsubscribe": "One-Click"}

# Where the store has no part in the answer, one kind of database is enough.
any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def delivered(site: Site) -> Site:
    """A site whose one reader has got one mail."""
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    assert site.world.run().sent == 1
    return site


def state(site: Site) -> SubscriberState:
    return flow.find_by_email(site.world.app, "ada@example.org").state


def forged(url: str) -> str:
    """The same address with one letter of its signature changed."""
    return url[:-5] + ("A" if url[-5] != "A" else "B") + url[-4:]


def view_link(site: Site) -> str:
    (mail,) = site.world.mails()
    found = re.search(r"http://\S+/issues/\S+", text_of(mail))
    assert found, text_of(mail)
    return found[0]


@any_database
def test_previews_stand_in_nobodys_way(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, really = threading.Event(), preview.preview

    def long_preview(*given: Any) -> Any:
        ended.wait(60)
        return really(*given)

    monkeypatch.setattr("digest.web.signup.preview", long_preview)
    limits = httpx.Limits(max_connections=100)
    with (
        httpx.Client(base_url=site.client.base_url, limits=limits, timeout=90) as many,
        ThreadPoolExecutor(64) as pool,
    ):
        looking = [pool.submit(many.post, "/preview", data={"text-0": "x"}) for _ in range(64)]
        try:
            for path in ("/healthz", "/readyz", "/papers"):
                assert site.client.get(path, timeout=30).status_code == 200
            assert not any(look.done() for look in looking)
        finally:
            ended.set()


def test_the_mail_can_be_read_in_a_browser(delivered: Site) -> None:
    answer = delivered.client.get(view_link(delivered))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Message Passing on Sparse Graphs" in answer.text


def test_a_link_opens_only_what_it_was_signed_for(delivered: Site) -> None:
    unsubscribe, view = delivered.link(), view_link(delivered)
    swapped = [
        view.replace("/issues/", "/unsubscribe/"),
        unsubscribe.replace("/unsubscribe/", "/issues/"),
    ]
    for url in (forged(view), forged(unsubscribe), *swapped, "/issues/x", "/unsubscribe/x"):
        answer = delivered.client.get(url)
        assert answer.status_code == 404, url
        assert "There is nothing behind this link." in answer.text
        assert "ada@example.org" not in answer.text


def test_looking_changes_nothing(delivered: Site) -> None:
    for _ in range(2):
        page = delivered.client.get(delivered.link())
        assert page.status_code == 200
        assert "Leave Paper Digest?" in page.text
        assert "ada@example.org" in page.text
        assert '<form method="post">' in page.text
    head = delivered.client.head(delivered.link())
    assert (head.status_code, head.content) == (200, b"")
    assert state(delivered) is SubscriberState.ACTIVE


def test_a_press_of_the_button_is_enough(delivered: Site) -> None:
    page = delivered.client.post(delivered.link())
    assert page.status_code == 200
    assert "You have left. Nothing more comes to ada@example.org." in page.text
    assert state(delivered) is SubscriberState.UNSUBSCRIBED
    again = delivered.client.post(delivered.link())
    assert (again.status_code, again.text) == (200, page.text)
    assert "You have left." in delivered.client.get(delivered.link()).text


def test_one_click_is_answered_at_once(delivered: Site) -> None:
    (mail,) = delivered.world.mails()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = httpx.post(delivered.link(), data=ONE_CLICK, follow_redirects=False)
    assert (answer.status_code, answer.history) == (200, [])
    assert "Set-Cookie" not in answer.headers
    assert state(delivered) is SubscriberState.UNSUBSCRIBED


def test_after_one_click_the_next_issue_does_not_come(delivered: Site) -> None:
    delivered.world.subscribe("bela@example.org", GRAPHS)
    httpx.post(delivered.link(), data=ONE_CLICK)
    delivered.world.clock.move(days=1)
    delivered.world.drop("tomorrow.txt", _tomorrow())
    delivered.world.run()
    assert len(delivered.world.mails("ada@example.org")) == 1
    assert len(delivered.world.mails("bela@example.org")) == 1, "others get theirs"


def _tomorrow() -> str:
    return (
        "Daily Papers\n\nNov 20\n\nGraph Neural Networks for Timetables\n\n"
        "Graph neural networks plan the timetables of trains. We test graph neural networks on "
        "the lines of a mountain railway.\n"
    )


def test_one_click_with_a_forged_link_does_nothing(delivered: Site) -> None:
    answer = delivered.client.post(forged(delivered.link()), data=ONE_CLICK)
    assert answer.status_code == 404
    assert state(delivered) is SubscriberState.ACTIVE


@any_database
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(delivered: Site, method: str) -> None:
    for url in (delivered.link(), "/healthz", view_link(delivered)):
        assert delivered.client.request(method, url).status_code == 405
    assert state(delivered) is SubscriberState.ACTIVE


@any_database
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/issues/nonsense", 404),
        ("POST", "/unsubscribe/nonsense", 404),
        ("GET", "/nowhere", 404),
        ("PUT", "/healthz", 405),
        ("TRACE", "/", 405),
        ("OPTIONS", "/link", 405),
        ("DELETE", "/profile/nonsense", 405),
        ("GET", "/static/page.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/static", 404),
        ("GET", "/static/%2e%2e/base.html", 404),
        ("GET", "/static/%00", 404),
        ("GET", "/unsubscribe/%00%ff", 404),
        ("GET", "/papers?q=%00%ff&page=-1", 200),
        ("GET", "/link/", 404),  # a redirect would lead to whatever Host says
        ("GET", "/vote/x/99999999999999999999/more", 404),
    ],
)
def test_every_answer_is_guarded(site: Site, method: str, path: str, status: int) -> None:
    answer = site.client.request(method, path)
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    a_file = path.startswith("/static/") and status == 200
    assert answer.headers["Cache-Control"] == ("no-cache" if a_file else "no-store")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers, "this site is not on https"


@any_database
@pytest.mark.parametrize(
    ("error", "status"), [(ZeroDivisionError("detail"), 500), (StoreError("detail"), 503)]
)
def test_a_page_that_fails_is_guarded_and_tells_no_detail(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(flow, "view", fail)
    answer = site.client.get("/issues/any")
    assert answer.status_code == status
    assert "Nothing was changed" in answer.text
    assert "detail" not in answer.text
    assert "Content-Security-Policy" in answer.headers


@any_database
def test_an_address_that_is_none_of_ours_gets_the_same_page(site: Site) -> None:
    assert site.client.get("/nowhere").text == site.client.get("/issues/nonsense").text


def test_pages_need_nothing_from_elsewhere() -> None:
    templates = Path(__file__).parents[2] / "templates" / "web"
    pages = sorted(templates.glob("*.html"))
    assert pages
    for page in pages:
        ours = re.sub(r'(src|href)="{{ static\("[a-z.]+"\) }}"', "", page.read_text("utf-8"))
        assert not re.search(r"(?i)\bsrc=|<link[^>]+href|@import|url\(", ours), page
        assert not re.search(r"(?i)<script[^>]*>[^<]", ours), page
