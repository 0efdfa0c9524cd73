"""What comes back: bounces, complaints, and replies that are neither."""

from dataclasses import dataclass
from enum import StrEnum


class BounceKind(StrEnum):
    """What a returned mail means for its recipient."""

    HARD = "hard"  # there is no such mailbox, and there will be none
    SOFT = "soft"  # not now, or not this message
    COMPLAINT = "complaint"  # a reader pressed “this is spam”, or asked to leave
    NONE = "none"  # it arrived, or somebody is on holiday


class BounceReason(StrEnum):
    """Why it came back."""

    NO_MAILBOX = "no-mailbox"
    NO_HOST = "no-host"
    MOVED = "moved"
    NO_MAIL = "no-mail"  # a domain that takes no mail at all (RFC 7505)
    FULL = "mailbox-full"
    DISABLED = "disabled"
    FILTERED = "filtered"  # its owner's own rules
    REFUSED = "refused"  # policy, reputation, authentication, content: us, not them
    TOO_LARGE = "too-large"
    EXPIRED = "expired"
    TROUBLE = "trouble"  # of a server or a network
    UNCLEAR = "unclear"
    FEEDBACK = "feedback"
    AUTH_FAILURE = "auth-failure"  # a report on forged mail: nobody complained
    NOT_SPAM = "not-spam"
    DELIVERED = "delivered"
    VACATION = "vacation"
    OTHER = "other"  # mail that reports nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a returned mail says about one recipient.

    ``recipient`` is empty where it names none. ``status`` is an enhanced status code (RFC 3463), or
    empty; ``words`` are the mail server's own, one line. It is not ``final`` as long as the server
    goes on trying.
    """

    recipient: str
    kind: BounceKind
    reason: BounceReason
    status: str = ""
    words: str = ""
    final: bool = True
    aliases: tuple[str, ...] = ()  # what the recipient was called before somebody forwarded it


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came back, as read: what it says of each recipient, and what it is about.

    ``return_paths`` are addresses it came to, or its original came from, the likeliest first;
    ``message_ids`` are those of mails it refers to, without angle brackets.
    """

    bounces: tuple[Bounce, ...]
    return_paths: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
