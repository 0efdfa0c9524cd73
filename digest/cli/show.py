"""Answers as sentences, small tables, and JSON-ready values."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from digest.cli.session import aside, screen
from digest.flow import LATELY, Delivered, Ingested, Prepared, Status
from digest.model import (
    DeliveryState,
    Freshness,
    Paper,
    Problem,
    Subscriber,
)
from digest.store.hosts import RELAY

_PROBLEMS_SHOWN = 5
_NUMBERS = frozenset(
    {"Papers", "New", "Updated", "Problems", "Attempts", "Week", "Reader", "Ranking"}
)
_MOMENTS = frozenset(
    {"Date", "On", "Last fresh", "Next due", "Last asked", "Ingested", "Turn", "Issue of", "When"}
)
_LOST = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)


def table(*columns: str) -> Table:
    """Return a table in the house style: thin, no wider than it must be, and never cut short."""
    shown = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        shown.add_column(
            column,
            justify="right" if column in _NUMBERS else "left",
            no_wrap=column in _MOMENTS,
            overflow="fold",
        )
    return shown


def day(when: date | None) -> str:
    """Return ``Fri 20 Nov 2026``."""
    return "" if when is None else f"{when:%a} {when.day} {when:%b %Y}"


def moment(when: datetime | None) -> str:
    """Return ``2026-11-20T06:00Z``: ISO 8601, UTC, to the minute."""
    return "" if when is None else f"{when.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def plural(number: int, noun: str) -> str:
    """Return ``1 paper`` or ``5 papers``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def ingested(done: Sequence[Ingested]) -> None:
    """Show what became of each listing."""
    if not done:
        screen.print("Nothing new from any source.")
        return
    shown = table("Listing", "Date", "Papers", "New", "Updated", "Problems")
    for each in done:
        shown.add_row(
            escape(each.listing),
            day(each.date),
            *(str(number) for number in (each.papers, each.new, each.updated)),
            str(len(each.problems) + bool(each.error)),
        )
    screen.print(shown)
    for each in done:
        _problems(each)


def _problems(each: Ingested) -> None:
    if each.error:
        aside.print(f"[red]{escape(each.error)}[/red]")
    problems(each.listing, each.problems)


def problems(listing: str, found: Sequence[Problem]) -> None:
    """Show the first problems of a listing, aside."""
    for problem in found[:_PROBLEMS_SHOWN]:
        aside.print(f"[yellow]{escape(listing)}{escape(_problem(problem))}[/yellow]")
    if len(found) > _PROBLEMS_SHOWN:
        aside.print(f"… and {len(found) - _PROBLEMS_SHOWN} more in {escape(listing)}.")


def _problem(problem: Problem) -> str:
    return (
        f": {problem.message}"
        if problem.line is None
        else (f", line {problem.line}: {problem.message}")
    )


def ingested_values(each: Ingested) -> dict[str, Any]:
    """Return one listing's result as JSON-ready values."""
    problems = [asdict(problem) for problem in each.problems]
    if each.error:
        problems.insert(0, {"message": each.error, "line": each.line, "cut": False})
    return {
        "listing": each.listing,
        "papers": each.papers,
        "new": each.new,
        "updated": each.updated,
        "date": each.date,
        "complete": each.complete,
        "problems": problems,
    }


def prepared(result: Prepared) -> None:
    """Say how the turns went."""
    parts = []
    if result.issues:
        parts.append(plural(result.issues, "issue"))
    if result.notes:
        parts.append(plural(result.notes, "short note"))
    if result.skipped:
        parts.append(f"{plural(result.skipped, 'reader')} with nothing to send")
    if result.failed:
        parts.append(f"[red]{plural(result.failed, 'failure')}[/red]")
    screen.print(f"Prepared: {', '.join(parts)}." if parts else "Nobody was due.")
    if result.skipped or result.failed:
        screen.print("`digest why ADDRESS` says why somebody got nothing.")


def prepared_values(result: Prepared) -> dict[str, int]:
    """Return the turns of a run as JSON-ready values."""
    return asdict(result)


def losses(result: Delivered) -> int:
    """Return how many messages of this run will not come, or may not have."""
    return sum(result.settled[state] for state in _LOST)


def delivered(result: Delivered, outbox: Path | None) -> None:
    """Say what was delivered, and where to look."""
    counts = ", ".join(f"{number} {state}" for state, number in sorted(result.settled.items()))
    if counts or not result.error:
        screen.print(f"Delivered: {counts}." if counts else "Nothing was waiting to be delivered.")
    if result.error:
        aside.print(f"[red]Stopped: {escape(result.error)}[/red]")
    if outbox and result.sent:
        screen.print(f"Open {escape(str(outbox / 'index.html'))} in a browser to read them.")


def papers(found: Sequence[Paper]) -> None:
    """Show papers, a line each."""
    shown = table("Date", "Paper", "Authors", "Id")
    for paper in found:
        shown.add_row(
            day(paper.announced_on), escape(paper.readable_title), _authors(paper), _known_id(paper)
        )
    screen.print(shown)
    screen.print(f"{plural(len(found), 'paper')}.")


def _authors(paper: Paper) -> str:
    if paper.authors:
        more = len(paper.authors) - 1
        return escape(paper.authors[0]) + (f" + {more}" if more else "")
    return plural(paper.author_count, "author") if paper.author_count else ""


def _known_id(paper: Paper) -> str:
    """Return the id the world knows the paper by; a hash of its title tells nobody anything."""
    return "" if paper.id.startswith(("work:", "title:")) else escape(paper.id)


def paper_values(paper: Paper) -> dict[str, Any]:
    """Return a paper as JSON-ready values."""
    return asdict(paper)


def subscribers(found: Sequence[Subscriber]) -> None:
    """Show subscribers, a line each."""
    shown = table("Address", "State", "Interests", "Next due")
    for each in found:
        interests = ", ".join(interest.name for interest in each.wishes.profile.interests)
        shown.add_row(escape(each.email), each.state, escape(interests), moment(each.due_at))
    screen.print(shown)
    screen.print(f"{plural(len(found), 'subscriber')}.")


def subscriber_values(each: Subscriber) -> dict[str, Any]:
    """Return a subscriber as JSON-ready values."""
    return asdict(each)


def status(result: Status) -> None:
    """Show the state of things."""
    people = ", ".join(f"{number} {state}" for state, number in sorted(result.subscribers.items()))
    screen.print(f"{plural(result.papers, 'paper')}; subscribers: {people or 'none'}.")
    if result.next_due_at:
        screen.print(f"Next turn: {moment(result.next_due_at)}.")
    books = ", ".join(f"{number} {state}" for state, number in result.books.items() if number)
    screen.print(f"{plural(result.issues, 'issue')}: {books or 'none yet'}.")
    if result.returned:
        kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(result.returned.items()))
        screen.print(f"Came back in {LATELY.days} days: {kinds}.")
    if not result.balanced:
        aside.print("[red]The books do not balance: please report this with your database.[/red]")
    for host in result.resting:
        name = "The mail server" if host.name == RELAY else host.name
        screen.print(
            f"[yellow]{escape(name)} is left alone until {moment(host.paused_until)}:"
            f" {escape(host.reason)}[/yellow]"
        )
    _sources(result)
    _listings(result)


def _sources(result: Status) -> None:
    records = {each.name: each for each in result.sources}
    names = sorted(records.keys() | result.days.keys())
    if names:
        shown = table("Source", "State", "On", "Last fresh", "Last asked", "Why")
        for name in names:
            record, on = records.get(name), result.days.get(name)
            error = record.error if record else None
            shown.add_row(
                escape(name),
                colored(on.freshness) if on else "",
                day(on.date if on else None),
                day(result.fresh_on.get(name)),
                moment(record.checked_at if record else None),
                escape((on.reason if on else error) or ""),
            )
        screen.print()
        screen.print(shown)


_COLORS = {
    Freshness.FRESH: "green",
    Freshness.EMPTY: "dim",
    Freshness.BROKEN: "red",
}


def colored(freshness: Freshness) -> str:
    """Return the word for a state in its colour."""
    color = _COLORS.get(freshness, "yellow")
    return f"[{color}]{freshness}[/{color}]"


def _listings(result: Status) -> None:
    if result.listings:
        shown = table("Listing", "Date", "Papers", "Ingested", "Problems")
        for each in result.listings:
            shown.add_row(
                escape(each.name),
                day(each.date),
                str(each.papers),
                moment(each.ingested_at),
                str(len(each.problems)),
            )
        screen.print()
        screen.print(shown)


def status_values(result: Status) -> dict[str, Any]:
    """Return the state of things as JSON-ready values."""
    resting = [
        {"name": host.name, "until": host.paused_until, "reason": host.reason}
        for host in result.resting
    ]
    return asdict(result) | {"balanced": result.balanced, "resting": resting}
