"""Why a reader got nothing: every cause that holds, the one that decides first, as sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest import compose
from digest.flow.pulse import SILENCE, Job
from digest.model import (
    DeliveryState,
    Freshness,
    Selection,
    SourceDay,
    Subscriber,
    SubscriberState,
)
from digest.store.hosts import RELAY, Host
from digest.store.issues import IssueRecord
from digest.store.jobs import JobRecord
from digest.store.subscribers import Turn

_MISSING = (Freshness.LATE, Freshness.STALE, Freshness.BROKEN)


class Cause(StrEnum):
    """What keeps an issue from a reader, or tells where it is."""

    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    NOBODY_AT_WORK = "nobody at work"
    NOT_DUE = "not due"
    DELIVERY = "delivery"
    NO_SOURCE = "no source"
    SOURCE_MISSING = "source missing"
    ALL_SENT = "all sent"
    NONE_CLOSE = "none close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One cause, and the sentence that tells it."""

    cause: Cause
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a reader and of the installation; issues and turns are newest first."""

    subscriber: Subscriber
    suppressed: str | None
    issues: Sequence[IssueRecord]
    turns: Sequence[Turn]
    selection: Selection
    papers: int
    sources: int
    days: Mapping[str, SourceDay]
    jobs: Mapping[str, JobRecord]
    resting: Sequence[Host]  # what is left alone for now: the mail server first, or their domain
    now: datetime


def causes(facts: Facts) -> tuple[Because, ...]:
    """Return all causes that hold."""
    if told := tuple(_of_the_reader(facts)):
        return told
    return (*_of_the_turn(facts), *_of_the_mail(facts), *_of_the_papers(facts))


def _of_the_reader(facts: Facts) -> Iterator[Because]:
    reader = facts.subscriber
    if facts.suppressed:
        said = f"We must not write to this address: {facts.suppressed}."
        yield Because(cause=Cause.SUPPRESSED, said=said)
    if reader.state is SubscriberState.PENDING:
        said = "They have not pressed the link that confirms the address; nothing comes until then."
        yield Because(cause=Cause.UNCONFIRMED, said=said)
    if reader.state is SubscriberState.UNSUBSCRIBED:
        yield Because(cause=Cause.LEFT, said="They have left; nothing comes until they return.")
    if reader.state is SubscriberState.PAUSED:
        until = f" until {_moment(facts, reader.paused_until)}" if reader.paused_until else ""
        yield Because(cause=Cause.PAUSED, said=f"They paused{until}.")


def _of_the_turn(facts: Facts) -> Iterator[Because]:
    due_at = facts.subscriber.due_at
    if due_at > facts.now:
        said = f"The next issue is due {_moment(facts, due_at)}."
        yield Because(cause=Cause.NOT_DUE, said=said)
    elif facts.now - due_at > SILENCE and _is_silent(facts.jobs.get(Job.PREPARE), facts.now):
        said = (
            f"They have been due since {_moment(facts, due_at)}, and nobody took their turn: start"
            " the scheduler, or run `digest once`."
        )
        yield Because(cause=Cause.NOBODY_AT_WORK, said=said)


def _is_silent(record: JobRecord | None, now: datetime) -> bool:
    return record is None or now - record.beat_at > SILENCE


def _of_the_mail(facts: Facts) -> Iterator[Because]:
    """Tell where the last issue is, unless it is older than what came of a later turn."""
    if not facts.issues:
        return
    last = facts.issues[0]
    if facts.turns and facts.turns[0].date > last.date and last.state is DeliveryState.SENT:
        return
    yield Because(cause=Cause.DELIVERY, said=_fate(facts, last))


def _fate(facts: Facts, issue: IssueRecord) -> str:
    of = f"The issue of {compose.whole_date(issue.date)}"
    words = f" (“{issue.error.rstrip('.')}”)" if issue.error else ""
    if issue.state is DeliveryState.QUEUED:
        return f"{of} {_waiting(facts, issue, words)}."
    at = _moment(facts, issue.settled_at or issue.due_at)
    return f"{of} {_FATES[issue.state].format(at=at, words=words)}."


def _waiting(facts: Facts, issue: IssueRecord, words: str) -> str:
    if facts.resting:
        return f"waits to be sent: {_left_alone(facts, facts.resting[0])}"
    if issue.attempts or issue.due_at > facts.now:
        return f"was not taken yet{words}; it is tried again {_moment(facts, issue.due_at)}"
    if _is_silent(facts.jobs.get(Job.DELIVER), facts.now):
        return f"waits to be sent{words}: start the worker, or run `digest once`"
    return f"waits to be sent{words}"


def _left_alone(facts: Facts, host: Host) -> str:
    name = "the mail server" if host.name == RELAY else host.name
    until = _moment(facts, host.paused_until)
    return (
        f"{name} is left alone until {until} (“{host.reason.rstrip('.')}”); `digest resume` tries"
        " at once"
    )


_FATES = {
    DeliveryState.CLAIMED: "is being sent right now",
    DeliveryState.SENDING: "is being sent right now",
    DeliveryState.SENT: "was taken by the mail server {at}: look among the spam too",
    DeliveryState.FAILED: "failed {at}{words}; its papers may come with the next",
    DeliveryState.UNCERTAIN: "may or may not have arrived{words}",
    DeliveryState.BOUNCED: "came back {at}{words}",
    DeliveryState.SUPPRESSED: "was not sent: they had paused or left",
}


def _of_the_papers(facts: Facts) -> Iterator[Because]:
    if not facts.sources:
        said = "There is no source to read: `digest sources presets` shows ready-made ones."
        yield Because(cause=Cause.NO_SOURCE, said=said)
    missing = [day for day in facts.days.values() if day.freshness in _MISSING]
    for day in missing[:2]:
        said = f"{day.source} is {day.freshness}: {day.reason.rstrip('.')}."
        yield Because(cause=Cause.SOURCE_MISSING, said=said)
    if facts.selection.matches:
        return
    if facts.selection.candidates:
        yield Because(cause=Cause.NONE_CLOSE, said=_none_close(facts.selection))
    elif facts.papers:
        said = "They had every paper of the window already; new ones come with new listings."
        yield Because(cause=Cause.ALL_SENT, said=said)
    elif facts.sources and not missing:
        yield Because(cause=Cause.NO_SOURCE, said="No source has brought a paper yet.")


def _none_close(selection: Selection) -> str:
    nearest = selection.near_miss
    said = f"None of {compose.count(selection.candidates, 'new paper')} is close enough"
    if nearest is None:
        return f"{said}, nor near it."
    return f"{said}; the nearest is “{nearest.paper.readable_title}” ({nearest.score:.2f})."


def _moment(facts: Facts, at: datetime) -> str:
    return compose.moment(at, facts.subscriber.wishes.schedule)
