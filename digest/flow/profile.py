"""What a reader may do behind the signed link of any of their mails."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog

from digest import compose, store
from digest.app import App
from digest.model import Subscriber, SubscriberState, Wishes
from digest.store.issues import IssueRecord
from digest.store.votes import VoteRecord
from digest.tokens import Purpose

_ISSUES_SHOWN = 50

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """A reader, their past issues and their votes, newest first."""

    subscriber: Subscriber
    issues: tuple[IssueRecord, ...]
    votes: tuple[VoteRecord, ...]


def find_profile(app: App, token: str) -> Profiled | None:
    """Return all that a profile shows; None as ``find_reader``."""
    found = find_reader(app, token)
    if found is None:
        return None
    with store.reading(app.engine) as connection:
        issues = store.issues.of_subscriber(connection, found.id, limit=_ISSUES_SHOWN)
        votes = store.votes.of_subscriber(connection, found.id)
    return Profiled(subscriber=found, issues=issues, votes=votes)


def find_reader(app: App, token: str) -> Subscriber | None:
    """Return whom a profile link speaks for; None when it is not ours or they are erased."""
    subscriber_id = app.signer.read(Purpose.PROFILE, token)
    if subscriber_id is None:
        return None
    with store.reading(app.engine) as connection:
        return store.subscribers.load(connection, [subscriber_id]).get(subscriber_id)


def change_wishes(app: App, subscriber: Subscriber, wishes: Wishes) -> None:
    """Replace what a reader asked for; whoever had paused or left is back."""
    now = app.clock()
    schedule_kept = subscriber.wishes.schedule == wishes.schedule
    active = subscriber.state is SubscriberState.ACTIVE
    with store.writing(app.engine) as connection:
        store.subscribers.change(
            connection,
            subscriber.id,
            wishes=wishes,
            due_at=subscriber.due_at
            if schedule_kept and active
            else compose.next_due(
                wishes.schedule, after=now, last_issue_on=subscriber.last_issue_on
            ),
            from_config=False,
        )


def pause(app: App, subscriber: Subscriber, until: datetime) -> None:
    """Send nothing until a moment; what is queued is not sent. Whoever left stays away."""
    now = app.clock()
    due_at = compose.next_due(
        subscriber.wishes.schedule, after=max(until, now), last_issue_on=subscriber.last_issue_on
    )
    with store.writing(app.engine) as connection:
        store.subscribers.pause(connection, subscriber.id, until=until, due_at=due_at)
        store.upkeep.suppress_unwanted(connection, now=now)
    _log.info("subscriber.paused", subscriber=subscriber.id, until=until.isoformat())


def export(app: App, subscriber: Subscriber) -> Mapping[str, Any]:
    """Return all that is known of a reader, ready for JSON but for dates and moments."""
    with store.reading(app.engine) as connection:
        issues = store.issues.of_subscriber(connection, subscriber.id, limit=None)
        turns = store.subscribers.turns_of(connection, subscriber.id, limit=None)
        held = store.issues.load(connection, [each.id for each in issues])
        votes = store.votes.of_subscriber(connection, subscriber.id)
        bounces = store.bounces.of_subscriber(connection, subscriber.id, limit=None)
    return {
        "subscriber": asdict(subscriber),
        "issues": [asdict(each) | {"content": asdict(held[each.id].selection)} for each in issues],
        "turns": [asdict(each) for each in turns],
        "votes": [asdict(each) for each in votes],
        "bounces": [asdict(each) for each in bounces],
    }


def erase(app: App, subscriber: Subscriber) -> None:
    """Delete all about a reader; a keyed hash keeps us from writing to them by mistake."""
    with store.writing(app.engine) as connection:
        key = app.signer.address_key(subscriber.email)
        store.subscribers.erase(connection, subscriber.id)
        store.subscribers.suppress(connection, key, "asked to be forgotten", now=app.clock())
    _log.info("subscriber.erased", subscriber=subscriber.id)
