"""What stands around every page: the headers of all answers, and how soon some of them come."""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# An issue is a mail: its style stands in its own lines, and nothing in it runs.
ISSUE_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the tokens stand in the address
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}
_STEP: Final = 0.25  # seconds

Endpoint = Callable[[Request], Awaitable[Response]]


class Guarded:
    """Adds the same headers to every answer of an application; a page may say otherwise.

    Where the pages' own address is https, browsers are told to come by no other way (RFC 6797).
    """

    def __init__(self, app: ASGIApp, web_url: str | None) -> None:
        self._app = app
        https = (web_url or "").startswith("https:")
        self._headers = _HEADERS | (_ONLY_HTTPS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def in_even_time(endpoint: Endpoint) -> Endpoint:
    """Answer after a multiple of a quarter of a second, so that the time tells nothing.

    What is written for a known address, an unknown one and one that had its letters differs by
    up to 30 ms on a slow disk, and whoever asks often enough could tell them apart.
    """

    async def evened(request: Request) -> Response:
        began = anyio.current_time()
        answer = await endpoint(request)
        await anyio.sleep(_STEP - (anyio.current_time() - began) % _STEP)
        return answer

    return evened
