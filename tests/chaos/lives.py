"""Lives that end early: processes forked from a warm one, so that a kill costs little.

Each opens an installation of its own, as every process does, says that it has begun, and works
until it is done or killed: from outside, at some moment, or by itself, at some call of a function.
"""

import contextlib
import itertools
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import structlog

from digest import flow, worker
from digest.app import App
from digest.deliver.smtp import SmtpTransport
from digest.store import engine
from tests.flow.world import Clock, open_world

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["pytest", __name__])

MOST = 12  # messages that a process settles before it dies at the latest

Work = Callable[[App], object]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an installation lies, what its clock says, and how its processes are set."""

    database: str
    folder: Path
    clock: Clock = field(default_factory=Clock)
    settings: dict[str, Any] = field(default_factory=dict)
    busy: int | None = None  # milliseconds a process waits for a locked database


@dataclass(frozen=True)
class Life:
    """A process that has begun to work."""

    process: ForkServerProcess

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    @property
    def frozen(self) -> bool:
        """Whether it is stopped."""
        said = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return said.rpartition(")")[2].split()[0] == "T"

    def shrink(self, limit: int) -> None:
        """Let it write no file beyond ``limit`` bytes, as if its disk were full; -1: any."""
        assert self.process.pid is not None
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, hard))

    def tell_to_stop(self) -> None:
        """Ask a worker to finish."""
        self._signal(signal.SIGTERM)

    def end(self, *, within: float = 60) -> bool:
        """Wait for the end; returns whether it was a violent one."""
        self.process.join(within)
        assert self.process.exitcode in (0, -signal.SIGKILL), self.process.exitcode
        return self.process.exitcode != 0

    def _signal(self, number: signal.Signals) -> None:
        assert self.process.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)


@contextlib.contextmanager
def life(place: Place, work: Work, *, calls: int | None = None) -> Iterator[Life]:
    """Begin a process that does ``work`` and dies at the ``calls``-th call, if it is given one.

    Its log lies in ``place.folder / "log"``. What still lives at the end of the block is killed.
    """
    here, there = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_live, args=(place, work, calls, there))
    process.start()
    there.close()
    begun = Life(process)
    try:
        with here, contextlib.suppress(EOFError):  # it may have died by now
            assert here.poll(60), "it did not begin"
            here.recv_bytes()
        yield begun
    finally:
        begun.kill()
        process.join()
        process.close()


def deliver(app: App) -> None:
    """Deliver what is queued; die in the end, in the middle of a transaction, if nothing else comes
    first: what is left is for the next."""
    left = MOST

    def told(settled: int) -> None:
        nonlocal left
        left -= settled
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    flow.deliver_issues(app, told=told)


def freeze_before_the_dot(app: App) -> None:
    """Deliver, and freeze when a message is marked SENDING and its content not said."""
    _freeze_in("release")
    flow.deliver_issues(app)


def freeze_after_the_dot(app: App) -> None:
    """Deliver, and freeze when all was said and no answer heard."""
    _freeze_in("wait")
    flow.deliver_issues(app)


def _freeze_in(step: str) -> None:
    """Freeze in the tenth call of a step of the transport's, until somebody thaws us."""
    left = itertools.count(10, -1)
    take = getattr(SmtpTransport, step)

    def step_frozen(*given: Any) -> Any:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        return take(*given)

    setattr(SmtpTransport, step, step_frozen)


def work(app: App) -> None:
    """Be a worker until told to stop; one that does not pause for long."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.WAIT_SECONDS = worker.PAUSE_SECONDS = 0.2
    worker.work(app, stop)


def _live(place: Place, work: Work, calls: int | None, begun: Connection) -> None:
    if place.busy is not None:
        engine._BUSY_TIMEOUT_MS = place.busy
    with (
        (place.folder / "log").open("a", buffering=1) as log,
        open_world(place.database, place.folder, clock=place.clock, **place.settings) as world,
    ):
        structlog.configure(
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
            logger_factory=structlog.WriteLoggerFactory(file=log),
        )
        begun.send_bytes(b"begun")
        if calls is not None:
            _die_at(calls)
        work(world.app)


def _die_at(calls: int) -> None:
    """Die at the ``calls``-th beginning or end of a function, whosever it is, in Python or C."""
    left = itertools.count(calls, -1)

    def count(*_: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
