"""Who may post what: from our own pages, not too much at once, and counted by network."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import PureWindowsPath
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from digest import compose, flow
from digest.app import App

MOST_BYTES = 2_000_000  # of a form; all fields of ten interests full of CJK text are fewer
_MOST_FIELDS = 200
_MOST_SECONDS = 60  # for a form to come in
_MOST_FILES = 10
_READING = 2  # threads that read files: they are busy, not waiting
_LONGEST_NAME = 60  # characters of a file's name
_MOST_UPLOADED = 32_000_000  # bytes of a form with its files

Fields = Sequence[tuple[str, str]]
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of a form: the field's name, the file's, and its bytes, one more than we read if it
    is too large."""

    field: str
    name: str
    content: bytes


def taking_form(
    endpoint: Callable[[Request, Fields], Response],
    *,
    threads: int | None = None,
) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of one that is given the fields of the posted form, in their order.

    It runs in a thread, see ``in_threads``. Bytes that are no text become U+FFFD; a form too large
    gets 413, one that does not come to its end 408.
    """
    limiter = CapacityLimiter(threads) if threads else None

    async def received(request: Request) -> Response:
        fields = _fields(await _received(_body(request)))
        return await to_thread.run_sync(endpoint, request, fields, limiter=limiter)

    return received


def in_threads(
    endpoint: Callable[[Request], Response], threads: int
) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint that runs in so many threads of its own: what waits for it stands in nobody
    else's way, nor it in theirs. Pages share some forty."""
    limiter = CapacityLimiter(threads)

    async def received(request: Request) -> Response:
        return await to_thread.run_sync(endpoint, request, limiter=limiter)

    return received


def taking_files(
    endpoint: Callable[[Request, Fields, Sequence[Upload]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """As ``taking_form``, for a form that may come with files (``multipart/form-data``); few are
    read at a time."""
    limiter = CapacityLimiter(_READING)

    async def received(request: Request) -> Response:
        said = request.headers.get("content-type", "").lower()
        if said.startswith("multipart/form-data"):
            fields, files = await _received(_parts(request))
        else:
            fields, files = _fields(await _received(_body(request))), []
        limit = limiter if files else None
        return await to_thread.run_sync(endpoint, request, fields, files, limiter=limit)

    return received


def require_our_page(app: App, request: Request) -> None:
    """Refuse (403) a form that another site's page made a browser send.

    There is no cookie and nothing to steal, but a stranger's page must not make its visitors sign
    people up. Browsers say themselves where a request comes from (``Sec-Fetch-Site``, and older
    ones, or on plain http, ``Origin``), and no page can forge that; programs that say neither are
    nobody's victim. So there is no token to expire in a tab left open over night.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        origin = request.headers.get("origin")
        ours = origin is None or urlsplit(origin).netloc in _our_names(app, request)
    if not ours:
        raise HTTPException(403)


def network_of(request: Request) -> str:
    """Return the network a request comes from: /24 of IPv4, /56 of IPv6 (what a home is given,
    RFC 6177).

    A connection from a private address is our own proxy's: the last entry of ``X-Forwarded-For``
    is what it saw. Anybody else could write what they like there.
    """
    peer = _peer(request)
    if from_our_side(request):
        seen = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2]
        peer = _address(seen.strip()) or peer
    if peer is None:
        return "unknown"
    return str(ip_network((peer, 24 if peer.version == 4 else 56), strict=False))


def from_our_side(request: Request) -> bool:
    """Return whether a request comes over a private address: from our proxy, or this machine."""
    peer = _peer(request)
    return peer is not None and not peer.is_global


def _peer(request: Request) -> IPv4Address | IPv6Address | None:
    return _address(request.client.host if request.client else "")


def _our_names(app: App, request: Request) -> tuple[str, ...]:
    public = urlsplit(app.web_url).netloc if app.web_url else ""
    return tuple(filter(None, (request.headers.get("host", ""), public)))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


async def _received(reading: Awaitable[_Read]) -> _Read:
    """Wait for a form to come in, but not for ever."""
    try:
        with anyio.fail_after(_MOST_SECONDS):
            return await reading
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    except TimeoutError as error:
        raise HTTPException(408) from error


async def _body(request: Request) -> bytes:
    return b"".join([chunk async for chunk in _stream(request, MOST_BYTES)])


async def _stream(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise HTTPException(413)
        yield chunk


async def _parts(request: Request) -> tuple[Fields, list[Upload]]:
    """Return the fields and the files of ``multipart/form-data`` (RFC 7578); no file, no upload."""
    parser = MultiPartParser(
        request.headers,
        _stream(request, _MOST_UPLOADED),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=MOST_BYTES,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError) as error:
        raise HTTPException(400) from error
    async with AsyncExitStack() as open_files:
        open_files.push_async_callback(form.close)
        parts = form.multi_items()
        files = [await _upload(name, part) for name, part in parts if isinstance(part, UploadFile)]
    fields = [(name, part) for name, part in parts if isinstance(part, str)]
    return fields, [file for file in files if file.name]


async def _upload(field: str, part: UploadFile) -> Upload:
    name = PureWindowsPath(part.filename or "").name  # old browsers send the whole path
    content = await part.read(flow.LARGEST_LIBRARY + 1)
    return Upload(field=field, name=compose.one_line(name)[:_LONGEST_NAME], content=content)


def _fields(body: bytes) -> Fields:
    """Return the fields of ``application/x-www-form-urlencoded`` (WHATWG URL, section 5)."""
    text = body.decode("utf-8", errors="replace")
    pieces = text.split("&")[:_MOST_FIELDS]
    return parse_qsl("&".join(pieces), keep_blank_values=True, errors="replace")
