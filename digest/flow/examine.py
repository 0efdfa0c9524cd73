"""What mails that came back say: looked at, or recorded where somebody asks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from digest import bounce, ingest
from digest.app import App
from digest.errors import RetrieveError
from digest.flow.bounce import Followed, Taken, take_bounce
from digest.model import Returned

LARGEST = 50_000_000  # bytes of a mail
STDIN = "standard input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One mail that came back: where it lay, what it says, and what followed, if it was recorded;
    or why it could not be read."""

    file: str
    returned: Returned | None = None
    followed: Followed | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail, or why there is none."""

    file: str
    content: bytes = b""
    error: str | None = None


def examine_bounces(path: Path, stream: BinaryIO | None = None) -> Iterator[Examined]:
    """Say what the mails at ``path``, or those piped to us, mean; changes nothing.

    A folder is a maildir or holds files; a file is one mail or an mbox of several.
    """
    return _each(path, stream, _look)


def record_bounces(app: App, path: Path, stream: BinaryIO | None = None) -> Iterator[Examined]:
    """Do what follows from the mails at ``path``, or from those piped to us. The mails stay where
    they are; again, it changes nothing. Raises StoreError."""
    return _each(path, stream, partial(take_bounce, app))


def _look(content: bytes) -> Returned:
    return bounce.read(content)


def _each(
    path: Path, stream: BinaryIO | None, take: Callable[[bytes], Returned | Taken]
) -> Iterator[Examined]:
    for mail in _mails(path) if stream is None else _piped(stream):
        if mail.error:
            yield Examined(file=mail.file, error=mail.error)
            continue
        done = take(mail.content)
        if isinstance(done, Taken):
            yield Examined(file=mail.file, returned=done.returned, followed=done.followed)
        else:
            yield Examined(file=mail.file, returned=done)


def _mails(path: Path) -> Iterator[_Mail]:
    try:
        if path.is_dir():
            for each in _files(path):
                yield from _mails(each)
        elif ingest.starts_as_mbox(path):
            with path.open("rb") as file:
                yield from _boxed(str(path), ingest.split(file, limit=LARGEST))
        else:
            yield _Mail(str(path), ingest.read_file(path, limit=LARGEST).content)
    except RetrieveError as error:
        yield _Mail(str(path), error=str(error))
    except OSError as error:
        yield _Mail(str(path), error=f"{path} cannot be read: {error.strerror}.")


def _files(folder: Path) -> list[Path]:
    if ingest.is_maildir(folder):
        return list(ingest.messages(folder))
    return sorted(each for each in folder.iterdir() if each.is_file())


def _piped(stream: BinaryIO) -> Iterator[_Mail]:
    first = stream.readline(ingest.LONGEST_LINE)
    if ingest.is_mbox(first):
        yield from _boxed(STDIN, ingest.split(stream, limit=LARGEST, first=first))
        return
    try:
        yield _Mail(STDIN, ingest.read_stream(stream, STDIN, limit=LARGEST, first=first).content)
    except RetrieveError as error:
        yield _Mail(STDIN, error=str(error))


def _boxed(name: str, boxed: Iterator[ingest.Boxed]) -> Iterator[_Mail]:
    for count, each in enumerate(boxed):
        file = name if count == 0 else f"{name}, mail at byte {each.start:,}"
        if each.content is None:
            yield _Mail(file, error=str(ingest.too_large(file, LARGEST)))
        else:
            yield _Mail(file, each.content)
