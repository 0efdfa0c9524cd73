"""The nouns of paper-digest: frozen values and closed sets.

Everything here is a plain value: standard library only, no clock, no I/O. Rooms exchange these
values and nothing else; ``docs/glossary.md`` says what each word means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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


class Cadence(StrEnum):
    """How often a subscriber receives issues; ``DAYS`` are the weekdays they chose."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    DAYS = "days"
    WEEKLY = "weekly"


class WhenEmpty(StrEnum):
    """What a subscriber wants when no paper qualifies: nothing, or one honest sentence."""

    SKIP = "skip"
    NOTE = "note"


class SubscriberState(StrEnum):
    """Where a subscriber stands; only ``ACTIVE`` ones are ever due."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class DeliveryState(StrEnum):
    """The states of a delivery; ``docs/architecture.md`` draws the arrows."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"


class ReasonKind(StrEnum):
    """What made a paper match: its words, its author, its category."""

    TERMS = "terms"
    AUTHOR = "author"
    CATEGORY = "category"


class OutcomeKind(StrEnum):
    """What became of one attempt to hand a message over (see ``deliver/policy.py``)."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # 4xx, or the connection broke before the final dot: not sent
    REJECTED = "rejected"  # 5xx for this message or mailbox: never
    NO_MAILBOX = "no-mailbox"  # 5.1.x at RCPT: the address does not exist
    POLICY = "policy"  # 5.7.x or authentication: the relay refuses us, not the recipient
    BUSY = "busy"  # 421 or no connection: the relay asks us to come back
    UNKNOWN = "unknown"  # the connection broke after the final dot: accepted or not, nobody knows


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
    ``author_count`` counts the authors where the listing gives no names.
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
    comments: int | None = None
    upvotes: int | None = None
    links: tuple[Link, ...] = ()
    announced_on: date | None = None  # the earliest listing it stood in; set by the store

    def __hash__(self) -> int:
        """Equal papers have equal ids; hashing all of a paper at every look-up is slow."""
        return hash(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One paper's appearance in a listing; ``line`` is where its title stands (from 1)."""

    paper: Paper
    kind: AnnouncementKind = AnnouncementKind.NEW
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a listing that could not be read: where, what, and what to do about it."""

    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one source announced on one day, in page order.

    ``date`` is the listing's own date, or the day of ingestion where it states none.
    """

    name: str
    date: date
    announcements: tuple[Announcement, ...]
    problems: tuple[Problem, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One named wish of a subscriber.

    ``text`` is free prose and ``keywords`` are words or phrases: both are scored. ``must`` are
    conditions that all have to hold, each a word or phrase, alternatives within one separated by
    ``|``. A paper that contains any of ``exclude`` is never shown for this interest. ``authors``
    are followed: their papers match whatever they are about. ``categories`` such as ``cs.LG``
    restrict the interest to papers in them (papers without categories pass). ``weight`` is how
    much of an issue this interest may claim against the others.
    """

    name: str
    text: str = ""
    keywords: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All interests of one subscriber, in the subscriber's order."""

    interests: tuple[Interest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a subscriber's issues are due, on the clock of ``timezone`` (an IANA name).

    ``weekdays`` count from Monday = 0; ``DAYS`` uses all of them, ``WEEKLY`` only the first.
    """

    cadence: Cadence = Cadence.WEEKDAYS
    weekdays: tuple[int, ...] = (0,)
    hour: int = 7
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """All that a subscriber can ask for: profile, schedule, issue size, and quiet days."""

    profile: Profile
    schedule: Schedule = field(default_factory=Schedule)
    size: int = 10
    when_empty: WhenEmpty = WhenEmpty.SKIP


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person who asked for issues. ``due_at`` is when the next one is due (aware, UTC)."""

    id: str
    email: str
    state: SubscriberState
    wishes: Wishes
    created_at: datetime
    due_at: datetime
    last_issue_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a paper was chosen, in words the subscriber accepts.

    ``words`` are the matched terms as they stand in the paper, most telling first (for
    ``TERMS``), the followed author's name (``AUTHOR``) or the category (``CATEGORY``).
    """

    kind: ReasonKind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A paper chosen for one interest. ``score`` is comparable between interests (0 to 1)."""

    paper: Paper
    interest: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What matching decided for one subscriber, and the counts that explain it.

    ``candidates`` were looked at, ``above_floor`` of them qualified, ``matches`` were chosen;
    ``near_miss`` is the best paper below the floor, for the note on a quiet day.
    """

    matches: tuple[Match, ...]
    candidates: int
    above_floor: int
    near_miss: Match | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One subscriber's digest for one date on the subscriber's calendar."""

    id: str
    subscriber_id: str
    date: date
    selection: Selection
    created_at: datetime
    next_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who issues come from.

    ``domain`` names Message-IDs and the list. ``bounces`` is the mailbox that takes returned mail:
    each envelope sender is it with ``+`` and the issue's id (VERP); without it, ``address``.
    ``postal`` is the operator's postal line.
    """

    name: str
    address: str
    domain: str
    reply_to: str | None = None
    bounces: str | None = None
    postal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The signed links of one issue; ``None`` where this installation serves no such page."""

    unsubscribe: str | None = None
    view: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered issue before anyone tries to send it. ``composed_at`` is when the issue was made,
    so that composing the same issue again gives the same bytes."""

    issue_id: str
    sender: Sender
    recipient: str
    subject: str
    text: str
    html: str
    composed_at: datetime
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message as it goes over the wire: RFC 5321 sender and recipient, RFC 5322 bytes (CRLF)."""

    issue_id: str
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The attempt to put one issue in one mailbox. ``token`` fences every write after a claim."""

    id: str
    issue_id: str
    subscriber_id: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    expires_at: datetime
    token: str | None = None
    error: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The answer to one attempt: ``reply`` is the server's own words, ``code`` its SMTP code."""

    kind: OutcomeKind
    reply: str = ""
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is to be recorded of one attempt. ``due_at`` is set when it is ``QUEUED`` again.

    ``counts`` is false when the attempt is not the recipient's fault (421: the relay was busy).
    """

    delivery_id: str
    token: str
    state: DeliveryState
    due_at: datetime | None = None
    error: str | None = None
    counts: bool = True


Books = Mapping[DeliveryState, int]
