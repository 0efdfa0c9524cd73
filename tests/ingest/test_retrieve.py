import gzip
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

import digest
from digest.errors import RetrieveError
from digest.ingest.retrieve import accept, fetch, open_client, read_file, reject, waiting
from digest.model import Payload, Validators

NOTHING = Validators()
MODIFIED = "Wed, 18 Nov 2026 05:00:00 GMT"


class Source(ThreadingHTTPServer):
    """A real server whose paths misbehave each in their own way; it counts what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []
        self.agents: set[str | None] = set()
        self.silence = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Answer(BaseHTTPRequestHandler):
    server: Source

    def do_GET(self) -> None:
        name, _, argument = self.path.strip("/").partition("/")
        self.server.asked.append(name)
        self.server.agents.add(self.headers["User-Agent"])
        getattr(self, f"_{name}")(argument)

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
        self._say(200, gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")

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


@pytest.fixture
def source() -> Iterator[Source]:
    with Source() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.silence.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client(timeout=0.5) as opened:
        yield opened


class Pauses(list[float]):
    """Takes the place of time.sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_fetches_bytes_and_validators(source: Source, client: httpx.Client) -> None:
    assert fetch(client, source.url("owls"), NOTHING) == Payload(
        name=source.url("owls"),
        content=b"owls",
        content_type="text/plain",
        validators=Validators(etag='"v1"', last_modified=MODIFIED),
    )
    assert source.agents == {f"paper-digest/{digest.__version__}"}


@pytest.mark.parametrize(
    "known", [Validators(etag='"v1"'), Validators(last_modified=MODIFIED)], ids=["etag", "date"]
)
def test_what_is_not_modified_is_none(
    source: Source, client: httpx.Client, known: Validators
) -> None:
    assert fetch(client, source.url("owls"), known) is None


def test_stale_validators_get_the_new_bytes(source: Source, client: httpx.Client) -> None:
    answer = fetch(client, source.url("owls"), Validators(etag='"v0"'))
    assert answer is not None
    assert answer.content == b"owls"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_failure_is_asked_again_when_the_server_says(
    source: Source, client: httpx.Client, status: int
) -> None:
    pauses = Pauses()
    answer = fetch(client, source.url(f"recovers/{status}"), NOTHING, sleep=pauses)
    assert answer is not None
    assert len(source.asked) == 2
    assert len(pauses) == 1
    assert 7 <= pauses[0] <= 20


def test_a_lasting_failure_ends_after_four_attempts(source: Source, client: httpx.Client) -> None:
    pauses = Pauses()
    with pytest.raises(RetrieveError, match=r"answers 500 .*: tried 4 times, try again later"):
        fetch(client, source.url("status/500"), NOTHING, sleep=pauses)
    assert len(source.asked) == 4
    assert all(0 <= pause <= bound for pause, bound in zip(pauses, (1, 2, 4), strict=True))


@pytest.mark.parametrize("path", ["busy/3600", "busy_until/"])
def test_a_server_that_wants_a_long_rest_gets_it(
    source: Source, client: httpx.Client, path: str
) -> None:
    with pytest.raises(RetrieveError, match=r"asks us back in (3600|7\d\d\d) seconds"):
        fetch(client, source.url(path), NOTHING, sleep=Pauses())
    assert len(source.asked) == 1


@pytest.mark.parametrize("status", [204, 401, 404, 410])
def test_a_refusal_is_not_asked_again(source: Source, client: httpx.Client, status: int) -> None:
    with pytest.raises(RetrieveError, match=f"answers {status} .*: check the address"):
        fetch(client, source.url(f"status/{status}"), NOTHING, sleep=Pauses())
    assert len(source.asked) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [("slow", "did not answer in time"), ("cut", "cannot be reached")],
)
def test_silence_and_broken_answers_are_asked_again(
    source: Source, client: httpx.Client, path: str, said: str
) -> None:
    with pytest.raises(RetrieveError, match=f"{said}.*: tried 4 times"):
        fetch(client, source.url(path), NOTHING, sleep=Pauses())
    assert len(source.asked) == 4


def test_nobody_listening_is_said(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RetrieveError, match="cannot be reached"):
        fetch(client, f"http://127.0.0.1:{port}/", NOTHING, sleep=Pauses())


def test_an_answer_that_never_ends_is_left(source: Source, client: httpx.Client) -> None:
    with pytest.raises(RetrieveError, match="takes longer than"):
        fetch(client, source.url("drip"), NOTHING, patience=0.1, sleep=Pauses())


def test_one_attempt_is_one(source: Source, client: httpx.Client) -> None:
    pauses = Pauses()
    with pytest.raises(RetrieveError, match="tried 1 times"):
        fetch(client, source.url("status/500"), NOTHING, attempts=1, sleep=pauses)


def test_gzip_is_unpacked(source: Source, client: httpx.Client) -> None:
    answer = fetch(client, source.url("gzip"), NOTHING)
    assert answer is not None
    assert answer.content == b"owls" * 1000


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("large", "is larger than"),
        ("bomb", "is larger than"),
        ("torn", "broken gzip"),
        ("brotli", "answers in br"),
        ("redirect/9", "redirects more than 3 times"),
        ("elsewhere", "no http or https address, or leads to none"),
    ],
)
def test_what_we_do_not_take_is_said_once(
    source: Source, client: httpx.Client, path: str, said: str
) -> None:
    with pytest.raises(RetrieveError, match=said):
        fetch(client, source.url(path), NOTHING, limit=1000, sleep=Pauses())
    assert source.asked.count(path.partition("/")[0]) in (1, 4)


def test_exactly_the_limit_is_taken(source: Source, client: httpx.Client) -> None:
    assert fetch(client, source.url("large"), NOTHING, limit=2000) is not None


def test_three_redirects_are_followed(source: Source, client: httpx.Client) -> None:
    answer = fetch(client, source.url("redirect/2"), NOTHING)
    assert answer is not None
    assert answer.name == source.url("redirect/2")


@pytest.mark.parametrize(
    "url", ["ftp://example.org/owls", "file:///etc/passwd", "owls", "http://a:b/"]
)
def test_only_http_addresses_are_fetched(client: httpx.Client, url: str) -> None:
    with pytest.raises(RetrieveError, match="no http or https address"):
        fetch(client, url, NOTHING, sleep=Pauses())


def test_a_password_in_the_address_is_never_repeated(source: Source, client: httpx.Client) -> None:
    address = source.url("status/404").replace("http://", "http://ada:secret@")
    with pytest.raises(RetrieveError) as caught:
        fetch(client, address, NOTHING)
    assert "secret" not in str(caught.value)
    answer = fetch(client, address.replace("status/404", "owls"), NOTHING)
    assert answer is not None
    assert answer.name == source.url("owls")


def test_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    file.write_bytes(b"owls")
    assert read_file(file, limit=4) == Payload(name="owls.txt", content=b"owls")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    with pytest.raises(RetrieveError, match=r"owls\.txt cannot be read: No such file"):
        read_file(file)
    with pytest.raises(RetrieveError, match="is no file: give a file"):
        read_file(tmp_path)
    file.write_bytes(b"owls!")
    with pytest.raises(RetrieveError, match=r"is larger than .*: split it"):
        read_file(file, limit=4)


def drop(folder: Path, name: str, content: str = "owls", age: float = 0) -> Path:
    path = folder / name
    path.write_text(content)
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_files_wait_oldest_first(tmp_path: Path) -> None:
    young, same, old = (
        drop(tmp_path, "a.txt"),
        drop(tmp_path, "b.txt"),
        drop(tmp_path, "c.txt", age=60),
    )
    for name in (".hidden", "half.part", "half.tmp"):
        drop(tmp_path, name)
    (tmp_path / "folder").mkdir()
    assert waiting(tmp_path) == (old, young, same)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RetrieveError, match=r"folder .*owls cannot be read: No such file"):
        waiting(tmp_path / "owls")


def test_accepted_files_move_and_overwrite_nothing(tmp_path: Path) -> None:
    places = [accept(drop(tmp_path, "owls.txt", content)) for content in ("one", "two", "three")]
    assert [place and (place.parent.name, place.name, place.read_text()) for place in places] == [
        ("ingested", "owls.txt", "one"),
        ("ingested", "owls (2).txt", "two"),
        ("ingested", "owls (3).txt", "three"),
    ]
    assert waiting(tmp_path) == ()


def test_rejected_files_lie_beside_the_reason(tmp_path: Path) -> None:
    one = reject(drop(tmp_path, "owls.txt", "bats"), "owls.txt: no listing.")
    two = reject(drop(tmp_path, "owls.txt", "moths"), "owls.txt, line 3: cut.")
    assert one == tmp_path / "rejected" / "owls.txt"
    assert two == tmp_path / "rejected" / "owls (2).txt"
    assert {path.name: path.read_text() for path in (tmp_path / "rejected").iterdir()} == {
        "owls.txt": "bats",
        "owls.txt.reason": "owls.txt: no listing.\n",
        "owls (2).txt": "moths",
        "owls (2).txt.reason": "owls.txt, line 3: cut.\n",
    }


def test_a_reason_never_overwrites_a_file_of_that_name(tmp_path: Path) -> None:
    reject(drop(tmp_path, "owls.txt.reason", "mine"), "no listing")
    place = reject(drop(tmp_path, "owls.txt"), "no listing")
    assert place == tmp_path / "rejected" / "owls (2).txt"
    assert (tmp_path / "rejected" / "owls.txt.reason").read_text() == "mine"


def test_a_file_another_process_took_is_none_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert accept(tmp_path / "gone.txt") is None
    assert reject(tmp_path / "gone.txt", "no listing") is None
    assert [*(tmp_path / "ingested").iterdir(), *(tmp_path / "rejected").iterdir()] == []


def test_a_folder_that_takes_no_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "ingested").write_text("a file where the folder should be")
    with pytest.raises(RetrieveError, match="cannot be moved to"):
        accept(drop(tmp_path, "owls.txt"))
