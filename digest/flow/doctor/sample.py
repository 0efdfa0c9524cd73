"""A made-up issue, to see that a mail can be made and comes through."""

from datetime import datetime, timedelta

from digest.model import (
    Interest,
    Issue,
    Match,
    Paper,
    Profile,
    Reason,
    ReasonKind,
    Selection,
    Subscriber,
    SubscriberState,
    Wishes,
)

NOBODY = "doctor"  # the id of no subscriber: its links change nothing
_TITLE = "This Is a Test of Your Paper Digest"
_ABSTRACT = (
    "If you can read this, the mail server takes our mail and it arrives. "
    "Look at where it arrived (the inbox, or among the spam) and at its headers: "
    "SPF, DKIM and DMARC should all say pass."
)


def sample(now: datetime, email: str) -> tuple[Issue, Subscriber]:
    """Return an issue of one made-up paper, and its reader at ``email``."""
    reader = Subscriber(
        id=NOBODY,
        email=email,
        state=SubscriberState.ACTIVE,
        wishes=Wishes(profile=Profile(interests=(Interest(name="Test", text="mail test"),))),
        created_at=now,
        due_at=now,
    )
    paper = Paper(
        id="doctor:test",
        keys=("doctor:test",),
        title=_TITLE,
        readable_title=_TITLE,
        abstract=_ABSTRACT,
        readable_abstract=_ABSTRACT,
        announced_on=now.date(),
    )
    reason = Reason(kind=ReasonKind.TERMS, words=("test",))
    chosen = Match(paper=paper, interest="Test", score=1.0, reasons=(reason,))
    issue = Issue(
        id=f"doctor-{now:%Y%m%d%H%M%S}",
        subscriber_id=NOBODY,
        date=now.date(),
        selection=Selection(matches=(chosen,), candidates=1, above_floor=1),
        created_at=now,
        next_due_at=now + timedelta(days=1),
    )
    return issue, reader
