from datetime import date
from pathlib import Path

import pytest

from digest.errors import ParseError
from digest.ingest import parse, read_file
from digest.ingest.parse import recognise
from digest.ingest.text import decode
from digest.model import Payload

TODAY = date(2026, 11, 20)
FEED = Path(__file__).parent / "data" / "feed" / "journal.rss"
DUMP = """new

Get trending papers in your email inbox!

Subscribe

Daily Papers

byAK and the research community

Nov 18

Sparse Owls: Routing by Night

We present an owl that routes messages by night. It finds its way where others need a light.

Dense Bats

We present a bat. It hangs, and while it hangs it computes what no owl has computed before it.
"""


def payload(text: str, name: str = "something") -> Payload:
    return Payload(name=name, content=text.encode())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('<?xml version="1.0"?><rss/>', "feed"),
        ("\ufeff\n<rss version='2.0'/>", "feed"),
        ("<!-- made by hand -->\n<feed/>", "feed"),
        ("<rdf:RDF/>", "feed"),
        (DUMP, "dump"),
    ],
)
def test_kinds_are_recognised_by_content(text: str, kind: str) -> None:
    assert recognise(decode(payload(text))) == kind


def test_a_misleading_name_changes_nothing() -> None:
    listing = parse(payload(DUMP, name="owls.rss"), today=TODAY)
    assert [announcement.paper.title for announcement in listing.announcements] == [
        "Sparse Owls: Routing by Night",
        "Dense Bats",
    ]
    assert (listing.name, listing.date) == ("owls.rss", date(2026, 11, 18))


def test_a_given_date_reaches_every_parser() -> None:
    for source in (payload(DUMP), read_file(FEED)):
        assert parse(source, today=TODAY, on=date(2026, 1, 2)).date == date(2026, 1, 2)


@pytest.mark.parametrize("text", ["A shopping list: milk.", '{"json": 1}', "<html></html>"])
def test_what_is_no_listing_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(
        ParseError, match=r"^something, line 1: this is no listing paper-digest can read: expected"
    ):
        parse(payload(text), today=TODAY)


def test_an_empty_and_a_binary_file_are_refused() -> None:
    for content in (b"", b"%PDF-1.7"):
        with pytest.raises(ParseError, match=r"^something, line 1: the file is"):
            parse(Payload(name="something", content=content), today=TODAY)
