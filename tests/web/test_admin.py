"""The operator's pages: who gets in, what they show, and that only our own forms act."""

import base64
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from limits import RateLimitItemPerHour

from digest import flow
from digest.model import DeliveryState
from digest.tokens import Purpose
from tests.build import interest
from tests.deliver.servers import HOST
from tests.flow.test_admin import settle
from tests.flow.world import GRAPHS, open_world
from tests.web.conftest import Site, serving

PASSWORD = "a long pässword: for tests"
AUTH = httpx.BasicAuth("anybody", PASSWORD)
HEADER = {"X-Forwarded-User": "grace"}

PAGES = ("/admin", "/admin/subscribers", "/admin/deliveries")
ACTIONS = ("/admin/deliveries/retry", "/admin/sources/hold", "/admin/sources/release")

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def _sources(folder: Path) -> list[dict[str, Any]]:
    return [
        {"folder": folder / "inbox", "name": "inbox"},
        {"file": folder / "page.txt", "name": "page"},
    ]


@contextmanager
def open_site(database: str, folder: Path, admin: dict[str, Any]) -> Iterator[Site]:
    with (
        socket.create_server((HOST, 0)) as listener,
        open_world(database, folder, admin=admin, sources=_sources(folder)) as world,
        serving(world.app, listener),
        httpx.Client(base_url=f"http://{HOST}:{listener.getsockname()[1]}") as client,
    ):
        yield Site(world, client)


@pytest.fixture
def locked(database: str, tmp_path: Path) -> Iterator[Site]:
    """A site with admin pages, asked without a password."""
    admin = {"password": PASSWORD, "header": "X-Forwarded-User"}
    with open_site(database, tmp_path, admin) as site:
        yield site


@pytest.fixture
def desk(locked: Site) -> Site:
    """The same, asked by the operator."""
    locked.client.auth = AUTH
    return locked


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def retry_form(desk: Site) -> dict[str, str]:
    page = desk.client.get("/admin/deliveries").text
    return {name: field(page, name) for name in ("form", "id", "state", "settled")}


def fail(desk: Site, state: DeliveryState = DeliveryState.FAILED, error: str = "550 no") -> None:
    desk.world.drop_papers()
    desk.world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(desk.world.app)
    flow.prepare_issues(desk.world.app)
    settle(desk.world, state, error)


@any_database
@pytest.mark.parametrize("path", [*PAGES, *ACTIONS, "/admin/subscribers/x", "/admin/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_are_no_admin_pages_by_default(site: Site, method: str, path: str) -> None:
    answer = site.client.request(method, path, auth=AUTH, headers=HEADER)
    assert answer.status_code == 404
    assert answer.text == site.client.get("/nowhere").text


@any_database
def test_without_the_password_nothing_is_shown(locked: Site) -> None:
    locked.world.subscribe("ada@example.org", GRAPHS)
    for path in (*PAGES, "/admin/subscribers/x"):
        answer = locked.client.get(path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="Paper Digest"')
        assert "ada@" not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in ACTIONS:
        assert locked.client.post(path).status_code == 401


@any_database
@pytest.mark.parametrize(
    "authorization",
    [
        basic("anybody", PASSWORD[:-1]),
        basic("anybody", PASSWORD + "x"),
        basic(PASSWORD, ""),
        basic("anybody", PASSWORD).replace("Basic", "Bearer"),
        "Basic",
        "Basic =",
        "Basic not base64",
        PASSWORD.encode().hex(),
    ],
)
def test_a_wrong_password_is_refused_slowly(locked: Site, authorization: str) -> None:
    answer = locked.client.get("/admin", headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer.elapsed > timedelta(seconds=0.4)


def test_too_many_wrong_passwords_and_the_right_one_is_none(
    locked: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow.limits, "GUESSES", RateLimitItemPerHour(2))
    elsewhere = {"X-Forwarded-For": "198.51.100.7"}
    for _ in range(2):
        assert locked.client.get("/admin").status_code == 401
        assert locked.client.get("/admin", auth=AUTH).status_code == 200, "neither is a guess"
        assert locked.client.get("/admin", auth=("anybody", "wrong")).status_code == 401
    assert locked.client.get("/admin", auth=AUTH).status_code == 401
    assert locked.client.get("/admin", auth=AUTH, headers=elsewhere).status_code == 200
    locked.world.clock.move(hours=1)
    assert locked.client.get("/admin", auth=AUTH).status_code == 200


@any_database
def test_the_right_password_gets_in_whoever_one_says_to_be(locked: Site) -> None:
    for name in ("", "anybody", "grace"):
        assert locked.client.get("/admin", auth=httpx.BasicAuth(name, PASSWORD)).status_code == 200


@any_database
def test_a_proxy_vouches_by_header(tmp_path: Path, database: str) -> None:
    with open_site(database, tmp_path, {"header": "X-Forwarded-User"}) as site:
        assert site.client.get("/admin", headers=HEADER).status_code == 200
        for headers in ({}, {"X-Forwarded-User": ""}, {"X-Forwarded-Users": "grace"}):
            answer = site.client.get("/admin", headers=headers)
            assert answer.status_code == 403
            assert "WWW-Authenticate" not in answer.headers, "there is no password to ask for"
        assert site.client.get("/admin", auth=httpx.BasicAuth("", "")).status_code == 403


def test_the_overview_shows_how_things_stand(desk: Site) -> None:
    empty = desk.client.get("/admin").text
    assert "Papers: 0, issues: 0" in empty
    assert "Nobody has subscribed yet." in empty
    desk.world.drop_papers()
    desk.world.subscribe("ada@example.org", GRAPHS)
    desk.world.run()
    page = desk.client.get("/admin").text
    assert "Papers: 5, issues: 1" in page
    assert '?state=sent"><span class="state sent">sent</span></a> 1' in page
    assert '<a href="/admin/subscribers?state=active">' in page
    assert 'title="2026-11-20T12:00:00+00:00">20 Nov 12:00</time>' in page
    assert page.count("<svg") == 3
    assert page.count("<title") == 4
    assert page.count("<desc") == 3
    assert "In 30 days: 5, at most 5 on 2026-11-19." in page
    assert "In 30 days: 1 made, 1 of them sent." in page
    assert "<script" not in page


def test_the_overview_shows_how_fresh_each_source_is(desk: Site) -> None:
    desk.world.drop_papers()
    (desk.world.inbox.parent / "page.txt").write_text("milk\neggs\n", encoding="utf-8")
    flow.ingest_listings(desk.world.app)
    page = desk.client.get("/admin").text
    rows = {
        row[1]: row[0] for row in re.finditer(r'(?s)<tr><td class="named">(.*?)</td>.*?</tr>', page)
    }
    assert '<span class="state fresh">fresh</span>' in rows["inbox"]
    assert '<span class="state broken">broken</span>' in rows["page"]
    assert "page.txt" in rows["page"]


def test_tables_can_be_sorted_and_searched(desk: Site) -> None:
    for name in ("bela", "ada", "caro"):
        desk.world.subscribe(f"{name}@example.org", GRAPHS)

    def shown(query: str) -> list[str]:
        page = desk.client.get(f"/admin/subscribers{query}")
        assert page.status_code == 200
        return re.findall(r">(\w+)@example.org</a>", page.text)

    assert shown("") == ["ada", "bela", "caro"]
    assert shown("?order=address&down=1") == ["caro", "bela", "ada"]
    assert shown("?q=BEL") == ["bela"]
    assert shown("?state=paused") == []
    assert shown("?state=nonsense&order=nonsense&page=nonsense") == ["ada", "bela", "caro"]
    page = desk.client.get("/admin/subscribers?q=a&order=address").text
    assert 'aria-sort="ascending"><a href="?q=a&amp;order=address&amp;down=1">Address ↑</a>' in page


def test_an_address_is_found_however_it_is_typed(desk: Site) -> None:
    reader = desk.world.subscribe("jürgen@xn--bcher-kva.example", GRAPHS)
    desk.world.subscribe("ada@example.org", GRAPHS)
    for typed in ("jürgen", "ju\u0308r", "jürgen@bücher.example", "xn--bcher"):
        page = desk.client.get("/admin/subscribers", params={"q": typed}).text
        assert "jürgen@xn--bcher-kva.example</a>" in page
        assert "ada@" not in page
    page = desk.client.get(f"/admin/subscribers/{reader.id}").text
    assert "<h1>jürgen@xn--bcher-kva.example</h1>" in page


def test_one_subscriber_is_explained(desk: Site) -> None:
    desk.world.drop_papers()
    ada = desk.world.subscribe("ada@example.org", GRAPHS)
    desk.world.run()
    page = desk.client.get(f"/admin/subscribers/{ada.id}").text
    assert "every day at 07:00 UTC" in page
    assert "3 new papers, 0 close enough" in page
    assert '<span class="state sent">sent</span>' in page
    for unknown in ("x", "%00", "a%00b", "ada@example.org"):
        assert desk.client.get(f"/admin/subscribers/{unknown}").status_code == 404


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNCERTAIN])
def test_a_press_sends_again_and_says_what_may_happen(desk: Site, state: DeliveryState) -> None:
    fail(desk, state)
    page = desk.client.get("/admin/deliveries?state=" + state).text
    assert ("a second copy may arrive" in page) == (state is DeliveryState.UNCERTAIN)
    form = retry_form(desk)
    answer = desk.client.post("/admin/deliveries/retry", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/admin/deliveries?said=queued&state={state}",
    )
    assert "It is queued again" in desk.client.get(answer.headers["Location"]).text
    assert desk.world.books() == {DeliveryState.QUEUED: 1}
    again = desk.client.post("/admin/deliveries/retry", data=form, follow_redirects=True)
    assert "Nothing was changed" in again.text
    assert desk.world.books() == {DeliveryState.QUEUED: 1}


def test_a_source_is_held_and_released(desk: Site) -> None:
    form = {"source": "page", "form": field(desk.client.get("/admin").text, "form")}
    for action, button in (("hold", "Release"), ("hold", "Release"), ("release", "Hold for a day")):
        page = desk.client.post(f"/admin/sources/{action}", data=form, follow_redirects=True)
        assert page.status_code == 200
        assert f'type="submit">{button}</button>' in page.text
    for other in ("another", "inbox", "\x00", ""):
        answer = desk.client.post("/admin/sources/hold", data={**form, "source": other})
        assert answer.status_code == 404


@any_database
def test_only_forms_of_our_own_pages_act(desk: Site) -> None:
    fail(desk)
    right, before = retry_form(desk), flow.overview(desk.world.app).supplies
    signer, now = desk.world.app.signer, desk.world.clock.now
    for token in (
        "",
        "x",
        right["form"][:-4],
        *(signer.sign_until(purpose, "form", now + timedelta(1)) for purpose in _others()),
    ):
        for action in ACTIONS:
            answer = desk.client.post(action, data={**right, "source": "page", "form": token})
            assert answer.status_code == 403
            assert "Nothing was changed" in answer.text
    desk.world.clock.move(hours=13)
    assert desk.client.post(ACTIONS[0], data=right).status_code == 403
    assert desk.world.books() == {DeliveryState.FAILED: 1}
    assert flow.overview(desk.world.app).supplies == before


def _others() -> list[Purpose]:
    return [purpose for purpose in Purpose if purpose is not Purpose.ADMIN]


@any_database
@pytest.mark.parametrize(
    "change",
    [
        {"state": "x"},
        {"settled": "x"},
        {"state": "sent"},
        {"id": "x"},
        {"id": "\x00"},
        {"settled": ""},
        {"settled": "0001-01-01T00:00+23:00"},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(desk: Site, change: dict[str, str]) -> None:
    fail(desk)
    answer = desk.client.post(ACTIONS[0], data={**retry_form(desk), **change})
    assert answer.status_code in (303, 404)
    assert desk.world.books() == {DeliveryState.FAILED: 1}


@any_database
def test_a_form_of_megabytes_is_not_read(desk: Site) -> None:
    fail(desk)
    form = {**retry_form(desk), "more": "x" * 5_000_000}
    assert desk.client.post(ACTIONS[0], data=form).status_code == 403


@any_database
def test_looking_never_acts(desk: Site) -> None:
    fail(desk)
    for action in ACTIONS:
        assert desk.client.get(action, params=retry_form(desk)).status_code == 405
    for path in PAGES:
        assert desk.client.get(path).status_code == 200
        assert desk.client.post(path).status_code == 405
    assert desk.world.books() == {DeliveryState.FAILED: 1}


def test_hostile_text_stays_text(desk: Site) -> None:
    hostile = "<script>alert(1)</script>"
    fail(desk, error=hostile)
    desk.world.subscribe("o'brien&co@example.org", interest("graph neural networks", name=hostile))
    desk.world.drop("a<b>'&.txt", "no listing at all")
    flow.ingest_listings(desk.world.app)
    for path in (*PAGES, "/admin/subscribers?q=" + hostile, "/admin?said=" + hostile):
        page = desk.client.get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
    assert "o&#39;brien&amp;co@example.org" in desk.client.get("/admin/subscribers").text
