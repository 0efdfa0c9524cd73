from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import deliver
from digest.model import DeliveryState, Outcome, OutcomeKind, Settlement
from tests.build import NOON

TOMORROW = NOON + timedelta(days=1)
MINUTE = timedelta(minutes=1)
KINDS = st.sampled_from(OutcomeKind)
JITTERS = st.floats(0, 1, exclude_max=True)


def settled(
    kind: OutcomeKind,
    *,
    attempts: int = 0,
    expires_at: datetime = TOMORROW,
    jitter: float = 0.5,
    reply: str = "words",
    code: int | None = 450,
) -> Settlement:
    return deliver.decide(
        Outcome(kind=kind, reply=reply, code=code),
        delivery_id="d1",
        token="t1",
        attempts=attempts,
        now=NOON,
        expires_at=expires_at,
        jitter=jitter,
    )


@pytest.mark.parametrize(
    ("kind", "state", "minutes", "error", "counts"),
    [
        (OutcomeKind.ACCEPTED, DeliveryState.SENT, None, None, True),
        (OutcomeKind.DEFERRED, DeliveryState.QUEUED, 5, "450 words", True),
        (OutcomeKind.REJECTED, DeliveryState.FAILED, None, "450 words", True),
        (OutcomeKind.NO_MAILBOX, DeliveryState.FAILED, None, "450 words", True),
        (OutcomeKind.POLICY, DeliveryState.QUEUED, 60, "450 words", False),
        (OutcomeKind.BUSY, DeliveryState.QUEUED, 5, "450 words", False),
        (OutcomeKind.THROTTLED, DeliveryState.QUEUED, 5, "450 words", False),
        (OutcomeKind.UNKNOWN, DeliveryState.UNCERTAIN, None, "450 words", True),
    ],
)
def test_each_outcome_has_its_settlement(
    kind: OutcomeKind,
    state: DeliveryState,
    minutes: int | None,
    error: str | None,
    counts: bool,
) -> None:
    assert settled(kind) == Settlement(
        delivery_id="d1",
        token="t1",
        state=state,
        due_at=None if minutes is None else NOON + minutes * MINUTE,
        error=error,
        counts=counts,
    )


@pytest.mark.parametrize(("attempts", "minutes"), list(enumerate([5, 15, 45, 120, 240])))
def test_failures_are_retried_later_and_later(attempts: int, minutes: int) -> None:
    settlement = settled(OutcomeKind.DEFERRED, attempts=attempts)
    assert settlement.due_at == NOON + minutes * MINUTE


def test_jitter_is_a_fifth_either_way() -> None:
    assert settled(OutcomeKind.DEFERRED, jitter=0).due_at == NOON + 4 * MINUTE
    latest = settled(OutcomeKind.DEFERRED, jitter=0.999999).due_at
    assert latest is not None
    assert NOON + 5.99 * MINUTE < latest < NOON + 6 * MINUTE


def test_the_sixth_failure_is_the_last() -> None:
    settlement = settled(OutcomeKind.DEFERRED, attempts=5, reply="try later")
    assert settlement.state is DeliveryState.FAILED
    assert settlement.due_at is None
    assert settlement.error == "given up after 6 attempts: 450 try later"


@pytest.mark.parametrize("kind", [OutcomeKind.DEFERRED, OutcomeKind.BUSY, OutcomeKind.POLICY])
def test_nothing_is_tried_again_after_it_expires(kind: OutcomeKind) -> None:
    settlement = settled(kind, expires_at=NOON + 4 * MINUTE)
    assert settlement.state is DeliveryState.FAILED
    assert settlement.due_at is None
    assert settlement.error == "expired before another try (the last answer was: 450 words)"


def test_a_retry_at_the_very_moment_of_expiry_is_still_made() -> None:
    settlement = settled(OutcomeKind.DEFERRED, expires_at=NOON + 5 * MINUTE)
    assert settlement.state is DeliveryState.QUEUED


def test_an_outcome_without_code_or_words_still_has_an_error() -> None:
    assert settled(OutcomeKind.UNKNOWN, reply="", code=None).error == "unknown"


@given(KINDS, st.integers(0, 100), JITTERS, st.timedeltas(-timedelta(days=9), timedelta(days=9)))
def test_a_retry_is_never_past_nor_after_expiry(
    kind: OutcomeKind, attempts: int, jitter: float, life: timedelta
) -> None:
    settlement = settled(kind, attempts=attempts, jitter=jitter, expires_at=NOON + life)
    assert (settlement.due_at is not None) == (settlement.state is DeliveryState.QUEUED)
    if settlement.due_at is not None:
        assert NOON < settlement.due_at <= NOON + life
    if settlement.state is not DeliveryState.SENT:
        assert settlement.error


@given(st.integers(0, 3), JITTERS, JITTERS)
def test_a_later_failure_never_waits_shorter(attempts: int, jitter: float, other: float) -> None:
    first = settled(OutcomeKind.DEFERRED, attempts=attempts, jitter=jitter).due_at
    second = settled(OutcomeKind.DEFERRED, attempts=attempts + 1, jitter=other).due_at
    assert first is not None
    assert second is not None
    assert first < second


def test_only_a_missing_mailbox_suppresses_its_address() -> None:
    suppressing = [kind for kind in OutcomeKind if deliver.suppresses(Outcome(kind=kind))]
    assert suppressing == [OutcomeKind.NO_MAILBOX]


def test_the_relay_being_busy_or_refusing_us_stops_the_run() -> None:
    stopping = {kind for kind in OutcomeKind if deliver.stops_run(Outcome(kind=kind))}
    assert stopping == {OutcomeKind.BUSY, OutcomeKind.POLICY}


def test_an_orphan_is_sent_again_only_where_that_makes_no_second_copy() -> None:
    assert deliver.orphaned(deliver.TRANSPORTS["outbox"].replayable) is DeliveryState.QUEUED
    assert deliver.orphaned(deliver.TRANSPORTS["smtp"].replayable) is DeliveryState.UNCERTAIN


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ([OutcomeKind.UNKNOWN] * 2, None),
        ([OutcomeKind.UNKNOWN] * 3, "the mail server did not answer the last 3 messages"),
        ([OutcomeKind.UNKNOWN] * 5 + [OutcomeKind.ACCEPTED], None),
        ([OutcomeKind.REJECTED] * 19 + [OutcomeKind.ACCEPTED] * 21, None),
        (
            [OutcomeKind.REJECTED] * 20 + [OutcomeKind.ACCEPTED] * 20,
            "20 of the last 40 messages were not taken",
        ),
        ([OutcomeKind.DEFERRED] * 39, None),
        ([OutcomeKind.DEFERRED] * 40, "none of the last 40 messages was taken"),
        ([OutcomeKind.DEFERRED] * 39 + [OutcomeKind.ACCEPTED], None),
    ],
)
def test_a_run_of_which_too_much_is_lost_is_stopped(
    last: list[OutcomeKind], why: str | None
) -> None:
    assert deliver.breaks(last) == why


def test_pauses_double_to_an_hour_and_halve_to_nothing() -> None:
    pause, pauses = timedelta(), []
    for _ in range(6):
        pause = deliver.longer(pause)
        pauses.append(pause / MINUTE)
    assert pauses == [5, 10, 20, 40, 60, 60]
    shorter = []
    while pause := deliver.shorter(pause):
        shorter.append(pause / MINUTE)
    assert shorter == [30, 15, 7.5, 3.75]


def test_what_is_put_off_beyond_its_time_has_failed() -> None:
    late = deliver.put_off(
        "why", delivery_id="d", token="t", until=TOMORROW + MINUTE, expires_at=TOMORROW
    )
    assert (late.state, late.due_at) == (DeliveryState.FAILED, None)
    assert not late.counts
