"""Hands that never leave the keys: the sign-up can be reached, seen and finished with Tab alone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from digest import flow
from tests.browser.reader import reading
from tests.browser.town import Town

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

_FOCUS = """() => {
  const here = document.activeElement;
  const ring = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  return {
    name: here.id || here.textContent.trim(),
    ring: ring.outlineStyle === "none" ? 0 : parseFloat(ring.outlineWidth),
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 1,
  };
}"""


def tab_to(page: Page, name: str) -> list[str]:
    """Press Tab until ``name`` has the focus; return what had it on the way, all of it visible."""
    passed: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        here = page.evaluate(_FOCUS)
        assert here["ring"] >= 2, here
        assert here["seen"], here
        passed.append(here["name"])
        if here["name"] == name:
            return passed
    raise AssertionError(f"{name} is not among {passed}")


@any_database
def test_the_sign_up_is_done_with_the_keyboard_alone(browser: Browser, town: Town) -> None:
    with reading(browser, town) as reader:
        page, keys = reader.page, reader.page.keyboard
        page.goto(f"{town.url}/")
        assert tab_to(page, "text-0") == ["text-0"], "it begins with what matters"
        between = tab_to(page, "email")
        order = ["Add another interest", "cadence", "hour", "timezone", "size", "email"]
        assert [name for name in between if name in order] == order
        keys.type("ada@example.org")
        keys.press("Enter")
        reader.reads("Nothing was saved yet")
        expect(page.get_by_role("alert")).to_be_focused()
        keys.press("Tab")
        keys.press("Enter")
        expect(page.get_by_label("Describe it in your own words")).to_be_focused()
        keys.type("graph neural networks")
        tab_to(page, "Subscribe")
        keys.press("Enter")
        reader.is_told("Check your inbox")
        (subscriber,) = flow.subscribers(town.world.app)
        assert subscriber.email == "ada@example.org"


@any_database
def test_a_new_interest_is_where_one_goes_on_typing(browser: Browser, town: Town) -> None:
    with reading(browser, town) as reader:
        page = reader.page
        page.goto(f"{town.url}/")
        tab_to(page, "Add another interest")
        page.keyboard.press("Enter")
        last = page.get_by_label("Describe it in your own words").last
        expect(last).to_be_focused()
        assert page.get_by_label("Describe it in your own words").count() == 2
