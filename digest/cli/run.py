"""The commands that do the work: migrate, ingest, once, demo."""

import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml

from digest import assets, flow, store
from digest.app import App
from digest.cli import show
from digest.cli.session import (
    Json,
    answer_json,
    aside,
    progress,
    screen,
    session_of,
)
from digest.errors import InputError, RetrieveError, SettingsError, TransportError
from digest.flow import Delivered, Ingested, Job, Prepared
from digest.model import DeliveryState
from digest.settings import Settings

HELD_BACK_SECONDS = 1.0  # until we look whether more may go out

T = TypeVar("T")
_DEMO = Path("demo")
_DEMO_FILES = ("digest.db", "digest.db-wal", "digest.db-shm", "digest.secret")


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (migrate, ingest, once, resume, demo):
        cli.command()(command)


def migrate(context: typer.Context) -> None:
    """Bring the database up to date."""
    session = session_of(context)
    before, after = store.upgrade(session.wire(session.settings()).engine)
    screen.print(
        f"The database is up to date ({after})."
        if before == after
        else f"The database went from {before or 'nothing'} to {after}."
    )


def ingest(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|URL", help="Files, folders, URLs, mail (- for a pipe); none: the sources."
        ),
    ] = None,
    date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="The listing's date, if it states none or wrongly.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read listings into the store; doing it twice changes nothing."""
    app = session_of(context).open()
    if date and not targets:
        raise InputError("--date belongs to files or URLs: name them.")
    if date and date.date() > app.clock().astimezone().date():
        raise InputError(f"--date {date:%Y-%m-%d} lies in the future: give the listing's own day.")
    with progress("Reading listings") as advance:
        done = (
            flow.ingest_given(
                app,
                targets,
                on=date.date() if date else None,
                stdin=typer.get_binary_stream("stdin") if "-" in targets else None,
                told=lambda _: advance(1),
            )
            if targets
            else flow.ingest_listings(app, told=lambda _: advance(1))
        )
    _answer_ingested(done, as_json)
    raise typer.Exit(int(not all(each.complete for each in done)))


def _answer_ingested(done: tuple[Ingested, ...], as_json: bool) -> None:
    if as_json:
        answer_json([show.ingested_values(each) for each in done])
        return
    show.ingested(done)


def once(context: typer.Context, as_json: Json = False) -> None:
    """Ingest, prepare, deliver, exit: for cron."""
    session = session_of(context)
    settings = session.settings()
    app = session.open(settings, runs=True)
    ran = _run(app)
    if as_json:
        answer_json(_run_values(ran))
    else:
        show.ingested(ran.ingested)
        show.prepared(ran.prepared)
        show.delivered(ran.delivered, None if settings.uses_smtp else settings.outbox)
        if ran.unbalanced:
            aside.print(f"[red]{ran.unbalanced}[/red]")
    raise typer.Exit(int(ran.went_wrong))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    """What was done in one run; ``unbalanced`` says that the books do not balance after it."""

    ingested: tuple[Ingested, ...]
    prepared: Prepared
    delivered: Delivered
    unbalanced: str | None

    @property
    def went_wrong(self) -> bool:
        """Whether somebody should look."""
        return bool(
            not all(each.complete for each in self.ingested)
            or self.prepared.failed
            or self.delivered.error
            or show.losses(self.delivered)
            or self.unbalanced
        )


def _run(app: App) -> _Ran:
    """Do all jobs, each noted as the processes that stay note theirs."""
    with suppress(RetrieveError):  # it is told, and nobody waits for their issue because of it
        # First: nobody gets mail whose last one came back for good.
        _noted(app, Job.BOUNCES, lambda: flow.fetch_bounces(app))
    with progress("Reading listings") as advance:
        ingested = _noted(
            app, Job.INGEST, lambda: flow.ingest_listings(app, told=lambda _: advance(1))
        )
    with progress("Choosing papers") as advance:
        prepared = _noted(app, Job.PREPARE, lambda: flow.prepare_issues(app, told=advance))
    with progress("Delivering") as advance:
        delivered = _noted(
            app, Job.DELIVER, lambda: _deliver(app, advance), lambda done: done.error
        )
    unbalanced = flow.check_books(app)
    flow.watch(app)
    return _Ran(ingested=ingested, prepared=prepared, delivered=delivered, unbalanced=unbalanced)


def _noted(
    app: App,
    job: Job,
    work: Callable[[], T],
    why_ended: Callable[[T], str | None] = lambda _: None,
) -> T:
    done: list[T] = []

    def run() -> str | None:
        done.append(work())
        return why_ended(done[0])

    flow.note_run(app, job, run)
    return done[0]


def _deliver(app: App, advance: Callable[[int], None]) -> Delivered:
    """Deliver, as fast as the pace allows; what keeps all mail from going out (the mail server, a
    key to sign with) is told beside what was done before."""
    settled: Counter[DeliveryState] = Counter()
    try:
        while (delivered := flow.deliver_issues(app, told=advance)).held_back:
            settled += delivered.settled
            time.sleep(HELD_BACK_SECONDS)
    except (TransportError, SettingsError, InputError) as error:
        return Delivered(settled=settled, error=str(error))
    return replace(delivered, settled=settled + delivered.settled)


def _run_values(ran: _Ran) -> dict[str, Any]:
    delivered = ran.delivered
    return {
        "ingested": [show.ingested_values(each) for each in ran.ingested],
        "prepared": show.prepared_values(ran.prepared),
        "delivered": {str(state): number for state, number in delivered.settled.items()},
        "error": delivered.error,
        "balanced": ran.unbalanced is None,
    }


def resume(context: typer.Context) -> None:
    """Try mail servers again that are left alone for now."""
    hosts = flow.resume(session_of(context).open())
    screen.print(f"{show.plural(hosts, 'host')} will be tried with the next run.")


def demo(
    context: typer.Context,
    listings: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A folder of listing dumps (default: our samples)."),
    ] = None,
) -> None:
    """Send sample issues to three made-up readers, into ./demo/."""
    samples = assets.path("samples")
    folder = listings or samples / "listings"
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name one that holds listing dumps.")
    _clear_demo()
    readers = yaml.safe_load((samples / "readers.yaml").read_text(encoding="utf-8"))
    settings = Settings(
        database=f"sqlite:///{_DEMO / 'digest.db'}",
        outbox=_DEMO / "outbox",
        sources=(),
        **readers,
    )
    app = session_of(context).wire(settings)
    store.upgrade(app.engine)
    flow.follow_config(app)
    with progress("Reading listings") as advance:
        done = flow.ingest_given(app, [str(folder)], told=lambda _: advance(1))
    show.ingested(done)
    show.prepared(flow.prepare_issues(app))
    delivered = flow.deliver_issues(app)
    show.delivered(delivered, settings.outbox)
    raise typer.Exit(int(any(each.error for each in done) or delivered.sent == 0))


def _clear_demo() -> None:
    """Start afresh: remove what an earlier demo left, and nothing else."""
    for name in _DEMO_FILES:
        (_DEMO / name).unlink(missing_ok=True)
    if (_DEMO / "outbox").exists():
        aside.print(f"Replacing the earlier demo in {_DEMO}/.")
        shutil.rmtree(_DEMO / "outbox")
