"""Asking an http(s) address for bytes: again if it may help, never for more than we can take."""

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

import digest
from digest.errors import RetrieveError
from digest.ingest import dial
from digest.ingest.manners import AGENT, LONGEST_WAIT, Manners
from digest.ingest.paging import shown
from digest.ingest.retrieve import LIMIT, megabytes
from digest.model import Payload, Validators

REDIRECTS: Final = 3
ATTEMPTS: Final = 4
PATIENCE: Final = 120.0  # seconds one answer may take, redirects included, to its last byte
MEMBERS: Final = 1000  # of one gzip stream
ROBOTS: Final = 1024 * 1024  # bytes of a robots.txt, twice what we have to read (RFC 9309)

_TRANSIENT: Final = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)


def open_client(
    timeout: float = 20.0,
    *,
    private: tuple[str, ...] = (),
    resolve: dial.Resolve = dial.resolve,
    manners: Manners | None = None,
    contact: tuple[str, ...] = (),
) -> httpx.Client:
    """Return a client that names us, with ``contact`` (URLs) for who wonders, waits ``timeout``
    seconds at most for each step, and connects to public addresses and the networks in ``private``
    only. The clients of a process share their ``manners`` (None: it has none). The caller closes
    it."""
    known = f" (+{'; '.join(contact)})" if contact else ""
    agent = f"{AGENT}/{digest.__version__}{known}"
    client = httpx.Client(
        timeout=timeout,
        transport=dial.Transport(dial.Dialler(private, resolve)),
        headers={"User-Agent": agent, "Accept-Encoding": "gzip"},  # what _body can unpack
    )
    if manners is not None:
        client.event_hooks = _hooks(client, manners)
    return client


def _hooks(client: httpx.Client, manners: Manners) -> dict[str, list[Callable[..., None]]]:
    """What is done around each request, those that follow a redirect included."""

    def before(request: httpx.Request) -> None:
        if request.extensions.get("robots"):
            manners.check(request.url, lambda place: _robots(client, place))
        manners.wait(request.url.host, min(LONGEST_WAIT, dial.left()))

    def after(response: httpx.Response) -> None:
        manners.heed(response.request.url.host, response.headers)

    return {"request": [before], "response": [after]}


def _robots(client: httpx.Client, place: str) -> str:
    """The robots.txt at an address. One that is not there allows everything, one that cannot be
    read nothing (RFC 9309 section 2.3.1)."""
    try:
        payload = fetch(client, place, Validators(), limit=ROBOTS, attempts=2)
    except RetrieveError as error:
        if error.status is not None and 400 <= error.status < 500:
            return ""
        raise RetrieveError(
            f"{error} Without it we may not ask: if the operators let you, set robots: false for "
            "this source.",
            after=error.after,
        ) from error
    assert payload is not None, "nothing was known of it"
    return payload.content.decode("utf-8", "replace")


def fetch(
    client: httpx.Client,
    url: str,
    validators: Validators,
    *,
    limit: int = LIMIT,
    attempts: int = ATTEMPTS,
    patience: float = PATIENCE,
    robots: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Payload | None:
    """Return what the http(s) address ``url`` serves, or ``None`` if it is not modified since the
    answer that ``validators`` come from (RFC 9110 section 13).

    Follows three redirects at most, and none that gives up TLS. Asks again, up to ``attempts``
    times in all and with growing random pauses, when the server does not answer, breaks off, is
    busy (429) or broken (5xx), or its answer takes longer than ``patience`` seconds; a Retry-After
    of up to a minute is kept. With ``robots``, the robots.txt of each host on the way is asked if
    we may. Raises RetrieveError when that does not help, for any other refusal,
    and when the answer is longer than ``limit`` bytes, packed or unpacked.
    """
    again = Retrying(
        stop=stop_after_attempt(attempts),
        retry=retry_if_exception_type(_NotNow),
        wait=_pause,
        sleep=sleep,
        reraise=True,
    )
    try:
        return again(_ask, client, url, _headers(validators), limit, patience, robots)
    except _NotNow as error:
        tried = f"tried {attempts} times, try again later"
        raise RetrieveError(f"{shown(url)} {error}: {tried}.") from error


class _NotNow(Exception):
    """The server may do better the next time; ``after`` is when it asked us back, in seconds."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


_backoff = wait_random_exponential(multiplier=1, max=20)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return max(_backoff(state), error.after if isinstance(error, _NotNow) else 0.0)


def _ask(
    client: httpx.Client,
    url: str,
    headers: dict[str, str],
    limit: int,
    patience: float,
    robots: bool,
) -> Payload | None:
    """One attempt; every httpx error is translated here."""
    try:
        with dial.patience(patience), _followed(client, url, headers, robots) as response:
            return _answer(response, url, limit)
    except httpx.TimeoutException as error:
        raise _NotNow("did not answer in time") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise RetrieveError(
            f"{shown(url)} is no http or https address, or leads to none."
        ) from error
    except (httpx.ConnectError, httpx.ProxyError) as error:
        raise _NotNow(f"cannot be reached ({_why(error)})") from error
    except httpx.TransportError as error:
        raise _NotNow(f"breaks off its answer ({_why(error)})") from error


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


@contextmanager
def _followed(
    client: httpx.Client, url: str, headers: dict[str, str], robots: bool
) -> Iterator[httpx.Response]:
    """The answer at the end of the redirects, its body unread."""
    request = client.build_request("GET", url, headers=headers, extensions={"robots": robots})
    for _ in range(REDIRECTS + 1):
        response = client.send(request, stream=True)
        try:
            if response.next_request is None:
                yield response
                return
            request = _redirected(request.url, response.next_request)
        finally:
            response.close()
    raise RetrieveError(f"{shown(url)} redirects more than {REDIRECTS} times: check the address.")


def _redirected(url: httpx.URL, request: httpx.Request) -> httpx.Request:
    if (url.scheme, request.url.scheme) == ("https", "http"):
        raise RetrieveError(
            f"{shown(str(url))} leads from https to {shown(str(request.url))}, where anybody on "
            "the way may change what we read: check the address."
        )
    return request


def _headers(validators: Validators) -> dict[str, str]:
    headers = {
        "If-None-Match": validators.etag,
        "If-Modified-Since": validators.last_modified,
    }
    return {name: value for name, value in headers.items() if value}


def _answer(response: httpx.Response, url: str, limit: int) -> Payload | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code in _TRANSIENT or response.is_server_error:
        raise _busy(response, url)
    if response.status_code != httpx.codes.OK:
        raise RetrieveError(
            f"{shown(url)} answers {_status(response)}: check the address.",
            status=response.status_code,
        )
    return Payload(
        name=shown(url),
        content=_body(response, url, limit),
        content_type=response.headers.get("Content-Type"),
        validators=Validators(
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        ),
    )


def _busy(response: httpx.Response, url: str) -> Exception:
    after = _retry_after(response.headers.get("Retry-After", ""))
    if after <= LONGEST_WAIT:
        return _NotNow(f"answers {_status(response)}", after)
    return RetrieveError(
        f"{shown(url)} answers {_status(response)} and asks us back in {after:.0f} seconds.",
        after=after,
    )


def _status(response: httpx.Response) -> str:
    """The number and its usual name; what the server calls it may be anything."""
    return f"{response.status_code} {httpx.codes.get_reason_phrase(response.status_code)}".strip()


def _retry_after(said: str) -> float:
    """Seconds, from a number or an HTTP date (RFC 9110 section 10.2.3); 0 if it says neither."""
    if said.isdecimal():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
        return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return 0.0


def _body(response: httpx.Response, url: str, limit: int) -> bytes:
    """The unpacked body; it is unpacked here, piece by piece, so that a bomb stays small."""
    unpack = _unpacker(response, url)
    content = bytearray()
    announced = response.headers.get("Content-Length", "")
    too_large = announced.isdecimal() and len(announced) < 20 and int(announced) > limit
    for chunk in () if too_large else response.iter_raw():
        content += unpack(chunk, limit + 1 - len(content))
        if len(content) > limit or response.num_bytes_downloaded > limit:
            too_large = True
            break
    if too_large:
        raise RetrieveError(
            f"{shown(url)} is larger than {megabytes(limit)}: ask for less at once."
        )
    if isinstance(unpack, _Gunzip) and not unpack.ended:
        raise _NotNow("breaks off its answer (the gzip data end too early)")
    return bytes(content)


def _unpacker(response: httpx.Response, url: str) -> Callable[[bytes, int], bytes]:
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return lambda chunk, most: chunk[:most]
    if coding not in ("gzip", "x-gzip"):
        raise RetrieveError(f"{shown(url)} answers in {coding}, which we did not ask for.")
    return _Gunzip(url)


class _Gunzip:
    """Unpacks gzip data piece by piece, ``most`` bytes at a time; they may have several members
    (RFC 1952 section 2.2), each of which has to come whole."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._member = zlib.decompressobj(wbits=31)
        self._members = 1
        self._begun = False

    @property
    def ended(self) -> bool:
        """Whether nothing is missing; an empty body has nothing to unpack."""
        return self._member.eof or not self._begun

    def __call__(self, chunk: bytes, most: int) -> bytes:
        content = b""
        try:
            while chunk and len(content) < most:
                content += self._open().decompress(chunk, most - len(content))
                chunk = self._member.unused_data.lstrip(b"\0")  # padding, as tape drives like it
        except zlib.error as error:
            raise RetrieveError(f"{shown(self._url)} sends broken gzip data ({error}).") from error
        return content

    def _open(self) -> "zlib._Decompress":
        if self._member.eof:
            self._members += 1
            if self._members > MEMBERS:
                raise zlib.error(f"more than {MEMBERS} parts")
            self._member = zlib.decompressobj(wbits=31)
        self._begun = True
        return self._member
