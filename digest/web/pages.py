"""Requests → one flow → a page. GET never changes anything: link scanners follow every link."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from digest import compose, flow
from digest.app import App
from digest.errors import DigestError
from digest.model import SubscriberState
from digest.web.guard import ISSUE_POLICY

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pages:
    """The endpoints, each a plain function that Starlette runs in a thread."""

    app: App
    templates: Environment

    def health(self, request: Request) -> Response:
        """Say that the process is alive: cheap, and nothing that starting it again would mend."""
        return JSONResponse({"ok": True})

    def readiness(self, request: Request) -> Response:
        """Say whether the store is up to date, its books balance, and scheduler and worker are at
        work; what is not is told in sentences."""
        try:
            ready = flow.readiness(self.app)
        except DigestError as error:
            return JSONResponse({"ok": False, "problems": [str(error)]}, 503)
        ok = not ready.problems
        said = {"ok": ok, "papers": ready.papers, "problems": list(ready.problems)}
        return JSONResponse(said, 200 if ok else 503)

    def view(self, request: Request) -> Response:
        """Show an issue in the browser."""
        message = flow.view(self.app, request.path_params["token"])
        if message is None:
            return self._page("unknown.html", 404)
        return HTMLResponse(message.html, headers={"Content-Security-Policy": ISSUE_POLICY})

    def ask_unsubscribe(self, request: Request) -> Response:
        """Show what one press will do."""
        subscriber = flow.find_by_token(self.app, request.path_params["token"])
        if subscriber is None:
            return self._page("unknown.html", 404)
        gone = subscriber.state is SubscriberState.UNSUBSCRIBED
        return self._page("unsubscribe.html", email=subscriber.email, gone=gone)

    def unsubscribe(self, request: Request) -> Response:
        """Let the reader leave. The button of our page and the mail program's own (RFC 8058
        one-click) post to the same address; both get 200 without a redirect."""
        subscriber = flow.find_by_token(self.app, request.path_params["token"])
        if subscriber is None:
            return self._page("unknown.html", 404)
        flow.unsubscribe(self.app, subscriber)
        return self._page("unsubscribe.html", email=subscriber.email, gone=True)

    def lost(self, request: Request, error: Exception) -> Response:
        """Answer an address that is none of ours."""
        return self._page("unknown.html", 404)

    def refused(self, request: Request, error: Exception) -> Response:
        """Say that a form was not taken: too large, or sent from elsewhere."""
        status = error.status_code if isinstance(error, HTTPException) else 400
        return self._page("refused.html", status, too_much=status == 413)

    def unable(self, request: Request, error: Exception) -> Response:
        """Ask for patience when the store does not answer."""
        _log.error("page.failed", error=str(error))
        return self._page("trouble.html", 503)

    def failed(self, request: Request, error: Exception) -> Response:
        """Own up to a bug; uvicorn logs it."""
        return self._page("trouble.html", 500)

    def _page(self, name: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self.templates.get_template(name).render(**values), status)


def open_pages(app: App, templates: Path) -> Pages:
    """Return the endpoints over ``templates`` (the folder of the web pages)."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters["spoken"] = compose.spoken
    return Pages(app, environment)
