"""Votes: one press under a paper, and the next issue knows better.

A link in a mail names the issue and the paper's position in it; the issue knows the reader, the
paper and the interest it was shown for. Nothing but a press changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from digest import store
from digest.app import App
from digest.model import (
    Example,
    Issue,
    Match,
    Profile,
    Slot,
    Subscriber,
    SubscriberState,
    Vote,
    VoteKind,
    Wishes,
)
from digest.tokens import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What can be voted on: a reader, a paper they were sent, and their vote so far, if any."""

    subscriber: Subscriber
    match: Match
    vote: Vote | None

    @property
    def heard(self) -> bool:
        """Whether the reader still has the interest that the paper was shown for."""
        names = {one.name for one in self.subscriber.wishes.profile.interests}
        return self.match.interest in names

    @property
    def kinds(self) -> tuple[VoteKind, ...]:
        """What can be said of it. What everybody read is there for no wish of the reader's: to
        like it tells of an interest, to dislike it tells of none."""
        popular = self.match.slot is Slot.MOST_READ
        return (VoteKind.MORE,) if popular else tuple(VoteKind)

    @property
    def left(self) -> bool:
        """Whether no issue will come, because the reader unsubscribed."""
        return self.subscriber.state is SubscriberState.UNSUBSCRIBED


def find_ballot(app: App, token: str, position: int) -> Ballot | None:
    """Return what a vote link leads to; None when it is not ours or there is no such paper.

    ``position`` counts the papers of the issue from 1; 0 is the near miss of a quiet day.
    """
    issue_id = app.signer.read(Purpose.VOTE, token)
    if issue_id is None:
        return None
    with store.reading(app.engine) as connection:
        issue = store.issues.load(connection, [issue_id]).get(issue_id)
        match = _shown(issue, position) if issue else None
        if issue is None or match is None:
            return None
        return Ballot(
            subscriber=store.subscribers.load(connection, [issue.subscriber_id])[
                issue.subscriber_id
            ],
            match=match,
            vote=store.votes.find(connection, issue.subscriber_id, match.paper.id),
        )


def cast_vote(app: App, ballot: Ballot, kind: VoteKind) -> Ballot:
    """Record a vote, in place of an earlier one on the same paper."""
    vote = Vote(
        subscriber_id=ballot.subscriber.id,
        paper_id=ballot.match.paper.id,
        interest=ballot.match.interest,
        kind=kind,
        voted_at=app.clock(),
    )
    with store.writing(app.engine) as connection:
        store.votes.cast(connection, vote)
    return replace(ballot, vote=vote)


def take_vote_back(app: App, ballot: Ballot) -> Ballot:
    """Forget a vote; twice is once."""
    forget_vote(app, ballot.subscriber, ballot.match.paper.id)
    return replace(ballot, vote=None)


def forget_vote(app: App, subscriber: Subscriber, paper_id: str) -> None:
    """Forget what a reader said of a paper, whichever issue it was in."""
    with store.writing(app.engine) as connection:
        store.votes.take_back(connection, subscriber.id, paper_id)


def with_votes(app: App, subscriber: Subscriber, wishes: Wishes) -> Wishes:
    """Return ``wishes`` as the next issue of ``subscriber`` would understand them."""
    with store.reading(app.engine) as connection:
        examples = store.votes.examples(connection, [subscriber.id])
    return learnt(wishes, examples.get(subscriber.id, {}))


def learnt(wishes: Wishes, examples: Mapping[str, tuple[Example, ...]]) -> Wishes:
    """Return wishes whose interests know the votes cast under them (by the interest's name); a
    vote whose interest is gone teaches nothing."""
    if not examples:
        return wishes
    interests = (
        replace(one, examples=examples.get(one.name, ()) + one.examples)
        for one in wishes.profile.interests
    )
    return replace(wishes, profile=Profile(interests=tuple(interests)))


def _shown(issue: Issue, position: int) -> Match | None:
    if position == 0:
        return issue.selection.near_miss
    return next(iter(issue.selection.shown[position - 1 : position]), None)
