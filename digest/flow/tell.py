"""What a person may ask: the state of things, why a reader got what they got, a look ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from digest import compose, store
from digest.app import App
from digest.flow.causes import Because, Facts, causes
from digest.flow.fresh import find_gaps
from digest.flow.hosts import domain_of
from digest.flow.links import links_of
from digest.flow.prepare import open_window, think
from digest.flow.subscribe import find_by_email
from digest.model import (
    Books,
    BounceKind,
    Freshness,
    Issue,
    Links,
    Message,
    Paper,
    Selection,
    SourceDay,
    Subscriber,
    SubscriberState,
    WhenEmpty,
)
from digest.store.bounces import BounceRecord
from digest.store.hosts import RELAY, Host
from digest.store.issues import IssueRecord
from digest.store.papers import ListingRecord
from digest.store.sources import SourceRecord
from digest.store.subscribers import Due, Turn
from digest.tokens import Purpose

LATELY = timedelta(days=30)  # how far back what came back is counted
_RECENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of an installation. The books balance when ``issues`` is the sum of ``books``."""

    papers: int
    listings: tuple[ListingRecord, ...]
    sources: tuple[SourceRecord, ...]
    subscribers: Mapping[SubscriberState, int]
    next_due_at: datetime | None
    issues: int
    books: Books
    days: Mapping[str, SourceDay]  # the last one of each source
    fresh_on: Mapping[str, date]  # its last fresh one
    returned: Mapping[BounceKind, int]  # what came back lately
    resting: tuple[Host, ...]  # hosts that are left alone for now

    @property
    def balanced(self) -> bool:
        """Whether every issue is accounted for."""
        return self.issues == sum(self.books.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why one reader did or did not get mail: all causes, the one that decides first. ``now`` is
    what an issue would hold today."""

    subscriber: Subscriber
    schedule: str
    suppressed: str | None
    turns: tuple[Turn, ...]
    issues: tuple[IssueRecord, ...]
    bounces: tuple[BounceRecord, ...]
    now: Selection
    causes: tuple[Because, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An issue composed ahead of time, and whether it would come (on a quiet day the reader may
    want no mail)."""

    message: Message
    comes: bool


def status(app: App) -> Status:
    """Return the state of things."""
    with store.reading(app.engine) as connection:
        fresh = store.source_days.latest(connection, [Freshness.FRESH])
        return Status(
            papers=store.papers.count(connection),
            listings=store.papers.recent_listings(connection, limit=_RECENT),
            sources=store.sources.everything(connection),
            subscribers=store.subscribers.count_by_state(connection),
            next_due_at=store.subscribers.next_due(connection),
            issues=store.issues.count(connection),
            books=store.deliveries.books(connection),
            days=store.source_days.latest(connection),
            fresh_on={source: day.date for source, day in fresh.items()},
            returned=store.bounces.count_by_kind(connection, since=app.clock() - LATELY),
            resting=_resting(app, connection),
        )


def _resting(app: App, connection: Connection) -> tuple[Host, ...]:
    hosts = store.hosts.load(connection).values()
    return tuple(host for host in hosts if host.paused_until > app.clock())


def _resting_for(app: App, connection: Connection, reader: Subscriber) -> tuple[Host, ...]:
    """Return what is left alone on the way to a reader, the mail server first."""
    resting = {host.name: host for host in _resting(app, connection)}
    names = (RELAY, domain_of(reader.email))
    return tuple(resting[name] for name in names if name in resting)


def papers(app: App, *, limit: int | None = None) -> tuple[Paper, ...]:
    """Return the papers, newest announcement first."""
    with store.reading(app.engine) as connection:
        return store.papers.newest(connection, limit=limit)


def subscribers(app: App) -> tuple[Subscriber, ...]:
    """Return all subscribers by address."""
    with store.reading(app.engine) as connection:
        return store.subscribers.everyone(connection)


def why(app: App, email: str) -> Why:
    """Answer "why did I get nothing", or "why this". Raises InputError for an unknown address."""
    subscriber = find_by_email(app, email)
    with store.reading(app.engine) as connection:
        key = app.signer.address_key(email)
        suppressed = store.subscribers.suppression(connection, key)
        turns = store.subscribers.turns_of(connection, subscriber.id, limit=_RECENT)
        issues = store.issues.of_subscriber(connection, subscriber.id, limit=_RECENT)
        bounces = store.bounces.of_subscriber(connection, subscriber.id, limit=_RECENT)
    selection = _selection(app, subscriber)
    facts = _facts(app, subscriber, suppressed, issues, turns, selection)
    return Why(
        subscriber=subscriber,
        schedule=compose.describe(subscriber.wishes.schedule),
        suppressed=suppressed,
        turns=turns,
        issues=issues,
        bounces=bounces,
        now=selection,
        causes=causes(facts),
    )


def _facts(
    app: App,
    subscriber: Subscriber,
    suppressed: str | None,
    issues: tuple[IssueRecord, ...],
    turns: tuple[Turn, ...],
    selection: Selection,
) -> Facts:
    with store.reading(app.engine) as connection:
        return Facts(
            subscriber=subscriber,
            suppressed=suppressed,
            issues=issues,
            turns=turns,
            selection=selection,
            papers=store.papers.count(connection),
            sources=len(app.sources),
            days=store.source_days.latest(connection),
            jobs=store.jobs.everything(connection),
            resting=_resting_for(app, connection, subscriber),
            now=app.clock(),
        )


def preview(app: App, email: str) -> Preview:
    """Return the issue a subscriber would get now, composed; writes nothing."""
    subscriber = find_by_email(app, email)
    now = app.clock()
    selection = _selection(app, subscriber)
    with store.reading(app.engine) as connection:
        gaps = find_gaps(app, connection, now, [subscriber.id])
    issue = Issue(
        id="preview",
        subscriber_id=subscriber.id,
        date=compose.issue_date(subscriber.wishes.schedule, now),
        selection=selection,
        created_at=now,
        next_due_at=compose.next_due(
            subscriber.wishes.schedule, after=now, last_issue_on=subscriber.last_issue_on
        ),
        notices=gaps.notices_for(subscriber),
    )
    told = subscriber.wishes.when_empty is WhenEmpty.NOTE
    return Preview(
        message=app.composer.compose(issue, subscriber, app.sender, Links()),
        comes=told or bool(selection.matches),
    )


def view(app: App, token: str) -> Message | None:
    """Return the issue a view token speaks for, composed whole; None when it is not ours."""
    issue_id = app.signer.read(Purpose.VIEW, token)
    if issue_id is None:
        return None
    with store.reading(app.engine) as connection:
        issue = store.issues.load(connection, [issue_id]).get(issue_id)
        if issue is None:
            return None
        subscriber = store.subscribers.load(connection, [issue.subscriber_id])[issue.subscriber_id]
    links = links_of(app, issue, subscriber)
    return app.composer.compose(issue, subscriber, app.sender, links, most=None)


def _selection(app: App, subscriber: Subscriber) -> Selection:
    now = app.clock()
    window = open_window(app, now, since=now - app.window)
    with store.reading(app.engine) as connection:
        fresh_from = store.recovery.fresh_from(connection, subscriber.id)
    due = Due(subscriber=subscriber, covered_until=now, fresh_from=fresh_from)
    (selection,) = think(app, window, [due], now)
    return selection
