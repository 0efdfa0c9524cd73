"""Take docs/mail.png, the picture in the README: ``python docs/screenshot.py`` after ``make demo``.

Needs Chromium (Debian: ``apt-get install chromium``) and the development tools of ``make test``.
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
READER = "ada"
SIZE = {"width": 680, "height": 1180}


def main() -> None:
    """Open the demo's mail to one reader and save what a mail program would show of it."""
    (mail,) = (HERE.parent / "demo" / "outbox").glob(f"*-{READER}-*.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page(viewport=SIZE, device_scale_factor=2, color_scheme="light")
        page.goto(mail.resolve().as_uri())
        page.screenshot(path=HERE / "mail.png")
        browser.close()


if __name__ == "__main__":
    main()
