"""The operator's pages: how things stand, who reads, what was delivered; retry and hold."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from urllib.parse import urlencode

from jinja2 import Environment
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from digest import flow
from digest.app import App
from digest.errors import InputError
from digest.flow import Day, Order
from digest.model import DeliveryState, SubscriberState
from digest.settings import email_address
from digest.web.door import Door, Form
from digest.web.latest import page_number, read_question
from digest.web.picture import Picture, draw

_HOLD = timedelta(days=1)
_SAID = {
    "queued": "It is queued again, and goes out with the next run of the worker.",
    "stands": "Nothing was changed: the delivery no longer stands as it did, its reader wants no "
    "mail, or the next issue holds its papers.",
    "held": "The source is held for a day.",
    "released": "The source is asked again with the next tick of the scheduler.",
}


@dataclass(frozen=True, slots=True)
class AdminPages:
    """The endpoints over their templates. Ids are letters and digits: nothing else is asked for."""

    app: App
    templates: Environment

    def overview(self, request: Request) -> Response:
        """Show how things stand."""
        told = flow.overview(self.app)
        return self._page(
            "admin_overview.html",
            said=_said(request),
            told=told,
            pictures=[(draw(picture, top=top), legend) for picture, top, legend in _drawn(told)],
        )

    def subscribers(self, request: Request) -> Response:
        """Show the subscribers as a table."""
        asked = {
            "q": read_question(request.query_params.get("q", "")),
            "state": request.query_params.get("state", ""),
        }
        table = flow.find_subscribers(
            self.app,
            holding=_as_stored(asked["q"]),
            state=SubscriberState(asked["state"]) if asked["state"] in _STATES else None,
            order=_order(request, Order(by="address")),
            page=page_number(request),
        )
        return self._table("admin_subscribers.html", table, asked, states=list(SubscriberState))

    def subscriber(self, request: Request) -> Response:
        """Show why one subscriber did or did not get mail."""
        asked = request.path_params["id"]
        why = flow.explain(self.app, asked) if asked.isalnum() else None
        if why is None:
            raise HTTPException(404)
        return self._page("admin_subscriber.html", why=why)

    def deliveries(self, request: Request) -> Response:
        """Show the deliveries as a table."""
        asked = {"state": request.query_params.get("state", "")}
        table = flow.find_deliveries(
            self.app,
            state=DeliveryState(asked["state"]) if asked["state"] in _BOOKS else None,
            order=_order(request, Order(by="due", down=True)),
            page=page_number(request),
        )
        return self._table(
            "admin_deliveries.html", table, asked, states=list(DeliveryState), said=_said(request)
        )

    def retry(self, form: Form) -> Response:
        """Queue a delivery again, if it still stands as it was shown."""
        try:
            state = DeliveryState(form["state"])
            settled_at = datetime.fromisoformat(form["settled"]).astimezone(UTC)
            queued = form["id"].isalnum() and flow.retry(
                self.app, form["id"], state=state, settled_at=settled_at
            )
        except (KeyError, ValueError, OverflowError) as error:
            raise HTTPException(404) from error
        said = "queued" if queued else "stands"
        return _back("/admin/deliveries", said=said, state=state)

    def hold(self, form: Form) -> Response:
        """Hold a source for a day."""
        return self._hold(form, self.app.clock() + _HOLD, "held")

    def release(self, form: Form) -> Response:
        """Let a held source be asked again."""
        return self._hold(form, None, "released")

    def refused(self) -> Response:
        """Ask for the password, where there is one."""
        answer = self._bare("admin_refused.html", 401 if self.app.admin_password else 403)
        if self.app.admin_password:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Paper Digest", charset="UTF-8"'
        return answer

    def stale(self) -> Response:
        """Refuse a form that no page of ours showed, or too long ago."""
        return self._bare("admin_stale.html", 403)

    def door(self) -> Door:
        """Return the door to these pages."""
        return Door(self.app, self.refused, self.stale)

    def _hold(self, form: Form, until: datetime | None, said: str) -> Response:
        if not flow.hold(self.app, form.get("source", ""), until=until):
            raise HTTPException(404)
        return _back("/admin", said=said)

    def _table(
        self,
        name: str,
        table: flow.SubscriberTable | flow.DeliveryTable,
        asked: dict[str, str],
        **values: object,
    ) -> Response:
        order = {"order": table.order.by, "down": "1" if table.order.down else ""}
        return self._page(
            name,
            table=table,
            asked=asked,
            sorting=lambda by, down: _address(asked, order=by, down="1" if down else ""),
            turning=lambda page: _address(asked, **order, page=str(page)),
            **values,
        )

    def _page(self, name: str, **values: object) -> Response:
        return self._bare(name, 200, form=self.door().form_token(), **values)

    def _bare(self, name: str, status: int = 200, /, **values: object) -> Response:
        return HTMLResponse(self.templates.get_template(name).render(**values), status)


_STATES = frozenset(SubscriberState)
_BOOKS = frozenset(DeliveryState)


def routes(app: App, templates: Environment) -> list[Route]:
    """Return the routes of the pages; none where neither password nor header is set."""
    if not (app.admin_password or app.admin_header):
        return []
    pages = AdminPages(app, templates)
    door = pages.door()
    return [
        Route("/admin", door.reading(pages.overview), methods=["GET"]),
        Route("/admin/subscribers", door.reading(pages.subscribers), methods=["GET"]),
        Route("/admin/subscribers/{id}", door.reading(pages.subscriber), methods=["GET"]),
        Route("/admin/deliveries", door.reading(pages.deliveries), methods=["GET"]),
        Route("/admin/deliveries/retry", door.acting(pages.retry), methods=["POST"]),
        Route("/admin/sources/hold", door.acting(pages.hold), methods=["POST"]),
        Route("/admin/sources/release", door.acting(pages.release), methods=["POST"]),
    ]


def _order(request: Request, default: Order) -> Order:
    by = request.query_params.get("order")
    return Order(by=by, down=bool(request.query_params.get("down"))) if by else default


def _as_stored(typed: str) -> str:
    """Return an address, or a piece of one, in the letters we store: ``email_address``."""
    try:
        return email_address(typed)
    except InputError:
        return normalize("NFC", typed)


def _said(request: Request) -> str:
    return _SAID.get(request.query_params.get("said", ""), "")


def _address(*parts: dict[str, str], **more: str) -> str:
    asked = {name: value for part in (*parts, more) for name, value in part.items() if value}
    return "?" + urlencode(asked)


def _back(path: str, **asked: str) -> Response:
    return RedirectResponse(path + _address(asked), 303)


def _drawn(told: flow.Overview) -> list[tuple[Picture, float | None, Markup]]:
    """Return the pictures of the last days, each with its upper edge and the words under it."""
    days = told.days
    most = max(days, key=lambda day: day.papers)
    issues, sent = sum(day.issues for day in days), sum(day.sent for day in days)
    return [
        (
            Picture(
                name="papers",
                title="Papers a day",
                desc=f"In {len(days)} days: {sum(day.papers for day in days):,}, "
                f"at most {most.papers:,} on {most.date}.",
                lines=(tuple(day.papers for day in days),),
            ),
            None,
            Markup("papers announced"),
        ),
        (
            Picture(
                name="issues",
                title="Issues a day",
                desc=f"In {len(days)} days: {issues:,} made, {sent:,} of them sent.",
                lines=(tuple(day.issues for day in days), tuple(day.sent for day in days)),
            ),
            None,
            Markup("issues made; <i>sent</i> is dotted"),
        ),
        (
            Picture(
                name="scores",
                title="Scores of matches",
                desc=_scores_in_words(days),
                lines=tuple(
                    tuple(day.scores[n] if day.scores else None for day in days) for n in (1, 0, 2)
                ),
            ),
            1.0,
            Markup("the median, from 0 to 1; half of all matches lie between the dotted lines"),
        ),
    ]


def _scores_in_words(days: tuple[Day, ...]) -> str:
    last = next((day for day in reversed(days) if day.scores), None)
    if last is None or last.scores is None:
        return "No match in these days."
    low, median, high = last.scores
    return (
        f"On {last.date} half of all matches scored {low:.2f} to {high:.2f}, median {median:.2f}."
    )
