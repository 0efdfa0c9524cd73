"""The command that says how good our choices are: evaluate."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from digest import flow
from digest.cli import show
from digest.cli.session import Json, answer_json, aside, progress, screen, session_of
from digest.errors import InputError
from digest.flow import (
    MEASURES,
    MODEL,
    Ask,
    Evaluated,
    Evaluation,
    Figure,
    Fold,
    Kind,
    Measured,
    Voted,
)

_WHICH = {None: "all", Kind.SUBMITTED: "submitted", Kind.AUTHORED: "authored"}
_TIMES = ("Week", "Reader", "Ranking")
_BROAD = {"plain": "before", "five votes less": "after", "words excluded": "excluded"}
_DAY = ["%Y-%m-%d"]


def add_to(cli: typer.Typer) -> None:
    """Add this command to the command line."""
    cli.command()(evaluate)


def evaluate(
    context: typer.Context,
    readers: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Readers and their dated papers, as JSON lines."),
    ],
    papers: Annotated[Path, typer.Option(metavar="FILE", help="The papers listed, as JSON lines.")],
    ask: Annotated[
        Ask,
        typer.Option(
            help="What is known of readers: past papers, a few words; pairs: two readers made one."
        ),
    ] = Ask.HISTORY,
    method: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Our way (ours) or another's; repeat it; none: all."),
    ] = None,
    fold: Annotated[
        str, typer.Option(metavar="K/N", help="Only every N-th reader, from the K-th on.")
    ] = "1/1",
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=_DAY, metavar="DAY", help="Only weeks that begin then or after."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, metavar="DAY", help="Only weeks that begin then or before."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What makes embeddings: a folder, or a model in the local cache."
        ),
    ] = MODEL,
    as_json: Json = False,
) -> None:
    """Measure how well papers are chosen, on readers we know of."""
    settings = session_of(context).settings().match
    wanted = flow.Wanted(
        readers=readers,
        papers=papers,
        ask=ask,
        methods=tuple(dict.fromkeys(method or ())),
        fold=_fold(fold),
        since=since.date() if since else date.min,
        until=until.date() if until else date.max,
        background_days=settings.background_days,
        background_papers=settings.background_papers,
        model=model,
    )
    if ask is Ask.PAIRS:
        _show_pairs(wanted, as_json=as_json)
        return
    with progress("Ranking weeks") as advance:
        evaluation = flow.evaluate(wanted, told=lambda: advance(1))
    if as_json:
        answer_json(_values(evaluation))
    else:
        _show(evaluation)


def _fold(written: str) -> Fold:
    number, _, of = written.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise InputError(f"--fold {written!r} cannot be used: write it as 1/5, …, 5/5.")
    return Fold(int(number), int(of))


def _show_pairs(wanted: flow.Wanted, *, as_json: bool) -> None:
    if wanted.methods:
        raise InputError("Pairs of readers are asked of our own way alone: leave --method out.")
    with progress("Ranking weeks") as advance:
        paired = flow.evaluate_pairs(wanted, told=lambda: advance(1))
    if as_json:
        answer_json(asdict(paired))
        return
    halves = paired.halves
    screen.print(f"\n[bold]two interests in one issue[/bold]: {paired.pairs} pairs of readers")
    table = show.table("hit@5 alone", "hit@5 beside the other", "Both shown, of those that could")
    table.add_row(
        f"{halves.alone:.3f}", f"{halves.together:.3f}", f"{halves.both} of {halves.able}"
    )
    screen.print(table)
    screen.print("\n[bold]one interest in the words of both[/bold], the second unwanted")
    table = show.table("", "MRR wanted", "MRR unwanted", "Papers", "Empty issues")
    for name, one in _BROAD.items():
        voted: Voted = getattr(paired, one)
        figures = f"{voted.wanted:.3f}", f"{voted.unwanted:.3f}", f"{voted.papers:.1f}"
        table.add_row(name, *figures, str(voted.empty))
    screen.print(table)


def _show(evaluation: Evaluation) -> None:
    for kind, which in _WHICH.items():
        some = [
            (each, each.measured[kind]) for each in evaluation.evaluated if kind in each.measured
        ]
        if some:
            _show_table(which, some)
    _show_times(evaluation.evaluated)
    for name, why in evaluation.lacking.items():
        aside.print(f"{name} is left out. {escape(why)}")
    if evaluation.unknown:
        aside.print(
            f"{show.plural(evaluation.unknown, 'paper')} of readers not in the file of papers:"
            " left out."
        )


def _show_table(which: str, some: Sequence[tuple[Evaluated, Measured]]) -> None:
    measured = some[0][1]
    cases, readers = show.plural(measured.cases, "case"), show.plural(measured.readers, "reader")
    screen.print(f"\n[bold]{which}[/bold]: {cases} of {readers}, with 95 % intervals")
    table = show.table("Method", *MEASURES)
    for each, figures in some:
        table.add_row(escape(each.method), *map(_figure, figures.figures))
    screen.print(table)


def _figure(one: Figure) -> str:
    """Return ``0.411 .35–.48``: four of them fit into 80 columns."""
    low, high = (f"{end:.2f}".removeprefix("0") for end in (one.low, one.high))
    return f"{one.value:.3f} [dim]{low}–{high}[/dim]"


def _show_times(evaluated: Sequence[Evaluated]) -> None:
    screen.print("\n[bold]milliseconds[/bold]: a week read, a reader learnt from, a ranking")
    table = show.table("Method", *_TIMES)
    for each in evaluated:
        times = f"{each.week:.0f}", f"{each.reader:.2f}", f"{each.ranking:.3f}"
        table.add_row(escape(each.method), *times)
    screen.print(table)


def _values(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "weeks": evaluation.weeks,
        "unknown": evaluation.unknown,
        "lacking": dict(evaluation.lacking),
        "methods": [
            {
                "method": each.method,
                "ms_per_week": each.week,
                "ms_per_reader": each.reader,
                "ms_per_ranking": each.ranking,
                **{_WHICH[kind]: _measured(some) for kind, some in each.measured.items()},
            }
            for each in evaluation.evaluated
        ],
    }


def _measured(measured: Measured) -> dict[str, Any]:
    figures = zip(MEASURES, measured.figures, strict=True)
    return {
        "readers": measured.readers,
        "cases": measured.cases,
        **{name: {"value": f.value, "low": f.low, "high": f.high} for name, f in figures},
    }
