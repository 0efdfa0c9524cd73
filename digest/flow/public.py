"""What anybody may read, and what a reader may read again: the latest papers, past issues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from digest import compose, store
from digest.app import App
from digest.model import DeliveryState, Issue, Links, Match, Paper, Subscriber
from digest.tokens import Purpose

PAGE = 25  # papers
SEARCHED = 15_000  # of the newest papers: each text is read, so it takes a sixth of a second
_ISSUES_IN_ARCHIVE = 100
_ISSUES_IN_FEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One paper as pages print it: plain text, and ``opening`` are the abstract's first lines.

    ``why`` says what it was chosen for; nothing where nobody chose it.
    """

    title: str
    url: str
    byline: str
    facts: str
    opening: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """One page (from 1) of the latest papers, and whether there is ``more``; ``since`` when they
    were announced, where older ones were not searched."""

    papers: tuple[Sheet, ...]
    page: int
    more: bool
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One issue of a reader: ``view`` is its view token, ``delivery`` what became of its mail;
    ``day`` is the ``date`` as the reader writes it."""

    date: date
    day: str
    created_at: datetime
    subject: str
    view: str
    delivery: DeliveryState
    guid: str
    papers: tuple[tuple[str, Sheet], ...]  # each with what it stands under


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A reader's past issues, newest first, the token of their feed, and the language of dates."""

    guid: str
    since: datetime
    feed: str
    language: str
    issues: tuple[Past, ...]


def latest(app: App, words: Sequence[str], *, page: int) -> Latest:
    """Return one page of the papers that hold all of ``words``, newest announcement first.

    Words are searched for in the newest papers only, all days of them whole.
    """
    with store.reading(app.engine) as connection:
        since = store.papers.day_of(connection, SEARCHED) if words else None
        found = store.papers.search(
            connection, words, since=since, limit=PAGE + 1, offset=(page - 1) * PAGE
        )
    return Latest(
        papers=tuple(_sheet(paper) for paper in found[:PAGE]),
        page=page,
        more=len(found) > PAGE,
        since=compose.dated(since) if since else "",
    )


def find_archive(app: App, token: str) -> Archive | None:
    """Return the issues of whom a profile link speaks for; None when it is not ours."""
    return _archive(app, app.signer.read(Purpose.PROFILE, token), _ISSUES_IN_ARCHIVE)


def find_feed(app: App, token: str) -> Archive | None:
    """Return the newest issues of whom a feed address speaks for; None when it is not ours.

    Feed addresses are handed to feed readers and services: they open nothing else. So a feed must
    not print view tokens: the mail they show has the links that change things.
    """
    return _archive(app, app.signer.read(Purpose.FEED, token), _ISSUES_IN_FEED)


def _archive(app: App, subscriber_id: str | None, limit: int) -> Archive | None:
    if subscriber_id is None:
        return None
    with store.reading(app.engine) as connection:
        reader = store.subscribers.load(connection, [subscriber_id]).get(subscriber_id)
        if reader is None:
            return None
        records = store.issues.of_subscriber(connection, subscriber_id, limit=limit)
        issues = store.issues.load(connection, [each.id for each in records])
    return Archive(
        guid=_guid(app, reader.created_at, f"archive/{reader.id}"),
        since=reader.created_at,
        feed=app.signer.sign(Purpose.FEED, reader.id),
        language=reader.wishes.language,
        issues=tuple(_past(app, issues[each.id], reader, each.state) for each in records),
    )


def _past(app: App, issue: Issue, reader: Subscriber, delivery: DeliveryState) -> Past:
    language = reader.wishes.language
    return Past(
        date=issue.date,
        day=compose.dated(issue.date, language),
        created_at=issue.created_at,
        subject=app.composer.compose(issue, reader, app.sender, Links()).subject,
        view=app.signer.sign(Purpose.VIEW, issue.id),
        delivery=delivery,
        guid=_guid(app, issue.created_at, f"issue/{issue.id}"),
        papers=tuple(
            (compose.one_line(compose.heading(match)), _chosen(match, language))
            for match in issue.selection.shown
        ),
    )


def _guid(app: App, made_at: datetime, name: str) -> str:
    """Return a tag URI (RFC 4151): it never changes, wherever our pages move."""
    return f"tag:{app.sender.domain},{made_at.date()}:{name}"


def _chosen(match: Match, language: str) -> Sheet:
    return _sheet(match.paper, language, why=compose.why(match))


def _sheet(paper: Paper, language: str = "en", *, why: str = "") -> Sheet:
    face = compose.face(paper)
    excerpt = compose.excerpt(face.abstract, 0)
    return Sheet(
        title=face.title.text,
        url=face.url,
        byline=face.byline,
        facts=compose.facts(paper, language),
        opening=" ".join(filter(None, (excerpt.sentence.text, excerpt.opening.text))),
        why=why,
    )
