"""The whole life of a reader, from the page to the mailbox and back, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from digest import flow
from digest.model import SubscriberState
from tests.browser.reader import DESK, PHONE, Reader, reading
from tests.browser.town import Town
from tests.flow.test_vote import FRUIT
from tests.flow.world import text_of

ADA = "ada@example.org"


@pytest.mark.parametrize(
    ("database", "javascript", "phone"),
    [
        pytest.param("sqlite", True, True, id="phone"),
        pytest.param("sqlite", False, True, id="phone-without-javascript"),
        pytest.param("postgresql", True, False, id="desk"),
        pytest.param("sqlite", False, False, id="desk-without-javascript"),
    ],
    indirect=["database"],
)
def test_a_reader_comes_steers_and_leaves(
    browser: Browser, town: Town, album: Path | None, javascript: bool, phone: bool
) -> None:
    screen = PHONE if phone else DESK
    with reading(browser, town, album, screen=screen, javascript=javascript) as reader:
        _sign_up(reader, javascript=javascript)
        _confirm(reader)
        _change(reader)
        _vote(reader)
        _pause_and_come_back(reader)
        _look_back(reader)
        _leave(reader)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_address_beyond_ascii_can_be_typed(browser: Browser, town: Town) -> None:
    with reading(browser, town, None, screen=DESK, javascript=False) as reader:
        page = reader.page
        page.goto(f"{town.url}/")
        page.get_by_label("Describe it in your own words").fill("graph neural networks")
        page.get_by_label("Your e-mail address").fill("jürgen@bücher.example")
        reader.press("Subscribe")
        reader.is_told("Check your inbox: we sent one mail to jürgen@xn--bcher-kva.example.")
        assert str(town.receive()["To"]) == "jürgen@xn--bcher-kva.example"
        assert town.inbox.messages[0].recipients == ("jürgen@xn--bcher-kva.example",)


def _sign_up(reader: Reader, *, javascript: bool) -> None:
    page, town = reader.page, reader.town
    page.goto(f"{town.url}/")
    reader.reads("Say what you care about")
    reader.look("sign-up")
    page.get_by_label("Describe it in your own words").press_sequentially("graph neural networks")
    if javascript:
        expect(page.get_by_role("button", name="Show what I would get")).to_be_hidden()
        assert page.get_by_label("Your time zone").input_value() == "Europe/Berlin"
    else:
        reader.press("Show what I would get")
        page.get_by_label("Your time zone").select_option("Europe/Berlin")
    reader.reads("2 papers for you, of 5 recent papers")
    expect(page.locator("mark").first).to_be_visible()
    reader.look("preview")
    page.get_by_label("How often").select_option("Every day")
    page.get_by_label("At", exact=True).select_option("18:00")
    page.get_by_label("Your e-mail address").fill(ADA)
    reader.press("Subscribe")
    reader.is_told(f"Check your inbox: we sent one mail to {ADA}.")
    reader.look("sent")


def _confirm(reader: Reader) -> None:
    reader.open_mail(reader.town.receive(), "letter")
    reader.press("Confirm on this page", role="link")
    reader.is_told(f"One press, and your issues come to {ADA}.")
    assert _state(reader) is SubscriberState.PENDING
    reader.look("confirm")
    reader.press("Confirm")
    reader.is_told("You are subscribed. The first issue can come Fri 20 Nov at 18:00")
    assert _state(reader) is SubscriberState.ACTIVE
    reader.look("confirmed")


def _change(reader: Reader) -> None:
    page, town = reader.page, reader.town
    town.world.clock.move(hours=5)  # 18:00 in Berlin
    issue = town.receive()
    assert issue["To"] == ADA
    reader.open_mail(issue, "issue")
    reader.press("change interests or pause", role="link")
    reader.is_told(f"Issues come to {ADA}.")
    reader.look("profile")
    reader.press("Add another interest")
    page.get_by_label("Describe it in your own words").last.fill("robot grasping")
    page.get_by_text("Fine-tune").last.click()
    page.get_by_label("Name", exact=True).last.fill("Robots")
    page.get_by_label("At", exact=True).select_option("07:00")
    reader.look("fine-tuned")
    reader.press("Save")
    reader.reads("Saved: your next issues follow this.")
    expect(page.get_by_label("Describe it in your own words")).to_have_count(2)
    reader.look("saved")


def _vote(reader: Reader) -> None:
    town = reader.town
    town.world.clock.move(hours=13)  # Saturday 21 Nov, 07:00 in Berlin
    reader.open_mail(town.receive(), "two-interests")
    reader.press(f"more like this: {FRUIT}", role="link")
    reader.is_told("More like this?")
    reader.look("vote")
    reader.press("More like this")
    reader.is_told("Noted: more like this.")
    reader.look("voted")
    town.tomorrow()
    issue = town.receive()
    assert f"like “{FRUIT}”" in " ".join(text_of(issue).split())
    reader.open_mail(issue, "taught")


def _pause_and_come_back(reader: Reader) -> None:
    page, town = reader.page, reader.town
    reader.press("change interests or pause", role="link")
    page.get_by_label("Send nothing until").fill("2026-12-01")
    reader.press("Pause")
    reader.is_told("You have paused. The next issue can come Tue 1 Dec at 07:00")
    reader.look("paused")
    received = len(town.inbox.messages)
    town.world.clock.move(days=2)
    town.world.run()
    assert len(town.inbox.messages) == received
    reader.press("Resume now")
    reader.reads("You are back")
    assert _state(reader) is SubscriberState.ACTIVE
    reader.look("resumed")


def _look_back(reader: Reader) -> None:
    reader.press("Read them all", role="link")
    reader.is_told("Your issues, newest first")
    reader.look("archive")
    reader.page.get_by_role("listitem").get_by_role("link").first.click()
    reader.reads(f"like “{FRUIT}”")
    reader.look("in-the-browser")


def _leave(reader: Reader) -> None:
    town = reader.town
    reader.press("unsubscribe", role="link")
    reader.is_told("Leave Paper Digest?")
    assert _state(reader) is SubscriberState.ACTIVE
    reader.look("unsubscribe")
    reader.press("Unsubscribe")
    reader.is_told(f"You have left. Nothing more comes to {ADA}.")
    reader.look("left")
    received = len(town.inbox.messages)
    town.world.drop("late.txt", "Daily Papers\n\nNov 24\n\nGraphs\n\nGraph neural networks.\n")
    town.world.clock.move(days=3)
    town.world.run()
    assert len(town.inbox.messages) == received


def _state(reader: Reader) -> SubscriberState:
    return flow.find_by_email(reader.town.world.app, ADA).state
