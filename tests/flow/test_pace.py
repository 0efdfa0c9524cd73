"""No more than the pace allows is at a server at once, or within a minute, however many workers."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from digest import deliver, flow, store
from digest.app import App
from digest.model import DeliveryState
from digest.store.pace import Pace
from tests.build import NOON
from tests.deliver.servers import HOST, mail_server
from tests.flow.test_hosts import Town
from tests.flow.world import GRAPHS, World, daily


@dataclass(slots=True)
class Crowd:
    """A mail server's handler that counts whom messages are for, and how many at once."""

    took: Counter[str] = field(default_factory=Counter)
    within: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        domain = envelope.rcpt_tos[0].partition("@")[2]
        self.within[domain] += 1
        self.most[domain] = max(self.most[domain], self.within[domain])
        await asyncio.sleep(0.02)
        self.within[domain] -= 1
        self.took[domain] += 1
        self.order.append(domain)
        return "250 2.0.0 taken"


@contextmanager
def _workers(world: World, database: str, pace: Pace, crowd: Crowd) -> Iterator[list[App]]:
    """Two workers, each with connections of its own to the database and the mail server."""
    with mail_server(crowd) as port:
        server = deliver.SmtpServer(host=HOST, port=port, security=deliver.Security.NONE)
        apps = [
            replace(
                world.app,
                engine=store.open_engine(database),
                open_transport=lambda: deliver.open_smtp(server, connections=4),
                transport="smtp",
                pace=pace,
            )
            for _ in range(2)
        ]
        try:
            yield apps
        finally:
            for app in apps:
                app.engine.dispose()


def _deliver(apps: list[App]) -> None:
    """Let all deliver at once, again and again until they send nothing more."""

    def run(app: App) -> None:
        while (delivered := flow.deliver_issues(app)).held_back and delivered.sent:
            pass

    threads = [threading.Thread(target=run, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_domain_gets_no_more_at_once_and_the_others_are_served_meanwhile(
    world: World, database: str
) -> None:
    world.queue_for(big=24, small=6)
    crowd = Crowd()
    with _workers(world, database, Pace(per_domain=2), crowd) as apps:
        _deliver(apps)
        assert not any(flow.deliver_issues(app).held_back for app in apps)
    assert crowd.took == {"big.example": 24, "small.example": 6}
    assert crowd.most["big.example"] == 2
    assert "small.example" not in crowd.order[24:], "they did not wait for the many"
    assert world.books() == {DeliveryState.SENT: 30}


@pytest.mark.parametrize(
    ("pace", "minutes"),
    [
        (Pace(per_domain_per_minute=5), [{"big": 5, "small": 4}, {"big": 10, "small": 4}]),
        (Pace(per_minute=8), [8, 16]),
        (Pace(per_minute=6, per_domain_per_minute=4, per_domain=1), [6]),
    ],
)
def test_no_more_goes_out_within_a_minute_and_all_goes_in_the_end(
    world: World, database: str, pace: Pace, minutes: list[dict[str, int] | int]
) -> None:
    world.queue_for(big=14, small=4)
    crowd = Crowd()
    with _workers(world, database, pace, crowd) as apps:
        for after in minutes:
            _deliver(apps)
            if isinstance(after, int):
                assert crowd.took.total() == after
            else:
                assert crowd.took == {f"{name}.example": took for name, took in after.items()}
            world.clock.move(seconds=59)
            _deliver(apps)
            assert crowd.took.total() == (after if isinstance(after, int) else sum(after.values()))
            world.clock.move(seconds=1)
        for _ in range(4):
            _deliver(apps)
            world.clock.move(seconds=60)
    assert crowd.took == {"big.example": 14, "small.example": 4}
    assert world.books() == {DeliveryState.SENT: 18}


def test_what_is_held_back_is_queued_and_costs_no_attempt(world: World) -> None:
    world.queue_for(big=3)
    app = replace(world.app, pace=Pace(per_minute=1))
    for sent in (1, 1, 1):
        delivered = flow.deliver_issues(app)
        assert (delivered.sent, delivered.error) == (sent, None)
        world.clock.move(minutes=1)
    assert not delivered.held_back
    with store.reading(world.app.engine) as connection:
        listed = store.deliveries.listed(connection, limit=9)
    assert [each.delivery.attempts for each in listed] == [1, 1, 1]


def test_what_a_dead_worker_holds_takes_room_only_until_it_is_given_back(
    world: World,
) -> None:
    world.queue_for(big=3)
    with store.writing(world.app.engine) as connection:
        store.deliveries.claim(
            connection, owner="dead", token="t", transport="smtp", now=world.clock(), limit=2
        )
    delivered = flow.deliver_issues(replace(world.app, pace=Pace(per_domain=2)))
    assert (delivered.sent, delivered.held_back) == (3, False)


def test_what_is_put_off_takes_no_room(world: World, database: str) -> None:
    world.queue_for(slow=20, fine=4)
    with store.writing(world.app.engine) as connection:
        store.hosts.put(connection, _resting(world, "slow.example"))
    crowd = Crowd()
    with _workers(world, database, Pace(per_minute=8), crowd) as apps:
        _deliver(apps)
        while any(flow.deliver_issues(app).held_back for app in apps):
            world.clock.move(seconds=1)
    assert crowd.took == {"fine.example": 4}
    assert world.clock() < NOON + timedelta(minutes=1)


def test_whoever_signs_up_need_not_wait_for_all_issues(world: World) -> None:
    world.queue_for(big=5)
    town = Town()
    app = replace(
        world.app,
        web_url="https://digest.example.org",
        open_transport=lambda: town,
        pace=Pace(per_minute=2, per_domain=1),
    )
    world.clock.move(seconds=1)
    flow.sign_up(app, "ada@big.example", daily(GRAPHS))
    flow.deliver_issues(app)
    assert town.offered[0] == "ada@big.example"


def test_what_expired_unsent_takes_no_room(world: World) -> None:
    world.queue_for(big=6)
    with store.writing(world.app.engine) as connection:
        connection.execute(
            text(
                "UPDATE deliveries SET expires_at = due_at WHERE id IN "
                "(SELECT id FROM deliveries LIMIT 3)"
            )
        )
    assert flow.deliver_issues(replace(world.app, pace=Pace(per_minute=3))).sent == 3


def _resting(world: World, name: str) -> store.hosts.Host:
    pause = timedelta(minutes=30)
    return store.hosts.Host(
        name=name, paused_until=world.clock() + pause, pause=pause, reason="later"
    )
