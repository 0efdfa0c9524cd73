"""The mail in a real browser: nothing is cut off or scrolls sideways, and dark is dark."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from digest import assets, compose
from digest.model import Links
from tests import build


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600, 1200])
def test_a_mail_fits_every_window(browser: Browser, mail: Path, width: int, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page.goto(mail.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in background.strip("rgba()").split(",")[:3]) > 384
    assert light == (scheme == "light")
    assert page.locator("h3").count() == 15
    page.close()


def test_links_are_large_enough_to_touch(browser: Browser, mail: Path) -> None:
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto(mail.as_uri())
    boxes = [link.bounding_box() for link in page.get_by_text("PDF", exact=True).all()]
    assert len(boxes) == 2
    assert all(box is not None and box["height"] >= 44 for box in boxes)
    page.close()
