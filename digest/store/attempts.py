"""How often something was tried lately: nobody may make us write too much mail."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from digest.store import upsert
from digest.store.schema import attempts


def count(connection: Connection, key: str, *, most: int, within: timedelta, now: datetime) -> bool:
    """Count an attempt under ``key``; False when there were ``most`` already.

    The time counts from the first attempt. The conditional UPDATE decides who of many at once is
    the last that may.
    """
    connection.execute(delete(attempts).where(attempts.c.until <= now))
    counted = connection.execute(
        upsert.insert(connection, attempts)
        .values(key=key, count=1, until=now + within)
        .on_conflict_do_update(
            index_elements=[attempts.c.key],
            set_={"count": attempts.c.count + 1},
            where=attempts.c.count < most,
        )
        .returning(attempts.c.key)
    )
    return counted.first() is not None
