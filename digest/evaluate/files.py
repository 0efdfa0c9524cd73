"""Reading readers and papers from files of JSON lines, plain or compressed with gzip."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from digest.errors import InputError

_GZIP = b"\x1f\x8b"
_YEARS = range(1900, 3000)

Value = TypeVar("Value")


class Kind(StrEnum):
    """What a reader did with a paper: wrote it, or submitted it to the listing."""

    AUTHORED = "author"
    SUBMITTED = "submitter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A paper as it was listed on one day; ``upvotes`` were counted on that day."""

    id: str
    title: str
    abstract: str
    day: date
    upvotes: int = 0

    @property
    def text(self) -> str:
        """Title and abstract, as most programs read a paper."""
        return f"{self.title}. {self.abstract}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a reader did with a paper (its id), and when that was known."""

    paper: str
    kind: Kind
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader whose name says nothing, and their papers."""

    name: str
    deeds: tuple[Deed, ...]


def read_papers(path: Path) -> tuple[Listed, ...]:
    """Read one paper a line: ``{"id", "title", "abstract", "day", "upvotes"}``, the last optional.

    Raises InputError, which names the file and the line, also for an id that comes twice.
    """
    return tuple(_read(path, _listed, lambda paper: paper.id).values())


def read_readers(path: Path) -> tuple[Reader, ...]:
    """Read one reader a line: ``{"reader", "papers": [{"paper", "kind", "day"}]}``.

    Raises InputError, which names the file and the line, also for a reader who comes twice.
    """
    return tuple(_read(path, _reader, lambda reader: reader.name).values())


def _read(
    path: Path, make: Callable[[Any], Value], name: Callable[[Value], str]
) -> Mapping[str, Value]:
    read: dict[str, Value] = {}
    for number, line in _lines(path):
        try:
            value = make(json.loads(line))
            if read.setdefault(name(value), value) is not value:
                raise ValueError(f"{name(value)} stood in an earlier line: keep one of the two")
        except RecursionError as error:
            raise InputError(f"{path}, line {number}: this is nested too deeply.") from error
        except ValueError as error:  # json's too
            raise InputError(f"{path}, line {number}: {error}.") from error
    if not read:
        raise InputError(f"{path} is empty: give a file with one JSON object a line.")
    return read


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if content.startswith(_GZIP) else content).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path} is a damaged gzip file: make it anew.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), start=1)
    return ((number, line) for number, line in lines if line.strip())


def _listed(row: Any) -> Listed:
    return Listed(
        id=_text(row, "id"),
        title=_text(row, "title"),
        abstract=_text(row, "abstract", least=0),
        day=_day(row),
        upvotes=_count(row, "upvotes"),
    )


def _reader(row: Any) -> Reader:
    deeds = _field(row, "papers", list)
    return Reader(name=_text(row, "reader"), deeds=tuple(map(_deed, deeds)))


def _deed(row: Any) -> Deed:
    kind = _text(row, "kind")
    if kind not in list(Kind):
        raise ValueError(f"the kind {kind!r} is unknown: write {' or '.join(Kind)}")
    return Deed(paper=_text(row, "paper"), kind=Kind(kind), day=_day(row))


def _field(row: Any, name: str, kind: type[Value]) -> Value:
    if not isinstance(row, dict):
        raise ValueError(f"an object with {name!r} belongs here")
    value = row.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        wanted = {str: "text", int: "a whole number", list: "a list"}[kind]
        raise ValueError(f"{name!r} is missing or not {wanted}")
    return value


def _text(row: Any, name: str, *, least: int = 1) -> str:
    text = _field(row, name, str)
    if len(text.strip()) < least:
        raise ValueError(f"{name!r} is empty")
    return text


def _day(row: Any) -> date:
    written = _text(row, "day")
    with suppress(ValueError):
        day = date.fromisoformat(written)
        if day.year in _YEARS:
            return day
    raise ValueError(f"the day {written!r} is none: write it as 2026-11-20")


def _count(row: Any, name: str) -> int:
    return _field(row, name, int) if name in row else 0
