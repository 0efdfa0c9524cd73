"""What the processes do over and over: when each was last at it, how long it took, how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from digest.store import upsert
from digest.store.schema import jobs

BOUNDS: Final = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)  # seconds
_NONE: Final = [0] * (len(BOUNDS) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job of any process: when somebody was last at it, the run under way (``began_at``, while
    ``ended_at`` is older), the last failure, and how many runs took up to each of ``BOUNDS``."""

    name: str
    beat_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    failed_at: datetime | None
    error: str | None  # of the last run; None: it went well
    seconds: float
    times: Sequence[int]


def beat(connection: Connection, name: str, *, now: datetime) -> None:
    """Record that somebody is at a job."""
    _set(connection, name, now=now)


def begin(connection: Connection, name: str, *, now: datetime) -> None:
    """Record that a run of a job begins."""
    _set(connection, name, now=now, began_at=now)


def end(
    connection: Connection, name: str, *, seconds: float, error: str | None, now: datetime
) -> None:
    """Record that a run ended, how long it took, and why it failed, if so."""
    failure = {} if error is None else {"failed_at": now}
    query = select(jobs.c.times).where(jobs.c.name == name).with_for_update()
    times = list(connection.execute(query).scalar_one_or_none() or _NONE)
    times[sum(bound < seconds for bound in BOUNDS)] += 1
    _set(connection, name, now=now, ended_at=now, error=error, times=times, **failure)
    longer = update(jobs).where(jobs.c.name == name).values(seconds=jobs.c.seconds + seconds)
    connection.execute(longer)


def note(connection: Connection, name: str, *, error: str | None, now: datetime) -> None:
    """Record what is left of a job that takes no time worth counting."""
    failure = {} if error is None else {"failed_at": now}
    _set(connection, name, now=now, error=error, **failure)


def everything(connection: Connection) -> dict[str, JobRecord]:
    """Return all jobs that were ever begun, by their names."""
    return {row.name: _job(row) for row in connection.execute(select(jobs))}


def _set(connection: Connection, name: str, *, now: datetime, **values: Any) -> None:
    new = {"name": name, "seconds": 0.0, "times": _NONE, "beat_at": now}
    connection.execute(
        upsert.insert(connection, jobs)
        .values(new | values)
        .on_conflict_do_update(index_elements=["name"], set_={"beat_at": now} | values)
    )


def _job(row: Row[Any]) -> JobRecord:
    return JobRecord(
        name=row.name,
        beat_at=row.beat_at,
        began_at=row.began_at,
        ended_at=row.ended_at,
        failed_at=row.failed_at,
        error=row.error,
        seconds=row.seconds,
        times=tuple(row.times),
    )
