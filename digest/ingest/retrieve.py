"""The only module that asks a source for bytes: a file, a folder, an http(s) address.

A folder source is a place to drop files into: each file that is ``waiting`` is read once and then
moved into ``ingested/``, or into ``rejected/`` beside a ``.reason`` file that says what to do.
"""

import os
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential

import digest
from digest.errors import RetrieveError
from digest.model import Payload, Validators

LIMIT: Final = 64 * 1024 * 1024  # bytes; 30,000 papers with abstracts
REDIRECTS: Final = 3
ATTEMPTS: Final = 4
LONGEST_WAIT: Final = 60.0  # seconds we let a server put us off (Retry-After)
PATIENCE: Final = 120.0  # seconds one answer may take from its first byte to its last

_UNFINISHED: Final = (".part", ".tmp", ".crdownload")


def read_file(path: Path, *, limit: int = LIMIT) -> Payload:
    """Return the bytes of the file at ``path``.

    Raises RetrieveError when there is no such file, or it is larger than ``limit`` bytes.
    """
    try:
        if path.exists() and not path.is_file():
            raise RetrieveError(f"{path} is no file: give a file, or configure a folder source.")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise RetrieveError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(content) > limit:
        raise RetrieveError(f"{path} is larger than {_megabytes(limit)}: split it.")
    return Payload(name=path.name, content=content)


def waiting(folder: Path) -> tuple[Path, ...]:
    """Return the files to ingest that lie directly in ``folder``, oldest first.

    Hidden files and those still being written (``.part``, ``.tmp``) are left alone. Raises
    RetrieveError when the folder cannot be read.
    """
    try:
        due = [(modified, path.name, path) for path in folder.iterdir() if (modified := _due(path))]
    except OSError as error:
        raise RetrieveError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    return tuple(path for _, _, path in sorted(due))


def accept(path: Path) -> Path | None:
    """Move an ingested file into ``ingested/`` and return where it lies now.

    ``None`` when it is gone: another process took it. Never overwrites.
    """
    return _move(path, _reserve(path, "ingested"))


def reject(path: Path, reason: str) -> Path | None:
    """Move an unreadable file into ``rejected/``, beside ``<name>.reason``; else as ``accept``."""
    place = _reserve(path, "rejected")
    note = _note(place)
    note.write_text(f"{reason}\n", encoding="utf-8")
    moved = _move(path, place)
    if moved is None:
        note.unlink()
    return moved


def _due(path: Path) -> float | None:
    """When a file to ingest was last written; None for anything else in the folder."""
    if path.name.startswith(".") or path.suffix in _UNFINISHED:
        return None
    try:
        return path.stat().st_mtime if path.is_file() else None
    except FileNotFoundError:  # another process took it
        return None


def _reserve(path: Path, name: str) -> Path:
    """Create an empty file under a free name: only this process will replace it."""
    folder = path.parent / name
    try:
        folder.mkdir(exist_ok=True)
        number = 1
        while True:
            place = folder / (path.name if number == 1 else f"{path.stem} ({number}){path.suffix}")
            if _take(place):
                return place
            number += 1
    except OSError as error:
        raise RetrieveError(f"{path} cannot be moved to {folder}: {error.strerror}.") from error


def _take(place: Path) -> bool:
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return False
    if not _note(place).exists():
        return True
    place.unlink()
    return False


def _note(place: Path) -> Path:
    return place.with_name(f"{place.name}.reason")


def _move(path: Path, place: Path) -> Path | None:
    try:
        os.replace(path, place)
    except FileNotFoundError:
        place.unlink()
        return None
    except OSError as error:
        place.unlink()
        raise RetrieveError(f"{path} cannot be moved: {error.strerror}.") from error
    return place


def open_client(timeout: float = 20.0) -> httpx.Client:
    """Return a client that names us, waits ``timeout`` seconds at most for each step, and follows
    at most three redirects. The caller closes it."""
    return httpx.Client(
        timeout=timeout,
        follow_redirects=True,
        max_redirects=REDIRECTS,
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

    Asks again, up to ``attempts`` times in all and with growing random pauses, when the server
    does not answer, breaks off, is busy (429) or broken (5xx), or its answer takes longer than
    ``patience`` seconds; a Retry-After of up to a minute is kept.
    Raises RetrieveError when that does not help, for any other refusal, and when the answer is
    longer than ``limit`` bytes, unpacked.
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
        raise RetrieveError(f"{_shown(url)} {error}: {tried}.") from error


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
        with client.stream("GET", url, headers=_conditions(validators)) as response:
            return _answer(response, url, limit, patience)
    except httpx.TimeoutException as error:
        raise _NotNow("did not answer in time") from error
    except httpx.TooManyRedirects as error:
        raise RetrieveError(f"{_shown(url)} redirects more than {REDIRECTS} times.") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise RetrieveError(f"{url} is no http or https address, or leads to none.") from error
    except httpx.TransportError as error:
        raise _NotNow(f"cannot be reached ({str(error) or type(error).__name__})") from error


def _conditions(validators: Validators) -> dict[str, str]:
    headers = {
        "If-None-Match": validators.etag,
        "If-Modified-Since": validators.last_modified,
    }
    return {name: value for name, value in headers.items() if value}


def _answer(response: httpx.Response, url: str, limit: int, patience: float) -> Payload | None:
    if response.status_code == httpx.codes.NOT_MODIFIED:
        return None
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise _busy(response, url)
    if response.status_code != httpx.codes.OK:
        raise RetrieveError(f"{_shown(url)} answers {_status(response)}: check the address.")
    return Payload(
        name=_shown(url),
        content=_body(response, url, limit, patience),
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
        f"{_shown(url)} answers {_status(response)} and asks us back in {after:.0f} seconds."
    )


def _retry_after(said: str) -> float:
    """Seconds, from a number or an HTTP date (RFC 9110 section 10.2.3); 0 if it says neither."""
    if said.isdecimal():
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _body(response: httpx.Response, url: str, limit: int, patience: float) -> bytes:
    """The unpacked body; it is unpacked here, piece by piece, so that a bomb stays small."""
    unpack = _unpacker(response, url)
    content = bytearray()
    deadline = time.monotonic() + patience
    for chunk in response.iter_raw():
        content += unpack(chunk, limit + 1 - len(content))
        if len(content) > limit:
            raise RetrieveError(f"{_shown(url)} is larger than {_megabytes(limit)}.")
        if time.monotonic() > deadline:
            raise _NotNow(f"takes longer than {patience:.0f} seconds")
    return bytes(content)


def _unpacker(response: httpx.Response, url: str) -> Callable[[bytes, int], bytes]:
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity":
        return lambda chunk, most: chunk[:most]
    if coding not in ("gzip", "x-gzip"):
        raise RetrieveError(f"{_shown(url)} answers in {coding}, which we did not ask for.")
    gunzip = zlib.decompressobj(wbits=31)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return gunzip.decompress(chunk, most)
        except zlib.error as error:
            raise RetrieveError(f"{_shown(url)} sends broken gzip data ({error}).") from error

    return unpack


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _shown(url: str) -> str:
    """The address without a password in it."""
    return str(httpx.URL(url).copy_with(userinfo=b""))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MB"
