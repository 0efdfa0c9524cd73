"""The commands that stay: web, scheduler, worker, and all three in one (serve).

What only they need (uvicorn, Starlette, APScheduler) is imported when they start: every other
command would wait for it in vain.
"""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from digest import flow
from digest.app import App
from digest.cli.session import aside, session_of
from digest.errors import InputError
from digest.settings import Settings
from digest.worker import work

if TYPE_CHECKING:
    import uvicorn

Host = Annotated[str | None, typer.Option(metavar="HOST", help="The address to listen on.")]
Port = Annotated[
    int | None,
    typer.Option(metavar="PORT", min=0, max=65535, help="The port to listen on; 0: any free one."),
]


def add_to(cli: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (serve, web, scheduler, worker):
        cli.command()(command)


def serve(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run web, scheduler and worker in one process."""
    settings, app = _open(context)
    stop = _until_told()
    with (
        _serving(settings, app, host, port, stop) as served,
        _scheduling(served),
        _listening(served),
        _working(served, stop),
    ):
        stop.wait()


def web(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run the web process."""
    settings, app = _open(context)
    stop = _until_told()
    with _serving(settings, app, host, port, stop):
        stop.wait()


def scheduler(context: typer.Context) -> None:
    """Run the scheduler process: ingest and prepare, once a minute."""
    _, app = _open(context)
    stop = _until_told()
    with _scheduling(app), _listening(app):
        stop.wait()


def worker(context: typer.Context) -> None:
    """Run a worker process: deliver what is queued."""
    _, app = _open(context)
    work(app, _until_told())


def _open(context: typer.Context) -> tuple[Settings, App]:
    session = session_of(context)
    settings = session.settings()
    return settings, session.open(settings, quiet=False, runs=True)


def _until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set, so that work under way is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def _serving(
    settings: Settings, app: App, host: str | None, port: int | None, stop: threading.Event
) -> Iterator[App]:
    """Answer requests meanwhile; ``stop`` is set if the server ends by itself.

    Yields the app whose links lead here: where ``web.url`` is not set they begin with the address
    listened on, so that everything works on one machine.

    In a thread of its own uvicorn leaves the signals to us: it would end the process before the
    scheduler and the worker have finished what they do.
    """
    import uvicorn

    from digest.web import open_web

    where = host or settings.web.host
    with listen(where, settings.web.port if port is None else port) as listener:
        here = _address(where, listener)
        app = replace(app, web_url=app.web_url or here)
        server = uvicorn.Server(
            uvicorn.Config(
                open_web(app), log_level="warning", proxy_headers=False, server_header=False
            )
        )
        thread = threading.Thread(target=_run, args=(server, listener, stop), name="web")
        thread.start()
        aside.print(f"Listening on {here}/ (Ctrl-C stops).")
        try:
            yield app
        finally:
            server.should_exit = True
            thread.join()


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"


def _run(server: "uvicorn.Server", listener: socket.socket, stop: threading.Event) -> None:
    try:
        server.run([listener])
    finally:
        stop.set()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address. Raises InputError where it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only of a socket that says it is TCP does asyncio turn Nagle's algorithm off: otherwise every
    # answer on a kept connection waits 40 ms for the browser's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a restart need not wait
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            f"Nothing can listen on {host}, port {port} ({error.strerror}): choose another with"
            " --host and --port."
        ) from error
    return listener


@contextmanager
def _scheduling(app: App) -> Iterator[None]:
    from digest.scheduler import open_scheduler

    ticking = open_scheduler(app)
    ticking.start()
    try:
        yield
    finally:
        ticking.shutdown(wait=True)


@contextmanager
def _listening(app: App) -> Iterator[None]:
    """Take returned mail from mail servers meanwhile, if config.yaml says where."""
    door = flow.open_door(app)
    if door is None:
        yield
        return
    door.start()
    aside.print(f"Listening for returned mail on {door.hostname}, port {door.port}.")
    try:
        yield
    finally:
        door.stop()


@contextmanager
def _working(app: App, stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work, args=(app, stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
