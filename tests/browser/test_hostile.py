"""Scripts in papers and in wishes stay words, and a browser that looks ahead changes nothing."""

import pytest
from playwright.sync_api import Browser

from digest import flow
from digest.tokens import Purpose
from tests.browser.reader import reading
from tests.browser.town import Town
from tests.build import interest
from tests.web.test_scanners import addresses, rows

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_BOMB = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
_PAPERS = f"Daily Papers\n\nNov 19\n\nGraphs {_BOMB}\n\nGraph neural networks {_BOMB} on edges.\n"


@any_database
def test_no_script_of_a_stranger_ever_runs(browser: Browser, town: Town) -> None:
    app, world = town.world.app, town.world
    world.drop("bomb.txt", _PAPERS)
    world.subscribe("ada@example.org", interest(f"graph neural networks {_BOMB}", name=_BOMB))
    mail = town.receive()
    reader_id = flow.find_by_email(app, "ada@example.org").id
    vote = next(link for link in addresses(mail) if link.endswith("/1/more"))
    with reading(browser, town) as reader:
        reader.open_mail(mail, "issue")
        for path in ("papers?q=graph", f"papers?q={_BOMB}", ""):
            reader.page.goto(f"{town.url}/{path}")
            reader.look("open pages")
        reader.page.get_by_label("Describe it in your own words").fill(
            f"graph neural networks {_BOMB}"
        )
        reader.reads("1 paper for you, of 6 recent papers")
        reader.press("Add another interest")
        reader.look("typed")
        for page, purpose in (("profile", Purpose.PROFILE), ("archive", Purpose.PROFILE)):
            reader.page.goto(f"{town.url}/{page}/{app.signer.sign(purpose, reader_id)}")
            reader.look(page)
        reader.page.goto(vote)
        reader.press("More like this")
        reader.is_told("Noted")
        reader.look("voted")


@any_database
def test_a_browser_that_opens_every_link_changes_nothing(browser: Browser, town: Town) -> None:
    town.world.subscribe("ada@example.org", interest("graph neural networks"))
    links = addresses(town.receive())
    before = rows(town.site)
    with reading(browser, town) as reader:
        for purpose in ("", "prefetch", "prefetch;prerender"):
            reader.page.set_extra_http_headers({"Sec-Purpose": purpose} if purpose else {})
            for link in links:
                reader.page.goto(link)
        reader.look("the last of them")
    assert rows(town.site) == before
