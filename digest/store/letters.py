"""Letters: mail to one person that is no issue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, exists, insert, select, update

from digest.model import Letter, LetterKind, SubscriberState, Wishes
from digest.store.deliveries import queue
from digest.store.schema import letters, subscribers

_WISHES = TypeAdapter(Wishes | None)


def add(connection: Connection, letter: Letter, *, delivery_id: str, expires_at: datetime) -> None:
    """Store a letter and queue its delivery at once."""
    connection.execute(
        insert(letters).values(
            id=letter.id,
            kind=letter.kind,
            subscriber_id=letter.subscriber_id,
            created_at=letter.created_at,
            wishes=_WISHES.dump_python(letter.wishes, mode="json"),
        )
    )
    queue(
        connection,
        delivery_id=delivery_id,
        subscriber_id=letter.subscriber_id,
        letter_id=letter.id,
        due_at=letter.created_at,
        expires_at=expires_at,
    )


def load(connection: Connection, ids: Iterable[str]) -> dict[str, Letter]:
    """Return the letters with these ids."""
    query = select(letters).where(letters.c.id.in_(list(ids)))
    return {row.id: _letter(row) for row in connection.execute(query)}


def use(connection: Connection, letter_id: str, *, now: datetime) -> bool:
    """Mark a letter's link as acted on; True for exactly one of all who try."""
    used = connection.execute(
        update(letters)
        .where(letters.c.id == letter_id, letters.c.used_at.is_(None))
        .values(used_at=now)
    )
    return used.rowcount == 1


def unanswered(connection: Connection, *, before: datetime, limit: int) -> tuple[str, ...]:
    """Return the ids of subscribers who never confirmed, here and last written to ``before``.

    Nobody else writes to them in this transaction.
    """
    lately = exists().where(
        letters.c.subscriber_id == subscribers.c.id, letters.c.created_at >= before
    )
    query = (
        select(subscribers.c.id)
        .where(
            subscribers.c.state == SubscriberState.PENDING,
            subscribers.c.created_at < before,
            ~lately,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    held = connection.execute(query).scalars().all()
    # Asked again: a letter may have been written between the question and the lock.
    written = select(letters.c.subscriber_id).where(
        letters.c.subscriber_id.in_(held), letters.c.created_at >= before
    )
    return tuple(set(held) - set(connection.execute(written).scalars()))


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.id,
        kind=LetterKind(row.kind),
        subscriber_id=row.subscriber_id,
        created_at=row.created_at,
        wishes=_WISHES.validate_python(row.wishes),
    )
