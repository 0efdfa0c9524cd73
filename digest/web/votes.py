"""The page behind "more like this" and "less like this". GET shows the paper, POST acts.

The signed token in the address speaks for the reader: there is no session that a foreign page
could abuse, so the forms carry nothing but themselves.
"""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest import flow
from digest.app import App
from digest.model import VoteKind

_BACK = "back"  # what is pressed to take a vote back


@dataclass(frozen=True, slots=True)
class VotePages:
    """The endpoints over their template."""

    app: App
    templates: Environment

    def ask(self, request: Request) -> Response:
        """Show the paper, and what one press will do."""
        return self._page(request, self._ballot(request), pressed=False)

    def act(self, request: Request) -> Response:
        """Record a vote or take it back; the last press wins."""
        ballot, pressed = self._ballot(request), request.path_params["press"]
        if pressed == _BACK:
            ballot = flow.take_vote_back(self.app, ballot)
        else:
            ballot = flow.cast_vote(self.app, ballot, VoteKind(pressed))
        return self._page(request, ballot, pressed=True)

    def _ballot(self, request: Request) -> flow.Ballot:
        link = request.path_params
        ballot = flow.find_ballot(self.app, link["token"], link["position"])
        if ballot is None or link["press"] not in (*ballot.kinds, _BACK):
            raise HTTPException(404)
        return ballot

    def _page(self, request: Request, ballot: flow.Ballot, *, pressed: bool) -> Response:
        page = self.templates.get_template("vote.html").render(
            ballot=ballot,
            paper=ballot.match.paper,
            voted=ballot.vote.kind.value if ballot.vote else "",
            asked=request.path_params["press"],
            pressed=pressed,
        )
        return HTMLResponse(page)


def routes(app: App, templates: Environment) -> list[Route]:
    """Return the routes of the page."""
    pages = VotePages(app, templates)
    path = "/vote/{token}/{position:int}/{press}"
    return [
        Route(path, pages.ask, methods=["GET"]),
        Route(path, pages.act, methods=["POST"]),
    ]
