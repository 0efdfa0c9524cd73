"""Issues: what each subscriber's digest for a date contains, and which papers they already had."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, func, insert, select

from digest.model import (
    DeliveryState,
    Issue,
    Match,
    Paper,
    Reason,
    ReasonKind,
    Selection,
    Slot,
)
from digest.store import papers
from digest.store.deliveries import books, queue
from digest.store.schema import deliveries, issue_papers, issues
from digest.store.schema import papers as papers_table

_DELIVERED = (DeliveryState.SENT, DeliveryState.BOUNCED)
_NEAR_MISS = 0  # its position in issue_papers
_SCORE_STEPS = 50  # scores are counted to 1/50
_CHOSEN = (  # as _match takes them, after the issue's id and the position
    issue_papers.c.issue_id,
    issue_papers.c.position,
    issue_papers.c.paper_id,
    issue_papers.c.interest,
    issue_papers.c.score,
    issue_papers.c.slot,
    cast(issue_papers.c.reasons, Text).label("said"),  # JSON as it stands: see _reasons
    cast(issue_papers.c.also, Text).label("twins"),
)
_SKEW = timedelta(days=1)  # by how much the clocks of two machines, or two days, may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """An issue of one subscriber in the books: its date, size, and what became of it."""

    id: str
    date: date
    papers: int
    state: DeliveryState
    attempts: int
    due_at: datetime
    settled_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How many issues of one date are in one state."""

    date: date
    state: DeliveryState
    issues: int


def add(connection: Connection, issue: Issue, *, delivery_id: str) -> None:
    """Store an issue and queue its delivery; ``UNIQUE (subscriber, date)`` is the second lock."""
    connection.execute(
        insert(issues).values(
            id=issue.id,
            subscriber_id=issue.subscriber_id,
            date=issue.date,
            candidates=issue.selection.candidates,
            above_floor=issue.selection.above_floor,
            created_at=issue.created_at,
            next_due_at=issue.next_due_at,
            notices=list(issue.notices),
        )
    )
    rows = _matches(issue)
    if rows:
        connection.execute(insert(issue_papers), rows)
    queue(
        connection,
        delivery_id=delivery_id,
        subscriber_id=issue.subscriber_id,
        issue_id=issue.id,
        due_at=issue.created_at,
        expires_at=issue.next_due_at,
    )


def exists(connection: Connection, subscriber_id: str, on: date) -> bool:
    """Whether this subscriber has an issue for this date."""
    query = select(issues.c.id).where(issues.c.subscriber_id == subscriber_id, issues.c.date == on)
    return connection.execute(query).first() is not None


def count(connection: Connection) -> int:
    """Return how many issues there are."""
    return connection.execute(select(func.count()).select_from(issues)).scalar_one()


def balanced(connection: Connection) -> bool:
    """Return whether every issue has a delivery, and each of them is in a state we know.

    No two deliveries are of one issue, and none is of an issue that is not there: the schema sees
    to that, so that counting tells.
    """
    return count(connection) == sum(books(connection).values())


def volumes(connection: Connection, *, since: date) -> tuple[Volume, ...]:
    """Return how many issues there are of each date since ``since``, by state."""
    query = (
        select(issues.c.date, deliveries.c.state, func.count().label("issues"))
        .join(deliveries, deliveries.c.issue_id == issues.c.id)
        .where(issues.c.date >= since)
        .group_by(issues.c.date, deliveries.c.state)
    )
    return tuple(
        Volume(date=row.date, state=DeliveryState(row.state), issues=row.issues)
        for row in connection.execute(query)
    )


def scores_by_day(connection: Connection, *, since: date) -> dict[date, dict[float, int]]:
    """Return, for each date since ``since``, how many matches had which score (to 0.02); what
    stands in a slot is none."""
    score = func.round(issue_papers.c.score * _SCORE_STEPS).label("score")
    query = (
        select(issues.c.date, score, func.count().label("matches"))
        .join(issue_papers, issue_papers.c.issue_id == issues.c.id)
        .where(
            issues.c.date >= since,
            issue_papers.c.position > _NEAR_MISS,
            issue_papers.c.slot.is_(None),
        )
        .group_by(issues.c.date, score)
    )
    scores: dict[date, dict[float, int]] = {}
    for row in connection.execute(query):
        scores.setdefault(row.date, {})[row.score / _SCORE_STEPS] = row.matches
    return scores


def load(
    connection: Connection, ids: Iterable[str], known: dict[str, Paper] | None = None
) -> dict[str, Issue]:
    """Return the issues with these ids (at most a few hundred), with their papers.

    ``known`` are papers by id that need not be read again; those that were read are added.
    """
    wanted = list(ids)
    rows = connection.execute(select(issues).where(issues.c.id.in_(wanted))).all()
    chosen = connection.execute(
        select(*_CHOSEN)
        .where(issue_papers.c.issue_id.in_(wanted))
        .order_by(issue_papers.c.issue_id, issue_papers.c.position)
    ).all()
    known = {} if known is None else known
    ids = {row.paper_id for row in chosen}.union(*map(_twins, {row.twins for row in chosen}))
    missing = ids - known.keys()
    known.update((paper.id, paper) for paper in papers.load(connection, missing))
    matches: dict[str, list[tuple[int, Match]]] = {row.id: [] for row in rows}
    for issue_id, position, *what in chosen:
        matches[issue_id].append((position, _match(known, *what)))
    return {row.id: _issue(row, matches[row.id]) for row in rows}


def delivered(
    connection: Connection, subscriber_ids: Sequence[str], *, since: datetime
) -> dict[str, frozenset[str]]:
    """Return, for each subscriber, the ids of papers seen since ``since`` that they already had.

    A paper is delivered after it was seen, so that older deliveries need not be looked into.
    """
    query = (
        select(deliveries.c.subscriber_id, issue_papers.c.paper_id)
        .join(issue_papers, issue_papers.c.issue_id == deliveries.c.issue_id)
        .join(papers_table, papers_table.c.id == issue_papers.c.paper_id)
        .where(
            deliveries.c.subscriber_id.in_(subscriber_ids),
            deliveries.c.state.in_(_DELIVERED),
            deliveries.c.settled_at >= since - _SKEW,
            issue_papers.c.position > _NEAR_MISS,
            papers_table.c.seen_at >= since,
        )
    )
    had: dict[str, set[str]] = {subscriber_id: set() for subscriber_id in subscriber_ids}
    for row in connection.execute(query):
        had[row.subscriber_id].add(row.paper_id)
    return {subscriber_id: frozenset(ids) for subscriber_id, ids in had.items()}


def of_subscriber(
    connection: Connection, subscriber_id: str, *, limit: int | None
) -> tuple[IssueRecord, ...]:
    """Return the last issues of one subscriber and their deliveries, newest first."""
    query = (
        select(issues.c.id, issues.c.date, deliveries)
        .join(deliveries, deliveries.c.issue_id == issues.c.id)
        .where(issues.c.subscriber_id == subscriber_id)
        .order_by(issues.c.date.desc())
        .limit(limit)
    )
    rows = connection.execute(query).all()
    sizes = _sizes(connection, [row.issue_id for row in rows])
    return tuple(
        IssueRecord(
            id=row.issue_id,
            date=row.date,
            papers=sizes.get(row.issue_id, 0),
            state=DeliveryState(row.state),
            attempts=row.attempts,
            due_at=row.due_at,
            settled_at=row.settled_at,
            error=row.error,
        )
        for row in rows
    )


def _sizes(connection: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    query = select(issue_papers.c.issue_id).where(
        issue_papers.c.issue_id.in_(ids), issue_papers.c.position > _NEAR_MISS
    )
    sizes: dict[str, int] = {}
    for row in connection.execute(query):
        sizes[row.issue_id] = sizes.get(row.issue_id, 0) + 1
    return sizes


def _matches(issue: Issue) -> list[dict[str, Any]]:
    chosen = list(enumerate(issue.selection.shown, start=1))
    if not issue.selection.matches and issue.selection.near_miss:
        chosen.append((_NEAR_MISS, issue.selection.near_miss))
    return [
        {
            "issue_id": issue.id,
            "position": position,
            "paper_id": match.paper.id,
            "interest": match.interest,
            "score": match.score,
            "reasons": [[reason.kind, list(reason.words)] for reason in match.reasons],
            "slot": match.slot,
            "also": [paper.id for paper in match.also],
        }
        for position, match in chosen
    ]


def _issue(row: Row[Any], chosen: Sequence[tuple[int, Match]]) -> Issue:
    shown = [match for position, match in chosen if position > _NEAR_MISS]
    near_misses = [match for position, match in chosen if position == _NEAR_MISS]
    return Issue(
        id=row.id,
        subscriber_id=row.subscriber_id,
        date=row.date,
        selection=Selection(
            matches=tuple(match for match in shown if match.slot is None),
            candidates=row.candidates,
            above_floor=row.above_floor,
            near_miss=near_misses[0] if near_misses else None,
            extras=tuple(match for match in shown if match.slot is not None),
        ),
        created_at=row.created_at,
        next_due_at=row.next_due_at,
        notices=tuple(row.notices),
    )


def _match(
    known: Mapping[str, Paper],
    paper_id: str,
    interest: str,
    score: float,
    slot: str | None,
    said: str,
    twins: str,
) -> Match:
    return Match(
        paper=known[paper_id],
        interest=interest,
        score=score,
        reasons=_reasons(said),
        slot=Slot(slot) if slot else None,
        # One may have become another.
        also=tuple([known[id] for id in _twins(twins) if id in known]),
    )


@lru_cache(maxsize=4096)
def _reasons(said: str) -> tuple[Reason, ...]:
    """Return the reasons in a column; kept, because readers with the same wish have the same."""
    return tuple(
        Reason(kind=ReasonKind(kind), words=tuple(words)) for kind, words in json.loads(said)
    )


@lru_cache(maxsize=4096)
def _twins(said: str) -> tuple[str, ...]:
    return tuple(json.loads(said))
