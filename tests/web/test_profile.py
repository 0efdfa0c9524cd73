"""The pages behind the signed link of any mail: change, pause, take along, delete."""

import json
import re

import pytest

from digest import flow
from digest.model import Subscriber, SubscriberState
from digest.tokens import Purpose
from tests.flow.world import GRAPHS, ROBOTS
from tests.web.conftest import Site

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def reading(site: Site) -> Site:
    """A site whose one reader, Ada, has had one issue."""
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    assert site.world.run().sent == 1
    return site


def ada(site: Site) -> Subscriber:
    return flow.find_by_email(site.world.app, "ada@example.org")


def page(site: Site) -> str:
    return f"/profile/{site.world.app.signer.sign(Purpose.PROFILE, ada(site).id)}"


def fields(html: str) -> dict[str, str]:
    """What a browser would send for the form as it stands: only what these tests change."""
    kept = re.findall(r'name="((?:known|library)-\d+)" value="([^"]*)"', html)
    texts = re.findall(
        r'<textarea id="((?:text|examples)-\d+)"[^>]*>\n(.*?)</textarea>', html, re.DOTALL
    )
    return {**dict(kept), **dict(texts), "cadence": "daily", "hour": "7", "timezone": "UTC"}


def test_the_form_is_filled_in_and_saved(reading: Site) -> None:
    shown = reading.client.get(page(reading)).text
    assert "Issues come to ada@example.org. The next can come Sat 21 Nov at 07:00 UTC." in shown
    assert "graph neural networks</textarea>" in shown
    assert "2 papers for you" in shown
    typed = fields(shown) | {"text-0": "robot grasping", "hour": "9", "size": "3"}
    looked = reading.client.post(page(reading), data=typed | {"do": "preview"}).text
    assert "robot grasping</textarea>" in looked
    assert ada(reading).wishes.size == 10, "looking saves nothing"
    saved = reading.client.post(page(reading), data=typed | {"do": "save"}).text
    assert "Saved" in saved
    assert "The next can come Sat 21 Nov at 09:00 UTC" in saved
    assert ada(reading).wishes.size == 3
    assert [each.text for each in ada(reading).wishes.profile.interests] == ["robot grasping"]


def test_saving_what_stands_there_changes_nothing(reading: Site) -> None:
    before = ada(reading)
    shown = reading.client.get(page(reading)).text
    reading.client.post(page(reading), data=fields(shown) | {"name-0": "Graphs"})
    assert ada(reading) == before


@any_database
def test_a_mistake_saves_nothing(reading: Site) -> None:
    answer = reading.client.post(page(reading), data={"text-0": "robots", "size": "many"})
    assert answer.status_code == 422
    assert "Write a whole number from 1 to 50." in answer.text
    assert "robots</textarea>" in answer.text
    assert ada(reading).wishes.profile.interests == (GRAPHS,)


def test_a_pause_ends_on_its_day_or_by_a_press(reading: Site) -> None:
    answer = reading.client.post(f"{page(reading)}/pause", data={"until": "2026-12-01"}).text
    assert "You have paused. The next issue can come Tue 1 Dec at 07:00 UTC" in answer
    assert ada(reading).state is SubscriberState.PAUSED
    back = reading.client.post(f"{page(reading)}/resume").text
    assert "You are back" in back
    assert "The next can come Sat 21 Nov at 07:00 UTC" in back
    assert ada(reading).state is SubscriberState.ACTIVE


@any_database
@pytest.mark.parametrize("until", ["", "soon", "2026-11-20", "2029-01-01", "9" * 400, "٢٠٢٧-01-01"])
def test_a_pause_needs_a_day_to_come(reading: Site, until: str) -> None:
    answer = reading.client.post(f"{page(reading)}/pause", data={"until": until})
    assert answer.status_code == 422
    assert 'id="until-wrong"' in answer.text
    assert ada(reading).state is SubscriberState.ACTIVE


def test_past_issues_are_told_of(reading: Site) -> None:
    shown = reading.client.get(page(reading)).text
    row = re.search(r'<tr><td><a href="(/issues/[^"]+)">(.*?)</a></td>(.*?)</tr>', shown)
    assert row
    assert row[2] == "Fri 20 Nov 2026"
    assert row[3] == "<td>2 papers</td><td>sent</td>"
    assert "Message Passing" in reading.client.get(row[1]).text


def test_all_that_is_known_can_be_downloaded(reading: Site) -> None:
    answer = reading.client.get(f"{page(reading)}/data")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="paper-digest.json"'
    known = json.loads(answer.text)
    assert known["subscriber"]["email"] == "ada@example.org"
    assert known["issues"][0]["date"] == "2026-11-20"


def test_deleting_asks_first(reading: Site) -> None:
    here = page(reading)
    assert "Delete everything about ada@example.org?" in reading.client.get(f"{here}/delete").text
    assert ada(reading).state is SubscriberState.ACTIVE
    assert "Deleted." in reading.client.post(f"{here}/delete").text
    assert flow.subscribers(reading.world.app) == ()
    for path in ("", "/data", "/delete"):
        assert reading.client.get(here + path).status_code == 404


def test_whoever_left_can_come_back(reading: Site) -> None:
    flow.unsubscribe(reading.world.app, ada(reading))
    shown = reading.client.get(page(reading)).text
    assert "You have left" in shown
    assert "Save and come back" in shown
    reading.client.post(page(reading), data=fields(shown))
    assert ada(reading).state is SubscriberState.ACTIVE


@any_database
def test_only_its_own_link_opens_a_profile(reading: Site) -> None:
    reading.world.subscribe("bela@example.org", ROBOTS)
    signer = reading.world.app.signer
    unsubscribe = signer.sign(Purpose.UNSUBSCRIBE, ada(reading).id)
    for token in (unsubscribe, "x", page(reading)[9:-3] + "AAA"):
        for path in ("", "/data", "/delete"):
            assert reading.client.get(f"/profile/{token}{path}").status_code == 404
        for path in ("", "/pause", "/resume", "/delete"):
            assert reading.client.post(f"/profile/{token}{path}").status_code == 404
    assert ada(reading).state is SubscriberState.ACTIVE
