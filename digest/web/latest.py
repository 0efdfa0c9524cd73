"""The public page of the latest papers, with search: what we have, before we ask for an address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest import flow
from digest.app import App

_MOST_LETTERS = 200  # of a question
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class LatestPage:
    """The endpoint over its template."""

    app: App
    templates: Environment

    def show(self, request: Request) -> Response:
        """Show one page of the papers that hold all words of the question."""
        question = read_question(request.query_params.get("q", ""))
        found = flow.latest(self.app, question.split(), page=page_number(request))
        back = found.page - 1 if found.page > 1 else None
        onward = found.page + 1 if found.more else None
        page = self.templates.get_template("latest.html").render(
            question=question,
            found=found,
            newer=back and _address(question, back),
            older=onward and _address(question, onward),
        )
        return HTMLResponse(page)


def routes(app: App, templates: Environment) -> list[Route]:
    """Return the routes of the page."""
    return [Route("/papers", LatestPage(app, templates).show, methods=["GET"])]


def read_question(text: str) -> str:
    """Return what was asked for as words between single blanks: printable, and not too many."""
    readable = "".join(c if c.isprintable() else " " for c in text[:_MOST_LETTERS])
    return " ".join(readable.split()[:_MOST_WORDS])


def page_number(request: Request) -> int:
    """Return the page asked for; whatever is no sensible number is the first."""
    text = request.query_params.get("page", "")
    sensible = text.isascii() and text.isdigit() and len(text) < 7
    return max(int(text), 1) if sensible else 1


def _address(question: str, page: int) -> str:
    asked = {"q": question} if question else {}
    return "/papers?" + urlencode({**asked, "page": page})
