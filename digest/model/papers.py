"""Papers, and how sources announce them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class AnnouncementKind(StrEnum):
    """How a paper appears in a listing (the words of arXiv's listing mail)."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"


class LinkRel(StrEnum):
    """What a link of a paper leads to."""

    ABSTRACT = "abstract"
    PDF = "pdf"
    CODE = "code"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One http(s) address of a paper and what it leads to."""

    rel: LinkRel
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One work in its latest known version.

    ``id`` names the work, never the version: the first of ``keys`` it was known by, such as
    ``arxiv:2508.13426``, ``doi:10.1101/2024.01.01`` or ``title:`` and a hash. ``title`` and
    ``abstract`` are as announced (LaTeX kept, white space folded to single blanks);
    ``readable_title`` and ``readable_abstract`` are the same in readable Unicode.
    ``author_count`` counts the authors where the listing gives no names. ``tldr`` is the one
    sentence (readable) in which the source itself sums the paper up.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    readable_title: str
    abstract: str
    readable_abstract: str
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    submitted_on: date | None = None
    categories: tuple[str, ...] = ()
    venue: str | None = None
    tldr: str | None = None
    comments: int | None = None
    upvotes: int | None = None
    links: tuple[Link, ...] = ()
    announced_on: date | None = None  # the earliest listing it stood in; set by the store

    def __hash__(self) -> int:
        """Equal papers have equal ids; hashing all of a paper at every look-up is slow."""
        return hash(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One paper's appearance in a listing; ``line`` is where its title stands (from 1).

    ``on`` is its day where a listing spans several, such as a week's.
    """

    paper: Paper
    kind: AnnouncementKind = AnnouncementKind.NEW
    line: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a listing that could not be read: where, what, and what to do about it.

    ``cut`` where it costs not an entry but the rest of the listing, or nobody knows how much.
    """

    message: str
    line: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one source announced on one day, in page order.

    ``date`` is the listing's own date, or the day of ingestion where it states none. ``next``
    is the http(s) address of the page that continues it, where there is one.
    """

    name: str
    date: date
    announcements: tuple[Announcement, ...]
    problems: tuple[Problem, ...] = ()
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """The cache validators of an HTTP answer (RFC 9110 section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes a source gave, before anyone tried to read them; ``name`` is a file name or URL."""

    name: str
    content: bytes
    content_type: str | None = None
    validators: Validators = field(default_factory=Validators)
