"""RSS, Atom and RDF feeds of any journal or archive, read with feedparser."""

import re
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from itertools import islice
from typing import Any, Final, NamedTuple

import feedparser

from digest.errors import ParseError
from digest.ingest.arxiv import next_page, read_authors, without_errors
from digest.ingest.identity import arxiv_id, doi, make_paper
from digest.ingest.markup import plain
from digest.ingest.text import LONGEST, decode, fold
from digest.model import (
    Announcement,
    AnnouncementKind,
    Link,
    LinkRel,
    Listing,
    Paper,
    Payload,
    Problem,
)

_FEED: Final = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:\?xml|rss|feed|rdf:RDF)\b", re.DOTALL)
_DOCTYPE: Final = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!doctype", re.IGNORECASE | re.DOTALL)
# feedparser looks for e-mail addresses in names, in time quadratic in the longest word.
_ENDLESS_WORD: Final = re.compile(r"(?<![\w.+-])[\w.+-]{5000}")
# It compares the attributes of a tag with each other, in quadratic time.
_ENDLESS_TAG: Final = re.compile(r"<[^<>]{5000}")
# What feedparser raises, instead of saying that a feed is broken, where elements have the names of
# its own fields, close what is not open, or are in an encoding whose name is none.
_STUMBLES: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_ENTRY: Final = re.compile(rb"<(?:\w{1,20}:)?(?:entry|item)[\s/>]")
_TAG: Final = re.compile(rb"<|=[\"']")  # or an attribute
_TAGS: Final = 120_000  # of both; 2,000 entries with six authors each have 110,000
_ENDS: Final = (b"</entry>", b"</item>")
_MOST: Final = 5_000  # entries; arXiv's API gives 2,000 at most, and feedparser takes its time
_ANCHOR: Final = re.compile(r"<a\b[^<>]*>([^<]*)</a>", re.IGNORECASE)

# "Measurement of Spin. (arXiv:1805.08875v1 [hep-ex] CROSS LISTED)": arXiv's feeds until 2024
_OLD_TITLE: Final = re.compile(
    r"\.?\s*\((?P<id>arXiv:[^\s()]+)\s+\[(?P<category>[\w.-]+)\](?P<kind>[A-Z ]*)\)$"
)
# "arXiv:2508.13426v1 Announce Type: cross Abstract: …": arXiv's feeds since 2024
_PREAMBLE: Final = re.compile(
    r"^(?P<id>arXiv:\S+)\s+Announce Type:\s*(?P<kind>[\w-]+)\s*(?:Abstract:\s*)?"
)
_ANNOUNCED: Final = "arxiv_announce_type"  # only arXiv's own feeds say so
_VENUES: Final = ("arxiv_journal_ref", "arxiv_journal_reference", "prism_publicationname")
_NEXT_NAME: Final = re.compile(r",\s+(?:and\s+)?(?!(?:Jr|Sr|I{1,3}|IV)\b)|\s+and\s+")
# "Lovelace, A., Noether, E. A.": bioRxiv's feeds
_INVERTED: Final = re.compile(r"([^,]+), ((?:\w\.[ -]?)+)(?:, |$)")
_ALL_INVERTED: Final = re.compile(rf"(?:{_INVERTED.pattern})+")

_Entry = Mapping[str, Any]


def looks_like_feed(text: str) -> bool:
    """Say whether ``text`` begins as RSS, Atom or RDF does."""
    return _FEED.match(text) is not None


def parse_feed(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing a feed announces.

    Its date is ``on``, or else the day the feed itself states, or else that of its newest entry,
    or else ``today``; never a day after ``today``. A feed of arXiv's that is built anew may hold
    the papers of the day before: it has the day they were announced. An entry without a title is
    a problem; one without an abstract is not (journals often give none). Of a feed that is not
    well-formed what can be read is kept, and the break is reported.

    Raises ParseError when there is no feed, when arXiv's API answers with an error, or when it is
    made to keep us busy for ever.
    """
    _refuse_traps(payload)
    shortened = _shortened(payload)
    feed = _load(payload.name, payload.content if shortened is None else shortened)
    entries, refused = without_errors(payload.name, [dict(entry) for entry in feed.entries])
    if not feed.entries and (feed.bozo or not feed.version):
        raise ParseError(
            payload.name, f"this is no RSS or Atom feed{_break(feed)}.", _break_line(feed)
        )
    announced = [_announcement(entry) for entry in entries]
    next, missing = next_page(payload.name, dict(feed.feed), entries, today=today)
    return Listing(
        name=payload.name,
        date=min(on or _date(dict(feed.feed), entries) or today, today),
        announcements=tuple(paper for paper in announced if paper is not None),
        problems=(*_problems(feed, announced), *refused, *missing, *_rest(shortened)),
        next=next,
    )


def _shortened(payload: Payload) -> bytes | None:
    """Return a feed of endlessly many entries or tags without those after the first; else None.
    It is shortened before it is parsed, which is what takes long."""
    content = payload.content
    begun = [entry.start() for entry in islice(_ENTRY.finditer(content), _MOST + 1)]
    last = next((tag.start() for tag in islice(_TAG.finditer(content), _TAGS, None)), len(content))
    fitting = bisect_right(begun, last) - 1 if last < len(content) else len(begun)
    if fitting == len(begun) <= _MOST:
        return None
    after = begun[min(fitting, _MOST)] if fitting > 0 else 0
    end = max(content.rfind(tag) + len(tag) for tag in _ENDS)
    shortened = content[:after] + (content[end:] if end > after else b"")
    if not after or next(islice(_TAG.finditer(shortened), _TAGS + _MOST, None), None):
        raise ParseError(
            payload.name,
            f"the feed has more than {_TAGS:,} tags and attributes around few entries, which is "
            "not safe to read: ask its publisher for a shorter one.",
        )
    return shortened


def _rest(shortened: bytes | None) -> Iterator[Problem]:
    if shortened is not None:
        yield Problem(
            message=f"the feed is too long: what stands in its first {_MOST:,} entries and "
            f"{_TAGS:,} tags and attributes was read, the rest left out. Ask for fewer at once."
        )


def _load(name: str, content: bytes) -> Any:
    # Bytes in a stream: given a string, feedparser would take it for an address or a file name.
    # Neither option may read the fields as HTML, which loses what stands in "$a<b$ and $c>d$".
    try:
        return feedparser.parse(BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    except _STUMBLES as error:
        raise ParseError(
            name,
            f"the feed is too broken to be read ({type(error).__name__}): fetch it again.",
        ) from error


def _refuse_traps(payload: Payload) -> None:
    text = decode(payload)
    if _DOCTYPE.match(text):  # its entities can multiply without bound, and no feed needs them
        raise ParseError(
            payload.name,
            "the feed declares a document type, which is not safe to read: ask its publisher for "
            "RSS or Atom without <!DOCTYPE>.",
        )
    if _ENDLESS_TAG.search(text):
        raise ParseError(
            payload.name,
            "the feed has a tag of 5,000 letters or more, which is not safe to read: ask its "
            "publisher to leave it out.",
        )
    if _ENDLESS_WORD.search(text):
        raise ParseError(
            payload.name,
            "the feed has a word of 5,000 letters or more, which is not safe to read: ask its "
            "publisher to leave it out.",
        )


def _problems(feed: Any, announced: Iterable[Announcement | None]) -> Iterator[Problem]:
    if feed.bozo and _break_line(feed):
        yield Problem(
            message=f"the feed is broken{_break(feed)}; what could be read is kept, but entries "
            "may be missing or cut: fetch it again.",
            line=_break_line(feed),
            cut=True,
        )
    for number, announcement in enumerate(announced, start=1):
        if announcement is None:
            yield Problem(message=f"entry {number} has no title and was left out.")


def _break(feed: Any) -> str:
    message = getattr(feed.get("bozo_exception"), "getMessage", None)
    return f" ({message()})" if message else ""


def _break_line(feed: Any) -> int | None:
    """Where the XML breaks; None for the harmless things feedparser also calls bozo."""
    line = getattr(feed.get("bozo_exception"), "getLineNumber", None)
    return line() if line else None


class _Words(NamedTuple):
    """Title and abstract without what arXiv puts around them, and what that said."""

    title: str
    abstract: str
    id: str = ""
    kind: str = ""
    category: str = ""


def _words(entry: _Entry) -> _Words:
    title, abstract = _text(entry, "title"), _text(entry, "summary")
    if old := _OLD_TITLE.search(title):
        return _Words(title[: old.start()], abstract, **old.groupdict())
    if new := _PREAMBLE.match(abstract):
        return _Words(title, abstract[new.end() :], **new.groupdict())
    return _Words(title, abstract)


def _announcement(entry: _Entry) -> Announcement | None:
    words = _words(entry)
    if not words.title:
        return None
    return Announcement(
        paper=_paper(entry, words), kind=_kind(_string(entry, _ANNOUNCED) or words.kind)
    )


def _kind(said: str) -> AnnouncementKind:
    """``cross``, ``CROSS LISTED``; ``replace``, ``replace-cross``, ``UPDATED``; else new."""
    words = said.lower()
    if "replace" in words or "updated" in words:
        return AnnouncementKind.REPLACE
    return AnnouncementKind.CROSS if "cross" in words else AnnouncementKind.NEW


def _paper(entry: _Entry, words: _Words) -> Paper:
    names = [words.id, *_strings(entry, "id", "link")]
    registered = [*_strings(entry, "prism_doi", "arxiv_doi", "dc_identifier"), *names]
    return make_paper(
        title=words.title,
        abstract=words.abstract,
        arxiv_id=next(filter(None, map(arxiv_id, names)), None),
        doi=next(filter(None, map(doi, registered)), None),
        authors=_authors(entry),
        submitted_on=_submitted(entry),
        categories=_categories(entry) or [words.category],
        venue=next(iter(_strings(entry, *_VENUES)), None),
        links=list(_links(entry)),
    )


def _submitted(entry: _Entry) -> date | None:
    """Atom says when an entry first appeared, but RSS and arXiv's when it was announced."""
    said = {"published", "updated"} <= entry.keys() and _ANNOUNCED not in entry
    return _day(_string(entry, "published")) if said else None


def _categories(entry: _Entry) -> list[str]:
    return [fold(tag["term"]) for tag in _records(entry, "tags") if tag.get("term")]


def _strings(entry: _Entry, *names: str) -> list[str]:
    return [said for name in names if (said := _string(entry, name))]


def _string(entry: _Entry, name: str) -> str:
    """The field, if feedparser made text of it; elements can have any name, also its own."""
    said = entry.get(name)
    return said if isinstance(said, str) else ""


def _records(entry: _Entry, name: str) -> list[_Entry]:
    said = entry.get(name)
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def _text(entry: _Entry, name: str) -> str:
    """The field on one line; feedparser's guess decides whether it is markup."""
    detail, value = entry.get(f"{name}_detail"), _string(entry, name)
    is_markup = isinstance(detail, dict) and "html" in (detail.get("type") or "")
    return plain(value) if is_markup else fold(value[:LONGEST])


def _authors(entry: _Entry) -> list[str]:
    names = [str(author.get("name") or "") for author in _records(entry, "authors")]
    if len(names) == 1:
        split = read_authors if _ANNOUNCED in entry else _split
        names = _ANCHOR.findall(names[0]) or split(plain(names[0]))
    return [name for name in map(plain, names) if name]


def _split(names: str) -> list[str]:
    """One creator may hold all names; ``Lovelace, Ada`` is one all the same."""
    if _ALL_INVERTED.fullmatch(names):
        return [f"{given.strip()} {family.strip()}" for family, given in _INVERTED.findall(names)]
    parts = _NEXT_NAME.split(names)
    return parts if len(parts) > 2 or all(" " in part.strip() for part in parts) else [names]


def _links(entry: _Entry) -> Iterator[Link]:
    for link in _records(entry, "links"):
        url, rel = fold(link.get("href", "")), link.get("rel", "alternate")
        if link.get("type") == "application/pdf":
            yield Link(rel=LinkRel.PDF, url=url)
        elif rel == "alternate":
            yield Link(rel=LinkRel.ABSTRACT, url=url)


def _date(feed: _Entry, entries: Sequence[_Entry]) -> date | None:
    announced = [entry for entry in entries if _ANNOUNCED in entry]
    return (
        _newest(announced, "published")
        or _stated(feed, "updated", "published")
        or _newest(entries, "updated", "published")
    )


def _newest(entries: Iterable[_Entry], *names: str) -> date | None:
    return max(filter(None, (_stated(entry, *names) for entry in entries)), default=None)


def _stated(entry: _Entry, *names: str) -> date | None:
    days = (_day(_string(entry, name), entry.get(f"{name}_parsed")) for name in names)
    return next(filter(None, days), None)


def _day(written: str, parsed: Any = None) -> date | None:
    """The day as written, in the feed's own zone; feedparser's reading (UTC) for odd spellings."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, OverflowError, TypeError):
            return read(written.strip()).date()
    return date(*parsed[:3]) if isinstance(parsed, time.struct_time) else None
