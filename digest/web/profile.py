"""A reader's own pages behind the signed link of any mail: interests, pause, data, farewell."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from digest import compose, flow
from digest.app import App
from digest.errors import InputError
from digest.flow import Profiled
from digest.model import DeliveryState, Subscriber, SubscriberState, Wishes
from digest.tokens import Purpose
from digest.web import form
from digest.web.form import Form
from digest.web.limits import Fields, Upload, network_of, taking_files, taking_form
from digest.web.preview import LOOKING, Preview, preview
from digest.web.wishes import changed, find_examples, form_values, troubles, with_libraries

_LONGEST_PAUSE = timedelta(days=366)
_STATES = {
    DeliveryState.QUEUED: "on its way",
    DeliveryState.CLAIMED: "on its way",
    DeliveryState.SENDING: "on its way",
    DeliveryState.SENT: "sent",
    DeliveryState.FAILED: "could not be sent",
    DeliveryState.UNCERTAIN: "perhaps sent: the connection broke",
    DeliveryState.BOUNCED: "sent, and came back",
    DeliveryState.SUPPRESSED: "held back: you had paused or left",
}


@dataclass(frozen=True, slots=True)
class ProfilePages:
    """The endpoints over their templates. The token in the address is the permission."""

    app: App
    templates: Environment
    shelf: flow.Shelf

    def show(self, request: Request) -> Response:
        """Show the interests and everything else there is to do."""
        found = self._find(request)
        return self._profile(request, found, form.write(found.subscriber.wishes))

    def change(self, request: Request, fields: Fields, files: Sequence[Upload]) -> Response:
        """Save the form, or show it again: changed by a button, or with what is wrong."""
        found = self._find(request)
        typed = form.read(with_libraries(self.app, fields, files))
        do = dict(fields).get("do", "save")
        if do != "save":
            typed = changed(typed, do)
            return self._profile(request, found, typed, troubles(typed), added=do == "add")
        examples = find_examples(self.app, typed, network=network_of(request))
        checked = form.check(typed, examples)
        if checked.errors:
            return self._profile(request, found, typed, checked.errors, status=422)
        flow.change_wishes(self.app, found.subscriber, checked.wishes)
        return self._again(request, "Saved: your next issues follow this.")

    def look(self, request: Request, fields: Fields) -> Response:
        """Return the preview alone, by the form as it stands and the votes so far."""
        reader = flow.find_reader(self.app, request.path_params["token"])
        if reader is None:
            raise HTTPException(404)
        typed = form.read(fields)
        wishes = form.check(typed, find_examples(self.app, typed)).wishes
        return self._page("_preview.html", preview=self._preview(reader, wishes))

    def take_vote_back(self, request: Request, fields: Fields) -> Response:
        """Forget a vote. What is none of this reader's is gone already."""
        found, paper_id = self._find(request), dict(fields).get("paper", "")
        if paper_id in {each.vote.paper_id for each in found.votes}:
            flow.forget_vote(self.app, found.subscriber, paper_id)
        return self._again(request, "Taken back: that paper counts for nothing any more.")

    def pause(self, request: Request, fields: Fields) -> Response:
        """Send nothing until the day that was chosen."""
        found = self._find(request)
        until = dict(fields).get("until", "")
        try:
            moment = self._pause_end(found.subscriber, until)
        except InputError as error:
            typed = form.write(found.subscriber.wishes)
            wrong = {"until": str(error)}
            return self._profile(request, found, typed, wrong, until=until, status=422)
        flow.pause(self.app, found.subscriber, moment)
        return self._again(request, "Paused: nothing comes until then.")

    def resume(self, request: Request) -> Response:
        """Send issues again."""
        found = self._find(request)
        flow.change_wishes(self.app, found.subscriber, found.subscriber.wishes)
        return self._again(request, "You are back: issues come again.")

    def data(self, request: Request) -> Response:
        """Hand over all that is known, as JSON."""
        known = flow.export(self.app, self._find(request).subscriber)
        return Response(
            json.dumps(known, default=_plain, ensure_ascii=False, indent=2),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="paper-digest.json"'},
        )

    def ask_erase(self, request: Request) -> Response:
        """Show what deleting means."""
        return self._page("erase.html", email=self._find(request).subscriber.email, gone=False)

    def erase(self, request: Request) -> Response:
        """Delete everything about a reader."""
        subscriber = self._find(request).subscriber
        flow.erase(self.app, subscriber)
        return self._page("erase.html", email=subscriber.email, gone=True)

    def _find(self, request: Request) -> Profiled:
        found = flow.find_profile(self.app, request.path_params["token"])
        if found is None:
            raise HTTPException(404)
        return found

    def _again(self, request: Request, said: str) -> Response:
        found = self._find(request)
        typed = form.write(found.subscriber.wishes)
        return self._profile(request, found, typed, said=said)

    def _profile(
        self,
        request: Request,
        found: Profiled,
        typed: Form,
        errors: Any = None,
        *,
        said: str = "",
        until: str = "",
        added: bool = False,
        status: int = 200,
    ) -> Response:
        reader = found.subscriber
        wishes = form.check(typed, find_examples(self.app, typed)).wishes
        today = compose.issue_date(reader.wishes.schedule, self.app.clock())
        return self._page(
            "profile.html",
            status,
            **form_values(typed, errors or {}, added=added),
            preview=self._preview(reader, wishes),
            said=said,
            language=reader.wishes.language,
            standing=_standing(reader, self.app.clock()),
            active=reader.state is SubscriberState.ACTIVE,
            paused=reader.state is SubscriberState.PAUSED,
            until=until or str(today + timedelta(days=7)),
            tomorrow=str(today + timedelta(days=1)),
            here=f"/profile/{request.path_params['token']}",
            archive=f"/archive/{request.path_params['token']}",
            feed=self._link("feed", Purpose.FEED, reader.id),
            unsubscribe=self._link("unsubscribe", Purpose.UNSUBSCRIBE, reader.id),
            issues=[
                {
                    "date": compose.whole_date(each.date, reader.wishes.language),
                    "papers": compose.count(each.papers, "paper") if each.papers else "a note",
                    "state": _STATES[each.state],
                    "view": self._link("issues", Purpose.VIEW, each.id),
                }
                for each in found.issues
            ],
            votes=[
                {
                    "paper": each.vote.paper_id,
                    "title": compose.one_line(each.title),
                    "kind": each.vote.kind,
                    "interest": compose.one_line(each.vote.interest),
                    "date": compose.dated(
                        compose.issue_date(reader.wishes.schedule, each.vote.voted_at),
                        reader.wishes.language,
                    ),
                }
                for each in found.votes
            ],
        )

    def _preview(self, reader: Subscriber, wishes: Wishes) -> Preview:
        return preview(self.app, self.shelf, flow.with_votes(self.app, reader, wishes))

    def _link(self, page: str, purpose: Purpose, value: str) -> str:
        return f"/{page}/{self.app.signer.sign(purpose, value)}"

    def _pause_end(self, reader: Subscriber, until: str) -> datetime:
        """Return the beginning of the day ``until`` (ISO 8601) on the reader's clock."""
        schedule = reader.wishes.schedule
        today = compose.issue_date(schedule, self.app.clock())
        try:
            day = date.fromisoformat(until.strip())
        except ValueError as error:
            raise InputError("Write a date such as 2027-01-31.") from error
        if not today < day <= today + _LONGEST_PAUSE:
            raise InputError("Choose a day from tomorrow on, within a year.")
        return datetime.combine(day, time(), compose.zone_of(schedule))

    def _page(self, name: str, status: int = 200, **values: object) -> Response:
        return HTMLResponse(self.templates.get_template(name).render(**values), status)


def routes(app: App, templates: Environment, shelf: flow.Shelf) -> list[Route]:
    """Return the routes of the pages."""
    pages = ProfilePages(app, templates, shelf)
    shown: dict[str, Callable[..., Any]] = {
        "": pages.show,
        "/data": pages.data,
        "/delete": pages.ask_erase,
    }
    done: dict[str, Callable[..., Any]] = {
        "": taking_files(pages.change),
        "/pause": taking_form(pages.pause),
        "/preview": taking_form(pages.look, threads=LOOKING),
        "/resume": pages.resume,
        "/votes": taking_form(pages.take_vote_back),
        "/delete": pages.erase,
    }
    return [
        *(Route("/profile/{token}" + path, do, methods=["GET"]) for path, do in shown.items()),
        *(Route("/profile/{token}" + path, do, methods=["POST"]) for path, do in done.items()),
    ]


def _standing(reader: Subscriber, now: datetime) -> str:
    """Return the first line of the page: what is so, and what happens next."""
    due = compose.moment(reader.due_at, reader.wishes.schedule, reader.wishes.language)
    match reader.state:
        case SubscriberState.ACTIVE:
            following = "is being made" if reader.due_at <= now else f"can come {due}"
            return f"Issues come to {reader.email}. The next {following}."
        case SubscriberState.PAUSED:
            return f"You have paused. The next issue can come {due}, to {reader.email}."
        case SubscriberState.PENDING:
            return f"Nothing comes to {reader.email} until you confirm; saving confirms too."
        case SubscriberState.UNSUBSCRIBED:
            return f"You have left: nothing comes to {reader.email}. Saving brings you back."


def _plain(value: object) -> str:
    if isinstance(value, date):  # and moments, which are dates too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not for JSON")
