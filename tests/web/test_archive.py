"""The archive page and the personal feed, read back by a feed reader's own library."""

from datetime import datetime
from urllib.parse import urlsplit

import feedparser
import pytest

from digest import flow
from digest.model import Subscriber
from digest.tokens import Purpose
from tests.build import interest
from tests.web.conftest import Site

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HOSTILE = interest("graph neural networks", name="<b>Graphs</b> & \x0b\x1f 'more'")


@pytest.fixture
def reader(site: Site) -> Subscriber:
    """A reader who got one issue."""
    site.world.drop_papers()
    reader = site.world.subscribe("ada@example.org", HOSTILE)
    assert site.world.run().sent == 1
    return reader


def address(site: Site, reader: Subscriber, room: str, purpose: Purpose) -> str:
    return f"/{room}/{site.world.app.signer.sign(purpose, reader.id)}"


def archive(site: Site, reader: Subscriber) -> str:
    return address(site, reader, "archive", Purpose.PROFILE)


def feed(site: Site, reader: Subscriber) -> str:
    return address(site, reader, "feed", Purpose.FEED)


def test_the_archive_leads_to_the_issues_and_the_feed(site: Site, reader: Subscriber) -> None:
    page = site.client.get(archive(site, reader))
    assert page.status_code == 200
    assert "2 papers · &lt;b&gt;Graphs&lt;/b&gt; &amp; &#39;more&#39; · Fri 20 Nov" in page.text
    assert '<time datetime="2026-11-20">' in page.text
    view = page.text.partition('href="/issues/')[2].partition('"')[0]
    assert "Message Passing on Sparse Graphs" in site.client.get(f"/issues/{view}").text
    assert feed(site, reader) in page.text


@any_database
def test_an_archive_without_issues_says_so(site: Site) -> None:
    newcomer = site.world.subscribe("bela@example.org", HOSTILE)
    assert "No issue yet" in site.client.get(archive(site, newcomer)).text
    assert feedparser.parse(site.client.get(feed(site, newcomer)).content).entries == []


def test_a_feed_reader_reads_the_feed(site: Site, reader: Subscriber) -> None:
    answer = site.client.get(feed(site, reader))
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    read = feedparser.parse(answer.content)
    assert (read.bozo, read.version) == (False, "atom10")
    assert read.feed.id == f"tag:example.org,2026-11-20:archive/{reader.id}"
    assert urlsplit(read.feed.links[0].href).path == feed(site, reader)
    (entry,) = read.entries
    assert entry.title_detail.type == "text/plain"
    assert "2 papers · <b>Graphs</b> & 'more'" in entry.title
    assert entry.id.startswith("tag:example.org,2026-11-20:issue/")
    assert datetime.fromisoformat(entry.updated) == site.world.clock.now
    assert "links" not in entry or not entry.links, "an issue in the browser can change things"
    for room in ("/issues/", "/profile/", "/unsubscribe/"):
        assert room not in answer.text
    (content,) = entry.content
    assert content.type == "text/html"
    assert "<h2>&lt;b&gt;Graphs&lt;/b&gt; &amp; 'more'</h2>" in content.value
    assert "Message Passing on Sparse Graphs</a></h3>" in content.value
    assert "<p>Why: Graph neural networks" in content.value


def test_a_feed_names_its_entries_for_ever(site: Site, reader: Subscriber) -> None:
    before = site.client.get(feed(site, reader)).text
    site.world.clock.move(days=3)
    assert site.client.get(feed(site, reader)).text == before


def test_an_address_opens_only_what_it_was_signed_for(site: Site, reader: Subscriber) -> None:
    for room, own in (("archive", Purpose.PROFILE), ("feed", Purpose.FEED)):
        for purpose in Purpose:
            answer = site.client.get(address(site, reader, room, purpose))
            assert answer.status_code == (200 if purpose is own else 404)
        right = address(site, reader, room, own)
        for wrong in (right[:-5], right + "A", f"/{room}/x", f"/{room}/%00", f"/{room}/é"):
            answer = site.client.get(wrong)
            assert answer.status_code == 404
            assert "ada@" not in answer.text


@any_database
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_past_is_only_read(site: Site, reader: Subscriber, method: str) -> None:
    for url in (archive(site, reader), feed(site, reader)):
        assert site.client.request(method, url).status_code == 405


def test_the_erased_have_no_past(site: Site, reader: Subscriber) -> None:
    flow.erase(site.world.app, reader)
    assert site.client.get(archive(site, reader)).status_code == 404
    assert site.client.get(feed(site, reader)).status_code == 404
