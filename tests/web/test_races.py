"""Many presses at the same moment, through a real server: each counts once, and none gets lost."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from sqlalchemy import event

from digest import flow
from digest.model import SubscriberState
from digest.tokens import Purpose
from tests.flow.world import GRAPHS, daily
from tests.web.conftest import Site
from tests.web.test_signup import confirm_link

ADA = "ada@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def together(site: Site, posts: Sequence[tuple[str, dict[str, str]]]) -> list[httpx.Response]:
    """Post all at the same moment, each from a connection of its own."""
    gate = threading.Barrier(len(posts))
    limits = httpx.Limits(max_connections=len(posts))

    def post(link: str, fields: dict[str, str]) -> httpx.Response:
        gate.wait(30)
        return client.post(link, data=fields)

    with (
        httpx.Client(base_url=site.client.base_url, limits=limits, timeout=30) as client,
        ThreadPoolExecutor(len(posts)) as people,
    ):
        return list(people.map(post, *zip(*posts, strict=True)))


@contextmanager
def counting(site: Site, statement: str) -> Iterator[list[str]]:
    """Collect the statements that begin so."""
    seen: list[str] = []

    def note(connection: object, cursor: object, said: str, *more: object) -> None:
        if said.startswith(statement):
            seen.append(said)

    event.listen(site.world.app.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(site.world.app.engine, "before_cursor_execute", note)


def signed_up(site: Site) -> str:
    flow.sign_up(site.world.app, ADA, daily(GRAPHS))
    return confirm_link(site, ADA)


def leave_link(site: Site) -> str:
    reader = flow.find_by_email(site.world.app, ADA)
    return f"/unsubscribe/{site.world.app.signer.sign(Purpose.UNSUBSCRIBE, reader.id)}"


def state(site: Site) -> SubscriberState:
    return flow.find_by_email(site.world.app, ADA).state


def plain(answers: Sequence[httpx.Response]) -> bool:
    """Whether all were answered with 200, led nowhere and left nothing behind."""
    return all(
        answer.status_code == 200 and "location" not in answer.headers and not answer.cookies
        for answer in answers
    )


def test_thirty_two_presses_confirm_once(site: Site) -> None:
    link = signed_up(site)
    with counting(site, "UPDATE subscribers") as updates:
        answers = together(site, [(link, {})] * 32)
    assert plain(answers)
    assert len({answer.text for answer in answers}) == 1
    assert "You are subscribed" in answers[0].text
    assert len(updates) == 1
    assert state(site) is SubscriberState.ACTIVE


def test_thirty_two_one_clicks_unsubscribe(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe(ADA, GRAPHS)
    flow.ingest_listings(site.world.app)
    flow.prepare_issues(site.world.app)
    answers = together(site, [(leave_link(site), ONE_CLICK)] * 32)
    assert plain(answers)
    assert len({answer.text for answer in answers}) == 1
    assert state(site) is SubscriberState.UNSUBSCRIBED
    assert flow.deliver_issues(site.world.app).sent == 0
    assert site.world.mails() == []


def test_whoever_confirms_and_leaves_at_once_is_either_here_or_gone(site: Site) -> None:
    confirm, leave = signed_up(site), leave_link(site)
    assert plain(together(site, [(confirm, {}), (leave, ONE_CLICK)] * 16))
    assert state(site) in (SubscriberState.ACTIVE, SubscriberState.UNSUBSCRIBED)
    assert plain(together(site, [(leave, ONE_CLICK)]))
    assert plain(together(site, [(confirm, {})] * 8))
    assert state(site) is SubscriberState.UNSUBSCRIBED, "a used link brings nobody back"
