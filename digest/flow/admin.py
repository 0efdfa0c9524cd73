"""What the operator of an installation sees, and the few things they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

import structlog

from digest import store
from digest.app import App, Source
from digest.flow.tell import Status, Why, status, why
from digest.model import DeliveryState, SourceDay, Subscriber, SubscriberState, Validators
from digest.store.deliveries import DeliveryRecord
from digest.store.issues import Volume
from digest.store.sources import SourceRecord

ROWS = 50  # of a table on one page
_DAYS = 30

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day in numbers. The scores of its matches are told by their quartiles, None where there
    was no match."""

    date: date
    papers: int
    issues: int
    sent: int
    scores: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One source: its last visit, its last day, its last fresh one, and when it last brought a new
    listing.

    A folder is looked into at every tick: it has no visits, and cannot be ``holdable``.
    """

    record: SourceRecord
    day: SourceDay | None
    fresh_on: date | None
    listed_at: datetime | None
    holdable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The state of an installation, its sources (also those never asked), and its last days."""

    status: Status
    supplies: tuple[Supply, ...]
    days: tuple[Day, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """By what a table is sorted, and whether downwards."""

    by: str
    down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberTable:
    """One page (from 1) of the subscribers."""

    rows: tuple[Subscriber, ...]
    order: Order
    page: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTable:
    """One page (from 1) of the deliveries; ``retriable`` are the ids of those that may be."""

    rows: tuple[DeliveryRecord, ...]
    retriable: frozenset[str]
    order: Order
    page: int
    more: bool


def overview(app: App) -> Overview:
    """Return how things stand and how the last month went."""
    now = app.clock()
    first = now.date() - timedelta(days=_DAYS - 1)
    with store.reading(app.engine) as connection:
        papers = store.papers.count_by_day(connection, since=first)
        volumes = store.issues.volumes(connection, since=first)
        scores = store.issues.scores_by_day(connection, since=first)
        listed = store.papers.last_listed(connection)
    dates = [first + timedelta(days=n) for n in range(_DAYS)]
    told = status(app)
    return Overview(
        status=told,
        supplies=tuple(_supply(source, told, listed) for source in app.sources),
        days=tuple(_day(on, papers.get(on, 0), volumes, scores.get(on)) for on in dates),
        now=now,
    )


def find_subscribers(
    app: App, *, holding: str, state: SubscriberState | None, order: Order, page: int
) -> SubscriberTable:
    """Return the subscribers whose address holds a text; an unknown order is by address."""
    order = order if order.by in store.subscribers.ORDERS else Order(by="address")
    with store.reading(app.engine) as connection:
        found = store.subscribers.listed(
            connection,
            holding=holding,
            state=state,
            order=order.by,
            down=order.down,
            limit=ROWS + 1,
            offset=(page - 1) * ROWS,
        )
    return SubscriberTable(rows=found[:ROWS], order=order, page=page, more=len(found) > ROWS)


def explain(app: App, subscriber_id: str) -> Why | None:
    """Answer why one subscriber did or did not get mail; None when there is no such one."""
    with store.reading(app.engine) as connection:
        found = store.subscribers.load(connection, [subscriber_id]).get(subscriber_id)
    return why(app, found.email) if found else None


def find_deliveries(
    app: App, *, state: DeliveryState | None, order: Order, page: int
) -> DeliveryTable:
    """Return the deliveries in a state; an unknown order is the latest first."""
    order = order if order.by in store.deliveries.ORDERS else Order(by="due", down=True)
    with store.reading(app.engine) as connection:
        found = store.deliveries.listed(
            connection,
            state=state,
            order=order.by,
            down=order.down,
            limit=ROWS + 1,
            offset=(page - 1) * ROWS,
        )
    now = app.clock()
    return DeliveryTable(
        rows=found[:ROWS],
        retriable=frozenset(each.delivery.id for each in found if _retriable(each, now)),
        order=order,
        page=page,
        more=len(found) > ROWS,
    )


def retry(app: App, delivery_id: str, *, state: DeliveryState, settled_at: datetime) -> bool:
    """Queue a failed or uncertain delivery again, if it still stands as the operator saw it.

    An uncertain one may arrive twice. Pressing twice is pressing once.
    """
    with store.writing(app.engine) as connection:
        queued = store.deliveries.retry(
            connection, delivery_id, state=state, settled_at=settled_at, now=app.clock()
        )
    _log.info("admin.retried", delivery=delivery_id, was=state, queued=queued)
    return queued


def hold(app: App, source: str, *, until: datetime | None) -> bool:
    """Hold a file or URL until a moment, or release it (None); False when there is no such one.

    The scheduler leaves a held source alone; a person at the command line may still ask it.
    """
    if source not in {each.name for each in app.sources if each.folder is None}:
        return False
    with store.writing(app.engine) as connection:
        store.sources.hold(connection, source, until=until)
    _log.info("admin.held", source=source, until=until and until.isoformat())
    return True


def _supply(source: Source, told: Status, listed: Mapping[str, datetime]) -> Supply:
    known = {record.name: record for record in told.sources}
    return Supply(
        record=known.get(source.name) or SourceRecord(name=source.name, validators=Validators()),
        day=told.days.get(source.name),
        fresh_on=told.fresh_on.get(source.name),
        listed_at=listed.get(source.name),
        holdable=source.folder is None,
    )


def _retriable(record: DeliveryRecord, now: datetime) -> bool:
    delivery = record.delivery
    return delivery.state in store.deliveries.RETRIABLE and delivery.expires_at > now


def _day(
    on: date, papers: int, volumes: tuple[Volume, ...], scores: Mapping[float, int] | None
) -> Day:
    own = [volume for volume in volumes if volume.date == on]
    return Day(
        date=on,
        papers=papers,
        issues=sum(volume.issues for volume in own),
        sent=sum(volume.issues for volume in own if volume.state is DeliveryState.SENT),
        scores=quartiles(scores) if scores else None,
    )


def quartiles(scores: Mapping[float, int]) -> tuple[float, float, float]:
    """Return the quartiles of scores of which it is known how many there are of each."""
    values = sorted(scores)
    reached = list(accumulate(scores[value] for value in values))

    def at(share: float) -> float:
        return next(
            value
            for value, number in zip(values, reached, strict=True)
            if number >= share * reached[-1]
        )

    return at(0.25), at(0.5), at(0.75)
