"""How often a host may be asked, and for what: pauses, rate headers, robots.txt.

One ``Manners`` serves all threads of a process. Between processes the store stands: it remembers
when each source was asked, and until when it is to be left alone.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import httpx
from protego import Protego

from digest.errors import RetrieveError
from digest.ingest.paging import shown

AGENT: Final = "paper-digest"  # what robots.txt may call us
PAUSE: Final = 1.0  # seconds between two requests to one host
PAUSES: Final = {"arxiv.org": 3.0}  # of all its hosts (https://info.arxiv.org/help/api/tou.html)
LONGEST_WAIT: Final = 60.0  # seconds we let a host put us off; longer, and the source is held
LONGEST_DELAY: Final = 30.0  # seconds: what we keep of a Crawl-delay
KEPT: Final = 86_400.0  # seconds a robots.txt is believed (RFC 9309 section 2.4)

# Documented for programs: their terms of use say what robots.txt would.
APIS: Final = frozenset(
    {
        "api.biorxiv.org",
        "api.crossref.org",
        "api.medrxiv.org",
        "api.openreview.net",
        "api.semanticscholar.org",
        "api2.openreview.net",
        "connect.biorxiv.org",
        "connect.medrxiv.org",
        "export.arxiv.org",
        "rss.arxiv.org",
    }
)

_NEWER: Final = re.compile(r"\br=(\d{1,9})\b[^,]*?\bt=(\d{1,9})\b")
_OLDER: Final = re.compile(r"\bremaining=(\d{1,9})\b.*?\breset=(\d{1,9})\b")
_PAIRS: Final = (
    ("RateLimit-Remaining", "RateLimit-Reset"),
    ("X-RateLimit-Remaining", "X-RateLimit-Reset"),
    ("X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"),
)
_EPOCH: Final = 1e9  # a reset this late is a moment in seconds since 1970, not a number of seconds


class _Rules(NamedTuple):
    """A robots.txt, and until when it is believed."""

    said: Protego
    until: float


class Manners:
    """Keeps ``pause`` seconds between two requests to one host, or more where it asks for more."""

    def __init__(
        self,
        pause: float = PAUSE,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pause = pause
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free: dict[str, float] = {}  # when a host may be asked again
        self._delays: dict[str, float] = {}
        self._rules: dict[str, _Rules] = {}

    def wait(self, host: str, most: float = LONGEST_WAIT) -> None:
        """Wait until it is our turn to ask ``host``, and take it.

        Raises RetrieveError, which says for how long, when that is more than ``most`` seconds.
        """
        name = _name(host)
        with self._lock:
            now = self._clock()
            at = max(now, self._free.get(name, now))
            if at - now > most:
                raise RetrieveError(
                    f"{host} wants a rest of {at - now:.0f} seconds: it is asked again after that.",
                    after=at - now,
                )
            self._free[name] = at + self._gap(name)
        if at > now:
            self._sleep(at - now)

    def heed(self, host: str, headers: Mapping[str, str]) -> None:
        """Leave ``host`` alone until its rate limit is reset, if its answer says it is used up."""
        rest = rest_of(headers, now=time.time())
        if rest > 0:
            name = _name(host)
            with self._lock:
                self._free[name] = max(self._free.get(name, 0.0), self._clock() + rest)

    def check(self, url: httpx.URL, ask: Callable[[str], str]) -> None:
        """Raise RetrieveError unless the robots.txt of its host, for which we ``ask`` once a day,
        lets us read ``url``."""
        if url.host in APIS:
            return
        place = str(url.copy_with(userinfo=b"", raw_path=b"/robots.txt", fragment=None))
        rules = self._rules_at(place, ask)
        if not rules.can_fetch(str(url), AGENT):
            raise RetrieveError(
                f"{place} does not want programs to read {shown(str(url))}: if its operators let "
                "you, set robots: false for this source."
            )
        delay = rules.crawl_delay(AGENT) or 0.0
        with self._lock:
            self._delays[_name(url.host)] = min(delay, LONGEST_DELAY) if delay > 0 else 0.0

    def _rules_at(self, place: str, ask: Callable[[str], str]) -> Protego:
        known = self._rules.get(place)
        if known is None or known.until < self._clock():
            known = _Rules(Protego.parse(ask(place)), self._clock() + KEPT)
            self._rules[place] = known
        return known.said

    def _gap(self, name: str) -> float:
        usual = max(self._pause, PAUSES.get(name, 0.0))
        return max(usual, self._delays.get(name, 0.0))


def rest_of(headers: Mapping[str, str], *, now: float) -> float:
    """Return how many seconds an answer asks us to rest, 0 if it does not.

    Reads the RateLimit header of the IETF's drafts (``draft-ietf-httpapi-ratelimit-headers``), old
    and new, and the pairs X-RateLimit-Remaining and -Reset, whose reset counts seconds from now, or
    from 1970 (``now`` is that clock).
    """
    said = headers.get("RateLimit", "")
    pairs = _NEWER.findall(said) or _OLDER.findall(said)
    pairs += [(headers.get(left, ""), headers.get(reset, "")) for left, reset in _PAIRS]
    return max((_rest(left, reset, now) for left, reset in pairs), default=0.0)


def _rest(left: str, reset: str, now: float) -> float:
    try:
        remaining, seconds = float(left), float(reset)
    except ValueError:
        return 0.0
    if remaining >= 1 or not 0 < seconds < _EPOCH * 10_000:
        return 0.0
    moment = seconds / 1000 if seconds > _EPOCH * 100 else seconds
    return moment if moment < _EPOCH else max(0.0, moment - now)


def _name(host: str) -> str:
    """What counts as one host: all of those that keep a pause together, or itself."""
    shared = (name for name in PAUSES if host == name or host.endswith(f".{name}"))
    return next(shared, host)
