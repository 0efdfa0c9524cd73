"""Signing up and confirming: from a page to the first mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest import compose, flow
from digest.addresses import LONGEST
from digest.app import App
from digest.errors import InputError
from digest.model import Subscriber, SubscriberState
from digest.settings import email_address
from digest.tokens import Purpose
from digest.web import form
from digest.web.form import Form
from digest.web.guard import in_even_time
from digest.web.limits import (
    Fields,
    Upload,
    network_of,
    require_our_page,
    taking_files,
    taking_form,
)
from digest.web.preview import LOOKING, preview
from digest.web.wishes import (
    asked_language,
    changed,
    find_examples,
    form_values,
    troubles,
    with_libraries,
)

# These pages have no token in their address, and their forms need the browser to say whose they
# are: under no-referrer it would not.
_OPEN = {"Referrer-Policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class SignUp:
    """The endpoints over their templates."""

    app: App
    templates: Environment
    shelf: flow.Shelf

    def ask(self, request: Request) -> Response:
        """Show the empty form, and beside it what has come lately."""
        return self._form(Form(language=asked_language(request)), {})

    def take(self, request: Request, fields: Fields, files: Sequence[Upload]) -> Response:
        """Sign up, or show the form again: with a preview, one interest more or less, or what is
        wrong. The answer is the same whether or not an address is known or a limit is reached."""
        require_our_page(self.app, request)
        typed = form.read(with_libraries(self.app, fields, files))
        do = dict(fields).get("do", "sign-up")
        if do != "sign-up":
            typed = changed(typed, do)
            return self._form(typed, troubles(typed), added=do == "add")
        network = network_of(request)
        checked = form.check(typed, find_examples(self.app, typed, network=network))
        email, wrong = _address(typed.email)
        errors = {**checked.errors, **wrong}
        if errors:
            return self._form(typed, errors, status=422)
        if flow.admit(self.app, network):
            flow.sign_up(self.app, email, checked.wishes)
        return self._page("sent.html", email=email)

    def look(self, request: Request, fields: Fields) -> Response:
        """Return the preview alone, for the page to put in its place."""
        require_our_page(self.app, request)
        typed = form.read(fields)
        wishes = form.check(typed, find_examples(self.app, typed)).wishes
        return self._page("_preview.html", preview=preview(self.app, self.shelf, wishes))

    def ask_link(self, request: Request) -> Response:
        """Ask for the address a profile belongs to."""
        return self._page("link.html", email="", error="", sent=False)

    def send_link(self, request: Request, fields: Fields) -> Response:
        """Send the link of a profile; the answer is the same whether or not there is one."""
        require_our_page(self.app, request)
        typed = form.read(fields).email
        email, wrong = _address(typed)
        if wrong:
            return self._page("link.html", 422, email=typed, error=wrong["email"], sent=False)
        if flow.admit(self.app, network_of(request)):
            flow.request_link(self.app, email)
        return self._page("link.html", email=email, error="", sent=True)

    def ask_confirm(self, request: Request) -> Response:
        """Show what one press will do; link scanners come here too."""
        found = flow.find_unconfirmed(self.app, request.path_params["token"])
        if found is None:
            return self._page("expired.html", 404)
        return self._confirmed(found, pressed=False)

    def confirm(self, request: Request) -> Response:
        """Begin sending issues."""
        found = flow.confirm(self.app, request.path_params["token"])
        if found is None:
            return self._page("expired.html", 404)
        return self._confirmed(found, pressed=True)

    def _confirmed(self, reader: Subscriber, *, pressed: bool) -> Response:
        left = reader.state is SubscriberState.UNSUBSCRIBED
        return self._page(
            "confirm.html",
            reader=reader,
            ask=reader.state is SubscriberState.PENDING or (left and not pressed),
            left=left,
            paused=reader.state is SubscriberState.PAUSED,
            due=compose.moment(reader.due_at, reader.wishes.schedule, reader.wishes.language),
            schedule=compose.describe(reader.wishes.schedule, reader.wishes.language),
            profile=self.app.signer.sign(Purpose.PROFILE, reader.id),
        )

    def _form(
        self, typed: Form, errors: dict[str, str], *, added: bool = False, status: int = 200
    ) -> Response:
        wishes = form.check(typed, find_examples(self.app, typed)).wishes
        return self._page(
            "signup.html",
            status,
            **form_values(typed, errors, added=added),
            preview=preview(self.app, self.shelf, wishes),
        )

    def _page(self, name: str, status: int = 200, **values: object) -> Response:
        page = self.templates.get_template(name).render(**values)
        return HTMLResponse(page, status, headers=_OPEN)


def routes(app: App, templates: Environment, shelf: flow.Shelf) -> list[Route]:
    """Return the routes of the pages."""
    pages = SignUp(app, templates, shelf)
    return [
        Route("/", pages.ask, methods=["GET"]),
        Route("/", in_even_time(taking_files(pages.take)), methods=["POST"]),
        Route("/preview", taking_form(pages.look, threads=LOOKING), methods=["POST"]),
        Route("/link", pages.ask_link, methods=["GET"]),
        Route("/link", in_even_time(taking_form(pages.send_link)), methods=["POST"]),
        Route("/confirm/{token}", pages.ask_confirm, methods=["GET"]),
        Route("/confirm/{token}", pages.confirm, methods=["POST"]),
    ]


def _address(typed: str) -> tuple[str, dict[str, str]]:
    """Return the address as we write to it, and what is wrong with it."""
    if not typed.strip():
        return "", {"email": "Write the address your issues should go to."}
    if len(typed) > LONGEST:
        return "", {"email": "No address is that long."}
    try:
        return email_address(typed), {}
    except InputError as error:
        return "", {"email": str(error)}
