"""Double opt-in: nobody gets issues who did not ask for them from their own mailbox.

::

    sign_up → PENDING, a letter → confirm → ACTIVE, first issue on the reader's schedule
                              └→ a month of silence → forgotten

Whoever signs up an address learns nothing about it: known or not, limited or not, the answer, the
time it takes and the page are the same.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from digest import compose, store
from digest.app import App
from digest.flow.limits import may_write
from digest.flow.links import CONFIRM_WITHIN
from digest.model import Letter, LetterKind, Subscriber, SubscriberState, Wishes
from digest.tokens import Purpose

FORGET_AFTER = timedelta(days=31)  # who never confirmed; their link ended long before
_FORGOTTEN_AT_ONCE = 100

_SETTLED = (SubscriberState.ACTIVE, SubscriberState.PAUSED)

_log = structlog.get_logger()


def sign_up(app: App, email: str, wishes: Wishes) -> None:
    """Ask the owner of an address to confirm; whoever is subscribed gets their profile's link."""
    now = app.clock()
    with store.writing(app.engine) as connection:
        newcomer = Subscriber(
            id=app.new_id(),
            email=email,
            state=SubscriberState.PENDING,
            wishes=wishes,
            created_at=now,
            due_at=now,
        )
        store.subscribers.add(connection, newcomer)
        subscriber = store.subscribers.by_email(connection, email)
        assert subscriber is not None, "added or there before"
        settled = subscriber.state in _SETTLED
        kind = LetterKind.PROFILE if settled else LetterKind.CONFIRM
        _write(app, connection, kind, subscriber, now, None if settled else wishes)


def request_link(app: App, email: str) -> None:
    """Send the link to their profile to whoever is subscribed under this address."""
    now = app.clock()
    with store.writing(app.engine) as connection:
        subscriber = store.subscribers.by_email(connection, email)
        if subscriber is not None and subscriber.state in _SETTLED:
            _write(app, connection, LetterKind.PROFILE, subscriber, now, None)


def find_unconfirmed(app: App, token: str) -> Subscriber | None:
    """Return whom a confirm link speaks for; None when it is not ours or a week old."""
    letter = _letter(app, token)
    if letter is None:
        return None
    with store.reading(app.engine) as connection:
        return store.subscribers.load(connection, [letter.subscriber_id]).get(letter.subscriber_id)


def confirm(app: App, token: str) -> Subscriber | None:
    """Make the wishes behind a confirm link count; pressing twice is pressing once.

    The first issue is due on the reader's schedule. None when the link is not ours or too old.
    """
    letter = _letter(app, token)
    if letter is None or letter.wishes is None:
        return None
    now = app.clock()
    with store.writing(app.engine) as connection:
        if store.letters.use(connection, letter.id, now=now):
            _activate(app, connection, letter.subscriber_id, letter.wishes, now)
            _log.info("subscriber.confirmed", subscriber=letter.subscriber_id)
        return store.subscribers.load(connection, [letter.subscriber_id]).get(letter.subscriber_id)


def forget_unconfirmed(app: App) -> int:
    """Erase whoever was asked to confirm a month ago and did not; returns how many those were."""
    before = app.clock() - FORGET_AFTER
    forgotten = 0
    while True:
        with store.writing(app.engine) as connection:
            ids = store.letters.unanswered(connection, before=before, limit=_FORGOTTEN_AT_ONCE)
            for subscriber_id in ids:
                store.subscribers.erase(connection, subscriber_id)
        if not ids:
            return forgotten
        forgotten += len(ids)


def _activate(
    app: App, connection: Connection, subscriber_id: str, wishes: Wishes, now: datetime
) -> None:
    (known,) = store.subscribers.load(connection, [subscriber_id]).values()
    due_at = compose.next_due(wishes.schedule, after=now, last_issue_on=known.last_issue_on)
    store.subscribers.unsuppress(connection, app.signer.address_key(known.email))
    store.subscribers.change(
        connection, subscriber_id, wishes=wishes, due_at=due_at, from_config=False
    )


def _letter(app: App, token: str) -> Letter | None:
    letter_id = app.signer.read_until(Purpose.CONFIRM, token, app.clock())
    if letter_id is None:
        return None
    with store.reading(app.engine) as connection:
        return store.letters.load(connection, [letter_id]).get(letter_id)


def _write(
    app: App,
    connection: Connection,
    kind: LetterKind,
    subscriber: Subscriber,
    now: datetime,
    wishes: Wishes | None,
) -> None:
    if not may_write(app, connection, subscriber.email):
        return
    letter = Letter(
        id=app.new_id(),
        kind=kind,
        subscriber_id=subscriber.id,
        created_at=now,
        wishes=wishes,
    )
    store.letters.add(connection, letter, delivery_id=app.new_id(), expires_at=now + CONFIRM_WITHIN)
