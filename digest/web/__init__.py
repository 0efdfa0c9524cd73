"""The web process: Starlette, one flow per request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from digest import assets, flow
from digest.app import App
from digest.errors import DigestError
from digest.web import admin, archive, latest, metrics, profile, signup, votes
from digest.web.guard import Guarded
from digest.web.limits import in_threads
from digest.web.pages import open_pages
from digest.web.static import Static

__all__ = ["open_web"]


def open_web(app: App) -> ASGIApp:
    """Return the ASGI application."""
    folder = assets.path("templates") / "web"
    static = Static(folder / "static")
    pages = open_pages(app, folder)
    pages.templates.globals["static"] = static.address
    shelf = flow.Shelf(app)

    @asynccontextmanager
    async def living(_: Starlette) -> AsyncIterator[None]:
        shelf.refresh()  # so that the first visitor finds the papers indexed
        yield
        await run_in_threadpool(shelf.wait)

    web = Starlette(
        lifespan=living,
        routes=[
            Route("/healthz", in_threads(pages.health, 1)),
            Route("/readyz", in_threads(pages.readiness, 1)),
            Route("/issues/{token}", pages.view),
            Route("/unsubscribe/{token}", pages.ask_unsubscribe, methods=["GET"]),
            Route("/unsubscribe/{token}", pages.unsubscribe, methods=["POST"]),
            *signup.routes(app, pages.templates, shelf),
            *profile.routes(app, pages.templates, shelf),
            *latest.routes(app, pages.templates),
            *archive.routes(app, pages.templates),
            *admin.routes(app, pages.templates),
            *votes.routes(app, pages.templates),
            *metrics.routes(app),
            Mount("/static", static),
        ],
        exception_handlers={
            400: pages.refused,
            403: pages.refused,
            404: pages.lost,
            413: pages.refused,
            DigestError: pages.unable,
            Exception: pages.failed,
        },
    )
    web.router.redirect_slashes = False  # it would redirect to whatever ``Host`` says
    return Guarded(
        web, app.web_url
    )  # around it all: Starlette answers a bug outside its middleware
