"""What others see of us, and we of others: our pages, the clocks, the sources."""

import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from digest import store
from digest.app import App, open_app
from digest.flow.check import Checked, check_sources
from digest.flow.doctor.finding import PATIENCE, Condition, Patient, ask, bad, doubtful, good
from digest.flow.doctor.sample import NOBODY
from digest.model import Subscriber, SubscriberState
from digest.tokens import Purpose

_SKEW = 60.0  # seconds
_WRONG = 600.0


def check_clock(patient: Patient) -> tuple[Condition, str]:
    """Compare this machine's clock with the database's and, where there are pages, theirs."""
    clocks = {"the database": _database_clock(patient), "web.url": _web_clock(patient)}
    now = patient.clock()
    off = {name: (then - now).total_seconds() for name, then in clocks.items() if then}
    if not off:
        return good(f"It is {now:%Y-%m-%d %H:%M} UTC here; there is no other clock to compare.")
    name, worst = max(off.items(), key=lambda each: abs(each[1]))
    if abs(worst) <= _SKEW:
        return good(f"It agrees with {' and '.join(off)}.")
    side = "behind" if worst > 0 else "ahead of"
    said = f"This machine is {abs(worst):,.0f} s {side} {name}: let both follow a time server."
    return bad(said) if abs(worst) > _WRONG else doubtful(said)


def _database_clock(patient: Patient) -> datetime | None:
    if store.health.file_of(patient.settings.database) is not None:
        return None
    return ask(patient, store.health.now)


def _web_clock(patient: Patient) -> datetime | None:
    """Return what the server of our pages says in its ``Date`` (RFC 9110 section 6.6.1)."""
    url = patient.settings.web.url
    try:
        with httpx.Client(timeout=PATIENCE) as client:
            said = client.head(f"{url}/healthz").headers.get("Date") if url else None
        return parsedate_to_datetime(said).astimezone(UTC) if said else None
    except (httpx.HTTPError, ValueError):
        return None  # the check of the pages tells


def check_one_click(patient: Patient) -> tuple[Condition, str]:
    """Tell whether our pages can be reached at ``web.url``, whether a GET of an unsubscribe link
    leaves its reader subscribed, and whether a POST comes through."""
    if patient.is_new:
        return doubtful("Links are tried once there is a database: `digest migrate` makes it.")
    app = open_app(patient.settings)
    try:
        with httpx.Client(timeout=PATIENCE) as client:
            return _try_pages(app, client)
    except httpx.HTTPError as error:
        words = str(error) or type(error).__name__
        return bad(
            f"{app.web_url} cannot be reached from here ({words}): start `digest web`, and check"
            " web.url and the proxy before it."
        )
    finally:
        app.engine.dispose()


def _try_pages(app: App, client: httpx.Client) -> tuple[Condition, str]:
    health = client.get(f"{app.web_url}/healthz")
    if health.status_code != 200 or not health.text.startswith("{"):
        return bad(
            f"{app.web_url}/healthz answers {health.status_code}, not as our pages do: check the"
            " proxy and `digest web`."
        )
    nobody = app.signer.sign(Purpose.UNSUBSCRIBE, NOBODY)
    posted = client.post(f"{app.web_url}/unsubscribe/{nobody}", data=_ONE_CLICK)
    if posted.status_code != 404:
        return bad(
            f"A POST to an unsubscribe link is answered {posted.status_code} on its way to us: let"
            " the proxy pass it on as it is (RFC 8058)."
        )
    return _try_scanner(app, client)


_ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def _try_scanner(app: App, client: httpx.Client) -> tuple[Condition, str]:
    """Do what link scanners do with the link of a real reader, who must stay."""
    reader = _somebody(app)
    if reader is None:
        return good("Our pages answer and a POST comes through; there is no reader to try it on.")
    token = app.signer.sign(Purpose.UNSUBSCRIBE, reader.id)
    looked = client.get(f"{app.web_url}/unsubscribe/{token}")
    if looked.status_code != 200:
        return bad(
            f"The unsubscribe link of a reader answers {looked.status_code}: do the pages share"
            " database and secret with us?"
        )
    with store.reading(app.engine) as connection:
        after = store.subscribers.load(connection, [reader.id])[reader.id]
    if after.state is not reader.state:
        return bad("Looking at an unsubscribe link unsubscribed its reader: please report this.")
    return good("Unsubscribe links can be reached, a look changes nothing, a POST comes through.")


def _somebody(app: App) -> Subscriber | None:
    with store.reading(app.engine) as connection:
        found = store.subscribers.listed(connection, state=SubscriberState.ACTIVE, limit=1)
    return found[0] if found else None


def ask_sources(patient: Patient) -> tuple[Condition, str]:
    """Tell which sources give a listing now; all are asked at once, and nothing is stored."""
    if patient.is_new:
        return doubtful("They are asked once there is a database: `digest migrate` makes it.")
    app = open_app(patient.settings)
    try:
        failed = _failures(app)
    finally:
        app.engine.dispose()
    number = len(app.sources)
    if not failed:
        return good(f"{number} of {number} can be read.") if number else doubtful(_NONE)
    name, error = next(iter(failed.items()))
    said = (
        f"{number - len(failed)} of {number} can be read; not {name} ({_first(error)}):"
        " `digest sources --check` says more."
    )
    return bad(said) if len(failed) == number else doubtful(said)


_NONE = "There is none, so no paper ever comes: `digest sources presets` shows ready-made ones."


def _first(error: str) -> str:
    """Return the first sentence of an error, without its full stop."""
    return error.partition(". ")[0].rstrip(".")


def _failures(app: App) -> dict[str, str]:
    """Return why sources cannot be read; one that takes too long is one of them."""
    answers: dict[str, tuple[Checked, ...]] = {}

    def ask(number: int) -> None:
        source = app.sources[number]
        answers[source.name] = check_sources(app, [source])

    asking = [
        threading.Thread(target=ask, args=(number,), daemon=True)
        for number in range(len(app.sources))
    ]
    for each in asking:
        each.start()
    for each in asking:
        each.join(PATIENCE * 2)
    return {
        source.name: error
        for source in app.sources
        if (error := _failure(answers.get(source.name))) is not None
    }


def _failure(answered: tuple[Checked, ...] | None) -> str | None:
    if answered is None:
        return "it does not answer in time"
    return next((each.error for each in answered if each.error), None)
