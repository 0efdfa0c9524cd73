"""The commands put together, and errors turned into sentences."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from digest import __version__
from digest.cli import (
    ask,
    backup,
    bounce,
    dkim,
    doctor,
    evaluate,
    processes,
    readers,
    run,
    sources,
)
from digest.cli.session import Session
from digest.errors import DigestError, InputError, SettingsError

FAILED = 1  # something failed, the rest was done
WRONG = 2  # the command or the configuration is wrong

cli = typer.Typer(
    name="digest",
    help="The few new papers that matter to you, by mail, with the reason for each.",
    no_args_is_help=True,
    rich_markup_mode=None,  # help as plain text: it can be piped, and reads well at any width
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"paper-digest {__version__}")
        raise typer.Exit


@cli.callback()
def _common(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The configuration file (default: DIGEST_CONFIG, or ./config.yaml).",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    context.obj = Session(config, context.call_on_close)


for commands in (
    run,
    readers,
    ask,
    doctor,
    dkim,
    sources,
    bounce,
    backup,
    processes,
    evaluate,
):
    commands.add_to(cli)


def main() -> None:
    """Run one command; a DigestError is one sentence on standard error, never a traceback."""
    try:
        cli()
    except DigestError as error:
        for line in str(error).splitlines():
            typer.echo(f"digest: {line}", err=True)
        sys.exit(WRONG if isinstance(error, InputError | SettingsError) else FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone
        sys.exit(FAILED)
