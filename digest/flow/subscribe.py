"""People come, change their minds, and leave."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest import compose, store
from digest.app import App
from digest.errors import InputError
from digest.model import Schedule, Subscriber, SubscriberState, Wishes
from digest.tokens import Purpose

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscriber as stored; ``new`` is false when the address was known and is changed."""

    subscriber: Subscriber
    new: bool


def subscribe(app: App, email: str, wishes: Wishes, *, from_config: bool = False) -> Subscribed:
    """Subscribe an address, or replace what it asked for.

    The first issue is due at once: whoever has just described their interests wants to see what
    that gives. After it the schedule counts.
    """
    now = app.clock()
    subscribed = _subscribe(app, email, wishes, now, from_config=from_config)
    _log.info("subscriber.subscribed", subscriber=subscribed.subscriber.id, new=subscribed.new)
    return subscribed


def _subscribe(
    app: App, email: str, wishes: Wishes, now: datetime, *, from_config: bool
) -> Subscribed:
    with store.writing(app.engine) as connection:
        store.subscribers.unsuppress(connection, app.signer.address_key(email))
        newcomer = _newcomer(app, email, wishes, now)
        if store.subscribers.add(
            connection, newcomer, covered_until=now - app.window, from_config=from_config
        ):
            return Subscribed(subscriber=newcomer, new=True)
        known = store.subscribers.hold(connection, email)
        assert known is not None, "the address was there"
        due_at = _due_at(known, wishes.schedule, now)
        store.subscribers.change(
            connection, known.id, wishes=wishes, due_at=due_at, from_config=from_config
        )
        changed = replace(known, wishes=wishes, due_at=due_at, state=SubscriberState.ACTIVE)
        return Subscribed(subscriber=changed, new=False)


def _newcomer(app: App, email: str, wishes: Wishes, now: datetime) -> Subscriber:
    return Subscriber(
        id=app.new_id(),
        email=email,
        state=SubscriberState.ACTIVE,
        wishes=wishes,
        created_at=now,
        due_at=now,
    )


def _due_at(known: Subscriber, schedule: Schedule, now: datetime) -> datetime:
    """Keep what was promised; a changed schedule counts from now. Who is overdue stays so, from
    now: a turn that is being thought about by the old wishes finds ``due_at`` changed."""
    if known.due_at <= now:
        return now
    if known.wishes.schedule == schedule:
        return known.due_at
    return compose.next_due(schedule, after=now, last_issue_on=known.last_issue_on)


def follow_config(app: App, *, dismiss: bool = True) -> None:
    """Make the subscribers listed in config.yaml what it says; whoever is gone from it leaves.

    Somebody who unsubscribed stays so until the configuration asks for something else. Without
    ``dismiss`` nobody leaves: a mere question asked with another configuration costs nothing.
    """
    with store.reading(app.engine) as connection:
        known = {each.email: each for each in store.subscribers.from_config(connection)}
    for email, wishes in app.wished:
        stored = known.pop(email, None)
        if stored is None or stored.wishes != wishes:
            subscribe(app, email, wishes, from_config=True)
    gone = [each for each in known.values() if each.state is not SubscriberState.UNSUBSCRIBED]
    if dismiss and gone:
        with store.writing(app.engine) as connection:
            for each in gone:
                store.subscribers.leave_config(connection, each.id)


def find_by_token(app: App, token: str) -> Subscriber | None:
    """Return whom an unsubscribe token speaks for; None when it is not ours."""
    subscriber_id = app.signer.read(Purpose.UNSUBSCRIBE, token)
    if subscriber_id is None:
        return None
    with store.reading(app.engine) as connection:
        return store.subscribers.load(connection, [subscriber_id]).get(subscriber_id)


def unsubscribe(app: App, subscriber: Subscriber) -> None:
    """Let a subscriber leave at once; what is queued for them is not sent. Twice is once."""
    if subscriber.state is SubscriberState.UNSUBSCRIBED:
        return
    with store.writing(app.engine) as connection:
        store.subscribers.set_state(connection, subscriber.id, SubscriberState.UNSUBSCRIBED)
        store.upkeep.suppress_unwanted(connection, now=app.clock(), of=subscriber.id)
    _log.info("subscriber.left", subscriber=subscriber.id)


def leave_alone(app: App, connection: Connection, subscriber: Subscriber, why: str) -> None:
    """Never write to a subscriber's address again; what is queued for them is not sent. ``why``
    outlives all that is known of them, so it names nobody."""
    now = app.clock()
    key = app.signer.address_key(subscriber.email)
    store.subscribers.suppress(connection, key, why, now=now)
    store.subscribers.set_state(connection, subscriber.id, SubscriberState.UNSUBSCRIBED)
    store.upkeep.suppress_unwanted(connection, now=now, of=subscriber.id)


def find_by_email(app: App, email: str) -> Subscriber:
    """Return the subscriber with this address. Raises InputError for an unknown one."""
    with store.reading(app.engine) as connection:
        subscriber = store.subscribers.by_email(connection, email)
    if subscriber is None:
        raise InputError(f"Nobody is subscribed as {email}: `digest subscribers` lists everyone.")
    return subscriber
