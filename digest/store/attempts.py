"""How often something was tried lately: a storage of the library ``limits`` in our database.

A limit of *n* is *n* seats. Who gets in takes a free one for as long as the limit counts; a
conditional upsert per seat decides races, so never more than *n* get in within any such time, in
whatever number of processes.
"""

from datetime import datetime, timedelta

from limits.storage import MovingWindowSupport, Storage
from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, select, tuple_

from digest.store import upsert
from digest.store.schema import attempts

_KEY = (attempts.c.key, attempts.c.seat)


class Attempts(Storage, MovingWindowSupport):
    """The attempts as they stand at ``now``, counted in the caller's transaction.

    For the library's ``MovingWindowRateLimiter``, which asks no clock of its own. A transaction
    that counts under several keys takes them in the same order as every other: it may wait for a
    seat that another has taken and not yet committed.
    """

    STORAGE_SCHEME = None

    def __init__(self, connection: Connection, now: datetime) -> None:
        super().__init__()
        self._connection = connection
        self._now = now

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What the library may wrap: nothing, ``store.writing`` translates."""
        return ()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Take ``amount`` of ``limit`` seats for ``expiry`` seconds: all of them or none."""
        taken = self._taken(key)
        got: list[int] = []
        for seat in range(limit):
            if len(got) < amount and seat not in taken and self._take(key, seat, expiry):
                got.append(seat)
        if len(got) < amount:
            self._connection.execute(
                delete(attempts).where(attempts.c.key == key, attempts.c.seat.in_(got))
            )
        return len(got) >= amount

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the oldest attempt that counts was made (POSIX time), and how many do."""
        return self._first_until(key, timedelta(seconds=expiry)), self.get(key)

    def get(self, key: str) -> int:
        """Return how many attempts count."""
        return len(self._taken(key))

    def get_expiry(self, key: str) -> float:
        """Return when the first of them is forgotten (POSIX time); now when none counts."""
        return self._first_until(key)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse the fixed window: twice its share gets in where two of them touch."""
        raise NotImplementedError("these attempts are for the moving window")

    def check(self) -> bool:
        """Return whether the database answers; if not, it raises."""
        return self._connection.execute(select(literal(True))).scalar_one()

    def reset(self) -> int:
        """Forget all attempts; returns how many those were."""
        return self._connection.execute(delete(attempts)).rowcount

    def clear(self, key: str) -> None:
        """Forget the attempts under one key."""
        self._connection.execute(delete(attempts).where(attempts.c.key == key))

    def _live(self, key: str) -> ColumnElement[bool]:
        return and_(attempts.c.key == key, attempts.c.until > self._now)

    def _taken(self, key: str) -> frozenset[int]:
        query = select(attempts.c.seat).where(self._live(key))
        return frozenset(self._connection.execute(query).scalars())

    def _take(self, key: str, seat: int, expiry: int) -> bool:
        until = self._now + timedelta(seconds=expiry)
        taken = self._connection.execute(
            upsert.insert(self._connection, attempts)
            .values(key=key, seat=seat, until=until)
            .on_conflict_do_update(
                index_elements=_KEY, set_={"until": until}, where=attempts.c.until <= self._now
            )
            .returning(attempts.c.seat)
        )
        return taken.first() is not None

    def _first_until(self, key: str, less: timedelta = timedelta()) -> float:
        query = select(func.min(attempts.c.until)).where(self._live(key))
        until: datetime | None = self._connection.execute(query).scalar()
        return (until - less if until else self._now).timestamp()


def forget(connection: Connection, *, now: datetime) -> None:
    """Delete what no longer counts. Waits for nobody; what others are taking stays."""
    over = select(*_KEY).where(attempts.c.until <= now).with_for_update(skip_locked=True)
    connection.execute(delete(attempts).where(tuple_(*_KEY).in_(over)))
