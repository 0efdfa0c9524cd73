"""Who may post what: from our own pages, not too much at once, and counted by network."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from digest.app import App

MOST_BYTES = 512 * 1024  # of a form; all fields of ten interests full of CJK text are fewer
_MOST_FIELDS = 200
_MOST_SECONDS = 60  # for a form to come in

Fields = Sequence[tuple[str, str]]


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
        fields = _fields(await _body(request))
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


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        with anyio.fail_after(_MOST_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise HTTPException(413)
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    except TimeoutError as error:
        raise HTTPException(408) from error
    return bytes(body)


def _fields(body: bytes) -> Fields:
    """Return the fields of ``application/x-www-form-urlencoded`` (WHATWG URL, section 5)."""
    text = body.decode("utf-8", errors="replace")
    pieces = text.split("&")[:_MOST_FIELDS]
    return parse_qsl("&".join(pieces), keep_blank_values=True, errors="replace")
