"""How good our choices are, on readers whose next papers are known, beside what others do.

::

    readers, papers → weeks → scores of a method → ranks of the right papers → figures
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np

from digest import embedding, ingest, match, store
from digest import evaluate as evaluation
from digest.errors import InputError
from digest.evaluate import (
    Answer,
    Ask,
    Case,
    Floats,
    Fold,
    Kind,
    Listed,
    Measured,
    Method,
    Ready,
    Week,
)
from digest.model import Example, Interest, Paper, Profile

OURS = "ours"
EMBEDDED = "ours-embeddings"
_SIZE = 10  # papers in an issue, as timed
_NAME = "Papers"

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to evaluate: two files, what is known of readers, the methods (none: all), and which
    readers and weeks."""

    readers: Path
    papers: Path
    ask: Ask = Ask.HISTORY
    methods: tuple[str, ...] = ()
    fold: Fold = evaluation.WHOLE
    since: date = date.min
    until: date = date.max
    background_days: int = 365
    background_papers: int = 5000
    model: str = evaluation.MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What a method reached, by the kind of right papers (None: all), and where those came.

    Times are milliseconds: to read a ``week`` once, to read or learn from one ``reader``, and for
    one reader's ``ranking``, all readers of a week together.
    """

    method: str
    measured: Mapping[Kind | None, Measured]
    week: float
    reader: float
    ranking: float
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All methods, in order, over so many weeks; ``unknown`` papers of readers were not in the
    file of papers; ``lacking`` says of methods that were not asked for by name what they lack."""

    evaluated: tuple[Evaluated, ...]
    weeks: int
    unknown: int
    lacking: Mapping[str, str]


def evaluate(wanted: Wanted, *, told: Callable[[], None] = lambda: None) -> Evaluation:
    """Rank as the wanted methods do; ``told`` hears each time that one of them has done a week.

    Raises InputError: a file or its line is wrong, a method is unknown, there is no case.
    """
    papers = evaluation.read_papers(wanted.papers)
    readers = evaluation.in_fold(evaluation.read_readers(wanted.readers), wanted.fold)
    methods, lacking = _methods(wanted, papers)
    weeks = tuple(evaluation.weeks(readers, papers, since=wanted.since, until=wanted.until))
    if wanted.ask is Ask.WORDS:
        weeks = evaluation.from_words(weeks)
    if not weeks:
        raise InputError(
            f"{wanted.readers} leaves no case: a reader needs papers in a week of the span, and"
            f" three in {wanted.papers} before it; the week needs twenty papers."
        )
    evaluated = tuple(_evaluated(name, method, weeks, told) for name, method in methods.items())
    missing = evaluation.unknown(readers, papers)
    return Evaluation(evaluated=evaluated, weeks=len(weeks), unknown=missing, lacking=lacking)


def _methods(
    wanted: Wanted, papers: Sequence[Listed]
) -> tuple[Mapping[str, Method], Mapping[str, str]]:
    """Return the methods that are wanted and, of those not named, what the others lack."""
    known = {
        OURS: ours(wanted, papers),
        EMBEDDED: ours(wanted, papers, embedded=True),
        **evaluation.peers(papers, model=wanted.model),
    }
    for name in wanted.methods:
        if name not in known:
            raise InputError(f"There is no method {name!r}: choose among {', '.join(known)}.")
        _require(name, wanted)
    if wanted.methods:
        return {name: known[name] for name in wanted.methods}, {}
    lacking = {name: why for name in known if (why := _lack(name, wanted))}
    return {name: method for name, method in known.items() if name not in lacking}, lacking


def _require(name: str, wanted: Wanted) -> None:
    if name == EMBEDDED:
        embedding.open_model(Path(wanted.model))
    else:
        evaluation.require(name, ask=wanted.ask, model=wanted.model)


def _lack(name: str, wanted: Wanted) -> str:
    try:
        _require(name, wanted)
    except InputError as error:
        return str(error)
    return ""


def _evaluated(
    name: str, method: Method, weeks: Sequence[Week], told: Callable[[], None]
) -> Evaluated:
    answers: list[Answer] = []
    reading = learning = ranking = 0.0
    for week in weeks:
        learn, read = _timed(partial(method, week))
        ready, learnt = _timed(learn)
        worked = _timed(ready.work)[1] if ready.work else None
        scores, scored = _timed(ready.score)
        reading, learning = reading + read, learning + learnt
        ranking += scored if worked is None else worked
        answers += evaluation.rank(week, scores)
        told()
    kinds = {kind: evaluation.measure(answers, kind) for kind in (None, *Kind)}
    return Evaluated(
        method=name,
        measured={kind: measured for kind, measured in kinds.items() if measured},
        week=1000 * reading / len(weeks),
        reader=1000 * learning / len(answers),
        ranking=1000 * ranking / len(answers),
        answers=tuple(answers),
    )


def _timed(work: Callable[[], Done]) -> tuple[Done, float]:
    started = perf_counter()
    done = work()
    return done, perf_counter() - started


def ours(wanted: Wanted, papers: Sequence[Listed], *, embedded: bool = False) -> Method:
    """Return our own way: the product's, as if each reader had one interest without any words, and
    had pressed “more like this” under every paper of their history when it was listed; or had typed
    a list of phrases.

    What is ranked is all that ``match.select`` finds without a floor; what is timed as a ranking is
    choosing the ten papers of an issue. The index remembers what it read of readers. ``embedded``
    asks the wanted model too.
    """
    held = cache(lambda: {paper.id: as_paper(paper) for paper in papers})
    encode = cache(lambda: embedding.open_model(Path(wanted.model)) if embedded else None)

    def read(week: Week) -> Callable[[], Ready]:
        index = index_week(week, held(), wanted, encode())
        return lambda: _ready(index, week, held())

    return read


def _ready(index: match.Index, week: Week, held: Mapping[str, Paper]) -> Ready:
    requests = [_request(case, held, len(week.listed)) for case in week.cases]
    issues = [replace(request, size=_SIZE) for request in requests]
    interests = [request.profile.interests[0] for request in requests]
    index.resemblance.read(example for one in interests for example in one.examples)
    for interest in interests:
        index.ask(interest)
    return Ready(
        score=lambda: _scores(index, requests, week),
        work=lambda: match.choose(index, issues),
    )


def index_week(
    week: Week,
    held: Mapping[str, Paper],
    wanted: Wanted,
    encode: embedding.Encode | None = None,
) -> match.Index:
    """Index a week as on its last day, on the background of its Monday."""
    since = week.monday - timedelta(days=wanted.background_days)
    newest = [paper for paper in week.before if paper.day >= since][-wanted.background_papers :]
    background = match.study((held[paper.id] for paper in newest), encode=encode)
    # One day for all: where in the week a paper's lies must not matter.
    listed = [replace(held[paper.id], announced_on=week.monday) for paper in week.listed]
    index = match.build_index(listed, background)
    assert index.twins is not None, "found once a week, not once a reader"
    assert index.resemblance, "made once a week too"
    assert index.by_paper is not None, "and this"
    return index


def _request(case: Case, held: Mapping[str, Paper], size: int) -> match.Request:
    liked = (held[paper.id] for paper in case.history[: store.votes.REMEMBERED])
    examples = tuple(
        Example(title=paper.readable_title, text=paper.readable_abstract) for paper in liked
    )
    interest = Interest(name=_NAME, text=", ".join(case.typed), examples=examples)
    return match.Request(profile=Profile(interests=(interest,)), size=size, delivered=case.known)


def _scores(index: match.Index, requests: Sequence[match.Request], week: Week) -> Floats:
    """Return the score of every paper, 0 for those that are not even candidates or have a better
    near-twin."""
    column = {paper.id: place for place, paper in enumerate(week.listed)}
    places = np.array([column[paper.id] for paper in index.papers], dtype=np.int64)
    chosen = match.choose(index, requests, floor=0.0)
    scores: Floats = np.zeros((len(requests), len(week.listed)))
    scores[chosen.requests, places[chosen.columns]] = chosen.scores
    return scores


def as_paper(listed: Listed) -> Paper:
    """Return a listed paper as the product knows it."""
    made = ingest.make_paper(title=listed.title, abstract=listed.abstract, upvotes=listed.upvotes)
    return replace(made, id=listed.id, announced_on=listed.day)
