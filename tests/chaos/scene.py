"""What a test of disasters needs: readers who are due, servers that keep mail, accounts."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from digest import flow, store
from digest.model import DeliveryState
from digest.store.schema import deliveries, subscribers
from tests.chaos.lives import Place
from tests.deliver.servers import Inbox, mail_server, smtp_sink
from tests.flow.world import GRAPHS, World, open_world, read_mail

SENT, UNCERTAIN = DeliveryState.SENT, DeliveryState.UNCERTAIN
_RECIPIENT = re.compile(r"^X-Rcpt-Args: .*<(.+?)>", re.MULTILINE)
_END = re.compile(r"\n--\S+--\s*\Z")  # of the last part of a message


@dataclass(frozen=True)
class Server:
    """A mail server, and to whom the messages went that it took whole."""

    port: int
    taken: Callable[[], Counter[str]]

    @property
    def settings(self) -> dict[str, Any]:
        """What makes an installation use it."""
        return {"smtp": {"host": "127.0.0.1", "port": self.port, "security": "none"}}


@contextmanager
def aiosmtpd(_: Path) -> Iterator[Server]:
    """A server in Python."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        yield Server(port, lambda: Counter(each.recipients[0] for each in inbox.messages))


@contextmanager
def postfix_sink(folder: Path) -> Iterator[Server]:
    """A server that speaks PIPELINING; it writes a file for each message."""
    dumps = folder / "sink"
    with smtp_sink("-d", f"{dumps}/") as port:
        yield Server(port, lambda: Counter(_recipients(dumps)))


SERVERS = {"aiosmtpd": aiosmtpd, "smtp-sink": postfix_sink}


def _recipients(dumps: Path) -> Iterator[str]:
    for path in dumps.iterdir():
        content = path.read_text()
        if _END.search(content):
            recipient = _RECIPIENT.search(content)
            assert recipient is not None
            yield recipient[1]


def outbox(folder: Path) -> Counter[str]:
    """Return to whom the messages go that lie in the outbox."""
    mails = (path.read_bytes() for path in (folder / "outbox").glob("*.eml"))
    return Counter(str(read_mail(mail)["To"]) for mail in mails)


@contextmanager
def installation(place: Place) -> Iterator[World]:
    """Open the installation as its processes do."""
    with open_world(place.database, place.folder, clock=place.clock, **place.settings) as world:
        yield world


def addresses(number: int) -> list[str]:
    return [f"r{each}@example.org" for each in range(number)]


def fill(world: World, readers: int) -> None:
    """Prepare an issue for each of so many readers."""
    subscribe(world, readers)
    world.drop_papers()
    flow.ingest_listings(world.app)
    assert flow.prepare_issues(world.app).issues == readers


def subscribe(world: World, readers: int) -> None:
    for address in addresses(readers):
        world.subscribe(address, GRAPHS)


def count(world: World) -> Counter[DeliveryState]:
    """Return how many issues are in each state; the books must balance."""
    return Counter(states(world).values())


def states(world: World) -> dict[str, DeliveryState]:
    """Return the state of each reader's only issue; the books must balance."""
    assert flow.status(world.app).balanced
    with store.reading(world.app.engine) as connection:
        rows = connection.execute(
            select(subscribers.c.email, deliveries.c.state).join(
                deliveries, deliveries.c.subscriber_id == subscribers.c.id
            )
        ).all()
    found = {row.email: DeliveryState(row.state) for row in rows}
    assert len(found) == len(rows), "nobody has two issues"
    return found


def account(found: Mapping[str, DeliveryState], taken: Counter[str]) -> int:
    """Hold the ledger against what the server took; returns how many are uncertain.

    Nobody has two mails; whoever is ``SENT`` has one; without any are only the uncertain.
    """
    assert set(found.values()) <= {SENT, UNCERTAIN}, Counter(found.values())
    assert not [each for each, copies in taken.items() if copies > 1], "nobody has two"
    assert set(taken) <= set(found)
    missing = set(found) - set(taken)
    assert not [each for each in missing if found[each] is SENT], "what is SENT has arrived"
    return list(found.values()).count(UNCERTAIN)


def until(holds: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def is_open(world: World) -> bool:
    """Whether something is still to be delivered."""
    return not set(count(world)) <= {SENT, UNCERTAIN}


def log_of(place: Place) -> str:
    """Return what the processes of an installation have logged."""
    return (place.folder / "log").read_text(encoding="utf-8")
