"""A whole installation in a temporary folder, with a clock that tests move by hand."""

import email
import email.policy
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from digest import flow
from digest.app import App, open_app
from digest.model import DeliveryState, Interest, Subscriber, Wishes
from digest.settings import Settings
from tests.build import NOON, interest, schedule, wishes

GRAPHS = interest("graph neural networks", name="Graphs")
ROBOTS = interest("robot grasping", name="Robots")
VELLUM = interest("medieval vellum manuscripts", name="Vellum")

PAPERS = {
    "Message Passing on Sparse Graphs": (
        "Graph neural networks pass messages along edges. We prune the edges that carry nothing "
        "and keep the accuracy of graph neural networks on molecules."
    ),
    "Deeper Graph Neural Networks Without Oversmoothing": (
        "Stacking layers makes graph neural networks forget the differences between nodes. A "
        "skip connection across communities of the graph keeps them apart."
    ),
    "Grasping Soft Fruit With Two Fingers": (
        "Robot grasping of soft fruit fails when the fingers press too hard. We learn the force "
        "of a robot hand from touch alone and pick ripe tomatoes."
    ),
    "Whole-Arm Robot Grasping in Clutter": (
        "A robot arm that may touch things grasps faster. Robot grasping in clutter gains from "
        "planned contact with the objects in its way."
    ),
    "Tides of an Inland Sea": (
        "Water levels measured for forty years show a weak tide. Wind explains most of the rest "
        "of the variation along the northern shore."
    ),
}


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class World:
    """An installation: its app, its clock, its folders."""

    app: App
    clock: Clock
    inbox: Path
    outbox: Path

    def drop(self, name: str, text: str) -> None:
        """Drop a file into the inbox, as if a minute ago."""
        self.inbox.mkdir(exist_ok=True)
        (self.inbox / name).write_text(text, encoding="utf-8")
        ago = time.time() - 60
        os.utime(self.inbox / name, (ago, ago))

    def drop_papers(self, titles: Sequence[str] = (), *, name: str = "dump.txt") -> None:
        """Drop a dump with these of our papers (default: all)."""
        self.drop(name, dump(titles))

    def subscribe(self, address: str, *interests: Interest, **more: Any) -> Subscriber:
        """Subscribe somebody to a daily issue."""
        return flow.subscribe(self.app, address, daily(*interests, **more)).subscriber

    def queue_for(self, **readers: int) -> None:
        """Queue an issue for so many readers at each domain (``fine`` for ``fine.example``)."""
        self.drop_papers()
        for domain, count in readers.items():
            for number in range(count):
                self.subscribe(f"r{number}@{domain}.example", GRAPHS)
        flow.ingest_listings(self.app)
        flow.prepare_issues(self.app)

    def run(self) -> flow.Delivered:
        """Do what `digest once` does."""
        flow.ingest_listings(self.app)
        flow.prepare_issues(self.app)
        return flow.deliver_issues(self.app)

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """Return what lies in the outbox, oldest first."""
        found = [read_mail(path.read_bytes()) for path in sorted(self.outbox.glob("*.eml"))]
        return [mail for mail in found if to is None or mail["To"] == to]

    def books(self) -> dict[DeliveryState, int]:
        """Return the books without the empty lines, after checking that they balance."""
        status = flow.status(self.app)
        assert status.balanced
        return {state: number for state, number in status.books.items() if number}


def daily(*interests: Interest, hour: int = 7, **more: Any) -> Wishes:
    return wishes(*interests, schedule=schedule(hour=hour), **more)


def read_mail(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    return content


def dump(titles: Sequence[str] = (), *, day: str = "Nov 19") -> str:
    head = f"Daily Papers\n\nbyAK and the research community\n\n{day}\n\n"
    return head + "\n\n".join(f"{title}\n\n{PAPERS[title]}" for title in titles or PAPERS) + "\n"


@contextmanager
def open_world(
    database: str, folder: Path, *, clock: Clock | None = None, **settings: Any
) -> Iterator[World]:
    """Open an installation on ``database`` whose files lie in ``folder``."""
    clock = clock or Clock()
    values: dict[str, Any] = {
        "database": database,
        "outbox": folder / "outbox",
        "sources": [{"folder": folder / "inbox", "name": "inbox"}],
        "secret": "a secret for the tests",
        "sender": {"address": "digest@example.org"},
        "ingest": {"lookup": None, "private": ["127.0.0.1"], "pause": 0},
    }
    app = open_app(Settings(**(values | settings)))
    app = replace(app, clock=clock, jitter=lambda: 0.5)
    yield World(app=app, clock=clock, inbox=folder / "inbox", outbox=folder / "outbox")
    app.engine.dispose()
