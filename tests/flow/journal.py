"""A feed on a real server whose next answer tests choose."""

from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.flow.world import PAPERS, open_world

TITLES = tuple(PAPERS)
WEEKDAYS = {"days": ["mon", "tue", "wed", "thu", "fri"], "by": 6, "deadline": 2}


class Journal:
    """A feed on a real server whose next answer tests choose."""

    def __init__(self) -> None:
        self.body: bytes | None = b""
        self.asked = 0

    def publish(self, *titles: str, on: date, cut: bool = False) -> None:
        """Answer with a feed of these of our papers, built on a day."""
        built = f"{on:%a, %d %b %Y} 05:00:00 +0000"
        items = "".join(
            f"<item><title>{title}</title><description>{PAPERS[title]}</description></item>"
            for title in titles
        )
        feed = (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>A Journal</title>'
            f"<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
        )
        self.body = feed[: feed.rindex("</description>")].encode() if cut else feed.encode()

    def fall_silent(self) -> None:
        """Answer with an error."""
        self.body = None

    def serve(self) -> ThreadingHTTPServer:
        """Return a server, not yet started."""
        journal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                journal.asked += 1
                if journal.body is None:
                    self.send_error(404)
                    return
                tag = f'"{hash(journal.body)}"'
                if self.headers.get("If-None-Match") == tag:
                    self.send_response(304)
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(journal.body)))
                self.end_headers()
                self.wfile.write(journal.body)

            def log_message(self, *args: object) -> None:
                pass

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def open_town(database: str, home: Path, **source: Any) -> Any:
    """Open an installation whose one source is the journal, at this place."""
    return open_world(database, home, sources=[{"name": "A Journal", **source}])
