"""Who is asked about which week, what was known then, and how the answers are ranked.

A case is a reader and an ISO week in which they have papers. What they did in earlier weeks (three
papers at least) is known, and all that was listed before that week's Monday; all papers listed in
that week are to be ranked, without those known, and twenty of them must be left. The votes of the
week's own papers may be used: they were counted on the day of listing. Where in the week a day
lies may not.
"""

import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from digest.evaluate.files import Kind, Listed, Reader

LEAST_HISTORY = 3  # papers
LEAST_CHOICE = 20  # papers
SEED = 20261120

_WEEK = timedelta(days=7)

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Ask(StrEnum):
    """What is known of a reader: the papers of their ``HISTORY``, or ``WORDS`` they typed; or both,
    of ``PAIRS`` of readers that are one subscriber."""

    HISTORY = "history"
    WORDS = "words"
    PAIRS = "pairs"


class Fold(NamedTuple):
    """Every ``of``-th reader of a file, from the ``number``-th on (from 1)."""

    number: int
    of: int


WHOLE = Fold(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A reader in a week: ``history`` (papers of earlier weeks, newest first) or the phrases they
    ``typed``, the ids of ``known`` papers, which are not ranked, and the ``right`` ones with what
    the reader did with them."""

    reader: str
    history: tuple[Listed, ...]
    known: frozenset[str]
    right: Mapping[str, Kind]
    typed: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """What a method that only knows words is asked: the phrases typed, or past titles."""
        return self.typed or tuple(paper.title for paper in self.history)

    def chance(self, monday: date) -> np.random.Generator:
        """Return a source of chance that is the same for this case, whatever else there is."""
        return np.random.default_rng([SEED, zlib.crc32(self.reader.encode()), monday.toordinal()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """All that may be known in a week: papers listed ``before`` its Monday, oldest first, those
    ``listed`` in it, by id, and its cases."""

    monday: date
    before: tuple[Listed, ...]
    listed: tuple[Listed, ...]
    cases: tuple[Case, ...]


class Ready(NamedTuple):
    """A method that has read a week and its readers. ``score`` returns cases × listed papers,
    higher is better; ``work`` is what is timed where scoring is not what the method is for."""

    score: Callable[[], Floats]
    work: Callable[[], object] | None = None


# A method reads a week, then its readers, then ranks: each takes its own time.
Method = Callable[[Week], Callable[[], Ready]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where the right papers of one case came, from 1, with what the reader did with each."""

    reader: str
    monday: date
    ranks: tuple[tuple[int, Kind], ...]


def monday_of(day: date) -> date:
    """Return the Monday of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def in_fold(readers: Sequence[Reader], fold: Fold) -> tuple[Reader, ...]:
    """Return the readers of a fold."""
    return tuple(readers[fold.number - 1 :: fold.of])


def weeks(
    readers: Sequence[Reader],
    papers: Iterable[Listed],
    *,
    since: date = date.min,
    until: date = date.max,
) -> Iterator[Week]:
    """Yield the weeks that have cases and begin in a span of time, in their order."""
    shelf = sorted(papers, key=attrgetter("day", "id"))
    days = [paper.day for paper in shelf]
    held = {paper.id: paper for paper in shelf}
    asked = {monday_of(deed.day) for reader in readers for deed in reader.deeds}
    for monday in sorted(monday for monday in asked if since <= monday <= until):
        first, after = bisect_left(days, monday), bisect_left(days, monday + _WEEK)
        listed = tuple(sorted(shelf[first:after], key=attrgetter("id")))
        cases = tuple(_cases(readers, held, monday, frozenset(paper.id for paper in listed)))
        if cases:
            yield Week(monday=monday, before=tuple(shelf[:first]), listed=listed, cases=cases)


def _cases(
    readers: Iterable[Reader], held: Mapping[str, Listed], monday: date, listed: frozenset[str]
) -> Iterator[Case]:
    for reader in readers:
        past = sorted(
            (deed for deed in reader.deeds if deed.day < monday),
            key=lambda deed: (-deed.day.toordinal(), deed.paper),
        )
        known = frozenset(deed.paper for deed in past)
        papers = (held[deed.paper] for deed in past if deed.paper in held)
        history = tuple(paper for paper in papers if paper.day < monday)
        right = {
            deed.paper: deed.kind
            for deed in reader.deeds
            if monday_of(deed.day) == monday and deed.paper in listed
        }
        enough = len(history) >= LEAST_HISTORY and len(listed - known) >= LEAST_CHOICE
        if right and enough:
            yield Case(reader=reader.name, history=history, known=known, right=right)


def rank(week: Week, scores: Floats) -> Iterator[Answer]:
    """Yield where the right papers of each case come by ``scores``; ties are broken by chance."""
    for case, row in zip(week.cases, scores, strict=True):
        yield Answer(
            reader=case.reader,
            monday=week.monday,
            ranks=tuple(_ranks(week, case, row)),
        )


def _ranks(week: Week, case: Case, scores: Floats) -> Iterator[tuple[int, Kind]]:
    open_ = np.flatnonzero([paper.id not in case.known for paper in week.listed])
    order = np.lexsort((case.chance(week.monday).random(len(open_)), -scores[open_]))
    for place, column in enumerate(open_[order].tolist(), start=1):
        kind = case.right.get(week.listed[column].id)
        if kind is not None:
            yield place, kind


def unknown(readers: Iterable[Reader], papers: Iterable[Listed]) -> int:
    """Return how many papers of readers are not among the papers."""
    held = {paper.id for paper in papers}
    return sum(deed.paper not in held for reader in readers for deed in reader.deeds)
