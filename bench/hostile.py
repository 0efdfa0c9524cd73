"""5 MB made to keep us busy: what does each kind of listing cost at worst?

Each trap is read in a process of its own, which reports its processor time and by how much its
memory grew. The limit: 2 s and 256 MB.

    python -m bench.hostile [KIND or TRAP or KIND/TRAP …]
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date

from bench._forms import SHAPES, listing
from digest.errors import ParseError
from digest.ingest import parse
from digest.model import Payload

SIZE = 5_000_000
SECONDS, MEGABYTES = 2.0, 256
TODAY = date(2026, 11, 20)

_SENTENCE = "We route owls by night and find that they hoot. "
# What an entry says: the authors, and the abstract.
ENTRIES: dict[str, tuple[str, str]] = {
    "tiny entries": ("", "We hoot at night and find mice."),
    "plain abstracts": ("Ada Byron", _SENTENCE * 30),
    "dense formulas": ("Ada Byron", "We route $x_1$ and $y^2$. " * 60),
    "formulas, all unlike": ("Ada Byron", "".join(f"$x_{{{n}}}$ " for n in range(180))),
    "formulas, as dense as we read": ("Ada Byron", "$xyz$ ab " * 190),
    "braces": ("Ada Byron", "{a{b}c} " * 200),
    "typography": ("Ada Byron", "owl~a -- ``b'' " * 120),
    "tags": ("Ada Byron", "&lt;b&gt;x&lt;/b&gt; " * 100),
    "entities": ("Ada Byron", "&amp;amp;&#38;" * 150),
    "dollars": ("Ada Byron", "$ $a " * 350),
    "many authors": ("Ada Byron, Emmy Noether; " * 80, "We hoot at night and find mice."),
    "an endless abstract": ("Ada Byron", "We hoot $x_1$ at night. " * 200_000),
    "endless authors": ("Ada Byron, " * 400_000, "We hoot at night and find mice."),
    "an endless word": ("Ada Byron", "o" * SIZE),
    "less-than signs": ("Ada Byron", "&lt;" * (SIZE // 4)),
}
RAW: dict[str, Callable[[], bytes]] = {
    "[[[[": lambda: b"[" * SIZE,
    '{"a":{"a":': lambda: b'{"a":' * (SIZE // 5),
    "[{},{},": lambda: b"[" + b"{}," * (SIZE // 3) + b"{}]",
    "[1,1,1,": lambda: b'[{"paper":{}},' + b"1," * (SIZE // 2) + b"1]",
    "<a><a>": lambda: b'<?xml version="1.0"?><rss><channel>' + b"<a>" * (SIZE // 3),
    "<a/><a/>": lambda: b'<?xml version="1.0"?><rss><channel>' + b"<a/>" * (SIZE // 4),
    "<item/>": lambda: (
        b'<?xml version="1.0"?><rss version="2.0"><channel>' + b"<item/>" * (SIZE // 7)
    ),
    "<item> broken": lambda: (
        b'<?xml version="1.0"?><rss version="2.0"><channel></b>'
        + b"<item><title>Owls</title></item>" * (SIZE // 32)
    ),
    "<feed> attributes": lambda: (
        b'<?xml version="1.0"?><feed ' + b" ".join(b'a%d="b"' % n for n in range(SIZE // 13)) + b">"
    ),
    "<item> attributes": lambda: (
        b'<?xml version="1.0"?><rss version="2.0"><channel>'
        + (b"<item " + b" ".join(b"a%d='b'" % n for n in range(500)) + b"/>") * (SIZE // 4400)
        + b"</channel></rss>"
    ),
    "<item><a><a>": lambda: (
        b'<?xml version="1.0"?><rss version="2.0"><channel>'
        + (b"<item><title>Owls</title>" + b"<a>" * 1000) * (SIZE // 3030)
    ),
    "<div><div>": lambda: b"<html><title>x - Hugging Face</title>" + b"<div>" * (SIZE // 5),
    "lines": lambda: b"Daily Papers\n\n" + b"a\n" * (SIZE // 2),
    "blank lines": lambda: b"Daily Papers\n\n" + b"\n" * SIZE,
    "{\\rtf": lambda: b"{\\rtf1\\ansi " + b"{\\b x}" * (SIZE // 6),
    "base64": lambda: (
        b"From: a@example.org\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
        + (b"T3dscw" * 12 + b"\n") * (SIZE // 73)
    ),
    "quoted-printable": lambda: (
        b"From: a@example.org\nContent-Type: text/plain\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=C3=A9=\n" * (SIZE // 8)
    ),
    "parts": lambda: (
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"
        + b"--b\n\nOwls\n" * (SIZE // 10)
    ),
    "parts in parts": lambda: (
        b"From: a@example.org\n"
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * (SIZE // 48)
    ),
    "heads": lambda: b"From: a@example.org\n" + b"X: =?utf-8?q?=C3=A9?=\n" * (SIZE // 22),
}


def main(wanted: list[str]) -> None:
    """Run and print the table; exits with 1 when something is beyond the limit."""
    print(f"| kind | 5 MB of | s, limit {SECONDS:g} | MB, limit {MEGABYTES} | gives |")
    print("|---|---|---:|---:|---|")
    beyond = 0
    for kind, trap in _traps():
        if wanted and not {kind, trap, f"{kind}/{trap}"} & set(wanted):
            continue
        seconds, megabytes, gave = _measured(kind, trap)
        beyond += seconds > SECONDS or megabytes > MEGABYTES
        slow = "**" if seconds > SECONDS else ""
        large = "**" if megabytes > MEGABYTES else ""
        row = f"{slow}{seconds:.2f}{slow} | {large}{megabytes:.0f}{large} | {gave}"
        print(f"| {kind} | {trap} | {row} |", flush=True)
    print(f"\n{beyond} beyond the limit")


def _traps() -> Iterator[tuple[str, str]]:
    yield from ((kind, trap) for kind in SHAPES for trap in ENTRIES)
    yield from (("anything", trap) for trap in RAW)


def _measured(kind: str, trap: str) -> tuple[float, float, str]:
    command = [sys.executable, "-m", "bench.hostile", "--here", kind, trap]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    seconds, megabytes, gave = json.loads(done.stdout)
    return seconds, megabytes, gave


def measure(kind: str, trap: str) -> None:
    """Read one trap in this process, and print what it cost."""
    content = RAW[trap]() if kind == "anything" else filled(kind, trap)
    before, began = _peak(), time.process_time()
    try:
        found = parse(Payload(name="trap", content=content), today=TODAY)
        gave = f"{len(found.announcements):,} papers, {len(found.problems)} problems"
    except ParseError:
        gave = "ParseError"
    print(json.dumps([time.process_time() - began, _peak() - before, gave]))


def filled(kind: str, trap: str) -> bytes:
    """Return about 5 MB in which every entry is like this."""
    said = ENTRIES[trap]
    return listing(kind, [said] * max(1, SIZE // len(listing(kind, [said]))))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        measure(*sys.argv[2:4])
    else:
        main(sys.argv[1:])
