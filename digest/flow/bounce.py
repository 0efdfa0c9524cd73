"""What comes back, and what follows from it.

::

    read → which delivery? → believed? → recorded once → hard: suppressed   soft: counted, paused
           VERP, Message-ID                              complaint: unsubscribed and suppressed

A mail that proves nothing changes nothing: anybody can write one. It is recorded under the address
it names, for ``digest why``.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from digest import bounce, compose, deliver, store
from digest.app import App
from digest.flow.subscribe import leave_alone
from digest.model import (
    Bounce,
    BounceKind,
    BounceReason,
    Delivery,
    Returned,
    Subscriber,
    SubscriberState,
)

# A mail that was sent so long ago and has not come back has arrived: mail servers give up after
# five days at most (RFC 5321 section 4.5.4.1).
ARRIVED = timedelta(days=6)
# How long we look for deliveries that came back before their sending was recorded: longer than
# from one daily run to the next.
_SETTLE = timedelta(days=2)

_log = structlog.get_logger()


class Followed(StrEnum):
    """What followed from a mail that came back."""

    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    PAUSED = "paused"
    COUNTED = "counted"
    KNOWN = "known"  # the same was read before
    UNPROVEN = "unproven"  # it names a reader, and proves nothing
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a mail that came back said, and what followed."""

    returned: Returned
    followed: Followed


@dataclass(frozen=True, slots=True)
class _Case:
    """What is believed: a bounce, whose it is, and of which delivery."""

    bounce: Bounce
    subscriber: Subscriber
    delivery: Delivery


def take_bounce(app: App, content: bytes, *, came_to: tuple[str, ...] = ()) -> Taken:
    """Read a mail that came back and do what follows, in one commit; again, it changes nothing.

    ``came_to`` are the addresses it was delivered to, where somebody knows. Raises StoreError.
    """
    with store.writing(app.engine) as connection:
        return take_within(app, connection, content, came_to)


def take_within(
    app: App, connection: Connection, content: bytes, came_to: tuple[str, ...] = ()
) -> Taken:
    """Do what ``take_bounce`` does in the caller's transaction."""
    returned = bounce.read(content)
    case = _case(app, connection, returned, came_to)
    followed = _follow(app, connection, case) if case else _note(app, connection, returned)
    settle_returned(app, connection)
    _log.info(
        "bounce.taken",
        kinds=sorted({each.kind for each in returned.bounces}),
        delivery=case.delivery.id if case else None,
        followed=followed,
    )
    return Taken(returned=returned, followed=followed)


def settle_returned(app: App, connection: Connection) -> None:
    """Record of deliveries that are sent and have come back that they have.

    A server may answer, and its report come in, before we have written down what it answered: then
    it is done when the run that sends has recorded that, and with every round of the postbox.
    """
    store.bounces.settle_returned(connection, since=app.clock() - _SETTLE)


def _case(
    app: App, connection: Connection, returned: Returned, came_to: tuple[str, ...]
) -> _Case | None:
    """Find the delivery by the signed return address, else by our Message-ID."""
    signed = (
        deliver.read_verp(address, app.signer) for address in (*came_to, *returned.return_paths)
    )
    ours = f"@{app.sender.domain.casefold()}"
    named = (
        name.rpartition("@")[0] for name in returned.message_ids if name.casefold().endswith(ours)
    )
    tried = [(each, True) for each in signed if each] + [(each, False) for each in named]
    cases = (_believed(connection, returned, each, signed=proof) for each, proof in tried)
    return next(filter(None, cases), None)


def _believed(
    connection: Connection, returned: Returned, message_id: str, *, signed: bool
) -> _Case | None:
    delivery = store.bounces.find_delivery(connection, message_id)
    if delivery is None:
        return None
    reader = store.subscribers.load(connection, [delivery.subscriber_id])[delivery.subscriber_id]
    found = bounce.about(returned, reader.email, signed=signed)
    return _Case(found, reader, delivery) if found else None


def _follow(app: App, connection: Connection, case: _Case) -> Followed:
    if case.bounce.kind is BounceKind.NONE or not case.bounce.final:
        return Followed.NOTHING
    new = store.bounces.record(
        connection,
        case.bounce,
        key=f"{case.delivery.id} {case.bounce.kind}",
        subscriber_id=case.subscriber.id,
        delivery_id=case.delivery.id,
        now=app.clock(),
    )
    if not new:
        return Followed.KNOWN
    follow = {
        BounceKind.HARD: _suppress,
        BounceKind.SOFT: _count,
        BounceKind.COMPLAINT: _let_leave,
    }
    return follow[case.bounce.kind](app, connection, case)


def _suppress(app: App, connection: Connection, case: _Case) -> Followed:
    said = " ".join(filter(None, (case.bounce.reason, case.bounce.status)))
    leave_alone(app, connection, case.subscriber, f"its mail came back ({said})")
    return Followed.SUPPRESSED


def _let_leave(app: App, connection: Connection, case: _Case) -> Followed:
    if case.bounce.reason is not BounceReason.FEEDBACK:
        return Followed.COUNTED  # nobody complained: a report on forgeries, or "this is no spam"
    leave_alone(app, connection, case.subscriber, "its owner complained")
    return Followed.UNSUBSCRIBED


def _count(app: App, connection: Connection, case: _Case) -> Followed:
    """Pause a reader whose issues come back one after the other; the first one after the pause
    tells whether the mailbox is well again."""
    now, reader = app.clock(), case.subscriber
    returned = store.bounces.softly_returned(
        connection, reader.id, since=now - app.bounces.within, arrived_by=now - ARRIVED
    )
    if returned < app.bounces.soft or reader.state is not SubscriberState.ACTIVE:
        return Followed.COUNTED
    until = now + app.bounces.pause
    due_at = compose.next_due(
        reader.wishes.schedule, after=until, last_issue_on=reader.last_issue_on
    )
    store.subscribers.pause(connection, reader.id, until=until, due_at=due_at)
    store.upkeep.suppress_unwanted(connection, now=now, of=reader.id)
    return Followed.PAUSED


def _note(app: App, connection: Connection, returned: Returned) -> Followed:
    """Record under the readers it names what a mail says that proves nothing: once a day for each
    kind, since whoever writes such mails may write many."""
    followed = Followed.NOTHING
    now = app.clock()
    for each in returned.bounces:
        reader = _named(connection, each.recipient)
        if reader is None or each.kind is BounceKind.NONE or not each.final:
            continue
        followed = Followed.UNPROVEN
        store.bounces.record(
            connection,
            each,
            key=f"unproven {now:%Y-%m-%d} {each.kind} {reader.id}",
            subscriber_id=reader.id,
            delivery_id=None,
            now=now,
        )
    return followed


def _named(connection: Connection, address: str) -> Subscriber | None:
    """Return the reader whose address a report names, in its own letters or in small ones."""
    by_email = store.subscribers.by_email
    return by_email(connection, address) or by_email(connection, address.lower())
