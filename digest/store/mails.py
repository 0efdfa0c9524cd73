"""Which mails of a source were read: by their names in a maildir, by their hashes in an mbox."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, select

from digest.store import upsert
from digest.store.schema import mails

_CHUNK = 500  # keys in one statement


def known(connection: Connection, source: str) -> frozenset[str]:
    """Return the keys of the mails of ``source`` that were read."""
    return frozenset(
        connection.execute(select(mails.c.key).where(mails.c.source == source)).scalars()
    )


def remember(connection: Connection, source: str, key: str) -> None:
    """Note that a mail was read."""
    connection.execute(
        upsert.insert(connection, mails).values(source=source, key=key).on_conflict_do_nothing()
    )


def forget(connection: Connection, source: str, keys: Iterable[str]) -> None:
    """Forget mails that are gone."""
    gone = sorted(keys)
    for start in range(0, len(gone), _CHUNK):
        chunk = gone[start : start + _CHUNK]
        connection.execute(delete(mails).where(mails.c.source == source, mails.c.key.in_(chunk)))
