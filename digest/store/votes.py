"""Votes: what readers last said of papers, one for each reader and paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from digest.model import Example, Vote, VoteKind
from digest.store import upsert
from digest.store.schema import papers, votes

REMEMBERED = 20  # votes of a kind that teach an interest; older ones are history

Examples = dict[str, tuple[Example, ...]]  # by the name of the interest, newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRecord:
    """A vote in the books, with the paper's readable title."""

    vote: Vote
    title: str


def cast(connection: Connection, vote: Vote) -> None:
    """Record a vote; the last one on a paper counts. Two at once are one."""
    adding = upsert.insert(connection, votes).values(
        subscriber_id=vote.subscriber_id,
        paper_id=vote.paper_id,
        interest=vote.interest,
        kind=vote.kind,
        voted_at=vote.voted_at,
    )
    connection.execute(
        adding.on_conflict_do_update(
            index_elements=[votes.c.subscriber_id, votes.c.paper_id],
            set_={
                "interest": adding.excluded.interest,
                "kind": adding.excluded.kind,
                "voted_at": adding.excluded.voted_at,
            },
        )
    )


def take_back(connection: Connection, subscriber_id: str, paper_id: str) -> None:
    """Forget a vote, if there is one."""
    connection.execute(
        delete(votes).where(votes.c.subscriber_id == subscriber_id, votes.c.paper_id == paper_id)
    )


def find(connection: Connection, subscriber_id: str, paper_id: str) -> Vote | None:
    """Return what a reader last said of a paper."""
    query = select(votes).where(
        votes.c.subscriber_id == subscriber_id, votes.c.paper_id == paper_id
    )
    row = connection.execute(query).one_or_none()
    return _vote(row) if row else None


def of_subscriber(connection: Connection, subscriber_id: str) -> tuple[VoteRecord, ...]:
    """Return all votes of a reader, newest first."""
    query = (
        select(votes, _title())
        .join(papers, papers.c.id == votes.c.paper_id)
        .where(votes.c.subscriber_id == subscriber_id)
        .order_by(votes.c.voted_at.desc(), votes.c.paper_id)
    )
    rows = connection.execute(query)
    return tuple(VoteRecord(vote=_vote(row), title=row.readable) for row in rows)


def examples(connection: Connection, subscriber_ids: Sequence[str]) -> dict[str, Examples]:
    """Return what the newest votes of these readers (at most a few hundred) teach, by reader;
    whoever never voted is left out."""
    newest = (
        select(
            votes,
            func.row_number()
            .over(
                partition_by=(votes.c.subscriber_id, votes.c.interest, votes.c.kind),
                order_by=(votes.c.voted_at.desc(), votes.c.paper_id),
            )
            .label("place"),
        )
        .where(votes.c.subscriber_id.in_(list(subscriber_ids)))
        .subquery()
    )
    query = (
        select(
            newest.c.subscriber_id,
            newest.c.interest,
            newest.c.kind,
            _title(),
            func.coalesce(papers.c.readable_abstract, papers.c.abstract).label("text"),
        )
        .join(papers, papers.c.id == newest.c.paper_id)
        .where(newest.c.place <= REMEMBERED)
        .order_by(newest.c.voted_at.desc(), newest.c.paper_id)
    )
    found: dict[str, Examples] = {}
    for row in connection.execute(query):
        example = Example(title=row.readable, text=row.text, kind=VoteKind(row.kind))
        of_reader = found.setdefault(row.subscriber_id, {})
        of_reader[row.interest] = (*of_reader.get(row.interest, ()), example)
    return found


def _title() -> Any:
    return func.coalesce(papers.c.readable_title, papers.c.title).label("readable")


def _vote(row: Row[Any]) -> Vote:
    return Vote(
        subscriber_id=row.subscriber_id,
        paper_id=row.paper_id,
        interest=row.interest,
        kind=VoteKind(row.kind),
        voted_at=row.voted_at,
    )
