"""Two readers made one: does a reader of two topics get both, and do votes against one leave the
other alone?

Both questions are asked of the product's own path, with issues of ten and its own floor.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from statistics import fmean
from typing import NamedTuple

from digest import evaluate as evaluation
from digest import match
from digest.errors import InputError
from digest.evaluate import Case, Pair, Week
from digest.flow.evaluate import Wanted, as_paper, index_week
from digest.model import Example, Interest, Match, Paper, Profile, VoteKind

SIZE = 10  # papers in an issue
HALF = 5  # of which each of two topics has so many
VOTES = 5  # the newest papers of the topic that is voted down

Held = Mapping[str, Paper]


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """Two interests in one issue. ``alone`` and ``together`` are hit@5 of each half; of ``able``
    issues whose topics both have papers above the floor, ``both`` show both."""

    alone: float
    together: float
    able: int
    both: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voted:
    """One interest in the words of two readers. ``wanted`` and ``unwanted`` are the mean reciprocal
    ranks of the papers right for the first and the second; issues hold so many ``papers`` on
    average, and so many are ``empty``."""

    wanted: float
    unwanted: float
    papers: float
    empty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What so many pairs of readers got: as two interests, and as one before and after “less like
    this” under papers of the second, or with its words excluded."""

    pairs: int
    halves: Halves
    before: Voted
    after: Voted
    excluded: Voted


class _Issues(NamedTuple):
    """A pair's issues: each half alone, both together; the long rankings of one interest for both
    and how many of them reach the floor: before votes, after them, with words excluded."""

    pair: Pair
    alone: Sequence[Sequence[Match]]
    together: Sequence[Match]
    broad: Sequence[tuple[Sequence[Match], int]]


def evaluate_pairs(wanted: Wanted, *, told: Callable[[], None] = lambda: None) -> Paired:
    """Choose for pairs of readers; ``told`` hears of each week.

    Raises InputError: a file or its line is wrong, or no two unlike readers share a week.
    """
    papers = evaluation.read_papers(wanted.papers)
    readers = evaluation.in_fold(evaluation.read_readers(wanted.readers), wanted.fold)
    weeks = tuple(evaluation.weeks(readers, papers, since=wanted.since, until=wanted.until))
    held = {paper.id: as_paper(paper) for paper in papers}
    made: list[_Issues] = []
    for week, typed in zip(weeks, evaluation.from_words(weeks), strict=True):
        if paired := tuple(evaluation.pairs(week)):
            said = {case.reader: case.typed for case in typed.cases}
            made += _issues(week, paired, said, held, wanted)
        told()
    if not made:
        raise InputError(f"No two unlike readers in {wanted.readers} have papers in one week.")
    return Paired(
        pairs=len(made),
        halves=_halves(made),
        before=_voted(made, 0),
        after=_voted(made, 1),
        excluded=_voted(made, 2),
    )


def _issues(
    week: Week,
    paired: Sequence[Pair],
    typed: Mapping[str, Sequence[str]],
    held: Held,
    wanted: Wanted,
) -> Iterator[_Issues]:
    index = index_week(week, held, wanted)
    for pair in paired:
        halves = [_interest(case, held) for case in pair[:2]]
        few = [_request(pair, one, size=HALF) for one in halves]
        ten = [_request(pair, *halves, size=SIZE)]
        broad = [_request(pair, one, size=SIZE) for one in _broad(pair, typed, held)]
        alone_first, alone_second, together = match.select(index, [*few, *ten])
        long = [_request(pair, *one.profile.interests, size=len(week.listed)) for one in broad]
        ranked = match.select(index, long, floor=0.0)
        shown = match.select(index, broad)
        yield _Issues(
            pair=pair,
            alone=(alone_first.matches, alone_second.matches),
            together=together.matches,
            broad=[(a.matches, len(b.matches)) for a, b in zip(ranked, shown, strict=True)],
        )


def _request(pair: Pair, *interests: Interest, size: int) -> match.Request:
    return match.Request(profile=Profile(interests=interests), size=size, delivered=pair.known)


def _interest(case: Case, held: Held) -> Interest:
    return Interest(name=case.reader, examples=_examples(case, held, VoteKind.MORE))


def _examples(case: Case, held: Held, kind: VoteKind, most: int = 20) -> tuple[Example, ...]:
    return tuple(
        Example(title=paper.readable_title, text=paper.readable_abstract, kind=kind)
        for paper in (held[one.id] for one in case.history[:most])
    )


def _broad(pair: Pair, typed: Mapping[str, Sequence[str]], held: Held) -> list[Interest]:
    """Return one interest in the words of both: plain, after votes, with words excluded."""
    first, second = (typed[case.reader] for case in pair[:2])
    text = ", ".join(dict.fromkeys((*first, *second)))
    votes = _examples(pair.second, held, VoteKind.LESS, VOTES)
    unwanted = tuple(one for one in second if one not in first)
    return [
        Interest(name="both", text=text),
        Interest(name="both", text=text, examples=votes),
        Interest(name="both", text=text, exclude=unwanted),
    ]


def _halves(made: Sequence[_Issues]) -> Halves:
    alone, together, able, both = [], [], 0, 0
    for one in made:
        halves = [
            [match for match in one.together if match.interest == case.reader]
            for case in one.pair[:2]
        ]
        for case, single, half in zip(one.pair[:2], one.alone, halves, strict=True):
            alone.append(_hit(case, single))
            together.append(_hit(case, half))
        if all(one.alone):
            able += 1
            both += all(map(_appears, one.alone, repeat(one.together)))
    return Halves(alone=fmean(alone), together=fmean(together), able=able, both=both)


def _appears(single: Sequence[Match], shown: Sequence[Match]) -> bool:
    """Tell whether any paper of a half alone is shown, be it for the other interest."""
    return not {match.paper.id for match in single}.isdisjoint(one.paper.id for one in shown)


def _hit(case: Case, shown: Sequence[Match]) -> bool:
    return any(match.paper.id in case.right for match in shown[:HALF])


def _voted(made: Sequence[_Issues], which: int) -> Voted:
    lengths = [one.broad[which][1] for one in made]
    ranked = [(one.pair, one.broad[which][0]) for one in made]
    return Voted(
        wanted=fmean(_reciprocal(pair.first, shown) for pair, shown in ranked),
        unwanted=fmean(_reciprocal(pair.second, shown) for pair, shown in ranked),
        papers=fmean(lengths),
        empty=lengths.count(0),
    )


def _reciprocal(case: Case, ranked: Sequence[Match]) -> float:
    """Return 1 / the rank of the first right paper, 0 where none is found."""
    places = (place for place, one in enumerate(ranked, start=1) if one.paper.id in case.right)
    return 1 / next(places, float("inf"))
