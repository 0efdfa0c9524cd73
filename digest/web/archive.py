"""A reader's past issues: a page behind a profile link, and a personal feed (Atom, RFC 4287)."""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest import flow
from digest.app import App


@dataclass(frozen=True, slots=True)
class ArchivePages:
    """The endpoints over their templates."""

    app: App
    templates: Environment

    def show(self, request: Request) -> Response:
        """Show the issues behind a profile link."""
        archive = flow.find_archive(self.app, request.path_params["token"])
        if archive is None:
            raise HTTPException(404)
        return HTMLResponse(self.templates.get_template("archive.html").render(archive=archive))

    def feed(self, request: Request) -> Response:
        """Answer a feed reader; all is in the entries, see ``flow.find_feed``."""
        archive = flow.find_feed(self.app, request.path_params["token"])
        if archive is None:
            raise HTTPException(404)
        feed = self.templates.get_template("feed.xml").render(
            archive=archive, base=self._base(request), path=request.url.path
        )
        return Response(feed, media_type="application/atom+xml")

    def _base(self, request: Request) -> str:
        """Return what absolute addresses begin with: as configured, or else as we were asked."""
        return self.app.web_url or str(request.base_url).rstrip("/")


def routes(app: App, templates: Environment) -> list[Route]:
    """Return the routes of the pages."""
    pages = ArchivePages(app, templates)
    return [
        Route("/archive/{token}", pages.show, methods=["GET"]),
        Route("/feed/{token}", pages.feed, methods=["GET"]),
    ]
