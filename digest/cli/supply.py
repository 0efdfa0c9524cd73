"""Answers about sources, as tables and JSON-ready values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape

from digest.cli.session import aside, screen
from digest.cli.show import colored, day, moment, plural, problems, table
from digest.flow import Checked, Known
from digest.model import Calendar
from digest.settings import Preset

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def known(found: Sequence[Known]) -> None:
    """Show the sources, a line each."""
    shown = table("Source", "Announces", "Today", "Last fresh", "Last asked", "Place")
    for each in found:
        shown.add_row(
            escape(each.name),
            announces(each.calendar),
            _today(each),
            day(each.fresh_on),
            moment(each.asked_at),
            escape(each.place) if each.place != each.name else "",
        )
    screen.print(shown)
    screen.print(f"{plural(len(found), 'source')}.")


def announces(calendar: Calendar | None) -> str:
    """Return ``Mon–Fri by 01:00 America/New_York``; nothing without a calendar."""
    if calendar is None:
        return ""
    return f"{_days(calendar.days)} by {calendar.by:02}:00 {calendar.timezone}"


def _days(days: Sequence[int]) -> str:
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{_DAYS[ordered[0]]}–{_DAYS[ordered[-1]]}"
    return ", ".join(_DAYS[each] for each in ordered)


def _today(each: Known) -> str:
    """The state of today; while it cannot be told, whether something is awaited."""
    if each.today:
        return colored(each.today.freshness)
    return "awaited" if each.awaited else ""


def known_values(found: Sequence[Known]) -> list[dict[str, Any]]:
    """Return the sources as JSON-ready values."""
    return [asdict(each) for each in found]


def checked(done: Sequence[Checked]) -> None:
    """Say what was understood of each listing."""
    for each in done:
        _checked(each)
    if not done:
        screen.print("Nothing waits to be read.")


def _checked(each: Checked) -> None:
    screen.print(f"[bold]{escape(each.source)}[/bold] {_state(each)}")
    if each.listing not in (each.source, each.error):
        screen.print(f"  {escape(each.listing)}", soft_wrap=True)
    if each.error:
        aside.print(f"  [red]{escape(each.error)}[/red]")
        return
    more = ", and goes on" if each.goes_on else ""
    screen.print(
        f"  {each.kind} of {day(each.date)}: {plural(each.papers, 'paper')}, {each.new} new{more}."
    )
    for title in each.titles:
        screen.print(f"  – {escape(title)}")
    problems(each.listing, each.problems)


def _state(each: Checked) -> str:
    if each.freshness is None:
        return "nothing new, and not late yet"
    reason = "" if each.error else f": {escape(each.reason)}"
    return f"{colored(each.freshness)}{reason}"


def checked_values(done: Sequence[Checked]) -> list[dict[str, Any]]:
    """Return what was understood as JSON-ready values."""
    return [asdict(each) for each in done]


def presets(found: Mapping[str, Preset]) -> None:
    """Show the presets, a line each."""
    shown = table("Preset", "Of", "For example", "What it is")
    for name, each in found.items():
        chosen = each.of or ""
        shown.add_row(
            name,
            f"[{chosen}]".replace("[", "\\[") if each.of and each.whole else chosen,
            escape(f"{name} {_quoted(each.example or '')}") if each.of else name,
            escape(each.about),
        )
    screen.print(shown)
    screen.print("`digest sources add PRESET OF` adds one to config.yaml.")


def _quoted(example: str) -> str:
    return f'"{example}"' if " " in example else example


def preset_values(found: Mapping[str, Preset]) -> list[dict[str, Any]]:
    """Return the presets as JSON-ready values."""
    return [{"preset": name, **asdict(each)} for name, each in found.items()]
