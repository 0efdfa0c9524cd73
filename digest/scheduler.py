"""The scheduler process: a tick only means "look in the database what is due"."""

from collections.abc import Callable
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from digest import flow
from digest.app import App
from digest.errors import DigestError

TICK_SECONDS = 60
TIDY_SECONDS = 3600

_log = structlog.get_logger()


def open_scheduler(app: App) -> BackgroundScheduler:
    """Return a scheduler, not yet started, that ingests, prepares and reads what came back
    once a minute, and tidies up once an hour.

    A tick that comes late or while the last one still works is one tick (coalesced), never
    skipped: APScheduler would drop one that is over a second late otherwise.
    """
    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(3)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for job, tick, seconds in (
        (flow.Job.INGEST, ingest_tick, TICK_SECONDS),
        (flow.Job.PREPARE, prepare_tick, TICK_SECONDS),
        (flow.Job.BOUNCES, bounce_tick, TICK_SECONDS),
        (flow.Job.WATCH, watch_tick, TICK_SECONDS),
        (flow.Job.TIDY, tidy_tick, TIDY_SECONDS),
    ):
        scheduler.add_job(
            _guarded(job, tick),
            "interval",
            args=[app],
            name=tick.__name__,
            seconds=seconds,
            next_run_time=app.clock(),
        )
    return scheduler


def ingest_tick(app: App) -> None:
    """Ask the sources that may be asked again; what came may be what somebody waits for."""
    if flow.ingest_listings(app, patient=True):
        flow.prepare_issues(app)


def prepare_tick(app: App) -> None:
    """Take the turns that are due."""
    flow.prepare_issues(app)


def bounce_tick(app: App) -> None:
    """Read what came back."""
    flow.fetch_bounces(app)


def watch_tick(app: App) -> None:
    """Tell the operator what goes wrong."""
    flow.watch(app)


def tidy_tick(app: App) -> None:
    """Forget who never confirmed."""
    flow.forget_unconfirmed(app)


def _guarded(job: flow.Job, tick: Callable[[App], None]) -> Callable[[App], None]:
    """A tick is noted, and one that fails reported; the next one comes all the same."""

    def guarded(app: App) -> None:
        try:
            flow.note_run(app, job, partial(tick, app))
        except DigestError as error:
            _log.error("tick.failed", tick=tick.__name__, error=str(error))
        except Exception as error:  # noqa: BLE001 -- the scheduler outlives a bug in one tick
            _log.error("tick.failed", tick=tick.__name__, exc_info=error)

    return guarded
