"""``digest backup`` and ``digest restore``: all we know in one file, and back to it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from digest import flow, store
from digest.cli import show
from digest.cli.session import Json, answer_json, screen, session_of, start_log
from digest.errors import InputError

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file of the backup.")]


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (backup, restore):
        cli.command()(command)


def backup(context: typer.Context, file: File) -> None:
    """Write all we know to one file, while others work on."""
    settings = session_of(context).settings()
    start_log(settings, quiet=True)
    flow.back_up(settings.database, file)
    screen.print(f"{escape(str(file))} holds the database ({file.stat().st_size / 1e6:,.1f} MB).")
    screen.print(f"Keep {escape(_secret(settings.database))} with it: links in mails need it.")


def _secret(url: str) -> str:
    database = store.health.file_of(url)
    kept = database.with_suffix(".secret") if database else None
    return str(kept) if kept and kept.exists() else "`secret` of your settings"


def restore(
    context: typer.Context,
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Go back to a backup; nothing is sent a second time."""
    session = session_of(context)
    settings = session.settings()
    if not (yes or sys.stdin.isatty()):
        raise InputError("A restore replaces the database, and there is nobody to ask: say --yes.")
    if not yes:
        typer.confirm(f"Replace what is in the database by {file}?", abort=True, err=True)
    app = session.wire(settings)
    done = flow.restore(app, settings.database, file)
    if as_json:
        answer_json(
            {"turns": done.turns, "uncertain": done.uncertain, "listings": done.listings}
            | {"kept": str(done.kept) if done.kept else None}
        )
        return
    screen.print(
        f"{escape(str(file))} is back in place, and {show.plural(done.listings, 'listing')} came"
        " since."
    )
    screen.print(
        f"{show.plural(done.turns, 'reader')} may have had an issue since: it is not sent again."
    )
    if done.uncertain:
        one = show.plural(done.uncertain, "mail")
        screen.print(f"{one} waited when the backup was made: uncertain now (`digest status`).")
    if done.kept:
        screen.print(f"What was there before is kept in {escape(str(done.kept))}.")
