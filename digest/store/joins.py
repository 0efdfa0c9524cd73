"""Two stored papers become one: all that was about the one is about the other from now on."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, func, select, update

from digest.store.schema import announcements, issue_papers, paper_keys, papers, votes


def join(connection: Connection, gone: str, kept: str) -> None:
    """Make the paper ``gone`` part of the paper ``kept``, and forget its row.

    Keys, announcements, issues (and so what was delivered) and votes are kept; of two votes of
    one reader the later counts. ``kept`` is as old as the older of the two.
    """
    # Whoever writes an issue or a vote about the paper that goes is waited for, or waits for us.
    connection.execute(select(papers.c.id).where(papers.c.id == gone).with_for_update())
    connection.execute(
        update(paper_keys).where(paper_keys.c.paper_id == gone).values(paper_id=kept)
    )
    connection.execute(
        update(issue_papers).where(issue_papers.c.paper_id == gone).values(paper_id=kept)
    )
    _hand_over(connection, announcements, gone, kept, same="listing_id")
    _drop_older_votes(connection, gone, kept)
    _hand_over(connection, votes, gone, kept, same="subscriber_id")
    _grow_older(connection, gone, kept)
    connection.execute(delete(papers).where(papers.c.id == gone))


def missing(connection: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Return those of ``ids`` (at most a few thousand) that are no paper's, or no longer."""
    wanted = frozenset(ids)
    found = connection.execute(select(papers.c.id).where(papers.c.id.in_(sorted(wanted))))
    return wanted - frozenset(found.scalars())


def _hand_over(connection: Connection, table: Table, gone: str, kept: str, *, same: str) -> None:
    """Give the rows of ``gone`` to ``kept``, but for those that ``kept`` has its own of."""
    own = table.alias()
    there = exists().where(own.c.paper_id == kept, own.c[same] == table.c[same])
    connection.execute(delete(table).where(table.c.paper_id == gone, there))
    connection.execute(update(table).where(table.c.paper_id == gone).values(paper_id=kept))


def _drop_older_votes(connection: Connection, gone: str, kept: str) -> None:
    later = votes.alias()
    beaten: ColumnElement[bool] = exists().where(
        and_(
            later.c.paper_id == gone,
            later.c.subscriber_id == votes.c.subscriber_id,
            later.c.voted_at > votes.c.voted_at,
        )
    )
    connection.execute(delete(votes).where(votes.c.paper_id == kept, beaten))


def _grow_older(connection: Connection, gone: str, kept: str) -> None:
    oldest = connection.execute(
        select(func.min(papers.c.seen_at), func.min(papers.c.announced_on)).where(
            papers.c.id.in_((gone, kept))
        )
    ).one()
    connection.execute(
        update(papers).where(papers.c.id == kept).values(seen_at=oldest[0], announced_on=oldest[1])
    )
