"""Never more than so many get in, in any stretch of time, however many try at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter
from sqlalchemy import Engine, func, select

from digest import store
from digest.store.attempts import Attempts
from digest.store.schema import attempts
from tests.build import NOON

THREE = RateLimitItemPerHour(3)
HOUR = timedelta(hours=1)


def hit(engine: Engine, now: datetime = NOON, *, who: str = "ada", cost: int = 1) -> bool:
    with store.writing(engine) as connection:
        return MovingWindowRateLimiter(Attempts(connection, now)).hit(THREE, who, cost=cost)


def rows(engine: Engine) -> int:
    with store.reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(attempts)).scalar_one()


def test_so_many_get_in_and_each_is_counted_alone(engine: Engine) -> None:
    assert [hit(engine) for _ in range(5)] == [True, True, True, False, False]
    assert hit(engine, who="eve")


def test_each_attempt_is_forgotten_when_its_own_time_is_over(engine: Engine) -> None:
    for minutes in (0, 50, 55):
        assert hit(engine, NOON + timedelta(minutes=minutes))
    late = NOON + HOUR
    assert not hit(engine, late - timedelta(seconds=1))
    assert [hit(engine, late), hit(engine, late)] == [True, False], "two of three still count"


def test_what_costs_more_gets_all_or_nothing(engine: Engine) -> None:
    assert hit(engine, cost=2)
    assert not hit(engine, cost=2)
    assert not hit(engine, cost=4)
    assert hit(engine, cost=1)


def test_what_is_rolled_back_was_never_tried(engine: Engine) -> None:
    class Changed(Exception): ...

    def tried() -> None:
        with store.writing(engine) as connection:
            assert MovingWindowRateLimiter(Attempts(connection, NOON)).hit(THREE, "ada")
            raise Changed

    with pytest.raises(Changed):
        tried()
    assert rows(engine) == 0


def test_the_library_can_ask_what_stands(engine: Engine) -> None:
    hit(engine)
    hit(engine, NOON + HOUR / 2)
    with store.writing(engine) as connection:
        storage = Attempts(connection, NOON + HOUR / 2)
        limiter = MovingWindowRateLimiter(storage)
        assert limiter.test(THREE, "ada")
        assert not limiter.test(THREE, "ada", cost=2)
        assert limiter.get_window_stats(THREE, "ada") == ((NOON + HOUR).timestamp(), 1)
        key = THREE.key_for("ada")
        assert storage.get(key) == 2
        assert storage.get_expiry(key) == (NOON + HOUR).timestamp()
        assert storage.get_expiry("nobody") == (NOON + HOUR / 2).timestamp()
        assert storage.check()
        limiter.clear(THREE, "ada")
        assert storage.get(key) == 0
        limiter.hit(THREE, "eve")
        assert storage.reset() == 1
        with pytest.raises(NotImplementedError):
            FixedWindowRateLimiter(storage).hit(THREE, "ada")
    assert isinstance(storage, Storage)


def test_what_is_over_is_forgotten(engine: Engine) -> None:
    for minutes in (0, 30):
        hit(engine, NOON + timedelta(minutes=minutes))
    with store.writing(engine) as connection:
        store.attempts.forget(connection, now=NOON + HOUR)
    assert rows(engine) == 1


def at_once(many: int, act: Callable[[], bool]) -> int:
    """Do something in many threads; returns how often it was true."""
    answers: list[bool] = []
    start = threading.Barrier(many)

    def run() -> None:
        start.wait()
        answers.append(act())

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == many
    return sum(answers)


def test_of_many_at_once_no_more_get_in(database: str) -> None:
    @contextmanager
    def opened() -> Iterator[Engine]:  # each with connections of its own, as processes have
        engine = store.open_engine(database)
        yield engine
        engine.dispose()

    def one() -> bool:
        with opened() as engine:
            return hit(engine, NOON + HOUR)

    with opened() as engine:
        for _ in range(2):
            hit(engine)  # seats that are over are raced for too
    assert at_once(12, one) == THREE.amount


def test_forgetting_while_others_come_locks_nobody_out(engine: Engine) -> None:
    for who in ("ada", "eve"):
        hit(engine, who=who)

    def both() -> bool:
        with store.writing(engine) as connection:
            limiter = MovingWindowRateLimiter(Attempts(connection, NOON + HOUR))
            return limiter.hit(THREE, "ada") and limiter.hit(THREE, "eve")

    def forget() -> bool:
        with store.writing(engine) as connection:
            store.attempts.forget(connection, now=NOON + HOUR)
        return False

    turns = iter([both, forget] * 3)
    acts = threading.Lock()

    def next_act() -> bool:
        with acts:
            act = next(turns)
        return act()

    assert at_once(6, next_act) == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40), max_size=25))
def test_never_more_in_any_stretch_of_time(engine: Engine, pauses: list[int]) -> None:
    limit = RateLimitItemPerMinute(3)
    now = NOON
    entered: list[datetime] = []
    with store.writing(engine) as connection:
        Attempts(connection, now).reset()
        for pause in pauses:
            now += timedelta(seconds=pause)
            lately = [each for each in entered if each > now - timedelta(minutes=1)]
            came_in = MovingWindowRateLimiter(Attempts(connection, now)).hit(limit, "ada")
            assert came_in == (len(lately) < 3)
            entered += [now] * came_in
