"""Messages, and what becomes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.model.readers import Wishes


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


class LetterKind(StrEnum):
    """Mail that is no issue: please confirm, or here is the link to your profile."""

    CONFIRM = "confirm"
    PROFILE = "profile"


class OutcomeKind(StrEnum):
    """What became of one attempt to hand a message over (see ``deliver/policy.py``)."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # 4xx, or the connection broke before the final dot: not sent
    REJECTED = "rejected"  # 5xx for this message or mailbox: never
    NO_MAILBOX = "no-mailbox"  # 5.1.x at RCPT: the address does not exist
    NO_UTF8 = "no-utf8"  # the address is not ASCII, and a server on the way takes only that
    POLICY = "policy"  # 5.7.x or authentication: the relay refuses us, not the recipient
    THROTTLED = "throttled"  # 4.7.x: the recipient's host wants less of us, or later
    BUSY = "busy"  # 421 or no connection: the relay asks us to come back
    UNKNOWN = "unknown"  # the connection broke after the final dot: accepted or not, nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who issues come from.

    ``domain`` names Message-IDs and the list. ``bounces`` is the mailbox that takes returned mail:
    each envelope sender is it with ``+`` and a signed id (VERP); without it, ``address``.
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
    """The signed links of one issue; ``None`` where this installation serves no such page.

    ``vote`` is continued by a paper's position in the issue (from 1) and the vote:
    ``…/3/more``.
    """

    unsubscribe: str | None = None
    view: str | None = None
    profile: str | None = None
    vote: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Mail to one person that is no issue, with one signed link that speaks for ``subscriber_id``.

    No word of it is from a form: nobody can send mail through us. ``wishes`` are what somebody
    asked for under this address; they count once its owner confirms.
    """

    id: str
    kind: LetterKind
    subscriber_id: str
    created_at: datetime
    wishes: Wishes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered issue or letter before anyone tries to send it.

    ``id`` is the issue's or the letter's, and ``composed_at`` is when that was made: composing it
    again gives the same bytes. A letter is not ``listed``: it carries no list headers.

    Text and HTML come in pieces. Those that many messages share are the very same strings, so that
    what has to be made of a piece is made once.
    """

    id: str
    sender: Sender
    recipient: str
    subject: str
    text_pieces: tuple[str, ...]
    html_pieces: tuple[str, ...]
    composed_at: datetime
    unsubscribe: str | None = None
    listed: bool = True

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.text_pieces)

    @property
    def html(self) -> str:
        """The whole HTML."""
        return "".join(self.html_pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message as it goes over the wire: RFC 5321 sender and recipient, RFC 5322 bytes (CRLF).

    ``tidy`` says that the content was made of CRLF lines none of which begins with a dot.
    """

    id: str
    sender: str
    recipient: str
    content: bytes
    tidy: bool = False

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server that offers SMTPUTF8 (RFC 6531) can take it."""
        return not self.recipient.isascii()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The attempt to put one issue or one letter in one mailbox.

    Either ``issue_id`` or ``letter_id`` is set. ``token`` fences every write after a claim.
    """

    id: str
    issue_id: str | None
    letter_id: str | None
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

    ``counts`` is false when the attempt is not the recipient's fault (421: the relay was busy),
    and ``offered`` when there was none: its host is left alone.
    """

    delivery_id: str
    token: str
    state: DeliveryState
    due_at: datetime | None = None
    error: str | None = None
    counts: bool = True
    offered: bool = True


Books = Mapping[DeliveryState, int]
