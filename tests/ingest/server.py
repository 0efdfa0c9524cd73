"""A real server for tests of asking: each of its paths behaves, or misbehaves, in its own way."""

import gzip
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODIFIED = "Wed, 18 Nov 2026 05:00:00 GMT"
BOMB = gzip.compress(bytes(50_000_000))


class Source(ThreadingHTTPServer):
    """A real server whose paths misbehave each in their own way; it counts what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []
        self.lines: list[str] = []
        self.agents: set[str | None] = set()
        self.robots: bytes | int = 404
        self.silence = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Answer(BaseHTTPRequestHandler):
    server: Source

    def do_GET(self) -> None:
        name, _, argument = self.path.strip("/").partition("/")
        self.server.asked.append(name)
        self.server.lines.append(self.requestline)
        self.server.agents.add(self.headers["User-Agent"])
        getattr(self, f"_{name.replace('.', '_')}", self._missing)(argument)

    def _missing(self, _: str) -> None:
        self._say(404)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _owls(self, _: str) -> None:
        etag, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        if etag == '"v1"' or since == MODIFIED:
            self._say(304)
        else:
            self._say(200, b"owls", ETag='"v1"', Last_Modified=MODIFIED, Content_Type="text/plain")

    def _robots_txt(self, _: str) -> None:
        said = self.server.robots
        self._say(*((said, b"") if isinstance(said, int) else (200, said)))

    def _limited(self, seconds: str) -> None:
        self._say(200, b"owls", RateLimit=f'"owls";r=0;t={seconds}')

    def _status(self, status: str) -> None:
        self._say(int(status))

    def _recovers(self, status: str) -> None:
        first = self.server.asked.count("recovers") == 1
        self._say(int(status) if first else 200, b"owls", Retry_After="7")

    def _busy(self, after: str) -> None:
        self._say(503, Retry_After=after)

    def _busy_until(self, _: str) -> None:
        later = datetime.now(UTC) + timedelta(hours=2)
        self._say(429, Retry_After=format_datetime(later, usegmt=True))

    def _gzip(self, _: str) -> None:
        self._say(200, gzip.compress(b"owls" * 1000), Content_Encoding="gzip")

    def _bomb(self, _: str) -> None:
        self._say(200, BOMB, Content_Encoding="gzip")

    def _members(self, number: str) -> None:
        self._say(200, gzip.compress(b"owls") * int(number) + bytes(9), Content_Encoding="gzip")

    def _half(self, _: str) -> None:
        self._say(200, gzip.compress(os.urandom(1000))[:500], Content_Encoding="gzip")

    def _nothing(self, _: str) -> None:
        self._say(200, Content_Encoding="gzip")

    def _vast(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "9" * 15)
        self.end_headers()
        self.wfile.write(b"owls")

    def _short(self, _: str) -> None:
        """Says less than it sends."""
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"owls and more than was announced")

    def _headers(self, _: str) -> None:
        self.send_response(200)
        for number in range(500):
            self.send_header(f"X-Owl-{number}", "hoo" * 200)
        self.end_headers()

    def _trickle(self, _: str) -> None:
        """An answer whose headers never end, each in good time."""
        self.send_response(200)
        self.flush_headers()
        for number in range(1000):
            if self._gone(f"X-Owl-{number}: hoo\r\n".encode()):
                return

    def _gone(self, drop: bytes) -> bool:
        try:
            self.wfile.write(drop)
        except OSError:
            return True  # it was left: that is what we test
        return self.server.silence.wait(0.05)

    def _torn(self, _: str) -> None:
        self._say(200, b"this is no gzip", Content_Encoding="gzip")

    def _brotli(self, _: str) -> None:
        self._say(200, b"owls", Content_Encoding="br")

    def _large(self, _: str) -> None:
        self._say(200, bytes(2000))

    def _redirect(self, left: str) -> None:
        self._say(302, Location=f"/redirect/{int(left) - 1}" if int(left) else "/owls")

    def _elsewhere(self, _: str) -> None:
        self._say(302, Location="file:///etc/passwd")

    def _to(self, target: str) -> None:
        self._say(302, Location=f"http://{target}")

    def _slow(self, _: str) -> None:
        self.server.silence.wait(10)

    def _cut(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"owls")

    def _drip(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _each in range(100):
            self.wfile.write(b"o")
            self.wfile.flush()
            if self.server.silence.wait(0.05):
                return


@contextmanager
def open_source(context: ssl.SSLContext | None = None) -> Iterator[Source]:
    """Serve until the block ends, over TLS with a ``context``."""
    with Source() as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.silence.set()
        server.shutdown()
        thread.join()


class Pauses(list[float]):
    """Takes the place of time.sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
