"""The language of dates: asked for by the browser, chosen in the form, kept, and spoken."""

import re

import pytest

from digest import flow
from digest.tokens import Purpose
from tests.flow.world import GRAPHS, World
from tests.web.conftest import Site

READER = "ada@example.org"
GERMAN = '<span lang="de">'

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def chosen(page: str) -> list[str]:
    return re.findall(r'<option value="([^"]*)" lang="[^"]*" selected>', page)


@any_database
@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.2, ja;q=0.8", "ja"),
        ("de;q=0, fr", "fr"),
        ("de;q=x, el;q=0.5", "el"),
        ("zh-TW", "zh-Hant"),
        ("*", "en"),
        (";;q==,,,q", "en"),
        ("", "en"),
        ("de," * 5000, "de"),
    ],
)
def test_the_browsers_language_is_preselected(site: Site, header: str, language: str) -> None:
    page = site.client.get("/", headers={"Accept-Language": header}).text
    assert chosen(page) == [language]
    assert 'lang="fr"' in page
    assert ">français</option>" in page


def test_what_was_chosen_is_how_dates_are_written(site: Site) -> None:
    site.world.drop_papers()
    flow.ingest_listings(site.world.app)
    typed = {"text-0": "graph neural networks", "cadence": "daily", "hour": "7", "timezone": "UTC"}
    looked = site.client.post("/preview", data=typed | {"language": "de"}).text
    assert f"(until {GERMAN}Do., 19. Nov.</span>)" in looked
    site.client.post("/", data=typed | {"language": "de", "email": READER})
    flow.deliver_issues(site.world.app)
    reader = flow.find_by_email(site.world.app, READER)
    assert reader.wishes.language == "de"
    flow.change_wishes(site.world.app, reader, reader.wishes)
    site.world.clock.move(days=1)
    assert site.world.run().sent == 1
    profile = site.world.app.signer.sign(Purpose.PROFILE, reader.id)
    shown = site.client.get(f"/profile/{profile}").text
    assert chosen(shown) == ["de"]
    assert f"can come {GERMAN}So., 22. Nov.</span> at {GERMAN}07:00</span> UTC" in shown
    assert f"{GERMAN}Sa., 21. Nov. 2026</span></a>" in shown
    archive = site.client.get(f"/archive/{profile}").text
    assert f"{GERMAN}21. Nov. 2026</span></time>" in archive
    (feed,) = re.findall(r"/feed/[^\"]+", archive)
    assert "Sa., 21. Nov.</title>" in site.client.get(feed).text


@any_database
def test_a_language_we_do_not_know_is_told_of_and_kept_from_nobody(site: Site) -> None:
    answer = site.client.post("/", data={"text-0": "robots", "email": READER, "language": "tlh"})
    assert answer.status_code == 422
    assert "We write no dates in “tlh”" in answer.text


def test_a_stored_language_we_know_no_more_stops_no_issue(world: World) -> None:
    world.drop_papers()
    world.subscribe(READER, GRAPHS, language="tlh")
    assert world.run().sent == 1
    (mail,) = world.mails()
    assert mail["Subject"].endswith("Fri 20 Nov")
