"""The worker process: deliver until nothing is left, wait, look again."""

import threading

import structlog

from digest import flow
from digest.app import App
from digest.errors import DigestError, StoreError

WAIT_SECONDS = 5.0
PAUSE_SECONDS = 300.0  # after a refusal: a server that is busy, or wants another password

_log = structlog.get_logger()


def work(app: App, stop: threading.Event) -> None:
    """Deliver what is queued until ``stop`` is set; a run that fails is reported and repeated."""
    pause = _deliver(app, stop)  # whatever waits: the outbox brings its index page up to date
    while not stop.wait(pause):
        pause = _deliver(app, stop, idly=True)


def _deliver(app: App, stop: threading.Event, *, idly: bool = False) -> float:
    """Return how many seconds to wait before the next run; ``idly`` if nothing may be queued."""
    try:
        if idly and not flow.anything_waits(app):
            return WAIT_SECONDS
        refused = flow.deliver_issues(app, stopping=stop.is_set).error
    except StoreError as error:
        _log.error("delivery.stopped", error=str(error))
        return WAIT_SECONDS
    except DigestError as error:
        refused = str(error)
    except Exception as error:  # noqa: BLE001 -- the worker outlives a bug in one run
        _log.error("delivery.stopped", exc_info=error)
        return PAUSE_SECONDS
    if refused is None:
        return WAIT_SECONDS
    _log.error("delivery.stopped", error=refused)
    return PAUSE_SECONDS
