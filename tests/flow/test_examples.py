"""Papers held up as examples: which are ours, which arXiv knows, and what the others are told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from digest import flow
from digest.errors import ParseError
from digest.flow.examples import ASKED_AT_ONCE, LONGEST_LIBRARY_TEXT, LONGEST_TEXT, PATIENCE
from digest.flow.limits import LOOKUPS
from digest.model import Example
from tests.flow.world import World, open_world

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><entry>
<id>http://arxiv.org/abs/2401.00001v3</id><published>2024-01-01T00:00:00Z</published>
<updated>2024-02-01T00:00:00Z</updated><title>Kettles of $\\alpha$ Graphs</title>
<summary>We boil graph neural networks.</summary><author><name>Ada Lovelace</name></author>
</entry></feed>"""
NETWORK = "198.51.100.0/24"


@dataclass
class Arxiv:
    """A server in arXiv's place, and what it was asked."""

    url: str
    answer: bytes = ATOM.encode()
    drip: bool = False
    asked: list[list[str]] = field(default_factory=list)


@contextmanager
def open_arxiv() -> Iterator[Arxiv]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            arxiv.asked.append(parse_qs(urlsplit(self.path).query)["id_list"][0].split(","))
            self.send_response(200)
            self.end_headers()
            try:
                while arxiv.drip:
                    self.wfile.write(b" ")
                    time.sleep(0.05)
                self.wfile.write(arxiv.answer)
            except OSError:
                pass  # it was left: that is what we test

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        arxiv = Arxiv(f"http://127.0.0.1:{server.server_port}/api/query")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield arxiv
        finally:
            arxiv.drip = False
            server.shutdown()
            thread.join()


@pytest.fixture(name="arxiv")
def api() -> Iterator[Arxiv]:
    with open_arxiv() as opened:
        yield opened


@pytest.fixture
def world(database: str, tmp_path: Path, arxiv: Arxiv) -> Iterator[World]:
    """An installation that has read one feed, and looks up what it does not hold."""
    asked = {"lookup": arxiv.url, "private": ["127.0.0.1"], "pause": 0}
    with open_world(database, tmp_path, ingest=asked) as opened:
        opened.drop("feed.xml", FEED)
        flow.ingest_listings(opened.app)
        yield opened


FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Ours</title>
<entry><id>http://arxiv.org/abs/2508.13426v1</id><title>Tides of an Inland Sea</title>
<summary>Forty years of water levels.</summary><updated>2026-11-19T00:00:00Z</updated></entry>
<entry><id>http://arxiv.org/abs/cs/0112017</id><title>An Old Style</title>
<summary>Numbers had names.</summary><updated>2026-11-19T00:00:00Z</updated></entry>
<entry><id>https://doi.org/10.1234/Dull.5</id><title>Long</title>
<summary>LONG</summary><updated>2026-11-19T00:00:00Z</updated></entry></feed>""".replace(
    "LONG", "word " * 2000
)
TIDES = Example(title="Tides of an Inland Sea", text="Forty years of water levels.")

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_we_hold_is_found_under_every_name(world: World, arxiv: Arxiv) -> None:
    names = [
        "2508.13426",
        "arXiv:2508.13426v2",
        "https://arxiv.org/abs/2508.13426",
        "http://www.arxiv.org/pdf/2508.13426v1.pdf",
        "arxiv.org/html/2508.13426v1",
        "https://huggingface.co/papers/2508.13426",
        "hf.co/papers/2508.13426",
        "https://www.alphaxiv.org/abs/2508.13426",
        "10.48550/arXiv.2508.13426",
        "https://doi.org/10.48550/arXiv.2508.13426",
        "tides of an inland sea.",
    ]
    found = flow.find_examples(world.app, names)
    assert found.examples == dict.fromkeys(names, TIDES)
    old = flow.find_examples(world.app, ["cs/0112017", "arxiv.org/abs/cs/0112017v1"]).examples
    assert {each.title for each in old.values()} == {"An Old Style"}
    (by_doi,) = flow.find_examples(world.app, ["doi:10.1234/dull.5"]).examples.values()
    assert by_doi.title == "Long"
    assert LONGEST_TEXT - 10 < len(by_doi.text) <= LONGEST_TEXT
    assert arxiv.asked == []


@any_database
def test_a_title_nobody_knows_speaks_for_itself(world: World, arxiv: Arxiv) -> None:
    title = "Kettles: a Survey of 10.5 Million Years"
    found = flow.find_examples(world.app, [title], network=NETWORK)
    assert found.examples == {title: Example(title=title, text="")}
    assert not found.troubles
    assert arxiv.asked == []


@any_database
def test_what_we_do_not_hold_is_looked_up_once(world: World, arxiv: Arxiv) -> None:
    lines = ["2401.00001", "arxiv.org/abs/2401.00001v1", "2508.13426", "2401.00002"]
    assert flow.find_examples(world.app, lines).examples == {"2508.13426": TIDES}
    assert arxiv.asked == [], "the preview asks nobody"
    found = flow.find_examples(world.app, lines, network=NETWORK)
    kettles = Example(title="Kettles of α Graphs", text="We boil graph neural networks.")
    assert found.examples == dict.fromkeys(lines[:2], kettles) | {"2508.13426": TIDES}
    assert arxiv.asked == [["2401.00001", "2401.00002"]]
    assert found.troubles == {
        "2401.00002": "we do not hold 2401.00002 and arXiv knows no such paper: write the paper's "
        "title instead."
    }


@any_database
@pytest.mark.parametrize(
    "answer",
    [b"", b"garbage", b"<feed", b"<html>busy</html>", ATOM.encode() * 5000, b"\xff" * 99],
)
def test_an_answer_of_no_use_is_told(world: World, arxiv: Arxiv, answer: bytes) -> None:
    arxiv.answer = answer
    found = flow.find_examples(world.app, ["2401.00001", "A Title"], network=NETWORK)
    assert list(found.examples) == ["A Title"]
    assert "2401.00001 and arXiv did not answer: write" in found.troubles["2401.00001"]
    assert len(arxiv.asked) == 1


@any_database
def test_a_slow_answer_is_not_waited_for(world: World, arxiv: Arxiv) -> None:
    arxiv.drip = True
    began = time.monotonic()
    found = flow.find_examples(world.app, ["2401.00001"], network=NETWORK)
    assert "did not answer" in found.troubles["2401.00001"]
    assert time.monotonic() - began < 5 * PATIENCE


@any_database
def test_nobody_is_asked_where_that_is_switched_off(world: World, arxiv: Arxiv) -> None:
    app = replace(world.app, lookup=None)
    lines = ["2401.00001", "10.5555/x", "https://openreview.net/forum?id=aB1", "www.example.org/x"]
    found = flow.find_examples(app, lines, network=NETWORK)
    assert found.troubles["2401.00001"] == (
        "we do not hold 2401.00001: write the paper's title instead."
    )
    assert list(found.troubles) == lines
    assert arxiv.asked == []


@any_database
def test_only_so_much_is_asked(world: World, arxiv: Arxiv) -> None:
    many = [f"2402.{number:05}" for number in range(ASKED_AT_ONCE + 2)]
    found = flow.find_examples(world.app, many, network=NETWORK)
    assert [len(each) for each in arxiv.asked] == [ASKED_AT_ONCE]
    assert "look up only 10 at once" in found.troubles[many[-1]]
    for _ in range(LOOKUPS.amount + 3):
        found = flow.find_examples(world.app, ["2401.00002"], network=NETWORK)
    assert len(arxiv.asked) == LOOKUPS.amount
    assert "too much was looked up" in found.troubles["2401.00002"]
    assert flow.admit(world.app, NETWORK), "mail is counted apart"


def test_a_library_is_given_our_abstracts(world: World) -> None:
    content = (
        b"@misc{a, title={Tides}, eprint={2508.13426}}\n@misc{b, title={Other}, abstract={%s}}"
    )
    read = flow.read_library(world.app, "my.bib", content % (b"long " * 400))
    assert (read.held, read.unread) == (2, 0)
    tides, other = read.examples
    assert tides == Example(title="Tides", text=TIDES.text, library="my.bib")
    assert LONGEST_LIBRARY_TEXT - 10 < len(other.text) <= LONGEST_LIBRARY_TEXT
    with pytest.raises(ParseError, match=r"^my\.bib, line 1: this is no library"):
        flow.read_library(world.app, "my.bib", b"Dear diary")
