"""The command that makes a key for signing mail."""

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from digest import deliver
from digest.cli.session import screen, session_of
from digest.errors import InputError


def add_to(cli: typer.Typer) -> None:
    """Add this command to the command line."""
    cli.command("dkim-key")(dkim_key)


def dkim_key(
    context: typer.Context,
    selector: Annotated[str, typer.Argument(help="A name of your choice, such as digest2026.")],
    kind: Annotated[Literal["rsa", "ed25519"], typer.Option(help="The kind of key.")] = "rsa",
    domain: Annotated[str | None, typer.Option(help="Default: the sender's domain.")] = None,
    out: Annotated[Path | None, typer.Option(help="Default: SELECTOR.pem.")] = None,
) -> None:
    """Make a key to sign mail with, and its DNS record."""
    domain = domain or session_of(context).settings().sender_value().domain
    pem = deliver.make_key(kind)
    key = deliver.read_key(pem, domain=domain, selector=selector)
    file = out or Path(f"{selector}.pem")
    _write_new(file, pem)
    strings = " ".join(f'"{part}"' for part in key.record_strings)
    screen.print(f"The key is in {file}. Put this into the DNS:\n", soft_wrap=True)
    typer.echo(f"{key.name}. IN TXT ( {strings} )\n")
    screen.print("and, once it is there, this into config.yaml:\n")
    typer.echo(f"dkim:\n  - selector: {selector}\n    key_file: {file}\n    domain: {domain}")


def _write_new(file: Path, pem: bytes) -> None:
    """Write a file that only we may read; never replace one."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(
            f"The key file {file} cannot be made ({error.strerror}): choose another with --out."
        ) from error
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(pem)
