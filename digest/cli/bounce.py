"""The command about mail that comes back."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from digest import flow
from digest.app import App
from digest.cli import show
from digest.cli.session import Json, answer_json, aside, screen, session_of
from digest.flow import Examined

PIPE = Path("-")
_SHOWN = 100  # characters of a server's words in the table


def add_to(cli: typer.Typer) -> None:
    """Add this command to the command line."""
    cli.command()(bounce)


def bounce(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Mails, mboxes, maildirs, folders; - is a pipe."),
    ],
    record: Annotated[
        bool, typer.Option("--record", help="Do what follows: suppress, count, let leave.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what mails that came back mean: hard, soft, complaint."""
    app = session_of(context).open() if record else None
    done = list(_examined(app, files))
    if as_json:
        answer_json([row for each in done for row in _rows(each)])
    else:
        _show(done)
    for each in done:
        if each.error:
            aside.print(f"[red]{escape(each.error)}[/red]")
    raise typer.Exit(int(any(each.error for each in done)))


def _examined(app: App | None, files: Sequence[Path]) -> Iterator[Examined]:
    for path in files:
        stream = sys.stdin.buffer if path == PIPE else None
        if app is None:
            yield from flow.examine_bounces(path, stream)
        else:
            yield from flow.record_bounces(app, path, stream)


def _rows(each: Examined) -> Iterator[dict[str, Any]]:
    for said in each.returned.bounces if each.returned else ():
        yield {
            "file": each.file,
            "recipient": said.recipient,
            "kind": said.kind,
            "status": said.status,
            "reason": said.reason,
            **({"followed": each.followed} if each.followed else {}),
            "words": said.words,
        }


def _show(done: Sequence[Examined]) -> None:
    rows = [row for each in done for row in _rows(each)]
    if not rows:
        return
    followed = ("Followed",) if "followed" in rows[0] else ()
    shown = show.table("File", "Recipient", "Kind", "Status", "Reason", *followed, "In its words")
    for row in rows:
        shown.add_row(*(escape(str(value)[:_SHOWN]) for value in row.values()))
    screen.print(shown)
