"""Every page there is, each in the states a person may find it in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from digest import flow, store
from digest.model import Subscriber, VoteKind, WhenEmpty
from digest.store.schema import letters
from digest.tokens import Purpose
from digest.web.limits import MOST_BYTES
from tests.browser.town import Town
from tests.build import interest
from tests.flow.world import GRAPHS, ROBOTS, VELLUM, daily

OPERATOR = {"X-Forwarded-User": "grace"}

_TUNED = interest(
    "robot grasping",
    name="Robots",
    keywords=("grippers",),
    exclude=("drones",),
    authors=("Ada Lovelace",),
)
_ASKED = {"text-0": "graph neural networks", "cadence": "daily", "hour": "7", "timezone": "UTC"}


@dataclass(frozen=True)
class View:
    """A page: an address, what is posted there if anything, and the headers of who asks."""

    path: str
    fields: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None

    @property
    def method(self) -> str:
        return "GET" if self.fields is None else "POST"


NAMES = (
    "sign-up", "sign-up with two interests", "sign-up with a preview", "sign-up with mistakes",
    "sent", "link", "link with a mistake", "link sent",
    "confirm", "confirmed", "confirmed and left", "confirmed and paused", "expired",
    "profile", "profile with mistakes", "profile saved", "profile with a wrong pause",
    "profile resumed", "profile with votes", "profile with too much",
    "profile paused", "profile left", "profile of a newcomer",
    "erase", "erased", "archive", "archive without issues",
    "papers", "papers found", "papers not found", "papers further on",
    "issue", "quiet issue", "vote", "vote for less", "voted", "vote taken back", "vote unheard",
    "unsubscribe", "unsubscribed", "unknown", "too much", "trouble",
    "admin", "admin subscribers", "admin subscribers not found", "admin subscriber",
    "admin deliveries", "admin refused", "admin stale",
)  # fmt: skip


def views(town: Town) -> dict[str, View]:
    """Make up a small town of readers and return its pages by name."""
    app, signer = town.world.app, town.world.app.signer
    who = _people(town)
    profile = {name: f"/profile/{signer.sign(Purpose.PROFILE, id)}" for name, id in who.items()}
    unsubscribe = {
        name: f"/unsubscribe/{signer.sign(Purpose.UNSUBSCRIBE, id)}" for name, id in who.items()
    }
    confirm = {name: _confirm_path(town, who[name]) for name in ("dora", "cleo", "emil", "fred")}
    issue = {name: _issue(town, who[name]) for name in ("ada", "gina", "ida")}
    vote = {name: f"/vote/{signer.sign(Purpose.VOTE, id)}" for name, id in issue.items()}
    seen = {name: f"/issues/{signer.sign(Purpose.VIEW, id)}" for name, id in issue.items()}
    past = signer.sign_until(Purpose.CONFIRM, "x", app.clock() - timedelta(days=1))
    wrong = {**_ASKED, "text-0": "", "email": "ada@", "size": "many", "hour": "25", "weight-0": "x"}
    archive = {name: path.replace("/profile/", "/archive/") for name, path in profile.items()}
    operator = {
        "admin": "/admin",
        "admin subscribers": "/admin/subscribers",
        "admin subscribers not found": "/admin/subscribers?q=nobody",
        "admin subscriber": f"/admin/subscribers/{who['ada']}",
        "admin deliveries": "/admin/deliveries?said=stands",
    }
    _vote(town, signer.sign(Purpose.VOTE, _issue(town, who["hugo"])))
    return {
        "sign-up": View("/"),
        "sign-up with two interests": View("/", {**_ASKED, "keywords-0": "edges", "do": "add"}),
        "sign-up with a preview": View("/", {**_ASKED, "cadence": "days", "do": "preview"}),
        "sign-up with mistakes": View("/", wrong),
        "sent": View("/", {**_ASKED, "email": "new@example.org", "do": "sign-up"}),
        "link": View("/link"),
        "link with a mistake": View("/link", {"email": "ada@"}),
        "link sent": View("/link", {"email": "nobody@example.org"}),
        "confirm": View(confirm["dora"]),
        "confirmed": View(confirm["fred"], {}),
        "confirmed and left": View(confirm["cleo"], {}),
        "confirmed and paused": View(confirm["emil"]),
        "expired": View(f"/confirm/{past}"),
        "profile": View(profile["ada"]),
        "profile with mistakes": View(profile["ada"], {**wrong, "kept-0": "0", "do": "save"}),
        "profile saved": View(profile["hugo"], {**_ASKED, "do": "save"}),
        "profile with a wrong pause": View(f"{profile['ada']}/pause", {"until": "soon"}),
        "profile paused": View(f"{profile['emil']}/pause", {"until": "2026-12-24"}),
        "profile resumed": View(f"{profile['hugo']}/resume", {}),
        "profile with votes": View(f"{profile['hugo']}/votes", {"paper": "not voted on"}),
        "profile with too much": View(f"{profile['ada']}/preview", {"text-0": "x" * MOST_BYTES}),
        "profile left": View(profile["cleo"]),
        "profile of a newcomer": View(profile["dora"]),
        "erase": View(f"{profile['ada']}/delete"),
        "erased": View(f"{profile['gone']}/delete", {}),
        "archive": View(archive["ada"]),
        "archive without issues": View(archive["dora"]),
        "papers": View("/papers"),
        "papers found": View("/papers?q=graph+neural"),
        "papers not found": View("/papers?q=unicorns"),
        "papers further on": View("/papers?page=2"),
        "issue": View(seen["ada"]),
        "quiet issue": View(seen["ida"]),
        "vote": View(f"{vote['ada']}/1/more"),
        "vote for less": View(f"{vote['ada']}/1/less"),
        "voted": View(f"{vote['ada']}/2/less", {}),
        "vote taken back": View(f"{vote['ada']}/3/back", {}),
        "vote unheard": View(f"{vote['gina']}/1/more"),
        "unsubscribe": View(unsubscribe["ada"]),
        "unsubscribed": View(unsubscribe["cleo"], {}),
        "unknown": View("/nowhere"),
        "too much": View("/preview", {"text-0": "x" * MOST_BYTES}),
        "trouble": View("/papers"),
        "admin refused": View("/admin"),
        "admin stale": View("/admin/sources/hold", {"source": "inbox"}, OPERATOR),
        **{name: View(path, headers=OPERATOR) for name, path in operator.items()},
    }


def _people(town: Town) -> dict[str, str]:
    """Let readers of every kind come; return their ids by name."""
    world, app = town.world, town.world.app
    titles = "\n\n".join(f"Another Paper No. {n}\n\nDull graphs, again." for n in range(40))
    world.drop("many.txt", f"Daily Papers\n\nNov 18\n\n{titles}\n")
    for name in ("dora", "cleo", "emil", "fred"):
        flow.sign_up(app, f"{name}@example.org", daily(GRAPHS))
    world.subscribe("ada@example.org", GRAPHS, _TUNED)
    world.subscribe("gina@example.org", GRAPHS)
    world.subscribe("ida@example.org", VELLUM, when_empty=WhenEmpty.NOTE)
    world.subscribe("hugo@example.org", ROBOTS)
    world.subscribe("gone@example.org", ROBOTS)
    world.run()
    for name in ("cleo", "emil"):
        flow.confirm(app, _confirm_path(town, _known(town, name).id).rpartition("/")[2])
    flow.unsubscribe(app, _known(town, "cleo"))
    flow.pause(app, _known(town, "emil"), app.clock() + timedelta(days=9))
    flow.change_wishes(app, _known(town, "gina"), daily(ROBOTS))  # her votes go unheard
    return {each.email.partition("@")[0]: each.id for each in flow.subscribers(app)}


def _vote(town: Town, token: str) -> None:
    ballot = flow.find_ballot(town.world.app, token, 1)
    assert ballot is not None
    flow.cast_vote(town.world.app, ballot, VoteKind.MORE)


def _known(town: Town, name: str) -> Subscriber:
    return flow.find_by_email(town.world.app, f"{name}@example.org")


def _issue(town: Town, reader: str) -> str:
    with store.reading(town.world.app.engine) as connection:
        return store.issues.of_subscriber(connection, reader, limit=1)[0].id


def _confirm_path(town: Town, reader: str) -> str:
    with store.reading(town.world.app.engine) as connection:
        asked = select(letters.c.id).where(letters.c.subscriber_id == reader)
        letter = connection.execute(asked).scalar_one()
    until = town.world.clock() + timedelta(days=7)
    return f"/confirm/{town.world.app.signer.sign_until(Purpose.CONFIRM, letter, until)}"
