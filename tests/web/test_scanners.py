"""Mail scanners follow every link of every mail, in every way; nothing in the store may move."""

import html
import itertools
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import httpx
from sqlalchemy import select

from digest import flow, store
from digest.model import WhenEmpty
from digest.store.schema import metadata
from tests.flow.world import GRAPHS, VELLUM, daily, text_of
from tests.web.conftest import Site

_ADDRESS = re.compile(r'https?://[^\s"\'<>]+')
_HREF = re.compile(r'(?:href|src|action)="(/[^"]*)"')
_WAYS = ("GET", "HEAD", "OPTIONS", "GET")


def live(site: Site) -> list[EmailMessage]:
    """Let two readers come, read, vote, pause and leave; return every mail there was."""
    app, world = site.world.app, site.world
    world.drop_papers()
    flow.sign_up(app, "ada@example.org", daily(GRAPHS))
    flow.sign_up(app, "bela@example.org", daily(VELLUM, when_empty=WhenEmpty.NOTE))
    world.run()
    for address in sorted(set(itertools.chain(*map(addresses, world.mails())))):
        assert flow.confirm(app, address.rpartition("/")[2]) is not None
    flow.sign_up(app, "cleo@example.org", daily(GRAPHS))  # does not confirm
    world.clock.move(days=1)
    flow.request_link(app, "ada@example.org")
    world.run()
    return world.mails()


def addresses(mail: EmailMessage) -> set[str]:
    """Return every address in a mail: in its headers, its text and its HTML."""
    page = mail.get_body(("html",))
    assert page is not None
    headers = " ".join(str(value) for value in mail.values())
    whole = " ".join((headers, text_of(mail), html.unescape(page.get_content())))
    return {found for found in _ADDRESS.findall(whole) if "127.0.0.1" in found}


def rows(site: Site) -> dict[str, list[str]]:
    """Return all that is stored, table by table."""
    with store.reading(site.world.app.engine) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def scan(client: httpx.Client, links: Iterable[str]) -> list[httpx.Response]:
    """Ask for everything at once, in every way, with and without a query."""
    asked = [(way, link + query) for link in links for query in ("", "?x=1") for way in _WAYS]
    with ThreadPoolExecutor(8) as scanners:
        return list(scanners.map(lambda each: client.request(*each), asked))


def test_scanners_change_nothing(site: Site) -> None:
    mails = live(site)
    links = set(itertools.chain(*map(addresses, mails)))
    kinds = {link.split("/")[3] for link in links}
    assert kinds == {"confirm", "profile", "unsubscribe", "issues", "vote"}
    before = rows(site)
    answers = scan(site.client, links)
    assert {answer.status_code for answer in answers} == {200, 405}
    further = {path for answer in answers for path in _HREF.findall(answer.text)}
    assert any(path.endswith("/delete") for path in further)
    answers += scan(site.client, further)
    assert {answer.status_code for answer in answers} == {200, 405}
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert rows(site) == before
    (confirm,) = addresses(site.world.mails("cleo@example.org")[0])
    site.client.post(confirm)
    assert rows(site) != before, "a press is seen"
