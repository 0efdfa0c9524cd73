"""The nouns of paper-digest: frozen values and closed sets.

Everything here is a plain value: standard library only, no clock, no I/O. Rooms exchange these
values and nothing else; ``docs/glossary.md`` says what each word means.
"""

from digest.model.issues import (
    Issue,
    Match,
    Reason,
    ReasonKind,
    Selection,
)
from digest.model.mail import (
    Books,
    Delivery,
    DeliveryState,
    Envelope,
    Letter,
    LetterKind,
    Links,
    Message,
    Outcome,
    OutcomeKind,
    Sender,
    Settlement,
)
from digest.model.papers import (
    Announcement,
    AnnouncementKind,
    Link,
    LinkRel,
    Listing,
    Paper,
    Payload,
    Problem,
    Validators,
)
from digest.model.readers import (
    Cadence,
    Interest,
    Profile,
    Schedule,
    Subscriber,
    SubscriberState,
    WhenEmpty,
    Wishes,
)

__all__ = [
    "Announcement",
    "AnnouncementKind",
    "Books",
    "Cadence",
    "Delivery",
    "DeliveryState",
    "Envelope",
    "Interest",
    "Issue",
    "Letter",
    "LetterKind",
    "Link",
    "LinkRel",
    "Links",
    "Listing",
    "Match",
    "Message",
    "Outcome",
    "OutcomeKind",
    "Paper",
    "Payload",
    "Problem",
    "Profile",
    "Reason",
    "ReasonKind",
    "Schedule",
    "Selection",
    "Sender",
    "Settlement",
    "Subscriber",
    "SubscriberState",
    "Validators",
    "WhenEmpty",
    "Wishes",
]
