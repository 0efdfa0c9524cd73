"""The commands that answer questions and change nothing: papers, preview, status, why."""

from pathlib import Path
from typing import Annotated

import typer

from digest import flow
from digest.cli import because, show
from digest.cli.session import Email, Json, answer_json, aside, screen, session_of
from digest.errors import InputError
from digest.settings import email_address


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (papers, preview, status, why):
        cli.command()(command)


def papers(
    context: typer.Context,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most so many, newest first.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the papers, newest announcement first."""
    found = flow.papers(session_of(context).open(), limit=limit)
    if as_json:
        answer_json([show.paper_values(paper) for paper in found])
    else:
        show.papers(found)


def preview(
    context: typer.Context,
    email: Email,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the HTML part to this file.")
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help="Print the text part (the default).")
    ] = False,
) -> None:
    """Show the issue a subscriber would get now; sends nothing."""
    if html and text:
        raise InputError("--html and --text are alternatives: choose one.")
    ahead = flow.preview(session_of(context).open(), email_address(email))
    message = ahead.message
    if not ahead.comes:
        aside.print("No paper is close enough: no mail would come. This is what it would say.")
    if html is None:
        typer.echo(f"Subject: {message.subject}\n\n{message.text}")
        return
    try:
        html.write_text(message.html, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{html} cannot be written: {error.strerror}.") from error
    screen.print(f"Open {html} in a browser.")


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show how things stand: papers, readers, deliveries, sources."""
    result = flow.status(session_of(context).open())
    if as_json:
        answer_json(show.status_values(result))
    else:
        show.status(result)
    raise typer.Exit(int(not result.balanced))


def why(context: typer.Context, email: Email, as_json: Json = False) -> None:
    """Say why a reader did or did not get mail."""
    result = flow.why(session_of(context).open(), email_address(email))
    if as_json:
        answer_json(because.why_values(result))
    else:
        because.why(result)
