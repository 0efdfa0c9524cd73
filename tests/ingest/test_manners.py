"""We ask no host more often than it likes, nor for what it keeps from programs."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import digest
from digest.errors import RetrieveError
from digest.ingest import Manners, fetch, open_client
from digest.ingest.manners import rest_of
from digest.model import Validators
from tests.ingest.server import Pauses, Source, open_source

NOW = 1_790_000_000.0


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hours() -> Time:
    return Time()


def manners_on(hours: Time, pause: float = 1.0) -> Manners:
    return Manners(pause, clock=hours, sleep=hours.sleep)


@pytest.fixture
def source() -> Iterator[Source]:
    with open_source() as opened:
        yield opened


@pytest.fixture
def asker(hours: Time) -> Iterator[Callable[..., bytes]]:
    with open_client(
        timeout=2,
        private=("127.0.0.1",),
        manners=manners_on(hours),
        contact=("https://digest.example.org", "mailto:ada@example.org"),
    ) as client:

        def ask(url: str, *, robots: bool = True) -> bytes:
            nothing = Validators()
            payload = fetch(client, url, nothing, robots=robots, attempts=1, sleep=Pauses())
            assert payload is not None
            return payload.content

        yield ask


def test_one_host_is_left_a_pause_and_another_is_not_kept_waiting(hours: Time) -> None:
    manners = manners_on(hours)
    for host in ("a.org", "b.org", "a.org", "a.org", "b.org"):
        manners.wait(host)
    assert hours.slept == [1, 1]


def test_all_of_arxiv_is_one_host_that_gets_three_seconds(hours: Time) -> None:
    manners = manners_on(hours, pause=0)
    for host in ("export.arxiv.org", "rss.arxiv.org", "arxiv.org", "notarxiv.org", "notarxiv.org"):
        manners.wait(host)
    assert hours.slept == [3, 3]


def test_threads_take_turns(hours: Time) -> None:
    slept: list[float] = []
    manners = Manners(1, clock=hours, sleep=slept.append)  # a clock that stands still
    threads = [threading.Thread(target=manners.wait, args=("a.org",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == list(range(1, 20))


def test_a_host_that_says_its_limit_is_used_up_is_left_alone(hours: Time) -> None:
    manners = manners_on(hours)
    manners.heed("a.org", {"RateLimit": "limit=10, remaining=0, reset=20"})
    manners.wait("a.org")
    assert hours.slept == [20]
    manners.heed("a.org", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3600"})
    with pytest.raises(RetrieveError, match=r"a\.org wants a rest of 3600 seconds") as caught:
        manners.wait("a.org")
    assert caught.value.after == 3600
    hours.sleep(3600)
    manners.wait("a.org")


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({}, 0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "7"}, 7),
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "7"}, 0),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, 9),
        ({"RateLimit": '"default";r=0;t=30'}, 30),
        ({"RateLimit": '"a";r=50;t=3600, "b";r=0;t=5'}, 5),
        ({"RateLimit": '"a";r=50;t=30'}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 40)}, 40),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) * 1000 + 40_000)}, 40),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) - 40)}, 0),
        ({"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": "1.5"}, 1.5),
        ({"X-RateLimit-Remaining": "0"}, 0),
        ({"X-RateLimit-Remaining": "none", "X-RateLimit-Reset": "soon"}, 0),
        ({"X-RateLimit-Remaining": "nan", "X-RateLimit-Reset": "nan"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "inf"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "-5"}, 0),
    ],
)
def test_rate_headers_of_every_kind_are_read(headers: dict[str, str], rest: float) -> None:
    assert rest_of(httpx.Headers(headers), now=NOW) == rest


@given(st.text(), st.text(), st.text())
def test_rate_headers_never_break_us(left: str, reset: str, both: str) -> None:
    said = {"X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset, "RateLimit": both}
    assert 0 <= rest_of(said, now=NOW) < 1e10


def test_a_limit_that_is_used_up_is_told_and_nothing_is_asked(
    source: Source, asker: Callable[..., bytes], hours: Time
) -> None:
    assert asker(source.url("limited/5"), robots=False) == b"owls"
    assert asker(source.url("limited/7200"), robots=False) == b"owls"
    assert hours.slept == [pytest.approx(5)]
    with pytest.raises(RetrieveError, match="wants a rest of 7200 seconds") as caught:
        asker(source.url("owls"), robots=False)
    assert caught.value.after == pytest.approx(7200)
    assert source.asked == ["limited", "limited"]


def test_robots_are_told_where_not_to_go(
    source: Source, asker: Callable[..., bytes], hours: Time
) -> None:
    source.robots = b"User-agent: *\nDisallow: /owls/private\nCrawl-delay: 600\n"
    assert asker(source.url("owls")) == b"owls"
    with pytest.raises(RetrieveError, match=r"robots\.txt does not want .*robots: false"):
        asker(source.url("owls/private").replace("http://", "http://ada:secret@"))
    assert source.asked == ["robots.txt", "owls"], "once a day"
    assert asker(source.url("owls/private"), robots=False) == b"owls"
    assert hours.slept == [1, 30], "a Crawl-delay is kept, but not for ten minutes"
    hours.sleep(86_400)
    source.robots = b"User-agent: paper-digest\nDisallow:\n\nUser-agent: *\nDisallow: /\n"
    assert asker(source.url("owls/private")) == b"owls"
    assert source.asked.count("robots.txt") == 2


def test_a_redirect_leads_no_robot_astray(source: Source, asker: Callable[..., bytes]) -> None:
    source.robots = b"User-agent: *\nDisallow: /owls\n"
    with pytest.raises(RetrieveError, match=r"robots\.txt does not want"):
        asker(source.url("redirect/0"))
    assert source.asked == ["robots.txt", "redirect"]


def test_robots_that_are_not_there_allow_all_and_those_that_fail_nothing(
    source: Source, asker: Callable[..., bytes]
) -> None:
    source.robots = 503
    with pytest.raises(RetrieveError, match=r"answers 503.*Without it we may not.*robots: false"):
        asker(source.url("owls"))
    source.robots = 403
    assert asker(source.url("owls")) == b"owls"


def test_we_say_who_asks(source: Source, asker: Callable[..., bytes]) -> None:
    asker(source.url("owls"), robots=False)
    known = "(+https://digest.example.org; mailto:ada@example.org)"
    assert source.agents == {f"paper-digest/{digest.__version__} {known}"}


def test_who_cannot_wait_is_told_at_once(source: Source, hours: Time) -> None:
    patience = 3
    with open_client(timeout=2, private=("127.0.0.1",), manners=manners_on(hours, 60)) as client:
        assert fetch(client, source.url("owls"), Validators(), patience=patience) is not None
        with pytest.raises(RetrieveError, match="wants a rest of 60 seconds"):
            fetch(client, source.url("owls"), Validators(), patience=patience)
    assert hours.slept == []
