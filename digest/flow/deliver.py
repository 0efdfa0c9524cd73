"""Queued issues become mail, and the ledger says what became of each.

::

    QUEUED → claim → compose → offered: for whom → ready → SENDING, committed → the dot → settled
             batch             several at a time            with the outcomes of those before

Only what the server is ready to take is marked SENDING, and right before its content is said: a
process that dies leaves CLAIMED ones (queued again) and the SENDING ones whose answers it had not
heard (uncertain, or queued again where a second copy overwrites the first).
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice

import structlog
from sqlalchemy import Connection

from digest import deliver, store
from digest.app import App
from digest.errors import InputError, StoreError
from digest.flow.alarm import nameless, sound
from digest.flow.bounce import settle_returned
from digest.flow.hosts import Hosts, domain_of, record
from digest.flow.order import put_in_order
from digest.flow.sealing import seal_issue, seal_letter
from digest.flow.subscribe import leave_alone
from digest.model import (
    Delivery,
    DeliveryState,
    Envelope,
    Outcome,
    OutcomeKind,
    Paper,
    Settlement,
)
from digest.store.hosts import RELAY, Host

# Seconds: how long answers are kept for a database that fails, and when it is asked again.
PATIENCE, AGAIN = 60.0, 1.0
STEP_ASIDE = timedelta(hours=1)  # how long an issue that cannot be composed waits

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How many deliveries a run settled in each state; ``error`` says why it stopped early, and
    ``held_back`` that some wait until the pace allows more."""

    settled: Counter[DeliveryState] = field(default_factory=Counter)
    error: str | None = None
    held_back: bool = False

    @property
    def sent(self) -> int:
        """How many messages were handed over."""
        return self.settled[DeliveryState.SENT]


@dataclass(slots=True)
class _Run:
    """A run under way: what it holds, and what is to be recorded with the next commit."""

    app: App
    transport: deliver.Transport
    keys: tuple[deliver.DkimKey, ...]
    told: Callable[[int], None]
    stopping: Callable[[], bool]
    held: dict[str, Delivery] = field(default_factory=dict)  # claimed, by the delivery's id
    # What is offered, by the envelope's id, and its recipient's domain.
    on_way: dict[str, tuple[Delivery, str]] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # subscribers whose mailbox does not exist
    settled: Counter[DeliveryState] = field(default_factory=Counter)
    hosts: Hosts = field(default_factory=Hosts)
    last: deque[OutcomeKind] = field(default_factory=lambda: deque(maxlen=deliver.LAST))
    error: str | None = None
    alarm: str | None = None  # what the operator should hear of
    # How much was settled when nothing more could be claimed for want of room.
    held_back: int | None = None

    @property
    def goes_on(self) -> bool:
        """Whether more may be offered."""
        return self.error is None and not self.stopping()


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
    with (
        store.owners.owning(app.engine, app.new_id()) as owner,
        closing(app.open_transport()) as transport,
    ):
        run = _Run(app, transport, app.open_keys(), told, stopping)
        _hand_over(run, _sealed(run, owner))
    _check(run)
    held_back = run.held_back is not None and run.error is None
    return Delivered(settled=run.settled, error=run.error, held_back=held_back)


def _check(run: _Run) -> None:
    """Tell the operator if something went wrong (the rest is for ``watch``)."""
    if run.alarm:
        sound(run.app, run.keys, run.alarm)


def anything_waits(app: App) -> bool:
    """Whether a run would find something to deliver, or something that a dead process left."""
    with store.reading(app.engine) as connection:
        return store.deliveries.anything_waits(connection, now=app.clock())


def _hand_over(run: _Run, sealed: Iterator[tuple[Delivery, Envelope] | None]) -> None:
    """Offer what is sealed until nothing is left, or the run must end; then give back the rest."""
    stock: deque[tuple[Delivery, Envelope]] = deque()
    while run.goes_on or run.on_way:
        _fill(run, stock, sealed)
        if not stock and not run.on_way:
            break
        _offer(run, stock)
        run.transport.speak()
        _fill(run, stock, sealed)  # while the server reads
        _record(run, run.transport.wait())  # at once, where all was put off
    _commit(run)
    with store.writing(run.app.engine) as connection:
        store.deliveries.release(connection, list(run.held.values()))
        settle_returned(run.app, connection)


def _fill(
    run: _Run,
    stock: deque[tuple[Delivery, Envelope]],
    sealed: Iterator[tuple[Delivery, Envelope] | None],
) -> None:
    if run.goes_on:
        wanted = max(0, run.transport.room() - len(stock))
        stock.extend(each for each in islice(sealed, wanted) if each)


def _offer(run: _Run, stock: deque[tuple[Delivery, Envelope]]) -> None:
    while stock and run.goes_on and run.transport.room():
        delivery, envelope = stock.popleft()
        domain = domain_of(envelope.recipient)
        if host := run.hosts.resting(domain, run.app.clock()):
            run.settlements.append(_put_off(run.app, delivery, host))
        else:
            run.on_way[envelope.id] = delivery, domain
            run.transport.offer(envelope)


def _record(run: _Run, progress: deliver.Progress) -> None:
    """Settle the outcomes and begin what is ready in one commit; then let it go."""
    for message_id, outcome in progress.outcomes:
        delivery, domain = run.on_way.pop(message_id)
        _note(run, delivery, domain, outcome)
    ready = {each: run.on_way[each][0] for each in progress.ready}
    begun = _commit(run, progress.ready)
    for message_id, delivery in ready.items():
        if delivery.id in begun:
            run.transport.release(message_id)
        else:
            del run.on_way[message_id]
            run.transport.withdraw(message_id)


def _commit(run: _Run, ready: Sequence[str] = ()) -> frozenset[str]:
    """Record what is known and begin what is ``ready``; returns the ids of the deliveries that may
    go. While the database fails it is asked again for ``PATIENCE``: what the server said is known,
    and would be uncertain without."""
    until = time.monotonic() + PATIENCE
    while True:
        known = run.settlements, run.gone, run.hosts.slow, run.hosts.fine
        try:
            with store.writing(run.app.engine) as connection:
                _settle(run, connection)
                begun = _begin(run, connection, ready)
        except StoreError as error:
            run.settlements, run.gone, run.hosts.slow, run.hosts.fine = known
            if time.monotonic() >= until:
                raise
            _log.warning("delivery.unrecorded", messages=len(run.settlements), error=str(error))
            time.sleep(AGAIN)
        else:
            _count(run, known[0])
            return begun


def _begin(run: _Run, connection: Connection, ready: Sequence[str]) -> frozenset[str]:
    """Mark what is ready SENDING, but for hosts that want to be left alone since; returns the ids
    of the deliveries that may go."""
    may_begin: list[Delivery] = []
    for delivery, domain in (run.on_way[each] for each in ready if run.goes_on):
        if host := run.hosts.resting(domain, run.app.clock()):
            run.settlements.append(_put_off(run.app, delivery, host))
        else:
            may_begin.append(delivery)
    return store.deliveries.begin_sending(connection, may_begin, now=run.app.clock())


def _note(run: _Run, delivery: Delivery, domain: str, outcome: Outcome) -> None:
    run.settlements.append(_decide(run.app, delivery, outcome))
    _log.info(
        "delivery.attempted",
        delivery=delivery.id,
        issue=delivery.issue_id,
        outcome=outcome.kind,
        code=outcome.code,
    )
    if deliver.suppresses(outcome):
        run.gone.append(delivery.subscriber_id)
    if outcome.kind is not OutcomeKind.NO_UTF8:  # which tells nothing of how the server is
        run.last.append(outcome.kind)
    if outcome.kind is OutcomeKind.ACCEPTED:
        run.hosts.took(domain)
    elif outcome.kind is OutcomeKind.THROTTLED:
        run.hosts.slow[domain] = nameless(outcome.reply)
    elif why := _why_stop(run, outcome):
        run.hosts.slow[RELAY] = run.error = run.error or why


def _why_stop(run: _Run, outcome: Outcome) -> str | None:
    if deliver.stops_run(outcome):
        return nameless(outcome.reply) or "The mail server refuses us for now."
    broken = deliver.breaks(run.last)
    said = nameless(outcome.reply)
    return broken and f"Delivery has stopped: {broken}. The last answer: {said}"


def _settle(run: _Run, connection: Connection) -> None:
    """Record what is to be recorded."""
    if RELAY in run.hosts.slow and RELAY not in run.hosts.known:
        run.alarm = run.error
    record(connection, run.hosts, run.app.clock())
    settlements, run.settlements = run.settlements, []
    lost = store.deliveries.settle(connection, settlements, now=run.app.clock())
    for delivery_id in lost:
        _log.warning("delivery.lost", delivery=delivery_id)
    gone, run.gone = run.gone, []
    for reader in store.subscribers.load(connection, gone).values() if gone else ():
        leave_alone(run.app, connection, reader, "no such mailbox")


def _count(run: _Run, settlements: Sequence[Settlement]) -> None:
    """Remember what is recorded; ``told`` hears how much that was."""
    for each in settlements:
        run.held.pop(each.delivery_id, None)
        run.settled[each.state] += 1
    if settlements:
        run.told(len(settlements))


def _sealed(run: _Run, owner: str) -> Iterator[tuple[Delivery, Envelope] | None]:
    """Claim batch by batch and compose one by one; what cannot be composed is settled and stops no
    other. ``None``: nothing more before something is settled."""
    papers: dict[str, Paper] = {}  # the same for many readers
    while (batch := _claim(run, owner)) or run.held_back is not None:
        if not batch:
            yield None
        run.held.update((each.id, each) for each in batch)
        for each, seal in _sealing(run, batch, papers):
            try:
                yield each, seal()
            except InputError as error:
                run.settlements.append(_refuse(run.app, each, error))
            except Exception as error:  # noqa: BLE001 -- one failure is one failure
                run.settlements.append(_step_aside(run.app, each, error))


def _claim(run: _Run, owner: str) -> tuple[Delivery, ...]:
    """Claim a batch, unless the mail server is to be left alone, or nothing was settled since there
    was no room."""
    app, now = run.app, run.app.clock()
    if run.held_back == run.settled.total():
        return ()
    store.owners.require_alive(app.engine, owner)
    with store.writing(app.engine) as connection:
        run.hosts.known = store.hosts.load(connection)
        if relay := run.hosts.resting(RELAY, now):
            run.error = run.error or _rests(relay)
            return ()
        batch = store.deliveries.claim(
            connection,
            owner=owner,
            token=app.new_id(),
            transport=app.transport,
            now=now,
            limit=app.claim,
            pace=app.pace,
        )
        full = not batch and app.pace.limited and store.pace.held_back(connection, now=now)
    run.held_back = run.settled.total() if full else None
    return batch


def _rests(relay: Host) -> str:
    return (
        f"The mail server is left alone until {relay.paused_until:%H:%M} UTC ({relay.reason});"
        " `digest resume` tries at once."
    )


def _sealing(
    run: _Run, batch: Sequence[Delivery], papers: dict[str, Paper]
) -> Iterator[tuple[Delivery, Callable[[], Envelope]]]:
    """Yield each delivery and what seals it, one recipient's domain after the other."""
    with store.reading(run.app.engine) as connection:
        issues = store.issues.load(connection, _known(each.issue_id for each in batch), papers)
        letters = store.letters.load(connection, _known(each.letter_id for each in batch))
        readers = store.subscribers.load(connection, {each.subscriber_id for each in batch})

    def seal(each: Delivery) -> Envelope:
        reader = readers[each.subscriber_id]
        if each.issue_id is not None:
            return seal_issue(run.app, run.keys, issues[each.issue_id], reader)
        assert each.letter_id is not None
        return seal_letter(run.app, run.keys, letters[each.letter_id], reader)

    emails = {reader.id: reader.email for reader in readers.values()}
    for each in deliver.spread((emails.get(each.subscriber_id, ""), each) for each in batch):
        yield each, partial(seal, each)


def _known(ids: Iterable[str | None]) -> list[str]:
    return [each for each in ids if each is not None]


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


def _put_off(app: App, delivery: Delivery, host: Host) -> Settlement:
    return deliver.put_off(
        f"{host.name} wants less mail for now: {host.reason}",
        delivery_id=delivery.id,
        token=delivery.token or "",
        until=host.paused_until + app.jitter() * host.pause / 5,
        expires_at=delivery.expires_at,
    )
