"""The commands that do the work: migrate, ingest, once, demo."""

import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

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
from digest.errors import InputError, TransportError
from digest.flow import Delivered, Ingested, Prepared
from digest.model import DeliveryState
from digest.settings import Settings

HELD_BACK_SECONDS = 1.0  # until we look whether more may go out

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
    done, prepared, delivered = _run(app)
    if as_json:
        answer_json(_run_values(done, prepared, delivered))
    else:
        show.ingested(done)
        show.prepared(prepared)
        show.delivered(delivered, None if settings.uses_smtp else settings.outbox)
    raise typer.Exit(int(_went_wrong(done, prepared, delivered)))


def _run(app: App) -> tuple[tuple[Ingested, ...], Prepared, Delivered]:
    flow.fetch_bounces(app)  # first: nobody gets mail whose last one came back for good
    with progress("Reading listings") as advance:
        done = flow.ingest_listings(app, told=lambda _: advance(1))
    with progress("Choosing papers") as advance:
        prepared = flow.prepare_issues(app, told=advance)
    with progress("Delivering") as advance:
        delivered = _deliver(app, advance)
    flow.watch(app)
    return done, prepared, delivered


def _deliver(app: App, advance: Callable[[int], None]) -> Delivered:
    """Deliver, as fast as the pace allows; a transport that cannot even be opened is told beside
    what was done before."""
    settled: Counter[DeliveryState] = Counter()
    try:
        while (delivered := flow.deliver_issues(app, told=advance)).held_back:
            settled += delivered.settled
            time.sleep(HELD_BACK_SECONDS)
    except TransportError as error:
        return Delivered(settled=settled, error=str(error))
    return replace(delivered, settled=settled + delivered.settled)


def _run_values(
    done: tuple[Ingested, ...], prepared: Prepared, delivered: Delivered
) -> dict[str, Any]:
    return {
        "ingested": [show.ingested_values(each) for each in done],
        "prepared": show.prepared_values(prepared),
        "delivered": {str(state): number for state, number in delivered.settled.items()},
        "error": delivered.error,
    }


def _went_wrong(done: tuple[Ingested, ...], prepared: Prepared, delivered: Delivered) -> bool:
    return bool(
        not all(each.complete for each in done)
        or prepared.failed
        or delivered.error
        or show.losses(delivered)
    )


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
