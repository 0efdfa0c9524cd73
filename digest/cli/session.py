"""What every command shares: the configuration, the open app, the two consoles, the logs."""

import gc
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from structlog.tracebacks import ExceptionDictTransformer

from digest import flow, store
from digest.app import App, open_app
from digest.settings import Settings, load

_UNBROKEN = 100_000  # columns: what is piped keeps each sentence and row on one line

screen = Console(highlight=False, width=None if sys.stdout.isatty() else _UNBROKEN)
aside = Console(  # all that is not the answer itself
    stderr=True, highlight=False, width=None if sys.stderr.isatty() else _UNBROKEN
)

# Tracebacks come without local variables: those hold addresses and passwords.
_CONSOLE: tuple[Any, ...] = (
    structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
)
_JSON: tuple[Any, ...] = (
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    structlog.processors.JSONRenderer(),
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The reader's address.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON on standard output.")]


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command line with the configuration file it was given.

    What it opens is closed ``at_end`` of the run.
    """

    config: Path | None
    at_end: Callable[[Callable[[], None]], object]

    def settings(self) -> Settings:
        """Return the settings. Raises SettingsError."""
        return load(self.config)

    def wire(self, settings: Settings, *, quiet: bool = True) -> App:
        """Return the app on a database in whatever state, with the log started.

        ``quiet`` keeps the log to warnings: a command says itself what it did.
        """
        start_log(settings, quiet=quiet)
        app = open_app(settings)
        self.at_end(app.engine.dispose)
        return app

    def open(
        self, settings: Settings | None = None, *, quiet: bool = True, runs: bool = False
    ) -> App:
        """Return the app, migrated, knowing config.yaml's subscribers.

        A command that ``runs`` the main job also lets those leave whom config.yaml lists no more.
        """
        app = self.wire(settings or self.settings(), quiet=quiet)
        ready_store(app)
        flow.follow_config(app, dismiss=runs)
        if runs:
            gc.freeze()  # what is there now stays: looking through it again costs a tenth of a run
        return app


def session_of(context: typer.Context) -> Session:
    """Return the session that the command was started with."""
    session = context.find_object(Session)
    assert session is not None, "the callback of the command line makes one"
    return session


def ready_store(app: App) -> None:
    """Migrate an SQLite file by itself; a PostgreSQL database waits for ``digest migrate``."""
    if app.engine.dialect.name == "sqlite":
        store.upgrade(app.engine)
    else:
        store.require_migrated(app.engine)


def start_log(settings: Settings, *, quiet: bool) -> None:
    """Log to standard error: lines for people in a terminal, JSON elsewhere."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_CONSOLE if console else _JSON),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            max(level, logging.WARNING) if quiet else level
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def answer_json(value: Any) -> None:
    """Write ``value`` to standard output as JSON (dates and moments in ISO 8601)."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_iso))


def _iso(when: date) -> str:
    return when.isoformat()  # a moment's own, with time and zone, where it is one


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a progress bar on standard error; none when piped."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}"),
        TimeElapsedColumn(),
        console=aside,
        transient=True,
        disable=not aside.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.advance(task, done)
