"""The worker process: deliver until nothing is left, wait, look again."""

import threading

import structlog

from digest import flow
from digest.app import App
from digest.errors import DigestError

WAIT_SECONDS = 5.0

_log = structlog.get_logger()


def work(app: App, stop: threading.Event) -> None:
    """Deliver what is queued until ``stop`` is set; a run that fails is reported and repeated."""
    while not stop.is_set():
        _deliver(app, stop)
        stop.wait(WAIT_SECONDS)


def _deliver(app: App, stop: threading.Event) -> None:
    try:
        delivered = flow.deliver_issues(app, stopping=stop.is_set)
    except DigestError as error:
        _log.error("delivery.stopped", error=str(error))
    except Exception as error:  # noqa: BLE001 -- the worker outlives a bug in one run
        _log.error("delivery.stopped", exc_info=error)
    else:
        if delivered.error:
            _log.error("delivery.stopped", error=delivered.error)
