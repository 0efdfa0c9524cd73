"""The worker process: deliver until nothing is left, wait, look again."""

import threading
import time
from dataclasses import dataclass

import structlog

from digest import flow
from digest.app import App
from digest.errors import DigestError, StoreError

WAIT_SECONDS = 5.0
BEAT_SECONDS = 60.0
PAUSE_SECONDS = 300.0  # after a refusal: a server that is busy, or wants another password

_log = structlog.get_logger()


@dataclass(slots=True)
class _Pulse:
    """Shows that the worker is there, however little there is to do, and however much."""

    app: App
    shown: float = -BEAT_SECONDS

    def beat(self) -> None:
        """Note it, if the last time is a while ago."""
        now = time.monotonic()
        if now - self.shown >= BEAT_SECONDS:
            self.shown = now
            flow.beat(self.app, flow.Job.DELIVER)


def work(app: App, stop: threading.Event) -> None:
    """Deliver what is queued until ``stop`` is set; a run that fails is reported and repeated."""
    pulse = _Pulse(app)
    pause = _deliver(pulse, stop)  # whatever waits: the outbox brings its index page up to date
    while not stop.wait(pause):
        pause = _deliver(pulse, stop, idly=True)


def _deliver(pulse: _Pulse, stop: threading.Event, *, idly: bool = False) -> float:
    """Return how many seconds to wait before the next run; ``idly`` if nothing may be queued."""
    try:
        pulse.beat()
        if idly and not flow.anything_waits(pulse.app):
            return WAIT_SECONDS
        refused = flow.note_run(pulse.app, flow.Job.DELIVER, lambda: _run(pulse, stop))
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


def _run(pulse: _Pulse, stop: threading.Event) -> str | None:
    """Deliver, and look at the books; return why it stopped early, if it did."""
    done = flow.deliver_issues(pulse.app, told=lambda _: pulse.beat(), stopping=stop.is_set)
    flow.check_books(pulse.app)
    return done.error
