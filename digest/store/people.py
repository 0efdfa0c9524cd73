"""A row of subscribers becomes a value."""

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row

from digest.model import Subscriber, SubscriberState, Wishes

WISHES = TypeAdapter(Wishes)
_log = structlog.get_logger()


def readable(rows: Iterable[Row[Any]]) -> Iterator[tuple[Row[Any], Subscriber]]:
    """Yield rows with their subscribers; one that cannot be read is told, and stops no other."""
    for row in rows:
        try:
            yield row, subscriber(row)
        except (ValidationError, ValueError) as error:
            _log.error("subscriber.unreadable", subscriber=row.id, error=str(error))


def subscriber(row: Row[Any]) -> Subscriber:
    """Return the subscriber in a row."""
    return Subscriber(
        id=row.id,
        email=row.email,
        state=SubscriberState(row.state),
        wishes=WISHES.validate_python(row.wishes),
        created_at=row.created_at,
        due_at=row.due_at,
        last_issue_on=row.last_issue_on,
        paused_until=row.paused_until,
    )
