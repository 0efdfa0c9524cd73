"""The commands about sources: list them, ask them now, add one."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from digest import flow
from digest.app import App, Source
from digest.cli import supply
from digest.cli.session import Json, answer_json, progress, screen, session_of
from digest.errors import InputError
from digest.settings import PRESETS, add_source, config_file, source_entry

_CHECK = "--check"


class _Sources(TyperGroup):
    """``--check NAME``: the name may follow."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        after = args.index(_CHECK) + 1 if _CHECK in args else len(args)
        if after < len(args) and not args[after].startswith("-"):
            args = [*args[:after], "--name", *args[after:]]
        return list(super().parse_args(ctx, args))


commands = typer.Typer(
    cls=_Sources,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    cli.add_typer(commands, name="sources")


@commands.callback()
def sources(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option(_CHECK, help="Ask them now, show what was understood, store nothing.")
    ] = False,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source (with --check).")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the sources and how fresh they are; check or add some."""
    if context.invoked_subcommand:
        return
    app = session_of(context).open()
    if check:
        raise typer.Exit(_check(app, _named(app, name), as_json))
    if name:
        raise InputError("--name belongs to --check: digest sources --check NAME.")
    known = flow.known_sources(app)
    if as_json:
        answer_json(supply.known_values(known))
    else:
        supply.known(known)


def _named(app: App, name: str | None) -> tuple[Source, ...]:
    found = tuple(each for each in app.sources if name in (None, each.name))
    if not found:
        names = ", ".join(f"“{each.name}”" for each in app.sources)
        raise InputError(f"There is no source “{name}”; there are {names}.")
    return found


def _check(app: App, found: tuple[Source, ...], as_json: bool) -> int:
    with progress("Asking sources") as advance:
        done = flow.check_sources(app, found, told=advance)
    if as_json:
        answer_json(supply.checked_values(done))
    else:
        supply.checked(done)
    return int(any(each.error for each in done))


@commands.command()
def presets(as_json: Json = False) -> None:
    """List the sources that one line is enough for."""
    if as_json:
        answer_json(supply.preset_values(PRESETS))
    else:
        supply.presets(PRESETS)


@commands.command()
def add(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="PRESET|URL|PATH", help="What to read.")],
    of: Annotated[
        str | None, typer.Argument(metavar="[OF]", help="What of a preset: see `presets`.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call it.")] = None,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Add it even if it cannot be read now.")
    ] = False,
) -> None:
    """Add a source to config.yaml, as one line, after checking that it can be read."""
    session = session_of(context)
    if os.environ.get("DIGEST_SOURCES"):
        raise InputError("DIGEST_SOURCES is set and wins over config.yaml: add the source there.")
    file = config_file(session.config)
    entry = _entry(file, what, of, name)
    settings = session.settings().model_copy(update={"sources": (source_entry(entry),)})
    app = session.open(settings)
    if not no_check and _check(app, app.sources, as_json=False):
        raise InputError("It was not added; --no-check adds it all the same.")
    added = add_source(file, entry)
    said = f"Added to {file}: {app.sources[0].name}." if added else f"{file} has it already."
    screen.print(said, markup=False)


def _entry(file: Path, what: str, of: str | None, name: str | None) -> dict[str, str]:
    place = _place(file, what)
    if of is not None and "preset" not in place:
        raise InputError(f"“{of}” is one word too many: only a preset has something to choose.")
    chosen = {"of": of, "name": name}
    return place | {key: value for key, value in chosen.items() if value is not None}


def _place(file: Path, what: str) -> dict[str, str]:
    """What is to be read, as config.yaml says it; paths there count from its own folder."""
    if what in PRESETS:
        return {"preset": what}
    if what.casefold().startswith(("http://", "https://")):
        return {"url": what}
    path = Path(what)
    if not path.exists():
        raise InputError(
            f"“{what}” is no URL, no file or folder there is, and none of the presets: "
            f"{', '.join(PRESETS)}."
        )
    at_home = file.resolve().parent == Path.cwd() or path.is_absolute()
    return {flow.kind_of_place(path): what if at_home else str(path.resolve())}
