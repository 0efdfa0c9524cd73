"""Our mails in a real browser: nothing is cut off or scrolls sideways, all of it can be read by day
and by night, and links can be touched. ``PICTURES=folder`` takes pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from digest import assets, compose
from digest.model import Links
from tests import build
from tests.browser.reader import small_targets
from tests.lint.mails import ISSUES, LETTERS, mails

_SMALLEST_TYPE = 12  # pixels
_SMALLEST_TARGET = 24  # pixels, WCAG 2.5.8

# Every text that is shown, with its size, its colour and the ground it stands on, as painted.
_TEXTS = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    if (!words || !node.checkVisibility() || node.tagName === "STYLE") continue;
    const style = getComputedStyle(node);
    found.push([words.slice(0, 40), parseFloat(style.fontSize), rgb(style.color), ground(node)]);
  }
  return found;
}"""

_LINKS = """() => [...document.querySelectorAll(".row a, .action a")].map(each => {
  const box = each.getBoundingClientRect();
  return [each.textContent, box.width, box.height];
})"""


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: Any) -> Iterator[Page]:
    """Open a mail in a window, and see that it is there and fits."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    yield page
    page.close()


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours, WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: list[float]) -> float:
    parts = (part / 255 for part in colour[:3])
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600, 1200])
@pytest.mark.parametrize("name", ISSUES + LETTERS)
def test_a_mail_can_be_read_in_every_window(
    browser: Browser, tmp_path: Path, album: Path | None, name: str, width: int, scheme: str
) -> None:
    path = tmp_path / "mail.html"
    path.write_text(mails()[name].message.html, encoding="utf-8")
    with opened(browser, path, width, scheme) as page:
        if album:
            page.screenshot(path=album / f"{name}-{width}-{scheme}.png", full_page=True)
        texts = page.evaluate(_TEXTS)
        assert texts
        assert [each for each in texts if each[1] < _SMALLEST_TYPE] == []
        assert [each for each in texts if contrast(each[2], each[3]) < 4.5] == []
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(int(part) for part in ground.strip("rgb()").split(",")) > 384
        assert light == (scheme == "light")
        links = page.evaluate(_LINKS)
        assert links
        assert [each for each in links if min(each[1:]) < _SMALLEST_TARGET] == []
        if width == 320:
            assert small_targets(page) == [], "a finger needs 44 px"


@pytest.fixture(scope="module")
def strained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An issue with what strains a layout: a long word, a long title, mathematics, many papers."""
    papers = [
        build.arxiv_paper("2611.90001", "Donaudampfschifffahrtsgesellschaft" * 3),
        build.arxiv_paper("2611.90002", "A title that does not want to end " * 5, "Dull. " * 200),
        build.paper(
            "ℓ₁ and O(n log n) in PanGu-π", authors=tuple(f"Author {n}" for n in range(40))
        ),
        *(build.paper(f"Dull paper {number}") for number in range(12)),
    ]
    composer = compose.open_composer(assets.path("templates"))
    issue = build.issue(*(build.match(paper) for paper in papers))
    links = Links(view="https://digest.example.org/issues/t", unsubscribe="https://e.org/u")
    message = composer.compose(issue, build.subscriber(), build.sender(), links)
    path = tmp_path_factory.mktemp("mail") / "mail.html"
    path.write_text(message.html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 600, 1200])
def test_long_words_and_titles_fit(browser: Browser, strained: Path, width: int) -> None:
    with opened(browser, strained, width, "light") as page:
        assert page.locator("h3").count() == 15
