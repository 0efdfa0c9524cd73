"""Files and folders as sources.

A folder source is a place to drop files into: each file that is ``waiting`` is read once and then
moved into ``ingested/``, or into ``rejected/`` beside a ``.reason`` file that says what to do.
"""

import os
from pathlib import Path
from typing import Final

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


def waiting(folder: Path) -> tuple[Path, ...]:
    """Return the files to ingest that lie directly in ``folder``, oldest first.

    Hidden files and those still being written (``.part``, ``.tmp``) are left alone. Raises
    RetrieveError when the folder cannot be read.
    """
    try:
        due = [(modified, path.name, path) for path in folder.iterdir() if (modified := _due(path))]
    except OSError as error:
        raise RetrieveError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    return tuple(path for _, _, path in sorted(due))


def accept(path: Path) -> Path | None:
    """Move an ingested file into ``ingested/`` and return where it lies now.

    ``None`` when it is gone: another process took it. Never overwrites.
    """
    return _move(path, _reserve(path, "ingested"))


def reject(path: Path, reason: str) -> Path | None:
    """Move an unreadable file into ``rejected/``, beside ``<name>.reason``; else as ``accept``."""
    place = _reserve(path, "rejected")
    note = _note(place)
    note.write_text(f"{reason}\n", encoding="utf-8")
    moved = _move(path, place)
    if moved is None:
        note.unlink()
    return moved


def _due(path: Path) -> float | None:
    """When a file to ingest was last written; None for anything else in the folder."""
    if path.name.startswith(".") or path.suffix in _UNFINISHED:
        return None
    try:
        return path.stat().st_mtime if path.is_file() else None
    except FileNotFoundError:  # another process took it
        return None


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
    if not _note(place).exists():
        return True
    place.unlink()
    return False


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
