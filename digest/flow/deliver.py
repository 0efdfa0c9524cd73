"""Queued issues become mail, and the ledger says what became of each.

::

    QUEUED → claim → compose → SENDING, committed → the transport → settle
             batch              group                               with the next group's commit

A process that dies leaves CLAIMED ones (never offered: queued again) and at most one group of
SENDING ones (offered perhaps: uncertain, or queued again where a second copy overwrites the first).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from digest import deliver, store
from digest.app import App
from digest.errors import InputError, TransportError
from digest.flow.links import link_of, links_of
from digest.flow.order import put_in_order
from digest.model import (
    Delivery,
    DeliveryState,
    Envelope,
    Issue,
    Letter,
    Message,
    Outcome,
    OutcomeKind,
    Settlement,
    Subscriber,
    SubscriberState,
)

STEP_ASIDE = timedelta(hours=1)  # how long an issue that cannot be composed waits
COME_BACK = timedelta(minutes=5)  # when a relay that refused us is tried again

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How many deliveries a run settled in each state; ``error`` says why it stopped early."""

    settled: Counter[DeliveryState] = field(default_factory=Counter)
    error: str | None = None

    @property
    def sent(self) -> int:
        """How many messages were handed over."""
        return self.settled[DeliveryState.SENT]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a group came to: settlements, addresses that do not exist, and why to stop."""

    settlements: tuple[Settlement, ...]
    gone: tuple[str, ...] = ()
    stop: str | None = None


def deliver_issues(
    app: App,
    *,
    told: Callable[[int], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Delivered:
    """Deliver all that is queued and due, or until ``stopping``; ``told`` hears how many were
    settled.

    A relay that refuses us altogether ends the run: what was not offered is given back.
    """
    put_in_order(app, app.clock())
    settled: Counter[DeliveryState] = Counter()
    with (
        store.owners.owning(app.engine, app.new_id()) as owner,
        closing(app.open_transport()) as transport,
    ):
        for batch in _claims(app, owner, stopping):
            error = _deliver_batch(app, transport, batch, settled, told, stopping)
            if error:
                return Delivered(settled=settled, error=error)
    return Delivered(settled=settled)


def anything_waits(app: App) -> bool:
    """Whether a run would find something to deliver, or something that a dead process left."""
    with store.reading(app.engine) as connection:
        return store.deliveries.anything_waits(connection, now=app.clock())


def _claims(app: App, owner: str, stopping: Callable[[], bool]) -> Iterator[tuple[Delivery, ...]]:
    while not stopping():
        store.owners.require_alive(app.engine, owner)
        with store.writing(app.engine) as connection:
            batch = store.deliveries.claim(
                connection,
                owner=owner,
                token=app.new_id(),
                transport=app.transport,
                now=app.clock(),
                limit=app.claim,
            )
        if not batch:
            return
        yield batch


def _deliver_batch(
    app: App,
    transport: deliver.Transport,
    batch: Sequence[Delivery],
    settled: Counter[DeliveryState],
    told: Callable[[int], None],
    stopping: Callable[[], bool],
) -> str | None:
    """Offer a claimed batch group by group; returns why the run must end, if so."""
    sealed, broken = _compose(app, batch)
    attempt = _Attempt(broken)
    for group in _groups(list(sealed.items()), app.group):
        sending = _settle_and_begin(app, attempt, [delivery for delivery, _ in group])
        _count(attempt, settled, told)
        attempt = _offer(app, transport, [pair for pair in group if pair[0].id in sending])
        if attempt.stop or stopping():
            break
    with store.writing(app.engine) as connection:
        _settle(app, connection, attempt)
        store.deliveries.release(connection, batch)
    _count(attempt, settled, told)
    return attempt.stop


def _groups(
    sealed: list[tuple[Delivery, Envelope]], size: int
) -> Iterator[list[tuple[Delivery, Envelope]]]:
    for start in range(0, len(sealed), size):
        yield sealed[start : start + size]


def _settle_and_begin(app: App, attempt: _Attempt, group: Sequence[Delivery]) -> frozenset[str]:
    """Settle the last group and begin the next in one commit."""
    with store.writing(app.engine) as connection:
        _settle(app, connection, attempt)
        return store.deliveries.begin_sending(connection, group, now=app.clock())


def _settle(app: App, connection: Connection, attempt: _Attempt) -> None:
    now = app.clock()
    for settlement in attempt.settlements:
        if not store.deliveries.settle(connection, settlement, now=now):
            _log.warning("delivery.lost", delivery=settlement.delivery_id)
    for subscriber_id in attempt.gone:
        _leave_alone(app, connection, subscriber_id)


def _leave_alone(app: App, connection: Connection, subscriber_id: str) -> None:
    """Never write again to a mailbox that does not exist."""
    gone = store.subscribers.load(connection, [subscriber_id])[subscriber_id]
    key = app.signer.address_key(gone.email)
    store.subscribers.suppress(connection, key, "no such mailbox", now=app.clock())
    store.subscribers.set_state(connection, subscriber_id, SubscriberState.UNSUBSCRIBED)


def _compose(
    app: App, batch: Sequence[Delivery]
) -> tuple[dict[Delivery, Envelope], tuple[Settlement, ...]]:
    """Compose each claimed issue; one that cannot be composed is settled and stops no other."""
    with store.reading(app.engine) as connection:
        issues = store.issues.load(connection, _known(each.issue_id for each in batch))
        letters = store.letters.load(connection, _known(each.letter_id for each in batch))
        readers = store.subscribers.load(connection, {each.subscriber_id for each in batch})
    sealed: dict[Delivery, Envelope] = {}
    broken: list[Settlement] = []
    for each in batch:
        try:
            reader = readers[each.subscriber_id]
            if each.issue_id is not None:
                sealed[each] = _seal_issue(app, issues[each.issue_id], reader)
            elif each.letter_id is not None:
                sealed[each] = _seal_letter(app, letters[each.letter_id], reader)
        except InputError as error:
            broken.append(_refuse(app, each, error))
        except Exception as error:  # noqa: BLE001 -- one failure is one failure
            broken.append(_step_aside(app, each, error))
    return sealed, tuple(broken)


def _known(ids: Iterable[str | None]) -> list[str]:
    return [each for each in ids if each is not None]


def _seal_issue(app: App, issue: Issue, subscriber: Subscriber) -> Envelope:
    links = links_of(app, issue, subscriber)
    return _seal(app, app.composer.compose(issue, subscriber, app.sender, links))


def _seal_letter(app: App, letter: Letter, subscriber: Subscriber) -> Envelope:
    link = link_of(app, letter)
    return _seal(app, app.composer.write(letter, subscriber.email, app.sender, link))


def _seal(app: App, message: Message) -> Envelope:
    mailbox = app.sender.bounces
    return deliver.seal(message, mailbox and deliver.verp(mailbox, message.id, app.signer))


def _refuse(app: App, delivery: Delivery, error: InputError) -> Settlement:
    return _decide(app, delivery, Outcome(kind=OutcomeKind.REJECTED, reply=str(error)))


def _step_aside(app: App, delivery: Delivery, error: Exception) -> Settlement:
    _log.error("compose.failed", delivery=delivery.id, exc_info=error)
    return Settlement(
        delivery_id=delivery.id,
        token=delivery.token or "",
        state=DeliveryState.QUEUED,
        due_at=app.clock() + STEP_ASIDE,
        error=f"The mail could not be composed: {error}",
    )


def _offer(
    app: App, transport: deliver.Transport, group: Sequence[tuple[Delivery, Envelope]]
) -> _Attempt:
    """Hand a group over message by message; what comes after a refusal of us is not offered."""
    settlements: list[Settlement] = []
    gone: list[str] = []
    stop: str | None = None
    for delivery, envelope in group:
        if stop:
            settlements.append(_not_offered(app, delivery, stop))
            continue
        outcome = _send(transport, envelope)
        settlements.append(_decide(app, delivery, outcome))
        _log.info(
            "delivery.attempted",
            delivery=delivery.id,
            issue=delivery.issue_id,
            outcome=outcome.kind,
            code=outcome.code,
        )
        if deliver.suppresses(outcome):
            gone.append(delivery.subscriber_id)
        if deliver.stops_run(outcome):
            stop = outcome.reply or "The mail server refuses us for now."
    return _Attempt(tuple(settlements), tuple(gone), stop)


def _send(transport: deliver.Transport, envelope: Envelope) -> Outcome:
    try:
        return transport.send(envelope)
    except TransportError as error:
        return Outcome(kind=OutcomeKind.POLICY, reply=str(error))
    except Exception as error:  # noqa: BLE001 -- one failure is one failure
        _log.error("delivery.failed", message=envelope.id, exc_info=error)
        kind = OutcomeKind.DEFERRED if transport.replayable else OutcomeKind.UNKNOWN
        return Outcome(kind=kind, reply=f"The transport failed: {type(error).__name__}.")


def _decide(app: App, delivery: Delivery, outcome: Outcome) -> Settlement:
    return deliver.decide(
        outcome,
        delivery_id=delivery.id,
        token=delivery.token or "",
        attempts=delivery.attempts,
        now=app.clock(),
        expires_at=delivery.expires_at,
        jitter=app.jitter(),
    )


def _not_offered(app: App, delivery: Delivery, why: str) -> Settlement:
    return Settlement(
        delivery_id=delivery.id,
        token=delivery.token or "",
        state=DeliveryState.QUEUED,
        due_at=app.clock() + COME_BACK,
        error=why,
        counts=False,
    )


def _count(attempt: _Attempt, settled: Counter[DeliveryState], told: Callable[[int], None]) -> None:
    settled.update(settlement.state for settlement in attempt.settlements)
    told(len(attempt.settlements))
