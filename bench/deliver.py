"""How fast issues leave: ``python -m bench.deliver`` prints a Markdown table.

The whole path: a queued issue is read from the store, composed (10 papers with abstracts, text and
HTML), signed off in the ledger (synchronous=FULL, as in production), and accepted by ``smtp-sink``.
Beside it ``smtp-source``, Postfix's own, which sends one and the same message of that size over as
many sessions, and two ways that most programs would go. All ways take their turns in one run.
"""

import asyncio
import gc
import json
import resource
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import aiosmtplib
from sqlalchemy import select, update

from bench._issues import PAPERS, job, matches_of, paper, wish
from bench.compose import email_message
from digest import deliver, flow, store
from digest.app import App, open_app
from digest.cli.session import start_log
from digest.flow.links import links_of
from digest.model import DeliveryState
from digest.settings import Settings
from digest.store.schema import deliveries, issues
from tests.conftest import start_postgresql

MESSAGES = 3000
FEW = 300  # for the slow ways
WISHES = 400
ROUNDS = 3
PROCESSES = 2
CONNECTIONS = 20  # of each process
DOMAINS = 30
HOST = "127.0.0.1"
_SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_SOURCE = shutil.which("smtp-source", path="/usr/sbin:/usr/bin:/usr/local/sbin")


@dataclass(slots=True)
class Row:
    """What one way came to, round by round."""

    rates: list[float] = field(default_factory=list)  # messages a second
    p99s: list[float] = field(default_factory=list)  # seconds from due to sent
    peaks: list[float] = field(default_factory=list)  # MB, of one process


def main(rounds: int = ROUNDS) -> None:
    """Measure and print the table."""
    if _SINK is None or _SOURCE is None:
        print("This benchmark needs smtp-sink and smtp-source: apt-get install postfix")
        return
    rows: dict[str, Row] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        _postgresql() as server,
        _sink() as port,
    ):
        databases = {"SQLite": f"sqlite:///{folder}/digest.db", "PostgreSQL": server}
        key = Path(folder) / "key.pem"
        key.write_bytes(deliver.make_key("rsa"))
        for url in databases.values():
            size = _fill(_open(url, port))
        for _ in range(rounds):
            for way, run in _ways(databases, port, size, key):
                run(rows.setdefault(way, Row()))
    _print(rows, size)


def _ways(
    databases: dict[str, str], port: int, size: int, key: Path
) -> Iterator[tuple[str, Callable[[Row], None]]]:
    yield "smtp-source, one connection a message", lambda row: _source(row, port, size)
    yield "smtp-source, connections kept", lambda row: _source(row, port, size, "-d")
    for name, url in databases.items():
        yield f"digest, {name}", partial(_ours, url=url, port=port)
    sqlite = databases["SQLite"]
    yield "digest, SQLite, signed (RSA-2048)", partial(_ours, url=sqlite, port=port, key=key)
    yield "EmailMessage + smtplib", lambda row: _peer(row, sqlite, port, "smtplib")
    yield "EmailMessage + aiosmtplib", lambda row: _peer(row, sqlite, port, "aiosmtplib")


# The servers


@contextmanager
def _sink() -> Iterator[int]:
    port = 9925
    sink = subprocess.Popen([str(_SINK), "-u", "root", f"{HOST}:{port}", "128"])
    time.sleep(0.5)
    try:
        yield port
    finally:
        sink.terminate()
        sink.wait()


@contextmanager
def _postgresql() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        server = start_postgresql(Path(folder))
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


# What is sent


def _open(url: str, port: int, key: Path | None = None) -> App:
    values: dict[str, Any] = {
        "database": url,
        "secret": "a secret for the benchmark",
        "sender": {"address": "digest@example.org", "bounces": "bounces@example.org"},
        "web": {"url": "https://digest.example.org"},
        "smtp": {"host": HOST, "port": port, "security": "none"},
        "deliver": {"connections": CONNECTIONS},
        "dkim": [{"selector": "bench", "key_file": key}] if key else [],
    }
    return open_app(Settings(**values))


def _fill(app: App) -> int:
    """Queue an issue for everybody; returns the size of one message, in bytes."""
    store.upgrade(app.engine)
    chance = Random(11)
    papers = [paper(n, chance) for n in range(PAPERS)]
    wishes = [wish(papers, chance) for _ in range(WISHES)]
    now = datetime.now(UTC)
    with store.writing(app.engine) as connection:
        store.papers.add(connection, papers, on=now.date(), seen_at=now)
        for n in range(MESSAGES):
            made = job(n, matches_of(wishes, chance), chance)
            name = UUID(int=chance.getrandbits(128)).hex
            reader = replace(
                made.subscriber,
                id=name,
                email=f"reader{n}@host{n % DOMAINS}.example.org",
                due_at=now + timedelta(days=2),
            )
            issue = replace(
                made.issue,
                id=UUID(int=chance.getrandbits(128)).hex,
                subscriber_id=name,
                created_at=now,
                next_due_at=now + timedelta(days=3),
            )
            store.subscribers.add(connection, reader, covered_until=now)
            store.issues.add(connection, issue, delivery_id=UUID(int=chance.getrandbits(128)).hex)
    (_, content), *_ = _messages(app, 1)
    return len(content)


def _queue(app: App) -> None:
    with store.writing(app.engine) as connection:
        connection.execute(
            update(deliveries).values(
                state=DeliveryState.QUEUED,
                due_at=datetime.now(UTC),
                expires_at=datetime.now(UTC) + timedelta(days=1),
                attempts=0,
            )
        )


# The ways


def _source(row: Row, port: int, size: int, *options: str) -> None:
    sessions = str(PROCESSES * CONNECTIONS)
    command = [str(_SOURCE), *options, "-s", sessions, "-m", str(MESSAGES), "-l", str(size)]
    started = time.perf_counter()
    subprocess.run([*command, f"{HOST}:{port}"], check=True)
    row.rates.append(MESSAGES / (time.perf_counter() - started))


def _ours(row: Row, url: str, port: int, key: Path | None = None) -> None:
    app = _open(url, port)
    _queue(app)
    seconds, told = _race(PROCESSES, "work", url, str(port), *([str(key)] if key else []))
    with store.reading(app.engine) as connection:
        rows = connection.execute(
            select(deliveries.c.state, deliveries.c.settled_at, deliveries.c.due_at)
        ).all()
    app.engine.dispose()
    assert {each.state for each in rows} == {DeliveryState.SENT}, "not everything was sent"
    waits = sorted((each.settled_at - each.due_at).total_seconds() for each in rows)
    row.rates.append(MESSAGES / seconds)
    row.p99s.append(waits[len(waits) * 99 // 100])
    row.peaks.append(max(each["peak"] for each in told))


def _peer(row: Row, url: str, port: int, way: str) -> None:
    seconds, told = _race(1, way, url, str(port))
    row.rates.append(FEW / seconds)
    row.peaks.append(max(each["peak"] for each in told))


def _race(processes: int, *role: str) -> tuple[float, list[dict[str, float]]]:
    """Start processes, let them go together; returns how long the last took, and what they say."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.deliver", *role],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    started = time.perf_counter()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in running]
    seconds = time.perf_counter() - started
    assert not any(process.returncode for process in running)
    return seconds, [json.loads(each) for each in said]


def _role(way: str, url: str, port: int, key: Path | None = None) -> None:
    """Be one of the processes that send."""
    app = _open(url, port, key)
    start_log(Settings(), quiet=False)
    gc.freeze()  # as the commands do that deliver
    print("ready", flush=True)
    sys.stdin.readline()
    if way == "work":
        flow.deliver_issues(app)
    elif way == "smtplib":
        _by_smtplib(app, port)
    else:
        asyncio.run(_by_aiosmtplib(app, port))
    print(json.dumps({"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def _by_smtplib(app: App, port: int) -> None:
    with smtplib.SMTP(HOST, port) as connection:
        for address, content in _messages(app, FEW):
            connection.sendmail(app.sender.address, [address], content)


async def _by_aiosmtplib(app: App, port: int) -> None:
    async with aiosmtplib.SMTP(hostname=HOST, port=port, start_tls=False) as connection:
        for address, content in _messages(app, FEW):
            await connection.sendmail(app.sender.address, [address], content)


def _messages(app: App, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield messages as most programs would make them, from issues in the store."""
    with store.reading(app.engine) as connection:
        ids = connection.execute(select(issues.c.id).limit(count)).scalars().all()
        loaded = store.issues.load(connection, ids)
        readers = store.subscribers.load(connection, [i.subscriber_id for i in loaded.values()])
    for issue in loaded.values():
        reader = readers[issue.subscriber_id]
        links = links_of(app, issue, reader)
        yield reader.email, email_message(app.composer.compose(issue, reader, app.sender, links))


def _print(rows: dict[str, Row], size: int) -> None:
    print(
        f"One message: 10 papers, {size / 1000:.0f} kB; {MESSAGES} messages ({FEW} for the last two"
        f" ways), {PROCESSES} processes with {CONNECTIONS} connections each; medians of"
        f" {len(next(iter(rows.values())).rates)} rounds.\n"
    )
    print("| way | messages/s | ratio | p99 s from due to sent | peak MB a process |")
    print("|---|---:|---:|---:|---:|")
    base = next(iter(rows.values())).rates
    for way, row in rows.items():
        ratio = median(ours / theirs for ours, theirs in zip(row.rates, base, strict=True))
        more = [
            f"{median(row.p99s):.1f}" if row.p99s else "",
            f"{median(row.peaks):.0f}" if row.peaks else "",
        ]
        print(f"| {way} | {median(row.rates):,.0f} | {ratio:.2f} | {' | '.join(more)} |")


if __name__ == "__main__":
    if sys.argv[1:]:
        _role(sys.argv[1], sys.argv[2], int(sys.argv[3]), *map(Path, sys.argv[4:]))
    else:
        main()
