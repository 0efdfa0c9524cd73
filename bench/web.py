"""How fast the pages are: ``python -m bench.web`` prints a Markdown table.

``digest web``, one process over a SQLite file, with 10,000 papers in the window, under wrk; beside
it, served by uvicorn in the same way, a bare Starlette route that reads the body and answers with
as many bytes. Both are asked in turns with the same wrk settings. No preview and no unsubscribe
token is asked for twice; all answers have to be 2xx, and whoever unsubscribed has to be gone.
"""

import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr

from bench._papers import made_up, wish
from digest import store
from digest.app import App, open_app
from digest.model import Interest, Profile, Subscriber, SubscriberState, Wishes
from digest.settings import Settings
from digest.tokens import Purpose

PAPERS = 10_000
READERS = 40_000
PREVIEWS = 20_000
SECONDS = 2
ROUNDS = 5
CONNECTIONS = (1, 32)
WRK = Path(__file__).with_name("wrk.lua")
SECRET = "a secret for the benchmark"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Load:
    """Requests of one kind, for wrk: ``file`` has ``lines``; an answer has ``size`` bytes."""

    name: str
    file: Path
    lines: int
    size: int


@dataclass(frozen=True, slots=True)
class Run:
    """What wrk counted in one run: requests, requests per second, times in ms, failures."""

    requests: int
    rate: float
    p50: float
    p99: float
    failed: int


@dataclass(slots=True)
class Row:
    """One line of the table, run by run; ``sent`` are the lines of ``load`` used up."""

    load: Load
    connections: int
    ours: list[Run] = field(default_factory=list)
    peer: list[Run] = field(default_factory=list)


def main(rounds: int = ROUNDS) -> None:
    """Measure and print the table."""
    if shutil.which("wrk") is None:
        print("This benchmark needs wrk: apt-get install wrk")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = open_app(
            Settings(database=f"sqlite:///{folder / 'digest.db'}", secret=SecretStr(SECRET))
        )
        _fill(app)
        with _serving(folder, _ours(folder)) as here, _serving(folder, _peer()) as there:
            rows = _measured(_loads(app, folder, here), here, there, rounds)
        _print(rows)
        _check(app, rows)
        app.engine.dispose()


def _fill(app: App) -> None:
    """Store what the pages work on: papers seen today, and readers who may leave."""
    store.upgrade(app.engine)
    now = datetime.now(UTC)
    papers = list(made_up(PAPERS, random.Random(1), on=now.date()))
    with store.writing(app.engine) as connection:
        store.papers.add(connection, papers, on=now.date(), seen_at=now)
        for number in range(READERS):
            store.subscribers.add(connection, _reader(number, now))


def _reader(number: int, now: datetime) -> Subscriber:
    return Subscriber(
        id=f"{number:032x}",
        email=f"reader{number}@example.org",
        state=SubscriberState.ACTIVE,
        wishes=Wishes(profile=Profile(interests=(Interest(name="Sparse", text="sparse models"),))),
        created_at=now,
        due_at=now + timedelta(days=1),
    )


def _ours(folder: Path) -> list[str]:
    config = folder / "config.yaml"
    config.write_text(f"database: sqlite:///{folder / 'digest.db'}\nsecret: {SECRET}\n")
    return ["-m", "digest", "--config", str(config), "web", "--port", "0"]


def _peer() -> list[str]:
    return ["-m", "bench._peer"]


@contextmanager
def _serving(folder: Path, command: Sequence[str]) -> Iterator[str]:
    """Run a server; yields the address it says it listens on."""
    with subprocess.Popen(
        [sys.executable, *command], stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as server:
        assert server.stderr is not None
        try:
            found = next(re.finditer(r"http://[^/\s]+", "".join(_until_listening(server.stderr))))
            yield found[0]
        finally:
            server.terminate()


def _until_listening(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if "Listening" in line:
            return


def _loads(app: App, folder: Path, here: str) -> list[Load]:
    """Write the requests down for wrk, once the pages have indexed their papers."""
    chance = random.Random(2)
    previews = [f"POST /preview {urlencode({'text-0': wish(chance)})}" for _ in range(PREVIEWS)]
    tokens = (app.signer.sign(Purpose.UNSUBSCRIBE, f"{n:032x}") for n in range(READERS))
    leaving = [f"POST /unsubscribe/{token} List-Unsubscribe=One-Click" for token in tokens]
    _wait_for_preview(here)
    return [
        _load(folder / "form.txt", here, "sign-up page, GET", ["GET / "]),
        _load(folder / "previews.txt", here, "living preview, POST", previews),
        _load(folder / "leaving.txt", here, "one-click unsubscribe, POST", leaving),
    ]


def _wait_for_preview(here: str) -> None:
    began = perf_counter()
    while f"of {PAPERS:,} recent papers" not in _look(here):
        sleep(0.1)
    print(f"The first preview stood {perf_counter() - began:.1f} s after the process.\n")


def _look(here: str) -> str:
    body = urlencode({"text-0": "sparse models"})
    return httpx.post(f"{here}/preview", content=body, headers=FORM, timeout=120).text


def _load(file: Path, here: str, name: str, lines: Sequence[str]) -> Load:
    method, path, body = lines[-1].split(" ", 2)
    answer = httpx.request(method, here + path, content=body, headers=FORM).raise_for_status()
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    return Load(name, file, len(lines), len(answer.content))


def _measured(loads: Sequence[Load], here: str, there: str, rounds: int) -> list[Row]:
    """Ask for everything in turns; the first round warms up, and is not shown."""
    rows = [Row(load, connections) for load in loads for connections in CONNECTIONS]
    used = dict.fromkeys((load.name for load in loads), 0)
    for _ in range(rounds + 1):
        for row in rows:
            first = used[row.load.name]
            row.ours.append(_ask(row, here, first, "as it stands"))
            row.peer.append(_ask(row, there, first, str(row.load.size)))
            used[row.load.name] += row.ours[-1].requests + row.connections
    return rows


def _ask(row: Row, server: str, first: int, size: str) -> Run:
    """Let wrk send lines from the ``first`` on."""
    command = [
        "wrk",
        "-t1",
        f"-c{row.connections}",
        f"-d{SECONDS}s",
        "--timeout=60s",
        "-s",
        str(WRK),
        server,
    ]
    told = subprocess.run(
        [*command, "--", str(row.load.file), str(first), size],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    requests, micros, p50, p99, failed = told.splitlines()[-1].split()
    rate = int(requests) / int(micros) * 1e6
    return Run(int(requests), rate, float(p50) / 1e3, float(p99) / 1e3, int(failed))


def _print(rows: Sequence[Row]) -> None:
    print("| page | connections | requests/s | p50 ms | p99 ms | bare route/s | p99 ms | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        rate, p50, p99 = _medians(row.ours)
        bare, _, bare_p99 = _medians(row.peer)
        print(
            f"| {row.load.name}, {row.load.size / 1000:.1f} kB | {row.connections} | {rate:,.0f} | "
            f"{p50:.1f} | {p99:.1f} | {bare:,.0f} | {bare_p99:.1f} | {bare / rate:.1f} |"
        )


def _medians(runs: Sequence[Run]) -> tuple[float, float, float]:
    counted = runs[1:]
    return (
        median(run.rate for run in counted),
        median(run.p50 for run in counted),
        median(run.p99 for run in counted),
    )


def _check(app: App, rows: Sequence[Row]) -> None:
    """Stop with an assertion unless every answer was 2xx and every press let a reader leave."""
    failed = sum(run.failed for row in rows for run in (*row.ours, *row.peer))
    assert not failed, f"{failed} answers were not 2xx"
    pressed = sum(run.requests for row in rows[-len(CONNECTIONS) :] for run in row.ours)
    with store.reading(app.engine) as connection:
        left = store.subscribers.count_by_state(connection).get(SubscriberState.UNSUBSCRIBED, 0)
    assert left >= min(pressed, READERS), (left, pressed)
    print(f"\nAll answers were 2xx; {pressed:,} presses let {left:,} of {READERS:,} readers leave.")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
