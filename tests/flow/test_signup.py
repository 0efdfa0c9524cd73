"""Nobody gets issues who did not ask for them from their own mailbox."""

import re
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest import flow
from digest.model import DeliveryState, SubscriberState
from tests.flow.world import GRAPHS, ROBOTS, World, daily, text_of

BASE = "https://digest.example.org"


@pytest.fixture
def site(world: World) -> World:
    """An installation that serves pages."""
    return replace(world, app=replace(world.app, web_url=BASE))


def _token(site: World, to: str, page: str = "confirm") -> str:
    flow.deliver_issues(site.app)
    letters = [mail for mail in site.mails(to) if mail["List-Id"] is None]
    (found,) = re.findall(rf"{BASE}/{page}/(\S+)", text_of(letters[-1]))
    return str(found)


def test_the_way_in(site: World) -> None:
    site.drop_papers()
    flow.ingest_listings(site.app)
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS, hour=18))
    assert flow.prepare_issues(site.app) == flow.Prepared()
    token = _token(site, "ada@example.org")
    pending = flow.find_unconfirmed(site.app, token)
    assert pending is not None
    assert pending.state is SubscriberState.PENDING, "looking is not confirming"
    confirmed = flow.confirm(site.app, token)
    assert confirmed is not None
    assert confirmed.state is SubscriberState.ACTIVE
    assert confirmed.due_at == datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert site.run().sent == 0
    site.clock.move(hours=6)
    assert site.run().sent == 1


def test_the_letter_carries_no_list_headers_and_no_foreign_word(site: World) -> None:
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    flow.deliver_issues(site.app)
    (mail,) = site.mails()
    assert [name for name in mail if name.startswith(("List-", "Feedback"))] == []
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "graph" not in mail.as_string().lower()


def test_pressing_twice_is_pressing_once(site: World) -> None:
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    token = _token(site, "ada@example.org")
    flow.confirm(site.app, token)
    reader = flow.find_by_email(site.app, "ada@example.org")
    flow.change_wishes(site.app, reader, daily(ROBOTS))
    again = flow.confirm(site.app, token)
    assert again is not None
    assert again.wishes == daily(ROBOTS)
    flow.unsubscribe(site.app, reader)
    assert flow.confirm(site.app, token) is not None
    assert flow.find_by_email(site.app, "ada@example.org").state is SubscriberState.UNSUBSCRIBED


def test_many_presses_at_once_confirm_once(site: World) -> None:
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    token = _token(site, "ada@example.org")
    threads = [threading.Thread(target=flow.confirm, args=(site.app, token)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert flow.find_by_email(site.app, "ada@example.org").state is SubscriberState.ACTIVE


def test_a_week_is_the_limit(site: World) -> None:
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    token = _token(site, "ada@example.org")
    site.clock.move(days=7)
    assert flow.find_unconfirmed(site.app, token) is None
    assert flow.confirm(site.app, token) is None
    assert flow.confirm(site.app, "nonsense") is None


def test_a_thousand_sign_ups_for_one_victim_are_one_mail(site: World) -> None:
    for _ in range(1000 if site.app.engine.dialect.name == "sqlite" else 50):
        flow.sign_up(site.app, "victim@example.org", daily(GRAPHS))
    flow.deliver_issues(site.app)
    assert len(site.mails("victim@example.org")) == 1


SPELLINGS = (
    "victim+{}@gmail.com",
    "vic.tim+{}@gmail.com",
    "VICTIM+{}@GoogleMail.com",
    "v.i.c.t.i.m+a+{}@googlemail.com",
)


def test_a_thousand_spellings_of_one_mailbox_are_one_mail(site: World) -> None:
    for number in range(1000 if site.app.engine.dialect.name == "sqlite" else 50):
        address = SPELLINGS[number % len(SPELLINGS)].format(number)
        flow.sign_up(site.app, address, daily(GRAPHS))
    flow.deliver_issues(site.app)
    assert len(site.mails()) == 1


def test_many_sign_ups_at_once_are_one_mail(site: World) -> None:
    def sign_up(number: int) -> None:
        address = f"vicTim+{number % 3}@example.org" if number % 2 else "victim@example.org"
        flow.sign_up(site.app, address, daily(GRAPHS))

    threads = [threading.Thread(target=sign_up, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flow.deliver_issues(site.app)
    assert len(site.mails()) == 1


def test_three_letters_a_month_then_silence(site: World) -> None:
    for _ in range(40):
        flow.sign_up(site.app, "victim@example.org", daily(GRAPHS))
        flow.deliver_issues(site.app)
        site.clock.move(hours=12)
    assert len(site.mails("victim@example.org")) == 3


def test_who_never_confirms_is_forgotten_once_their_letters_no_longer_count(site: World) -> None:
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    site.clock.move(days=2)
    flow.sign_up(site.app, "ada@example.org", daily(ROBOTS))
    site.clock.move(days=30)
    assert flow.forget_unconfirmed(site.app) == 0, "a letter of theirs still counts"
    site.clock.move(days=2)
    assert flow.forget_unconfirmed(site.app) == 1
    assert flow.subscribers(site.app) == ()
    assert flow.forget_unconfirmed(site.app) == 0
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    assert flow.confirm(site.app, _token(site, "ada@example.org")) is not None


def test_tidying_up_never_brings_more_letters(site: World) -> None:
    for _ in range(70):
        flow.sign_up(site.app, "victim@example.org", daily(GRAPHS))
        flow.deliver_issues(site.app)
        site.clock.move(hours=12)
        flow.forget_unconfirmed(site.app)
    assert len(site.mails("victim@example.org")) == 6, "three in either month"


def test_nobody_who_was_ever_active_is_forgotten(site: World) -> None:
    for name in ("active", "paused", "left", "confirmed"):
        flow.sign_up(site.app, f"{name}@example.org", daily(GRAPHS))
        flow.confirm(site.app, _token(site, f"{name}@example.org"))
    flow.pause(
        site.app,
        flow.find_by_email(site.app, "paused@example.org"),
        datetime(2027, 11, 1, tzinfo=UTC),
    )
    flow.unsubscribe(site.app, flow.find_by_email(site.app, "left@example.org"))
    site.clock.move(days=365)
    assert flow.forget_unconfirmed(site.app) == 0
    assert len(flow.subscribers(site.app)) == 4


def test_a_subscriber_who_signs_up_again_gets_their_profile_and_keeps_their_wishes(
    site: World,
) -> None:
    reader = site.subscribe("ada@example.org", GRAPHS)
    flow.sign_up(site.app, "ada@example.org", daily(ROBOTS))
    profiled = flow.find_profile(site.app, _token(site, "ada@example.org", "profile"))
    assert profiled is not None
    assert profiled.subscriber == reader


def test_a_letter_that_waits_keeps_no_issue_back(site: World) -> None:
    site.drop_papers()
    site.subscribe("ada@example.org", GRAPHS)
    flow.request_link(site.app, "ada@example.org")
    flow.ingest_listings(site.app)
    assert flow.prepare_issues(site.app).issues == 1


def test_a_link_is_sent_to_subscribers_only(site: World) -> None:
    site.subscribe("ada@example.org", GRAPHS)
    for address in ("ada@example.org", "nobody@example.org"):
        flow.request_link(site.app, address)
    flow.deliver_issues(site.app)
    assert [mail["To"] for mail in site.mails()] == ["ada@example.org"]


def test_a_paused_reader_gets_nothing_until_the_day(site: World) -> None:
    site.drop_papers(["Message Passing on Sparse Graphs"])
    reader = site.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(site.app)
    flow.prepare_issues(site.app)
    flow.pause(site.app, reader, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert flow.deliver_issues(site.app).sent == 0
    assert site.books() == {DeliveryState.SUPPRESSED: 1}
    site.clock.now = datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert site.run().sent == 0, "the first turn after the pause is at seven"
    site.clock.now = datetime(2026, 11, 25, 7, tzinfo=UTC)
    assert site.run().sent == 1


def test_pausing_does_not_bring_back_who_left(site: World) -> None:
    reader = site.subscribe("ada@example.org", GRAPHS)
    flow.unsubscribe(site.app, reader)
    flow.pause(site.app, reader, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert flow.find_by_email(site.app, reader.email).state is SubscriberState.UNSUBSCRIBED


def test_all_that_is_known_can_be_had_and_erased(site: World) -> None:
    site.drop_papers()
    reader = site.subscribe("ada@example.org", GRAPHS)
    site.run()
    known = flow.export(site.app, reader)
    assert known["subscriber"]["email"] == "ada@example.org"
    (issue,) = known["issues"]
    assert "Message Passing" in str(issue["content"])
    assert len(known["turns"]) == 1
    flow.erase(site.app, reader)
    assert flow.subscribers(site.app) == ()
    assert site.books() == {}
    flow.sign_up(site.app, "ada@example.org", daily(GRAPHS))
    assert flow.confirm(site.app, _token(site, "ada@example.org")) is not None
