"""Files and folders as sources.

A folder source is a place to drop files into: each file that is ``waiting`` is read once and then
moved into ``ingested/``, or into ``rejected/`` beside a ``.reason`` file that says what to do.
"""

import os
import time
from pathlib import Path
from typing import Final, NamedTuple

from digest.errors import RetrieveError
from digest.model import Payload

LIMIT: Final = 64 * 1024 * 1024  # bytes; 30,000 papers with abstracts

_UNFINISHED: Final = (".part", ".tmp", ".crdownload")


def read_file(path: Path, *, limit: int = LIMIT) -> Payload:
    """Return the bytes of the file at ``path``.

    Raises RetrieveError when there is no such file, or it is larger than ``limit`` bytes.
    """
    try:
        if path.exists() and not path.is_file():
            raise RetrieveError(f"{path} is no file: give a file, or configure a folder source.")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise RetrieveError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(content) > limit:
        raise RetrieveError(f"{path} is larger than {megabytes(limit)}: split it.")
    return Payload(name=path.name, content=content)


def waiting(folder: Path, *, quiet: float = 0.0) -> tuple[Path, ...]:
    """Return the files to ingest that lie directly in ``folder``, oldest first.

    Hidden files and those still being written are left alone: ``.part``, ``.tmp``, and what was
    written to within the last ``quiet`` seconds. Raises RetrieveError when the folder cannot be
    read.
    """
    now = time.time()
    try:
        stamped = [(stamp, path) for path in folder.iterdir() if (stamp := _due(path)) is not None]
    except OSError as error:
        raise RetrieveError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    due = [
        (stamp.modified, path.name, path)
        for stamp, path in stamped
        if not 0 <= now - stamp.modified / 1e9 < quiet
    ]
    return tuple(path for _, _, path in sorted(due))


class Stamp(NamedTuple):
    """What changes when a file is written to: when that was (ns since 1970), and its size."""

    modified: int
    size: int


def stamp_of(path: Path) -> Stamp | None:
    """Return the stamp of a file; None when there is none, or none any more."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return Stamp(stat.st_mtime_ns, stat.st_size)


def accept(path: Path) -> Path | None:
    """Move an ingested file into ``ingested/`` and return where it lies now.

    ``None`` when it is gone: another process took it. Never overwrites.
    """
    return _move(path, _reserve(path, "ingested"))


def reject(path: Path, reason: str) -> Path | None:
    """Move an unreadable file into ``rejected/``, beside ``<name>.reason``; else as ``accept``."""
    place = _reserve(path, "rejected")
    note = _note(place)
    moved = None
    try:
        note.write_text(f"{reason}\n", encoding="utf-8")
        moved = _move(path, place)
    except OSError as error:
        place.unlink()
        raise RetrieveError(f"{note} cannot be written: {error.strerror}.") from error
    finally:
        if moved is None:
            note.unlink(missing_ok=True)
    return moved


def _due(path: Path) -> Stamp | None:
    """The stamp of a file to ingest; None for anything else in the folder."""
    if path.name.startswith(".") or path.suffix in _UNFINISHED or not path.is_file():
        return None
    return stamp_of(path)


def _reserve(path: Path, name: str) -> Path:
    """Create an empty file under a free name: only this process will replace it."""
    folder = path.parent / name
    try:
        folder.mkdir(exist_ok=True)
        number = 1
        while True:
            place = folder / (path.name if number == 1 else f"{path.stem} ({number}){path.suffix}")
            if _take(place):
                return place
            number += 1
    except OSError as error:
        raise RetrieveError(f"{path} cannot be moved to {folder}: {error.strerror}.") from error


def _take(place: Path) -> bool:
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return False
    free = False
    try:
        free = not _note(place).exists()
    finally:
        if not free:
            place.unlink()
    return free


def _note(place: Path) -> Path:
    return place.with_name(f"{place.name}.reason")


def _move(path: Path, place: Path) -> Path | None:
    try:
        os.replace(path, place)
    except FileNotFoundError:
        place.unlink()
        return None
    except OSError as error:
        place.unlink()
        raise RetrieveError(f"{path} cannot be moved: {error.strerror}.") from error
    return place


def megabytes(size: int) -> str:
    """Return so many bytes as ``61 MB``."""
    return f"{size / 1024 / 1024:.3g} MB"
