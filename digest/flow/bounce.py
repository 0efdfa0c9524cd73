"""What comes back: read, matched to what we sent, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from digest import bounce, ingest
from digest.errors import RetrieveError
from digest.model import Returned

LARGEST = 50_000_000  # bytes of a mail that is looked at without any configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One mail that came back: where it lay, and what it says, or why it could not be read."""

    file: str
    returned: Returned | None = None
    error: str | None = None


def examine_bounces(
    path: Path, stream: BinaryIO | None = None, *, limit: int = LARGEST
) -> Iterator[Examined]:
    """Read the mails at ``path``, or those piped to us; changes nothing.

    A folder is a maildir or holds files; a file is one mail or an mbox of several.
    """
    try:
        if stream is not None:
            yield from _examine_stream(stream, limit)
        elif path.is_dir():
            for each in _files(path):
                yield from examine_bounces(each, limit=limit)
        elif ingest.starts_as_mbox(path):
            with path.open("rb") as file:
                yield from _examine_boxed(str(path), ingest.split(file, limit=limit))
        else:
            content = ingest.read_file(path, limit=limit).content
            yield Examined(file=str(path), returned=bounce.read(content))
    except RetrieveError as error:
        yield Examined(file=str(path), error=str(error))
    except OSError as error:
        yield Examined(file=str(path), error=f"{path} cannot be read: {error.strerror}.")


def _files(folder: Path) -> list[Path]:
    if ingest.is_maildir(folder):
        return list(ingest.messages(folder))
    return sorted(each for each in folder.iterdir() if each.is_file())


def _examine_stream(stream: BinaryIO, limit: int) -> Iterator[Examined]:
    name = "standard input"
    first = stream.readline(ingest.LONGEST_LINE)
    if ingest.is_mbox(first):
        yield from _examine_boxed(name, ingest.split(stream, limit=limit, first=first))
        return
    content = ingest.read_stream(stream, name, limit=limit, first=first).content
    yield Examined(file=name, returned=bounce.read(content))


def _examine_boxed(name: str, boxed: Iterator[ingest.Boxed]) -> Iterator[Examined]:
    for count, each in enumerate(boxed):
        file = name if count == 0 else f"{name}, mail at byte {each.start:,}"
        if each.content is None:
            yield Examined(file=file, error=f"{file} is too large to be a mail that came back.")
        else:
            yield Examined(file=file, returned=bounce.read(each.content))
