"""Whose turn it is, what it gives, and that it is taken once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from digest import compose, flow, match, store
from digest.errors import InputError
from digest.flow import Prepared
from digest.model import (
    Cadence,
    DeliveryState,
    Settlement,
    SubscriberState,
    WhenEmpty,
    Wishes,
)
from tests.build import NOON, schedule, wishes
from tests.flow.world import GRAPHS, ROBOTS, VELLUM, World, text_of


def test_each_gets_what_they_asked_for(world: World) -> None:
    world.drop_papers()
    world.subscribe("graphs@example.org", GRAPHS)
    world.subscribe("robots@example.org", ROBOTS)
    delivered = world.run()
    assert delivered.sent == 2
    (graphs,), (robots,) = world.mails("graphs@example.org"), world.mails("robots@example.org")
    assert "Message Passing on Sparse Graphs" in text_of(graphs)
    assert "Grasping" not in text_of(graphs)
    assert "Grasping Soft Fruit" in text_of(robots)
    assert "Tides" not in text_of(graphs) + text_of(robots)


def test_nobody_gets_a_paper_twice(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    world.clock.move(days=1)
    world.drop_papers(name="again.txt")
    world.run()
    world.clock.move(days=1)
    world.run()
    texts = [text_of(mail) for mail in world.mails()]
    assert len(texts) == 2
    assert sum("Message Passing on Sparse Graphs" in text for text in texts) == 1
    assert sum("Without Oversmoothing" in text for text in texts) == 1


def test_running_again_changes_nothing(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    assert world.run().sent == 1
    before = world.books()
    assert flow.prepare_issues(world.app) == Prepared()
    assert world.run().sent == 0
    assert world.books() == before == {DeliveryState.SENT: 1}


def test_a_quiet_day_is_skipped_and_the_reason_recorded(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", VELLUM)
    flow.ingest_listings(world.app)
    assert flow.prepare_issues(world.app) == Prepared(skipped=1)
    (turn,) = flow.why(world.app, "ada@example.org").turns
    assert turn.result == "skipped"
    assert turn.why == "None of 5 new papers was close enough."
    assert world.books() == {}


def test_a_quiet_day_is_told_to_whoever_asked(world: World) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", VELLUM, when_empty=WhenEmpty.NOTE)
    world.run()
    (mail,) = world.mails()
    assert "Vellum" in text_of(mail)
    (turn,) = flow.why(world.app, "ada@example.org").turns
    assert turn.result == "note"


def test_the_first_issue_waits_for_the_first_papers(world: World) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    assert world.run().sent == 0
    world.clock.move(hours=2)
    world.drop_papers()
    assert world.run().sent == 1


def test_an_issue_comes_on_the_readers_schedule(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe("ada@example.org", GRAPHS, hour=7)
    world.run()
    world.drop_papers(name="more.txt")
    world.clock.now = datetime(2026, 11, 21, 6, 59, tzinfo=UTC)
    assert world.run().sent == 0
    world.clock.now = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    assert world.run().sent == 1


def test_days_off_are_caught_up_once(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    world.clock.move(days=5)
    world.drop_papers(name="more.txt")
    assert world.run().sent == 1
    world.clock.move(minutes=1)
    assert world.run().sent == 0
    assert flow.why(world.app, "ada@example.org").subscriber.due_at == datetime(
        2026, 11, 26, 7, tzinfo=UTC
    )


def test_a_weekly_reader_misses_nothing_when_the_scheduler_was_off(world: World) -> None:
    weekly = wishes(GRAPHS, schedule=schedule(Cadence.WEEKLY, weekdays=(4,)))
    flow.subscribe(world.app, "ada@example.org", weekly)
    world.drop_papers(["Tides of an Inland Sea"])
    flow.ingest_listings(world.app)
    assert flow.prepare_issues(world.app).skipped == 1
    world.clock.move(hours=1)
    world.drop_papers(name="just after the turn.txt")
    flow.ingest_listings(world.app)
    world.clock.move(days=9)  # off on the day the issue was due
    assert flow.prepare_issues(world.app).issues == 1


def test_readers_ahead_of_utc_get_their_own_date(world: World) -> None:
    world.drop_papers()
    far = wishes(GRAPHS, schedule=schedule(timezone="Pacific/Kiritimati"))
    flow.subscribe(world.app, "ada@example.org", far)
    world.run()
    (issue,) = flow.why(world.app, "ada@example.org").issues
    assert issue.date == date(2026, 11, 21), "noon on the 20th in UTC is the 21st there"


def test_paused_and_gone_readers_are_never_due(world: World) -> None:
    world.drop_papers()
    reader = world.subscribe("ada@example.org", GRAPHS)
    flow.unsubscribe(world.app, reader)
    assert world.run().sent == 0
    assert flow.why(world.app, "ada@example.org").subscriber.state is SubscriberState.UNSUBSCRIBED


def test_a_profile_that_breaks_the_matching_stops_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bad@example.org", ROBOTS)
    world.subscribe("eve@example.org", GRAPHS)
    select = match.select

    def breaking(index: match.Index, requests: list[match.Request], **more: float) -> object:
        if any(each.profile.interests == (ROBOTS,) for each in requests):
            raise ZeroDivisionError("made to fail")
        return select(index, requests, **more)

    monkeypatch.setattr(match, "select", breaking)
    flow.ingest_listings(world.app)
    assert flow.prepare_issues(world.app) == Prepared(issues=2, failed=1)
    assert flow.prepare_issues(world.app) == Prepared(), "it steps aside for an hour"
    monkeypatch.undo()
    answer = flow.why(world.app, "bad@example.org")
    assert answer.turns[0].result == "failed"
    assert answer.subscriber.due_at == NOON + timedelta(hours=1)
    world.clock.move(hours=1)
    assert flow.prepare_issues(world.app) == Prepared(issues=1)


def test_an_unsent_issue_gives_way_to_the_next_and_loses_no_paper(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)
    world.clock.move(days=1)  # and no worker ran
    assert flow.prepare_issues(world.app).issues == 1
    assert flow.deliver_issues(world.app).sent == 1
    (mail,) = world.mails()
    assert "Message Passing on Sparse Graphs" in text_of(mail)
    assert world.books() == {DeliveryState.SENT: 1, DeliveryState.FAILED: 1}


def test_changing_the_schedule_on_the_day_of_an_issue_gives_no_second_one(world: World) -> None:
    world.drop_papers(["Message Passing on Sparse Graphs"])
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    world.subscribe("ada@example.org", GRAPHS, hour=20)
    world.drop_papers(name="more.txt")
    world.clock.move(hours=9)
    assert world.run().sent == 0
    world.clock.move(hours=24)
    assert world.run().sent == 1


def _weekly(weekday: int) -> Wishes:
    return wishes(GRAPHS, schedule=schedule(Cadence.WEEKLY, weekdays=(weekday,)))


def _settle_all(world: World, state: DeliveryState) -> None:
    with store.writing(world.app.engine) as connection:
        claimed = store.deliveries.claim(
            connection, owner="o", token="t", transport="smtp", now=world.clock(), limit=9
        )
        store.deliveries.begin_sending(connection, claimed, now=world.clock())
        for each in claimed:
            settlement = Settlement(delivery_id=each.id, token="t", state=state)
            store.deliveries.settle(connection, [settlement], now=world.clock())


@pytest.mark.parametrize("lost", [DeliveryState.UNCERTAIN, DeliveryState.FAILED])
def test_a_lost_weekly_issue_is_made_good_by_the_next(world: World, lost: DeliveryState) -> None:
    """Its papers came up to a week before it: a window of seven days would not reach them."""
    world.drop_papers(["Tides of an Inland Sea"])
    flow.subscribe(world.app, "ada@example.org", _weekly(4))
    world.run()
    world.clock.move(hours=1)
    world.drop_papers(name="just after the turn.txt")
    flow.ingest_listings(world.app)
    world.clock.now = datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert flow.prepare_issues(world.app).issues == 1
    _settle_all(world, lost)
    world.clock.move(days=7)
    assert world.run().sent == 1
    (mail,) = world.mails()
    assert "Message Passing on Sparse Graphs" in text_of(mail)
    world.clock.move(days=7)
    assert flow.prepare_issues(world.app) == Prepared(skipped=1), "and only once"


def test_a_paper_stored_long_after_its_moment_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A big listing takes minutes: a turn taken meanwhile does not see its papers."""
    flow.subscribe(world.app, "ada@example.org", _weekly(4))
    world.drop_papers(["Tides of an Inland Sea"])
    flow.ingest_listings(world.app)
    early = replace(world.app, clock=lambda: NOON)
    world.clock.move(minutes=5)
    flow.prepare_issues(world.app)
    world.drop_papers(name="slow.txt")
    flow.ingest_listings(early)
    world.clock.move(days=9)
    assert flow.prepare_issues(world.app).issues == 1


def _while_thinking(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    select = match.select

    def slow(*given: object, **more: object) -> object:
        happens()
        return select(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(match, "select", slow)


def test_wishes_changed_while_a_turn_is_thought_about_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drop_papers()
    flow.ingest_listings(world.app)
    world.subscribe("ada@example.org", GRAPHS)

    def change_mind() -> None:
        world.clock.move(seconds=1)
        world.subscribe("ada@example.org", ROBOTS)

    with monkeypatch.context() as patch:
        _while_thinking(patch, change_mind)
        assert flow.prepare_issues(world.app) == Prepared(), "thought about the old wishes"
    assert world.run().sent == 1
    (mail,) = world.mails()
    assert "Grasping Soft Fruit" in text_of(mail)


def test_whoever_becomes_due_in_the_middle_of_a_run_gets_no_paper_twice(world: World) -> None:
    """An issue still in the queue when its reader's changed schedule makes the next one due."""
    world.drop_papers()
    flow.ingest_listings(world.app)
    flow.subscribe(world.app, "ada@example.org", _weekly(3))
    flow.prepare_issues(world.app)
    world.subscribe("ada@example.org", GRAPHS, hour=7)  # daily: due tomorrow
    due_at = datetime(2026, 11, 21, 7, tzinfo=UTC)
    late = iter([due_at - timedelta(seconds=1)])
    passing = replace(world.app, clock=lambda: next(late, due_at))
    flow.prepare_issues(passing)
    world.clock.now = due_at
    world.run()
    texts = [text_of(mail) for mail in world.mails()]
    assert sum("Message Passing on Sparse Graphs" in text for text in texts) == 1


def test_a_schedule_that_cannot_be_used_stops_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time zone that the next machine does not know, say."""
    world.drop_papers()
    flow.ingest_listings(world.app)
    world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bob@example.org", GRAPHS, hour=9)
    issue_date = compose.issue_date

    def unknown(schedule: object, now: datetime) -> date:
        if schedule.hour == 9:  # type: ignore[attr-defined]
            raise InputError("There is no time zone 'Mars/Base'.")
        return issue_date(schedule, now)  # type: ignore[arg-type]

    monkeypatch.setattr(compose, "issue_date", unknown)
    assert flow.prepare_issues(world.app) == Prepared(issues=1, failed=1)
