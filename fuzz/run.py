"""Atheris looks for bytes that a parser answers with anything but a listing or a ParseError.

Each kind of listing is a process of its own, which begins with our samples of that kind and follows
what covers new code; a JSON value is also changed as a value. An input may take 10 seconds and
2 GB, instruments included. What breaks a parser is kept in ``fuzz/found/``: make it small, write a
test of it, mend the parser.

    python -m fuzz.run [--seconds N] [KIND …]      (or: make fuzz)
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["digest.ingest", "digest.latex", "feedparser"]):
    from digest.errors import ParseError
    from digest.ingest import parse_library
    from digest.model import Payload
    from tests.ingest.letterbox import DATA
    from tests.ingest.samples import KINDS, samples
    from tests.ingest.sound import check_paper, read

FOUND = Path(__file__).parent / "found"
LIBRARY = "library"  # files that readers upload are no listings, but strangers write them, too
PARSERS = (*KINDS, LIBRARY)


def main() -> None:
    """Fuzz the kinds named, or all, one after the other."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "kinds", nargs="*", metavar="KIND", default=PARSERS, help=", ".join(PARSERS)
    )
    options.add_argument("--seconds", type=int, default=60, help="for each kind (default: 60)")
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.here:
        fuzz(asked.kinds[0], asked.seconds)
    failed = [kind for kind in asked.kinds if _run(kind, asked.seconds)]
    sys.exit(f"broken: {', '.join(failed)}; see {FOUND}" if failed else 0)


def _run(kind: str, seconds: int) -> int:
    """Fuzz in a process of its own: libFuzzer ends it."""
    print(f"== {kind}", flush=True)
    command = [sys.executable, "-m", "fuzz.run", "--here", "--seconds", str(seconds), kind]
    return subprocess.run(command, check=False).returncode


def fuzz(kind: str, seconds: int) -> None:
    """Fuzz one kind; does not return."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        words = Path(folder) / "words"
        begin(kind, seeds, words)
        found = FOUND / kind.replace(" ", "-")
        found.mkdir(parents=True, exist_ok=True)
        limits = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=20000", "-verbosity=0"]
        atheris.Setup(
            [
                "fuzz",
                f"-max_total_time={seconds}",
                f"-dict={words}",
                f"-artifact_prefix={found}/",
                "-print_final_stats=1",
                *limits,
                str(seeds),
            ],
            _library if kind == LIBRARY else _listing,
            custom_mutator=mutate,
        )
        atheris.Fuzz()


def begin(kind: str, seeds: Path, words: Path) -> None:
    """Write our samples of the kind into ``seeds``, and the words they are made of."""
    contents = list(_libraries()) if kind == LIBRARY else samples()[kind]
    for number, content in enumerate(contents):
        (seeds / str(number)).write_bytes(content)
    telling = {word for content in contents for word in content.split() if 2 < len(word) < 40}
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in sorted(telling)))


def _libraries() -> Iterator[bytes]:
    for path in sorted((DATA / "library").iterdir()):
        yield path.read_bytes()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


def _listing(content: bytes) -> None:
    read(content)


def _library(content: bytes) -> None:
    try:
        found = parse_library(Payload(name="library", content=content))
    except ParseError:
        return
    for paper in found.papers:
        check_paper(paper)


def mutate(content: bytes, longest: int, seed: int) -> bytes:
    """Change a JSON value as a value every other time; else bytes as bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.5 and content.lstrip()[:1] in (b"{", b"["):
        try:
            value = _changed(json.loads(content), chance)
        except (ValueError, RecursionError):
            pass
        else:
            return json.dumps(value).encode()[:longest]
    changed: bytes = atheris.Mutate(content, longest)
    return changed


_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, "", " ", "\ud800", "\x00", "x" * 400, [], {}, [[]], [None],
    "2026-02-30", "10.1000/owl", "2611.90001", "http://[", "<p>", "$\\frac{", "\u202e", [{}],
)  # fmt: skip


def _changed(value: Any, chance: random.Random) -> Any:
    """Replace, drop, double or move something somewhere inside ``value``."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.15:
        return chance.choice(_ODD)
    place = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    way = chance.random()
    if way < 0.7:
        value[place] = _changed(value[place], chance)
    elif way < 0.8:
        del value[place]
    else:
        other = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value[place], value[other] = value[other], value[place]
    return value


if __name__ == "__main__":
    main()
