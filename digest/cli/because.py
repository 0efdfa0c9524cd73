"""``digest why`` in one screen: 24 lines of 80 columns."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from digest import compose
from digest.cli.session import screen
from digest.cli.show import day, moment, plural
from digest.flow import Why
from digest.model import Match, SubscriberState

_CAUSES = 4
_CAUSE_LINES = 3
_ROWS = 3  # of matches, turns, issues
_BOUNCES = 1


def why(result: Why) -> None:
    """Answer "why did I get nothing" in one screen."""
    for number, line in enumerate(lines(result, screen.width)):
        screen.print(Text(line, style="bold" if number == 0 else ""), no_wrap=True)


def lines(result: Why, width: int) -> Iterator[str]:
    """Yield the answer in lines of at most ``width`` characters, and at most 24 of them."""
    reader = result.subscriber
    until = f" until {moment(reader.paused_until)}" if reader.paused_until else ""
    yield _cut(f"{reader.email} is {reader.state}{until}: {result.schedule}.", width)
    for because in result.causes[:_CAUSES]:
        yield from _folded(because.said, width)
    for section in (_now(result), _turns(result), _issues(result), _bounces(result)):
        yield from (_cut(line, width) for line in section)


def _folded(said: str, width: int) -> Iterator[str]:
    """Yield a sentence over a few lines, marked where it begins."""
    folded = wrap(f"· {said}", width, subsequent_indent="  ")
    yield from folded[: _CAUSE_LINES - 1]
    rest = " ".join(line.strip() for line in folded[_CAUSE_LINES - 1 :])
    if rest:
        yield _cut(f"  {rest}", width)


def _cut(line: str, width: int) -> str:
    return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"


def _now(result: Why) -> Iterator[str]:
    now = result.now
    if result.subscriber.state is not SubscriberState.ACTIVE or result.suppressed:
        return
    yield (
        f"Today: {plural(now.candidates, 'new paper')}, {now.above_floor} close enough, "
        f"{len(now.matches)} would be sent."
    )
    shown = [*map(_line, now.matches)]
    shown += [f"{compose.heading(match)}: {_line(match)}" for match in now.extras]
    yield from (f"  {line}" for line in shown[:_ROWS])


def _line(match: Match) -> str:
    words = ", ".join(word for reason in match.reasons for word in reason.words)
    return f"{match.paper.readable_title} ({match.interest}: {words})"


def _turns(result: Why) -> Iterator[str]:
    rows = [(moment(turn.taken_at), turn.result, turn.why) for turn in result.turns[:_ROWS]]
    yield from _rows("Turns", rows) if rows else ["No turn yet."]


def _issues(result: Why) -> Iterator[str]:
    yield from _rows(
        "Issues",
        [
            (
                day(each.date),
                plural(each.papers, "paper"),
                each.state,
                plural(each.attempts, "attempt"),
                moment(each.settled_at or each.due_at),
                each.error or "",
            )
            for each in result.issues[:_ROWS]
        ],
    )


def _bounces(result: Why) -> Iterator[str]:
    proof = {True: "", False: ", unproven: nothing followed"}
    yield from _rows(
        "Came back",
        [
            (
                moment(each.came_at),
                each.kind,
                each.reason + proof[bool(each.delivery_id)],
                each.words,
            )
            for each in result.bounces[:_BOUNCES]
        ],
    )


def _rows(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a small table under its title, each column as wide as it must be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{title if number == 0 else '':{len(title)}}  {'  '.join(cells)}".rstrip()


def why_values(result: Why) -> dict[str, Any]:
    """Return the answer as JSON-ready values."""
    return asdict(result)
