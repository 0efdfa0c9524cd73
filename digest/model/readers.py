"""The people who asked for issues, and what they asked for."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

# Languages dates can be written in (BCP 47). The first is what everything else is written in.
LANGUAGES = (
    "en", "ar", "bn", "cs", "da", "de", "el", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it",
    "ja", "ko", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi",
    "zh-Hans", "zh-Hant",
)  # fmt: skip


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


class Amount(StrEnum):
    """How much a subscriber wants of what comes close: fewer papers that come closer, or more."""

    FEWER = "fewer"
    NORMAL = "normal"
    MORE = "more"


class Slot(StrEnum):
    """What an issue may hold beside the papers that matter: one a little outside the interests, and
    one that the community read most."""

    EXPLORE = "explore"
    MOST_READ = "most-read"


class SubscriberState(StrEnum):
    """Where a subscriber stands; only ``ACTIVE`` ones are ever due."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class VoteKind(StrEnum):
    """What a reader said of a paper: more like this, or less like this."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A paper held up as an example of what an interest means, or does not mean.

    ``title`` and ``text`` (its abstract) are readable Unicode. ``library`` is the name of the
    reader's file it stood in, if it did.
    """

    title: str
    text: str
    kind: VoteKind = VoteKind.MORE
    library: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a reader last said of a paper, under the interest (its name) it was shown for."""

    subscriber_id: str
    paper_id: str
    interest: str
    kind: VoteKind
    voted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One named wish of a subscriber.

    ``text`` is free prose and ``keywords`` are words or phrases: both are scored. ``must`` are
    conditions that all have to hold, each a word or phrase, alternatives within one separated by
    ``|``. A paper that contains any of ``exclude`` is never shown for this interest. ``authors``
    are followed: their papers match whatever they are about. ``categories`` such as ``cs.LG``
    restrict the interest to papers in them (papers without categories pass). ``weight`` is how
    much of an issue this interest may claim against the others. ``examples``, newest first, teach
    it what its words mean.
    """

    name: str
    text: str = ""
    keywords: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    weight: float = 1.0
    examples: tuple[Example, ...] = ()


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
    """All that a subscriber can ask for: profile, schedule, issue size, how close papers have to
    come, quiet days, the ``slots`` beside what matters, and the ``language`` of dates, one of
    ``LANGUAGES``.
    """

    profile: Profile
    schedule: Schedule = field(default_factory=Schedule)
    size: int = 10
    when_empty: WhenEmpty = WhenEmpty.SKIP
    language: str = LANGUAGES[0]
    amount: Amount = Amount.NORMAL
    slots: tuple[Slot, ...] = ()


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
    paused_until: datetime | None = None
