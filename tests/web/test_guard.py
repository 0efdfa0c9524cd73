"""Headers, hosts, secrets and time: what holds for every page."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from digest import flow
from digest.app import App
from digest.model import SubscriberState
from digest.tokens import Purpose, Signer
from digest.web import limits
from tests.deliver.servers import HOST
from tests.flow.world import GRAPHS, text_of
from tests.web.conftest import Site, serving

SECRET = "a secret for the tests"

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@contextmanager
def served(app: App) -> Iterator[httpx.Client]:
    """A client of another process over the same store."""
    with (
        socket.create_server((HOST, 0)) as listener,
        serving(app, listener),
        httpx.Client(base_url=f"http://{HOST}:{listener.getsockname()[1]}") as client,
    ):
        yield client


@any_database
def test_an_issue_brings_its_own_style_and_no_script(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    site.world.run()
    found = re.search(r"http://\S+/issues/\S+", text_of(site.world.mails()[0]))
    assert found
    policy = site.client.get(found[0]).headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline';" in policy
    assert "script" not in policy


@any_database
def test_mails_and_pages_lead_to_us_whatever_a_request_calls_us(site: Site) -> None:
    reader = site.world.subscribe("ada@example.org", GRAPHS)
    elsewhere = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    site.client.post("/link", data={"email": reader.email}, headers=elsewhere)
    flow.deliver_issues(site.world.app)
    (letter,) = site.world.mails()
    assert str(site.client.base_url).rstrip("/") in text_of(letter)
    assert "evil.example" not in letter.as_string()
    signer = site.world.app.signer
    for path in (
        "/",
        f"/profile/{signer.sign(Purpose.PROFILE, reader.id)}",
        f"/feed/{signer.sign(Purpose.FEED, reader.id)}",
    ):
        answer = site.client.get(path, headers=elsewhere)
        assert answer.status_code == 200
        assert "evil.example" not in answer.text


@any_database
def test_links_of_any_age_leave_and_those_of_a_lost_secret_do_nothing(site: Site) -> None:
    reader = site.world.subscribe("ada@example.org", GRAPHS)
    old = Signer("the secret of years ago").sign(Purpose.UNSUBSCRIBE, reader.id)
    new = site.world.app.signer.sign(Purpose.UNSUBSCRIBE, reader.id)
    site.world.clock.move(days=3650)
    assert site.client.post(f"/unsubscribe/{old}").status_code == 404
    app = replace(site.world.app, signer=Signer(("new", SECRET, "the secret of years ago")))
    with served(app) as client:
        assert client.post(f"/unsubscribe/{old}").status_code == 200
        assert client.get(f"/unsubscribe/{new}").status_code == 200
    assert flow.find_by_email(app, reader.email).state is SubscriberState.UNSUBSCRIBED


@any_database
def test_on_https_browsers_are_told_to_stay_there(site: Site) -> None:
    app = replace(site.world.app, web_url="https://digest.example.org")
    with served(app) as client:
        answer = client.get("/nowhere")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@any_database
@pytest.mark.parametrize("path", ["/", "/link", "/preview"])
def test_a_form_that_never_ends_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(limits, "_MOST_SECONDS", 0.2)

    def drops() -> Iterator[bytes]:
        yield b"email="
        time.sleep(1)
        yield b"ada"

    assert site.client.post(path, content=drops()).status_code == 408
