"""100,000 papers in dumps → the store: does the rate hold, and what does it cost?

Against two limits on the same bytes in the same run: reading and splitting the lines alone, and
``sqlite3`` inserting titles and abstracts alone (one commit per listing, synchronous=FULL).

    python -m bench.ingest [PAPERS]
"""

import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from digest import flow, store
from digest.app import open_app
from digest.settings import Settings

PAPERS = 100_000
PER_LISTING = 500
BLOCKS = 10

_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fe",
    "gu",
    "ha",
    "ji",
    "ke",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "sa",
    "ti",
    "vu",
    "wa",
    "xe",
    "zo",
]


def main(papers: int = PAPERS) -> None:
    """Run and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        dumps = list(write_dumps(Path(folder), papers))
        lines = _rate(papers, lambda: [path.read_text().splitlines() for path in dumps])
        raw = _rate(papers, lambda: insert_alone(Path(folder) / "raw.db", dumps))
        rates = list(ingest(Path(folder), dumps))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    mean = len(rates) / sum(1 / rate for rate in rates)
    print(f"{papers:,} papers in {len(dumps)} dumps, SQLite, one commit per dump\n")
    print("| what | papers/s | ratio to ours |\n|---|---|---|")
    print(f"| reading and splitting the lines alone | {lines:,.0f} | {lines / mean:.1f} |")
    print(f"| sqlite3 inserting title and abstract alone | {raw:,.0f} | {raw / mean:.1f} |")
    print(f"| digest ingest, all | {mean:,.0f} | 1 |")
    print(f"| … first tenth | {rates[0]:,.0f} | {rates[0] / mean:.2f} |")
    print(f"| … last tenth | {rates[-1]:,.0f} | {rates[-1] / mean:.2f} |")
    print(f"\nlast tenth / first tenth: {rates[-1] / rates[0]:.2f}; peak memory {peak:,.0f} MB")


def write_dumps(folder: Path, papers: int) -> Iterator[Path]:
    """Write made-up dumps in the blank-line layout; yields their paths."""
    chance = random.Random(1)
    vocabulary = ["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(30000)]
    for number in range(0, papers, PER_LISTING):
        entries = (_entry(chance, vocabulary, number + n) for n in range(PER_LISTING))
        path = folder / f"dump-{number:06}.txt"
        path.write_text("Daily Papers\n\nNov 19\n\n" + "\n\n".join(entries) + "\n")
        yield path


def _entry(chance: random.Random, vocabulary: list[str], number: int) -> str:
    title = " ".join(word.capitalize() for word in chance.choices(vocabulary, k=9))
    sentences = (" ".join(chance.choices(vocabulary, k=20)).capitalize() + "." for _ in range(8))
    return f"{title} {number}\n\n{' '.join(sentences)}"


def insert_alone(database: Path, dumps: list[Path]) -> None:
    """Insert every title and abstract with nothing around it: the floor of any store."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE papers (title TEXT PRIMARY KEY, abstract TEXT)")
    for path in dumps:
        blocks = path.read_text().rstrip().split("\n\n")[2:]
        connection.execute("BEGIN")
        rows = zip(blocks[::2], blocks[1::2], strict=True)
        connection.executemany("INSERT INTO papers VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


def ingest(folder: Path, dumps: list[Path]) -> Iterator[float]:
    """Ingest the dumps; yields the rate in papers/s of each tenth."""
    settings = Settings(database=f"sqlite:///{folder / 'digest.db'}", outbox=folder / "outbox")
    app = replace(open_app(settings), sources=())
    store.upgrade(app.engine)
    block = max(1, len(dumps) // BLOCKS)
    for start in range(0, len(dumps), block):
        part = [str(path) for path in dumps[start : start + block]]
        began = time.perf_counter()
        done = flow.ingest_given(app, part)
        elapsed = time.perf_counter() - began
        new = sum(each.new for each in done)
        assert new == len(part) * PER_LISTING, done
        yield new / elapsed
    app.engine.dispose()


def _rate(papers: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return papers / (time.perf_counter() - began)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
