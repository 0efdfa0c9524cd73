"""What went wrong, told to the operator."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import structlog

from digest import compose, deliver, store
from digest.app import App
from digest.errors import DigestError
from digest.flow.alarm import nameless, tell
from digest.flow.pulse import UNBALANCED, Job, overdue, silent
from digest.model import Freshness, SourceDay
from digest.store.hosts import RELAY
from digest.store.jobs import JobRecord
from digest.store.measures import Losses, Stuck

_LATELY = timedelta(days=1)
_SOON = timedelta(hours=1)
_MISSING = (Freshness.LATE, Freshness.STALE, Freshness.BROKEN)

_log = structlog.get_logger()


def watch(app: App) -> tuple[str, ...]:
    """Tell the operator what goes wrong and was not told within the day; returns the sentences."""
    return tell(app, _keys(app), _troubles(app))


def _keys(app: App) -> tuple[deliver.DkimKey, ...]:
    """Return the keys to sign with; none when they are what is wrong."""
    try:
        return tuple(app.open_keys())
    except DigestError as error:
        _log.warning("watch.unsigned", error=str(error))
        return ()


def _troubles(app: App) -> dict[str, str]:
    """Return what is wrong, by its cause."""
    now = app.clock()
    with store.reading(app.engine) as connection:
        days = store.source_days.latest(connection)
        losses = store.measures.losses(connection, since=now - _LATELY)
        jobs = store.jobs.everything(connection)
        queue = store.measures.queue(connection, now=now)
        balanced = store.issues.balanced(connection)
        stuck = store.measures.stuck(connection, since=now - _SOON)
        resting = RELAY in store.hosts.load(connection)
    worker = jobs.get(Job.DELIVER)
    found = {
        "worker": silent("The worker", worker, now) if worker else None,
        "queue": overdue(queue, now),
        "books": None if balanced else UNBALANCED,
        "stuck": _stuck(stuck),
        **dict(_lost(losses)),
        **dict(_failed(jobs, now, relay_told=resting)),
        **dict(_missing(days, now)),
    }
    return {cause: said for cause, said in found.items() if said}


def _lost(losses: Losses) -> Iterator[tuple[str, str]]:
    if losses.failed:
        said = nameless(losses.words or "").rstrip(".")
        words = f"; the last answer: {said}" if said else ""
        yield "failed", f"{compose.count(losses.failed, 'mail')} of the last day failed{words}."
    if losses.uncertain:
        lost = compose.count(losses.uncertain, "mail")
        yield "uncertain", f"Nobody knows whether {lost} of the last day arrived."
    if losses.turns:
        yield "turns", f"{compose.count(losses.turns, 'turn')} of the last day failed: see the log."


def _stuck(stuck: Stuck) -> str | None:
    if not stuck.waiting:
        return None
    said = nameless(stuck.words or "").rstrip(".")
    waiting = f"{compose.count(stuck.waiting, 'mail')} put off more than once"
    return f"No mail was taken within the hour, and {waiting}; the last answer: {said}."


def _failed(
    jobs: Mapping[str, JobRecord], now: datetime, *, relay_told: bool
) -> Iterator[tuple[str, str]]:
    """Yield the runs that stopped; that the relay refuses us is told when it begins to."""
    for name, job in jobs.items():
        if name == Job.ALARM:
            continue
        fresh = job.failed_at is not None and now - job.failed_at <= _LATELY
        if job.error and fresh and not (relay_told and name == Job.DELIVER):
            yield f"job {name}", f"The last run of {name} stopped: {job.error.rstrip('.')}."


def _missing(days: Mapping[str, SourceDay], now: datetime) -> Iterator[tuple[str, str]]:
    for name, day in days.items():
        if day.freshness in _MISSING and now - day.checked_at <= _LATELY:
            yield f"source {name}", f"The source {name} is {day.freshness}: {day.reason}"
