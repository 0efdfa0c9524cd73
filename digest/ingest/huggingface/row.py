"""One row of daily papers → its paper, the day it was listed, and what could not be read."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from digest.ingest import values
from digest.ingest.huggingface.notation import read_notation
from digest.ingest.identity import arxiv_id, make_paper
from digest.ingest.rows import Entry
from digest.ingest.text import fold
from digest.model import Link, LinkRel

LONGEST_TITLE: Final = 1_000  # characters; anything longer is a mistake
MOST_AUTHORS: Final = 10_000  # the largest collaborations have some 5,000
LARGEST_COUNT: Final = 1_000_000_000
SHOWN: Final = 60  # characters of a title in a sentence

_SLUG: Final = re.compile(r"[\w.-]{1,80}", re.ASCII)
_PLACE: Final = "https://huggingface.co/papers/"
_Value = TypeVar("_Value")


def open_row(row: Any) -> Any:
    """Return the row, read from Python's notation where it is a text in that."""
    opened = read_notation(row) if isinstance(row, str) else None
    return row if opened is None else opened


def read_row(row: Mapping[str, Any]) -> Entry | str:
    """Return what ``row`` announces, or why it announces nothing.

    A field that cannot be read costs only itself; the entry's ``fault`` names it.
    """
    fields = _Fields(row)
    title = fields.read("title", _title)
    if title is None:
        return "has no title"
    abstract = fields.read("summary", values.text) or ""
    paper = make_paper(
        title=title,
        abstract=abstract,
        arxiv_id=fields.read("id", values.text),
        authors=fields.read("authors", _names) or (),
        submitted_on=fields.submitted(),
        tldr=fields.read("ai_summary", values.text),
        comments=fields.read("numComments", _count),
        upvotes=fields.read("upvotes", _count),
        links=tuple(_links(fields)),
    )
    day = fields.read("submittedOnDailyAt", values.day)
    return Entry(paper, day, fault=_fault(title, bool(paper.abstract), fields.unread))


def shorten(text: str) -> str:
    """Return ``text``, cut where a sentence that quotes it would grow too long."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1].rstrip()}…"


class _Fields:
    """The fields of a row, the paper's before the row's own; ``unread`` names the odd ones."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        inner = row.get("paper")
        self.unread: list[str] = []
        self._places = (inner, row) if isinstance(inner, dict) else (row,)

    def read(self, name: str, kind: Callable[[Any], _Value | None]) -> _Value | None:
        """Return the first value under ``name`` that is of this kind; nothing is no fault."""
        for place in self._places:
            said = place.get(name)
            if said is None or said == "":
                continue
            if (value := kind(said)) is not None and value != "":
                return value
            self.unread.append(name)
        return None

    def submitted(self) -> date | None:
        """The paper's own ``publishedAt``; the row's means something else, by its year."""
        said = self._places[0].get("publishedAt")
        day = values.day(said)
        if said and day is None:
            self.unread.append("publishedAt")
        return day


def _title(said: Any) -> str | None:
    title = fold(values.text(said))
    return title if 0 < len(title) <= LONGEST_TITLE else None


def _count(said: Any) -> int | None:
    number = values.number(said)
    return number if number is not None and number <= LARGEST_COUNT else None


def _names(said: Any) -> tuple[str, ...] | None:
    """The names of all authors; a list with anything else in it cannot be trusted to have them."""
    listed = values.items(said)[: MOST_AUTHORS + 1]
    names = [
        values.text(each if isinstance(each, str) else values.within(each, "name"))
        for each in listed
    ]
    whole = isinstance(said, list) and all(names) and len(names) <= MOST_AUTHORS
    return tuple(names) if whole else None


def _url(said: Any) -> str | None:
    url = values.text(said).strip()
    return url if url.startswith(("http://", "https://")) else None


def _links(fields: _Fields) -> Iterator[Link]:
    for name, rel in (("githubRepo", LinkRel.CODE), ("projectPage", LinkRel.PAGE)):
        if url := fields.read(name, _url):
            yield Link(rel=rel, url=url)
    own = fields.read("id", values.text)
    if own and arxiv_id(own) is None and _SLUG.fullmatch(own):
        yield Link(rel=LinkRel.ABSTRACT, url=_PLACE + own)


def _fault(title: str, has_abstract: bool, unread: list[str]) -> str | None:
    said = []
    if unread:
        said.append(f"its {', '.join(dict.fromkeys(unread))} could not be read")
    if not has_abstract:
        said.append("it has no abstract and was kept with its title alone")
    return f"(“{shorten(title)}”): {'; '.join(said)}" if said else None
