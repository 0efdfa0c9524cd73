"""``digest doctor``: is everything in place for mail to be made, sent and believed?"""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from digest import flow
from digest.cli import show
from digest.cli.session import Json, answer_json, progress, screen, session_of, start_log
from digest.errors import SettingsError
from digest.flow import Condition, Finding
from digest.settings import email_address

_MARKS = {
    Condition.GOOD: "[green]✓[/green]",
    Condition.DOUBTFUL: "[yellow]![/yellow]",
    Condition.BAD: "[red]✗[/red]",
}


def add_to(cli: typer.Typer) -> None:
    """Add this command to the command line."""
    cli.command()(doctor)


def doctor(
    context: typer.Context,
    send_to: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Send one real test mail to this address."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that mail can be made, sent and believed."""
    found = _examine(context, email_address(send_to) if send_to else None)
    failures = sum(each.condition is Condition.BAD for each in found)
    if as_json:
        answer_json({"ok": not failures, "findings": [_values(each) for each in found]})
    else:
        _show(found, failures)
    raise typer.Exit(int(failures > 0))


def _examine(context: typer.Context, send_to: str | None) -> Sequence[Finding]:
    try:
        settings = session_of(context).settings()
    except SettingsError as error:
        return [
            Finding(check="configuration", condition=Condition.BAD, said=line)
            for line in str(error).splitlines()
        ]
    start_log(settings, quiet=True)
    with progress("Looking around") as advance:
        return flow.diagnose(flow.Patient(settings=settings), send_to=send_to, told=advance)


def _values(each: Finding) -> dict[str, str]:
    return {"check": each.check, "condition": each.condition, "said": each.said}


def _show(found: Sequence[Finding], failures: int) -> None:
    shown = show.table("", "", "")
    shown.show_header = False
    for each in found:
        shown.add_row(_MARKS[each.condition], each.check, escape(each.said))
    screen.print(shown)
    doubts = sum(each.condition is Condition.DOUBTFUL for each in found)
    if failures:
        screen.print(f"{show.plural(failures, 'check')} failed: begin with the first ✗.")
    elif doubts:
        screen.print(f"Mail goes out; {show.plural(doubts, 'point')} to look at.")
    else:
        screen.print("All is well.")
