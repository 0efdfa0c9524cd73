"""Who is at work: each run of a job is noted, and whether all is ready is told from that."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from digest import store
from digest.app import App
from digest.errors import StoreError
from digest.store.jobs import JobRecord
from digest.store.measures import Queue

SILENCE = timedelta(minutes=10)  # a scheduler ticks every minute, a worker pauses for five
LONGEST_RUN = timedelta(hours=1)
OVERDUE = timedelta(minutes=30)
UNBALANCED = "The books do not balance: please report this with your database."

_log = structlog.get_logger()


class Job(StrEnum):
    """What the processes do over and over."""

    INGEST = "ingest"
    PREPARE = "prepare"
    DELIVER = "deliver"
    BOUNCES = "bounces"
    TIDY = "tidy"
    WATCH = "watch"
    ALARM = "alarm"  # telling the operator: its error is what could not be told yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether all that has to run does; ``problems`` are sentences about what does not."""

    papers: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What is counted, by the store alone: the same whichever process is asked."""

    announced: Mapping[str, int]
    turns: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int]
    bounces: Mapping[str, int]
    heard_at: Mapping[str, datetime]
    waiting: int
    oldest: timedelta
    jobs: Mapping[str, JobRecord]


def note_run(app: App, job: Job, work: Callable[[], str | None]) -> str | None:
    """Do ``work``, which returns why it ended early, if so, and note how it went; what it raises is
    noted and raised."""
    with store.writing(app.engine) as connection:
        store.jobs.begin(connection, job, now=app.clock())
    began = time.perf_counter()
    try:
        error = work()
    except Exception as failure:
        _end(app, job, began, str(failure) or type(failure).__name__)
        raise
    _end(app, job, began, error)
    return error


def _end(app: App, job: Job, began: float, error: str | None) -> None:
    seconds = time.perf_counter() - began
    try:
        with store.writing(app.engine) as connection:
            store.jobs.end(connection, job, seconds=seconds, error=error, now=app.clock())
    except StoreError as failure:  # the work itself is done, or told already
        _log.warning("run.not_noted", job=job, error=str(failure))


def beat(app: App, job: Job) -> None:
    """Note that somebody is at a job, however little there is to do."""
    with store.writing(app.engine) as connection:
        store.jobs.beat(connection, job, now=app.clock())


def check_books(app: App) -> str | None:
    """Say that the books do not balance, if so, here and in the log. Raises StoreError."""
    with store.reading(app.engine) as connection:
        if store.issues.balanced(connection):
            return None
        _log.error("books.unbalanced", books=store.deliveries.books(connection))
    return UNBALANCED


def readiness(app: App) -> Readiness:
    """Return whether all is ready. Raises StoreError unless the database is where it should be,
    answers, and has the newest schema."""
    store.health.require_file(app.engine)
    store.require_migrated(app.engine)
    now = app.clock()
    with store.reading(app.engine) as connection:
        jobs = store.jobs.everything(connection)
        queue = store.measures.queue(connection, now=now)
        balanced = store.issues.balanced(connection)
        papers = store.papers.count(connection)
    problems = (
        silent("The scheduler", jobs.get(Job.PREPARE), now),
        silent("The worker", jobs.get(Job.DELIVER), now),
        overdue(queue, now),
        None if balanced else UNBALANCED,
    )
    return Readiness(papers=papers, problems=tuple(filter(None, problems)))


def silent(who: str, record: JobRecord | None, now: datetime) -> str | None:
    """Say that nobody is at a job, if so."""
    if record is None:
        return f"{who} was never there: start it."
    if now - record.beat_at <= SILENCE or _is_busy(record, now):
        return None
    return f"{who} was last there at {record.beat_at:%Y-%m-%dT%H:%MZ}: start it again."


def _is_busy(record: JobRecord, now: datetime) -> bool:
    """Whether a run is under way that may still end by itself."""
    began, ended = record.began_at, record.ended_at
    under_way = began is not None and (ended is None or ended < began)
    return under_way and began is not None and now - began <= LONGEST_RUN


def overdue(queue: Queue, now: datetime) -> str | None:
    """Say that mail waits for too long, if so."""
    if queue.since is None or now - queue.since <= OVERDUE:
        return None
    since = f"{queue.since:%Y-%m-%dT%H:%MZ}"
    return f"Mail is due since {since} and not sent ({queue.waiting}): look at the worker's log."


def measure(app: App) -> Measurements:
    """Return what is counted. Raises StoreError."""
    now = app.clock()
    with store.reading(app.engine) as connection:
        queue = store.measures.queue(connection, now=now)
        return Measurements(
            announced=store.measures.announced(connection),
            turns=store.measures.turns_by_result(connection),
            deliveries=store.measures.deliveries_by_state(connection),
            bounces=store.measures.bounces_by_kind(connection),
            heard_at=store.measures.heard_at(connection),
            waiting=queue.waiting,
            oldest=now - queue.since if queue.since else timedelta(0),
            jobs=store.jobs.everything(connection),
        )
