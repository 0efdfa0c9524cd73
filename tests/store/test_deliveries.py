"""The ledger: who may write what, and when."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest import store
from digest.errors import StoreError
from digest.model import (
    Delivery,
    DeliveryState,
    Letter,
    LetterKind,
    Settlement,
    SubscriberState,
)
from tests.build import NOON, issue, match, paper, subscriber

LATER = NOON + timedelta(days=9)


def _queue(engine: Engine, number: int = 1) -> None:
    with store.writing(engine) as connection:
        store.papers.add(connection, [paper()], on=date(2026, 11, 19), seen_at=NOON)
        for n in range(number):
            reader = subscriber(f"r{n}@example.org", id=f"s{n}", due_at=LATER)
            store.subscribers.add(connection, reader)
            queued = issue(match(), id=f"i{n}", subscriber_id=f"s{n}")
            store.issues.add(connection, queued, delivery_id=f"d{n}")


def _claim(engine: Engine, token: str = "t", owner: str = "o", limit: int = 99) -> list[Delivery]:
    with store.writing(engine) as connection:
        return list(
            store.deliveries.claim(
                connection, owner=owner, token=token, transport="smtp", now=NOON, limit=limit
            )
        )


def _begin(engine: Engine, claimed: list[Delivery]) -> frozenset[str]:
    with store.writing(engine) as connection:
        return store.deliveries.begin_sending(connection, claimed, now=NOON)


def _settle(engine: Engine, delivery: Delivery, state: DeliveryState, **more: object) -> bool:
    settlement = Settlement(
        delivery_id=delivery.id,
        token=delivery.token or "",
        state=state,
        **more,  # type: ignore[arg-type]
    )
    with store.writing(engine) as connection:
        return not store.deliveries.settle(connection, [settlement], now=NOON)


def _give_back(engine: Engine, *dead: str, now: datetime = NOON) -> int:
    with store.writing(engine) as connection:
        return store.upkeep.give_back(
            connection, dead=dead, orphaned=lambda _: DeliveryState.UNCERTAIN, now=now
        )


def _books(engine: Engine) -> dict[DeliveryState, int]:
    with store.reading(engine) as connection:
        return {s: n for s, n in store.deliveries.books(connection).items() if n}


def test_a_delivery_is_claimed_once(engine: Engine) -> None:
    _queue(engine, 5)
    first = _claim(engine, "t1", limit=3)
    second = _claim(engine, "t2")
    assert len(first) == 3
    assert {each.id for each in first} | {each.id for each in second} == {f"d{n}" for n in range(5)}
    assert len(second) == 2
    assert {each.state for each in first} == {DeliveryState.CLAIMED}


def test_nothing_is_claimed_before_it_is_due_or_after_it_expired(engine: Engine) -> None:
    _queue(engine)
    with store.writing(engine) as connection:
        for now in (NOON - timedelta(seconds=1), NOON + timedelta(days=30)):
            assert not store.deliveries.claim(
                connection, owner="o", token="t", transport="smtp", now=now, limit=9
            )


def test_the_way_to_sent(engine: Engine) -> None:
    _queue(engine)
    (delivery,) = _claim(engine)
    assert _begin(engine, [delivery]) == {"d0"}
    assert _books(engine) == {DeliveryState.SENDING: 1}
    assert _settle(engine, delivery, DeliveryState.SENT)
    assert not _settle(engine, delivery, DeliveryState.FAILED), "settled is settled"
    assert _books(engine) == {DeliveryState.SENT: 1}


def test_to_begin_again_after_a_commit_whose_answer_was_lost_changes_nothing(
    engine: Engine,
) -> None:
    _queue(engine, 2)
    claimed = _claim(engine)
    assert _begin(engine, claimed) == {"d0", "d1"}
    with store.writing(engine) as connection:
        store.subscribers.set_state(connection, "s1", SubscriberState.UNSUBSCRIBED)
    assert _begin(engine, claimed) == {"d0"}
    assert _books(engine) == {DeliveryState.SENDING: 1, DeliveryState.SUPPRESSED: 1}
    _give_back(engine, "o")
    assert _begin(engine, claimed) == frozenset(), "but not what another may have sent"


def test_a_retry_keeps_the_error_and_counts(engine: Engine) -> None:
    _queue(engine)
    (delivery,) = _claim(engine)
    _begin(engine, [delivery])
    due_at = NOON + timedelta(minutes=5)
    _settle(engine, delivery, DeliveryState.QUEUED, due_at=due_at, error="451 later")
    assert _claim(engine) == []
    with store.reading(engine) as connection:
        (record,) = store.issues.of_subscriber(connection, "s0", limit=9)
    assert (record.attempts, record.due_at, record.error) == (1, due_at, "451 later")


def test_a_busy_relay_is_not_counted_against_the_recipient(engine: Engine) -> None:
    _queue(engine)
    (delivery,) = _claim(engine)
    _settle(engine, delivery, DeliveryState.QUEUED, due_at=NOON, counts=False)
    (again,) = _claim(engine)
    assert again.attempts == 0


def test_a_thawed_process_finds_its_token_gone(engine: Engine) -> None:
    _queue(engine)
    (frozen,) = _claim(engine, "old", owner="frozen")
    assert _give_back(engine, "frozen") == 1
    (fresh,) = _claim(engine, "new", owner="fresh")
    assert _begin(engine, [frozen]) == frozenset()
    assert not _settle(engine, frozen, DeliveryState.SENT)
    with store.writing(engine) as connection:
        store.deliveries.release(connection, [frozen])
    assert _books(engine) == {DeliveryState.CLAIMED: 1}
    assert _settle(engine, fresh, DeliveryState.SENT)


def test_the_dead_leave_claims_to_queue_and_sendings_uncertain(engine: Engine) -> None:
    _queue(engine, 3)
    claimed = _claim(engine)
    _begin(engine, claimed[:1])
    assert _give_back(engine) == 0
    assert _give_back(engine, "o") == 3
    assert _books(engine) == {DeliveryState.UNCERTAIN: 1, DeliveryState.QUEUED: 2}


def test_whoever_holds_too_long_is_as_good_as_dead(engine: Engine) -> None:
    _queue(engine)
    _claim(engine)
    assert _give_back(engine, now=NOON + timedelta(minutes=14)) == 0
    assert _give_back(engine, now=NOON + timedelta(minutes=16)) == 1


def test_unused_claims_go_back(engine: Engine) -> None:
    _queue(engine, 2)
    claimed = _claim(engine)
    _begin(engine, claimed[:1])
    with store.writing(engine) as connection:
        store.deliveries.release(connection, claimed)
    assert _books(engine) == {DeliveryState.SENDING: 1, DeliveryState.QUEUED: 1}


def test_whoever_left_since_the_claim_gets_nothing(engine: Engine) -> None:
    _queue(engine, 2)
    claimed = _claim(engine)
    with store.writing(engine) as connection:
        store.subscribers.set_state(connection, "s0", SubscriberState.UNSUBSCRIBED)
    assert _begin(engine, claimed) == {"d1"}
    assert _books(engine) == {DeliveryState.SUPPRESSED: 1, DeliveryState.SENDING: 1}


def test_what_gone_readers_have_queued_is_taken_out(engine: Engine) -> None:
    _queue(engine, 2)
    with store.writing(engine) as connection:
        store.subscribers.set_state(connection, "s1", SubscriberState.PAUSED)
        assert store.upkeep.suppress_unwanted(connection, now=NOON) == 1
    assert _books(engine) == {DeliveryState.SUPPRESSED: 1, DeliveryState.QUEUED: 1}


def test_a_queued_issue_expires_when_the_next_is_due(engine: Engine) -> None:
    _queue(engine, 2)
    with store.writing(engine) as connection:
        assert store.upkeep.expire(connection, now=NOON) == 0
        assert store.upkeep.expire(connection, now=NOON + timedelta(days=4)) == 2
    with store.reading(engine) as connection:
        (record,) = store.issues.of_subscriber(connection, "s0", limit=9)
        delivered = store.issues.delivered(connection, ["s0"], since=NOON)
    assert record.state is DeliveryState.FAILED
    assert "its papers are in that one" in (record.error or "")
    assert delivered == {"s0": frozenset()}


def test_an_expired_letter_does_not_speak_of_issues(engine: Engine) -> None:
    with store.writing(engine) as connection:
        store.subscribers.add(connection, subscriber(id="s0"))
        for number in range(2):
            letter = Letter(
                id=f"l{number}", kind=LetterKind.PROFILE, subscriber_id="s0", created_at=NOON
            )
            store.letters.add(connection, letter, delivery_id=f"d{number}", expires_at=LATER)
    tried, waiting = _claim(engine)
    _settle(engine, tried, DeliveryState.QUEUED, due_at=LATER, error="450 not now")
    with store.writing(engine) as connection:
        store.deliveries.release(connection, [waiting])
        assert store.upkeep.expire(connection, now=LATER) == 2
        found = store.deliveries.listed(connection, limit=9, order="due", down=False)
    assert {each.delivery.error for each in found} == {
        "Expired; before that: 450 not now",
        "Not sent in time; it can be asked for again.",
    }


def test_papers_count_as_delivered_when_sent(engine: Engine) -> None:
    _queue(engine, 2)
    first, second = _claim(engine)
    _settle(engine, first, DeliveryState.SENT)
    _settle(engine, second, DeliveryState.UNCERTAIN)
    with store.reading(engine) as connection:
        delivered = store.issues.delivered(connection, ["s0", "s1"], since=NOON)
    assert delivered == {"s0": frozenset({paper().id}), "s1": frozenset()}


def test_one_issue_a_day(engine: Engine) -> None:
    _queue(engine)
    with store.reading(engine) as connection:
        assert store.issues.exists(connection, "s0", NOON.date())
        assert not store.issues.exists(connection, "s1", NOON.date())


def test_an_issue_comes_back_as_it_was(engine: Engine) -> None:
    _queue(engine)
    with store.reading(engine) as connection:
        assert store.issues.load(connection, ["i0"]) == {
            "i0": issue(match(), id="i0", subscriber_id="s0")
        }


def test_a_quiet_issue_keeps_its_near_miss(engine: Engine) -> None:
    _queue(engine)
    quiet = issue(id="q", subscriber_id="s9", near_miss=match(score=0.1))
    with store.writing(engine) as connection:
        store.subscribers.add(connection, subscriber("q@example.org", id="s9"))
        store.issues.add(connection, quiet, delivery_id="dq")
        assert store.issues.load(connection, ["q"]) == {"q": quiet}


def test_an_owner_is_alive_until_its_end(engine: Engine) -> None:
    with store.owners.owning(engine, "me"):
        assert store.owners.dead(engine, ["me", "somebody"]) == ("somebody",)
        assert store.owners.dead(engine, ["me"]) == (), "asking does not take the lock away"
    assert store.owners.dead(engine, ["me"]) == ("me",)


def test_a_locked_database_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.store.engine._BUSY_TIMEOUT_MS", 10)
    url = f"sqlite:///{tmp_path / 'x.db'}"
    first, second = store.open_engine(url), store.open_engine(url)
    store.upgrade(first)
    with store.writing(first), pytest.raises(StoreError, match="locked"), store.writing(second):
        pass
    with store.writing(first), store.reading(second) as connection:
        assert store.papers.count(connection) == 0, "readers never wait for writers"
    first.dispose()
    second.dispose()
