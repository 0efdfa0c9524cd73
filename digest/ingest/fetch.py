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
from digest.ingest.paging import shown
from digest.ingest.retrieve import LIMIT, megabytes
from digest.model import Payload, Validators

REDIRECTS: Final = 3
ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 60.0  # seconds we let a server put us off (Retry-After)
PATIENCE: Final = 120.0  # seconds one answer may take, redirects included, to its last byte
MEMBERS: Final = 1000  # of one gzip stream

_TRANSIENT: Final = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)


def open_client(
    timeout: float = 20.0,
    *,
    private: tuple[str, ...] = (),
    resolve: dial.Resolve = dial.resolve,
) -> httpx.Client:
    """Return a client that names us, waits ``timeout`` seconds at most for each step, and connects
    to public addresses and the networks in ``private`` only. The caller closes it."""
    return httpx.Client(
        timeout=timeout,
        transport=dial.Transport(dial.Dialler(private, resolve)),
        # only what _body can unpack under its limit
        headers={"User-Agent": f"paper-digest/{digest.__version__}", "Accept-Encoding": "gzip"},
    )


def fetch(
    client: httpx.Client,
    url: str,
    validators: Validators,
    *,
    limit: int = LIMIT,
    attempts: int = ATTEMPTS,
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Payload | None:
    """Return what the http(s) address ``url`` serves, or ``None`` if it is not modified since the
    answer that ``validators`` come from (RFC 9110 section 13).

    Follows three redirects at most, and none that gives up TLS. Asks again, up to ``attempts``
    times in all and with growing random pauses, when the server does not answer, breaks off, is
    busy (429) or broken (5xx), or its answer takes longer than ``patience`` seconds; a Retry-After
    of up to a minute is kept. Raises RetrieveError when that does not help, for any other refusal,
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
        return again(_ask, client, url, validators, limit, patience)
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
    client: httpx.Client, url: str, validators: Validators, limit: int, patience: float
) -> Payload | None:
    """One attempt; every httpx error is translated here."""
    try:
        with dial.patience(patience), _followed(client, url, validators) as response:
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
def _followed(client: httpx.Client, url: str, validators: Validators) -> Iterator[httpx.Response]:
    """The answer at the end of the redirects, its body unread."""
    request = client.build_request("GET", url, headers=_conditions(validators))
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


def _conditions(validators: Validators) -> dict[str, str]:
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
        raise RetrieveError(f"{shown(url)} answers {_status(response)}: check the address.")
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
        f"{shown(url)} answers {_status(response)} and asks us back in {after:.0f} seconds."
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
