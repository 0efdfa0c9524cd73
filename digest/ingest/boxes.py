"""Where mail lies: a maildir, an mbox file, a pipe. One message at a time; no lock is waited for.

The standard library's ``mailbox`` would hold an index of a whole mbox, and wait for its locks.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final

from digest.errors import RetrieveError
from digest.ingest.retrieve import LIMIT, megabytes
from digest.model import Payload

SEEN: Final = "S"
FLAGGED: Final = "F"
STALE: Final = 15 * 60.0  # seconds; whoever made a lock file that old is dead

LONGEST_LINE: Final = 65_536  # bytes read at once of a line without end
_TAIL: Final = 4096
# "From ada@example.org Thu Nov 19 21:00:00 2026" (RFC 4155 appendix A, and what Gmail and
# Thunderbird make of it); without a time of day it is a sentence that begins so.
_FROM: Final = re.compile(rb"From \S+ .{0,80}\d:\d\d\b")
_QUOTED: Final = re.compile(rb">+From ")
# What mail programs note of a message in its head: it is the same message before and after.
_STATE: Final = re.compile(
    rb"(?:x-)?(?:status|keywords|uid|imap|imapbase|mozilla-\w+)\s*:|content-length\s*:", re.I
)
_INTERNAL: Final = b"FOLDER INTERNAL DATA"  # what mail servers keep as a first message
_LEFT_ALONE: Final = frozenset("TD")  # thrown away, and not yet written


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """One message of an mbox: its bytes, None if there are more than the limit, and the byte of
    the mbox where it starts.

    ``key`` is what it is known by again: the SHA-256 of its bytes, in hexadecimal.
    """

    content: bytes | None
    start: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far an mbox was read: its size then, and a hash of its last bytes; ``changed_at`` is
    when it was last written to, in nanoseconds."""

    size: int
    changed_at: int
    tail: str

    def __str__(self) -> str:
        """As one word, which ``read_mark`` understands."""
        return f"{self.size}-{self.changed_at}-{self.tail}"


def read_mark(said: str | None) -> Mark | None:
    """Return the mark that ``said`` it was; None for anything else."""
    match (said or "").split("-"):
        case [size, changed_at, tail] if size.isdecimal() and changed_at.isdecimal():
            return Mark(size=int(size), changed_at=int(changed_at), tail=tail)
    return None


def is_maildir(folder: Path) -> bool:
    """Say whether ``folder`` is one, by the folders in it."""
    return all((folder / name).is_dir() for name in ("cur", "new", "tmp"))


def is_mbox(start: bytes) -> bool:
    """Say whether a file that begins with ``start`` is an mbox."""
    return _FROM.match(start) is not None


def starts_as_mbox(path: Path) -> bool:
    """Say whether the file at ``path`` is an mbox. One that cannot be read is none."""
    try:
        with path.open("rb") as file:
            return is_mbox(file.read(200))
    except OSError:
        return False


def messages(folder: Path) -> tuple[Path, ...]:
    """Return the messages in a maildir, new ones first, each by age; not those thrown away.

    Raises RetrieveError when it cannot be read, or is none.
    """
    try:
        return tuple(
            path
            for name in ("new", "cur")
            for path in sorted((folder / name).iterdir())
            if not path.name.startswith(".") and _LEFT_ALONE.isdisjoint(_flags(path))
        )
    except OSError as error:
        raise RetrieveError(
            f"The maildir {folder} cannot be read ({error.strerror}): it should hold the folders "
            "new and cur."
        ) from error


def message_key(path: Path) -> str:
    """Return what a message of a maildir is called as long as it lies there."""
    return path.name.partition(":")[0]


def settle(path: Path, flag: str) -> None:
    """Move a message of a maildir to those that were seen, with one more flag.

    Gone in the meantime is fine: its owner moved it. Raises RetrieveError when it cannot be moved.
    """
    flags = "".join(sorted({*_flags(path), flag}))
    place = path.parent.parent / "cur" / f"{message_key(path)}:2,{flags}"
    try:
        os.rename(path, place)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RetrieveError(f"{path} cannot be moved to cur: {error.strerror}.") from error


def split(
    file: BinaryIO, *, limit: int = LIMIT, first: bytes = b"", start: int = 0
) -> Iterator[Boxed]:
    """Yield the messages of an mbox, read from where ``file`` stands, which is its byte ``start``;
    ``first`` was read before.

    A message begins where ``From …`` follows a blank line; the marks that keep such lines apart
    within a message are taken away, and so is what mail programs note there.
    """
    message, after_blank, at = _Message(start, limit), True, start
    for line in chain([first] * bool(first), iter(partial(file.readline, LONGEST_LINE), b"")):
        if after_blank and is_mbox(line):
            yield from message.boxed()
            message = _Message(at, limit)
        else:
            message.add(line)
        at += len(line)
        after_blank = line in (b"\n", b"\r\n")
    yield from message.boxed()


def read_stream(file: BinaryIO, name: str, *, limit: int = LIMIT, first: bytes = b"") -> Payload:
    """Return all that is piped to us after ``first``, called ``name``.

    Raises RetrieveError when it is longer than ``limit`` bytes.
    """
    content = first + file.read(max(limit + 1 - len(first), 0))
    if len(content) > limit:
        raise too_large(name, limit)
    return Payload(name=name, content=content)


def unlocked(path: Path) -> bool:
    """Say whether nobody holds a lock on the mbox ``path`` now, by any of the three customs.

    Does not wait, and keeps none. Raises RetrieveError when the file cannot be opened.
    """
    try:
        age = time.time() - path.with_name(f"{path.name}.lock").stat().st_mtime
    except OSError:
        age = STALE
    try:
        with path.open("rb") as file:
            return age >= STALE and _may_share(file)
    except OSError as error:
        raise unreadable(path, error) from error


def mark(path: Path) -> Mark:
    """Return how far the mbox ``path`` goes now. Raises RetrieveError."""
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            return Mark(
                size=told.st_size, tail=_tail(file, told.st_size), changed_at=told.st_mtime_ns
            )
    except OSError as error:
        raise unreadable(path, error) from error


def resume(file: BinaryIO, known: Mark | None) -> int:
    """Move ``file`` to where an mbox grew since ``known``, or to its beginning, where anything else
    was done to it; return which byte that is."""
    return file.seek(known.size if known and _grew(file, known) else 0)


def unreadable(path: Path, error: OSError) -> RetrieveError:
    """Return the error that ``path`` cannot be read."""
    return RetrieveError(f"{path} cannot be read: {error.strerror or error}.")


def too_large(name: str, limit: int) -> RetrieveError:
    """Return the error that one message is longer than ``limit`` bytes."""
    return RetrieveError(f"{name} is larger than {megabytes(limit)}: see `ingest.max_bytes`.")


class _Message:
    """The lines of one message, as long as there are no more than the limit."""

    def __init__(self, start: int, limit: int) -> None:
        self._start = start
        self._lines: list[bytes] = []
        self._hash = sha256()
        self._room = limit
        self._in_head = True

    def add(self, line: bytes) -> None:
        self._in_head = self._in_head and line.strip() != b""
        if self._in_head and _STATE.match(line):
            return
        self._room -= len(line)
        if line.strip():  # the last of the blank ones is the box's
            self._hash.update(line)
        if self._room < 0:
            self._lines.clear()
        else:
            self._lines.append(line[1:] if line[:1] == b">" and _QUOTED.match(line) else line)

    def boxed(self) -> Iterator[Boxed]:
        """Yield the message, if there is any."""
        key = self._hash.hexdigest()
        if self._room < 0:
            yield Boxed(content=None, start=self._start, key=key)
            return
        content = b"".join(self._lines)
        if content.strip() and _INTERNAL not in content[:2000]:
            yield Boxed(content=content, start=self._start, key=key)


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2]


def _tail(file: BinaryIO, size: int) -> str:
    """A hash of the last bytes before ``size``."""
    start = max(size - _TAIL, 0)
    file.seek(start)
    return sha256(file.read(size - start)).hexdigest()


def _grew(file: BinaryIO, known: Mark) -> bool:
    """Whether all is as it was up to the mark, and a message begins there."""
    if _tail(file, known.size) != known.tail:
        return False
    return is_mbox(file.readline(LONGEST_LINE).lstrip() or file.readline(LONGEST_LINE))


def _may_share(file: BinaryIO) -> bool:
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
    return True
