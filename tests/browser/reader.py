"""A reader at a screen: a page of Chromium that is looked at after every step."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Page, ViewportSize, expect

from tests.browser.town import Town

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}

_TOUCH = 44  # pixels

# What one presses, except links in running text (WCAG 2.5.8, "inline"): label, width and height.
_TARGETS = """() => [...document.querySelectorAll("button, input, select, textarea, summary, a")]
  .filter(each => each.checkVisibility() && !each.closest("[aria-hidden]"))
  .filter(each => !(each.tagName === "A" && getComputedStyle(each).display === "inline"))
  .map(each => each.matches("[type=checkbox], [type=radio]") ? each.closest("label") : each)
  .map(each => [each.textContent.trim() || each.name, each.getBoundingClientRect()])
  .map(([label, box]) => [label.slice(0, 60), box.width, box.height])"""


@dataclass
class Reader:
    """A page, and what is asked of it at every step."""

    page: Page
    town: Town
    album: Path | None
    complaints: list[str] = field(default_factory=list)
    steps: int = 0

    @property
    def on_phone(self) -> bool:
        return self.page.viewport_size == PHONE

    def open_mail(self, mail: EmailMessage, name: str) -> None:
        self.page.goto(self.town.saved(mail))
        self.look(name)

    def press(self, words: str, *, role: Any = "button") -> None:
        self.page.get_by_role(role, name=words, exact=True).first.click()

    def reads(self, words: str) -> None:
        """Wait for words anywhere on the page; ``expect`` gives them five seconds."""
        expect(self.page.locator("body")).to_contain_text(words)

    def is_told(self, words: str) -> None:
        """Wait for words in the first line of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def look(self, name: str) -> None:
        """Take pictures if asked to, and see that the page fits and can be touched."""
        self.steps += 1
        self.page.wait_for_load_state()
        if self.album:
            take_pictures(self.page, self.album / f"{self.steps:02}-{name}")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], name  # type: ignore[index]
        if self.on_phone:
            assert small_targets(self.page) == [], name
        assert self.complaints == [], name


def take_pictures(page: Page, path: Path) -> None:
    """Take one by day and one by night."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{path}-{scheme}.png", full_page=True)


def small_targets(page: Page) -> list[tuple[str, float, float]]:
    """Return what is hard to hit with a finger."""
    return [(label, w, h) for label, w, h in page.evaluate(_TARGETS) if min(w, h) < _TOUCH - 0.5]


@contextmanager
def reading(
    browser: Browser,
    town: Town,
    album: Path | None = None,
    *,
    screen: ViewportSize = DESK,
    javascript: bool = True,
) -> Iterator[Reader]:
    """Open a browser in Berlin. What its console complains of is an error of the next step."""
    context = browser.new_context(
        viewport=screen,
        has_touch=screen is PHONE,
        is_mobile=screen is PHONE,
        java_script_enabled=javascript,
        timezone_id="Europe/Berlin",
        locale="en-GB",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    reader = Reader(page, town, album)
    page.on("console", lambda said: _note(reader, said.type, said.text))
    page.on("pageerror", lambda error: _note(reader, "error", str(error)))
    page.on("dialog", lambda dialog: _dismiss(reader, dialog))
    yield reader
    context.close()


def _dismiss(reader: Reader, dialog: Dialog) -> None:
    reader.complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def _note(reader: Reader, kind: str, text: str) -> None:
    # Chromium reports every 4xx as an error, and a page with a mistake is a 422.
    if kind in ("error", "warning") and not re.search("status of 4[0-9][0-9]", text):
        reader.complaints.append(text)
