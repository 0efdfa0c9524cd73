"""The web process: Starlette, one flow per request."""

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import assets, flow
from digest.app import App
from digest.errors import DigestError
from digest.web import admin, archive, latest, profile, signup, votes
from digest.web.pages import open_pages

__all__ = ["open_web"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the tokens stand in the address
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


def open_web(app: App) -> ASGIApp:
    """Return the ASGI application."""
    folder = assets.path("templates") / "web"
    pages = open_pages(app, folder)
    shelf = flow.Shelf(app)
    web = Starlette(
        routes=[
            Route("/healthz", pages.health),
            Route("/issues/{token}", pages.view),
            Route("/unsubscribe/{token}", pages.ask_unsubscribe, methods=["GET"]),
            Route("/unsubscribe/{token}", pages.unsubscribe, methods=["POST"]),
            *signup.routes(app, pages.templates, shelf),
            *profile.routes(app, pages.templates, shelf),
            *latest.routes(app, pages.templates),
            *archive.routes(app, pages.templates),
            *admin.routes(app, pages.templates),
            *votes.routes(app, pages.templates),
            Mount("/static", StaticFiles(directory=folder / "static")),
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
    return _SecurityHeaders(web)  # around all of it: Starlette answers a bug outside its middleware


class _SecurityHeaders:
    """Adds the same headers to every answer; a page may say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
