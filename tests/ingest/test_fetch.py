import socket
from collections.abc import Iterator

import httpx
import pytest

import digest
from digest.errors import RetrieveError
from digest.ingest.fetch import fetch, open_client
from digest.model import Payload, Validators
from tests.ingest.server import MODIFIED, Pauses, Source, open_source

NOTHING = Validators()


@pytest.fixture
def source() -> Iterator[Source]:
    with open_source() as opened:
        yield opened


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with open_client(timeout=0.5, private=("127.0.0.1",)) as opened:
        yield opened


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
    [
        ("slow", "did not answer in time"),
        ("cut", "breaks off its answer"),
        ("half", "the gzip data end too early"),
        ("headers", "breaks off its answer"),
    ],
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
    for path in ("drip", "trickle"):
        with pytest.raises(RetrieveError, match="did not answer in time"):
            fetch(client, source.url(path), NOTHING, patience=0.2, attempts=2, sleep=Pauses())
    assert source.asked == ["drip", "drip", "trickle", "trickle"]


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
        ("vast", "is larger than"),
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
        fetch(client, source.url(path), NOTHING, limit=1900, sleep=Pauses())
    assert source.asked.count(path.partition("/")[0]) == (4 if path == "redirect/9" else 1)


def test_every_member_of_a_gzip_stream_is_unpacked(source: Source, client: httpx.Client) -> None:
    for path, content in (("members/3", b"owlsowlsowls"), ("nothing", b"")):
        answer = fetch(client, source.url(path), NOTHING)
        assert answer is not None
        assert answer.content == content


def test_gzip_in_a_thousand_crumbs_is_not_unpacked(source: Source, client: httpx.Client) -> None:
    with pytest.raises(RetrieveError, match="more than 1000 parts"):
        fetch(client, source.url("members/1001"), NOTHING, sleep=Pauses())


def test_no_more_is_read_than_was_announced(source: Source, client: httpx.Client) -> None:
    for _ in range(2):
        answer = fetch(client, source.url("short"), NOTHING, sleep=Pauses())
        assert answer is not None
        assert answer.content == b"owls", "and the rest is not taken for the next answer"


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
