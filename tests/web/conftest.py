"""A real server on a free port, over a whole installation."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from digest import flow
from digest.app import App
from digest.flow import look
from digest.web import open_web
from tests.deliver.servers import HOST
from tests.flow.world import World, open_world


@dataclass(frozen=True)
class Site:
    """The installation behind the pages, and a client that asks for them."""

    world: World
    client: httpx.Client

    def link(self, header: str = "List-Unsubscribe") -> str:
        """Return the address in a header of the one mail that went out."""
        (mail,) = self.world.mails()
        return str(mail[header]).strip("<>")


@contextmanager
def serving(app: App, listener: socket.socket) -> Iterator[None]:
    """Serve the pages. The preview is waited for, however busy the machine."""
    server = uvicorn.Server(uvicorn.Config(open_web(app), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(look, "PATIENCE", 30)
            yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def open_site(database: str, folder: Path, **settings: Any) -> Iterator[Site]:
    """Serve an installation whose mails lead to its pages."""
    with socket.create_server((HOST, 0)) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        with (
            open_world(database, folder, web={"url": url}, **settings) as world,
            serving(world.app, listener),
            httpx.Client(base_url=url) as client,
        ):
            for job in (flow.Job.PREPARE, flow.Job.DELIVER):
                flow.beat(world.app, job)  # scheduler and worker are at work
            yield Site(world, client)


@pytest.fixture
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose address stands in the mails of its installation."""
    with open_site(database, tmp_path_factory.mktemp("world")) as opened:
        yield opened
