"""What an issue says of sources whose papers are missing."""

from datetime import datetime

from digest import flow
from digest.model import WhenEmpty
from digest.tokens import Purpose
from tests.build import NOON
from tests.flow.journal import TITLES, Journal
from tests.flow.world import GRAPHS, VELLUM, World, text_of

SAID = "A Journal has not answered since Thu 19 Nov; its papers will follow."


def fail_on_friday(town: World, journal: Journal, *, hour: int = 7) -> None:
    town.clock.now = datetime(2026, 11, 19, 7, tzinfo=NOON.tzinfo)
    journal.publish(*TITLES, on=town.clock.now.date())
    flow.ingest_listings(town.app)
    town.clock.now = datetime(2026, 11, 20, hour, tzinfo=NOON.tzinfo)
    journal.fall_silent()


def test_an_issue_says_what_is_missing_and_goes_on_saying_it(town: World, journal: Journal) -> None:
    fail_on_friday(town, journal)
    town.subscribe("ada@example.org", GRAPHS)
    town.run()
    (mail,) = town.mails()
    assert SAID in " ".join(text_of(mail).split())
    html = mail.get_body(("html",))
    assert html is not None
    assert SAID in html.get_content()
    journal.publish(*TITLES, on=town.clock.now.date())
    flow.ingest_listings(town.app)
    (record,) = flow.why(town.app, "ada@example.org").issues
    shown = flow.view(town.app, town.app.signer.sign(Purpose.VIEW, record.id))
    assert shown is not None
    assert SAID in shown.html


def test_a_reader_who_gets_nothing_can_be_told_why(town: World, journal: Journal) -> None:
    fail_on_friday(town, journal)
    town.subscribe("ada@example.org", VELLUM)
    town.run()
    (turn,) = flow.why(town.app, "ada@example.org").turns
    assert turn.why.endswith(f"close enough. {SAID}")


def test_a_quiet_note_says_it_too(town: World, journal: Journal) -> None:
    fail_on_friday(town, journal)
    town.subscribe("ada@example.org", VELLUM, when_empty=WhenEmpty.NOTE)
    town.run()
    (mail,) = town.mails()
    assert SAID in " ".join(text_of(mail).split())


def test_nothing_is_said_of_what_is_not_due_or_not_missing(town: World, journal: Journal) -> None:
    fail_on_friday(town, journal, hour=5)
    town.subscribe("ada@example.org", GRAPHS)
    town.run()
    (mail,) = town.mails()
    assert "A Journal" not in text_of(mail)


def test_a_preview_says_it(town: World, journal: Journal) -> None:
    fail_on_friday(town, journal)
    town.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(town.app)
    text = flow.preview(town.app, "ada@example.org").message.text
    assert SAID in " ".join(text.split())
