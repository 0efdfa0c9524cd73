"""What holds of every listing, whatever bytes it was read from."""

from datetime import date
from urllib.parse import urlsplit

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.reconcile import reconcile
from digest.model import Listing, Paper, Payload

TODAY = date(2026, 11, 20)
ADDRESS = "https://owls.example.org/list?page=1&date=2026-11-18"


def read(content: bytes, name: str = ADDRESS) -> Listing | None:
    """Return the listing that ``content`` is, after a look whether it is sound; None where it is
    refused in one sentence that names what was read. Any other exception is a bug."""
    try:
        listing = parse(Payload(name=name, content=content), today=TODAY)
    except ParseError as refusal:
        check_refusal(str(refusal), name)
        return None
    check(listing)
    return listing


def check_refusal(said: str, name: str) -> None:
    assert said.startswith(name)
    assert "\n" not in said
    said.encode()


def check(listing: Listing) -> None:
    """Assert what the store, the mails and the flows rely on."""
    assert listing.date <= TODAY
    for each in listing.announcements:
        assert each.on is None or each.on <= TODAY
        assert each.line is None or each.line > 0
        check_paper(each.paper)
    for problem in listing.problems:
        assert problem.message
        assert problem.line is None or problem.line > 0
        check_text(problem.message)
    if listing.next is not None:
        assert urlsplit(listing.next).hostname == urlsplit(listing.name).hostname
    ids = reconcile({}, listing.announcements).ids
    assert len(ids) == len(listing.announcements)


def check_paper(paper: Paper) -> None:
    assert paper.title
    assert paper.readable_title
    assert paper.keys
    assert paper.id == paper.keys[0]
    assert all(len(key) < 500 for key in paper.keys), "which PostgreSQL does not index"
    for count in (paper.comments, paper.upvotes, paper.author_count):
        assert count is None or 0 <= count < 2**31
    assert all(author.strip() for author in paper.authors)
    for line in (
        paper.title,
        paper.readable_title,
        paper.abstract,
        paper.readable_abstract,
        paper.venue or "",
        paper.tldr or "",
        *paper.keys,
        *paper.authors,
        *paper.categories,
        *(link.url for link in paper.links),
    ):
        check_text(line)
    for link in paper.links:
        assert urlsplit(link.url).scheme in ("http", "https")


def check_text(line: str) -> None:
    assert "\n" not in line
    assert "\x00" not in line, "which PostgreSQL does not take"
    line.encode()  # nor a lone surrogate
