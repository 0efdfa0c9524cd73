"""What an attempt's outcome means for its delivery: sent, again at, failed, uncertain. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from digest.model import DeliveryState, Outcome, OutcomeKind, Settlement

# How long to wait after the first, second, … failure; one failure more and we give up.
RETRY_AFTER = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=45),
    timedelta(hours=2),
    timedelta(hours=4),
)
JITTER = 0.2  # a fifth either way, so that a thousand deferred messages do not return at once
BUSY_PAUSE = timedelta(minutes=5)
POLICY_PAUSE = timedelta(hours=1)
LONGEST_PAUSE = timedelta(hours=1)  # of a host

# When so many of the last messages came to nothing, something is wrong with all of them.
LAST, MOST_LOST = 40, 20
# A server that does not answer whole messages makes each of them uncertain.
MOST_UNANSWERED = 3

# Whatever the clock said, nothing waits longer than this to be tried again.
LONGEST_WAIT = timedelta(hours=5)

T = TypeVar("T")
_FINAL = {
    OutcomeKind.ACCEPTED: DeliveryState.SENT,
    OutcomeKind.REJECTED: DeliveryState.FAILED,
    OutcomeKind.NO_MAILBOX: DeliveryState.FAILED,
    OutcomeKind.NO_UTF8: DeliveryState.FAILED,
    OutcomeKind.UNKNOWN: DeliveryState.UNCERTAIN,
}
# The relay's trouble, not the recipient's: these attempts are not counted.
_PAUSES = {
    OutcomeKind.BUSY: BUSY_PAUSE,
    OutcomeKind.POLICY: POLICY_PAUSE,
    OutcomeKind.THROTTLED: BUSY_PAUSE,
}
_REFUSING_US = (OutcomeKind.BUSY, OutcomeKind.POLICY)
_LOST = (OutcomeKind.REJECTED, OutcomeKind.NO_MAILBOX, OutcomeKind.UNKNOWN)


def decide(
    outcome: Outcome,
    *,
    delivery_id: str,
    token: str,
    attempts: int,
    now: datetime,
    expires_at: datetime,
    jitter: float,
) -> Settlement:
    """Return what to record of one attempt.

    ``attempts`` are the counted ones before this one (0 at the first try), ``jitter`` is a random
    number in [0, 1) and ``expires_at`` is when the subscriber's next issue is due, or a letter too
    old: no retry is planned after it.
    """
    counts = outcome.kind not in _PAUSES
    state, pause, error = _verdict(outcome, attempts, jitter)
    due_at = None if pause is None else now + pause
    if due_at is not None and due_at > expires_at:
        state, due_at, error = DeliveryState.FAILED, None, _expired(error)
    return Settlement(
        delivery_id=delivery_id, token=token, state=state, due_at=due_at, error=error, counts=counts
    )


def suppresses(outcome: Outcome) -> bool:
    """Tell whether the recipient's address must not be written to again."""
    return outcome.kind is OutcomeKind.NO_MAILBOX


def stops_run(outcome: Outcome) -> bool:
    """Tell whether the relay's answer would be the same for the next message: stop for now."""
    return outcome.kind in _REFUSING_US


def breaks(last: Sequence[OutcomeKind]) -> str | None:
    """Return why the run has to stop, from what became of the ``LAST`` messages, oldest first."""
    unanswered = list(takewhile(lambda kind: kind is OutcomeKind.UNKNOWN, reversed(last)))
    if len(unanswered) >= MOST_UNANSWERED:
        return f"the mail server did not answer the last {len(unanswered)} messages"
    lost = sum(kind in _LOST for kind in last)
    if lost >= MOST_LOST:
        return f"{lost} of the last {len(last)} messages were not taken"
    if len(last) >= LAST and OutcomeKind.ACCEPTED not in last:
        return f"none of the last {len(last)} messages was taken"
    return None


def longer(pause: timedelta) -> timedelta:
    """Return the pause of a host that asks again for one, given its last (zero: it had none)."""
    return min(max(2 * pause, BUSY_PAUSE), LONGEST_PAUSE)


def shorter(pause: timedelta) -> timedelta:
    """Return what is left of a host's pause when it takes a message; zero when that is nothing."""
    return pause / 2 if pause > BUSY_PAUSE else timedelta()


def put_off(
    why: str, *, delivery_id: str, token: str, until: datetime, expires_at: datetime
) -> Settlement:
    """Return what to record of a message that was not offered, since its host is left alone."""
    late = until > expires_at
    return Settlement(
        delivery_id=delivery_id,
        token=token,
        state=DeliveryState.FAILED if late else DeliveryState.QUEUED,
        due_at=None if late else until,
        error=_expired(why) if late else why,
        counts=False,
        offered=False,
    )


def spread(addressed: Iterable[tuple[str, T]]) -> Iterator[T]:
    """Yield what goes to these addresses, one domain after the other, so that no mail server gets
    all of its messages at once; within a domain the order stays."""
    by_domain: dict[str, list[T]] = {}
    for address, item in addressed:
        by_domain.setdefault(address.rpartition("@")[2].casefold(), []).append(item)
    longest = max(map(len, by_domain.values()), default=0)
    return (items[n] for n in range(longest) for items in by_domain.values() if n < len(items))


def orphaned(transport_replayable: bool) -> DeliveryState:
    """Return what becomes of a delivery whose owner died while it was ``SENDING``.

    Where sending twice leaves one copy (the outbox writes the same file again) it is queued again;
    elsewhere nobody can know whether the final dot had gone out.
    """
    return DeliveryState.QUEUED if transport_replayable else DeliveryState.UNCERTAIN


def _verdict(
    outcome: Outcome, attempts: int, jitter: float
) -> tuple[DeliveryState, timedelta | None, str | None]:
    if outcome.kind in _FINAL:
        return _FINAL[outcome.kind], None, _final_error(outcome)
    if outcome.kind in _PAUSES:
        return DeliveryState.QUEUED, _PAUSES[outcome.kind], _words(outcome)
    if attempts >= len(RETRY_AFTER):
        error = f"given up after {attempts + 1} attempts: {_words(outcome)}"
        return DeliveryState.FAILED, None, error
    return DeliveryState.QUEUED, _backoff(attempts, jitter), _words(outcome)


def _backoff(attempts: int, jitter: float) -> timedelta:
    return RETRY_AFTER[attempts] * (1 - JITTER + 2 * JITTER * jitter)


def _final_error(outcome: Outcome) -> str | None:
    return None if outcome.kind is OutcomeKind.ACCEPTED else _words(outcome)


def _expired(error: str | None) -> str:
    return f"expired before another try (the last answer was: {error})"


def _words(outcome: Outcome) -> str:
    said = outcome.reply or outcome.kind.value
    return said if outcome.code is None else f"{outcome.code} {said}"
