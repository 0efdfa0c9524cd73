"""The commands that stay: web, scheduler, worker, and all three in one (serve)."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvicorn

from digest.app import App
from digest.cli.session import aside, session_of
from digest.scheduler import open_scheduler
from digest.settings import Settings
from digest.web import open_web
from digest.worker import work

Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on.")]


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (serve, web, scheduler, worker):
        cli.command()(command)


def serve(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run web, scheduler and worker in one process: the embedded default."""
    settings, app = _open(context)
    with _scheduling(app), _working(app):
        _serve_web(settings, app, host, port)


def web(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run the web process."""
    settings, app = _open(context)
    _serve_web(settings, app, host, port)


def scheduler(context: typer.Context) -> None:
    """Run the scheduler process: ingest and prepare, once a minute."""
    _, app = _open(context)
    with _scheduling(app):
        _until_told().wait()


def worker(context: typer.Context) -> None:
    """Run a worker process: deliver what is queued."""
    _, app = _open(context)
    work(app, _until_told())


def _open(context: typer.Context) -> tuple[Settings, App]:
    session = session_of(context)
    settings = session.settings()
    return settings, session.open(settings, quiet=False, runs=True)


def _serve_web(settings: Settings, app: App, host: str | None, port: int | None) -> None:
    where = (host or settings.web.host, settings.web.port if port is None else port)
    aside.print("Listening on http://{}:{}/ (Ctrl-C stops).".format(*where))
    uvicorn.run(
        open_web(app),
        host=where[0],
        port=where[1],
        log_level="warning",
        proxy_headers=False,
        server_header=False,
    )


@contextmanager
def _scheduling(app: App) -> Iterator[None]:
    ticking = open_scheduler(app)
    ticking.start()
    try:
        yield
    finally:
        ticking.shutdown(wait=True)


@contextmanager
def _working(app: App) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(app, stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set, so that work under way is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
