"""Who may see the admin pages, and which of their forms are ours.

A password (HTTP Basic, any name before it) or a header set by a proxy that asks people who they
are; from a public address the header says nothing. Browsers add either by themselves to whatever
another site makes them send, so every form carries a token that only our pages show: it works over
http too, where browsers keep quiet about ``Sec-Fetch-Site``, and where our ``Referrer-Policy``
makes ``Origin`` say ``null``.
"""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

import anyio
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digest import flow
from digest.app import App
from digest.tokens import Purpose
from digest.web.limits import from_our_side, network_of

_MOST_BYTES = 10_000  # of a form
_FORM_LASTS = timedelta(hours=12)
_DELAY = 0.5  # seconds: slows guessing, without holding a thread

_log = structlog.get_logger()

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Door:
    """Lets operators in; ``refused`` makes the page for everybody else, ``stale`` for old forms."""

    app: App
    refused: Callable[[], Response]
    stale: Callable[[], Response]

    def reading(
        self, page: Callable[[Request], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return ``page`` for operators only."""

        async def guarded(request: Request) -> Response:
            if not await self._admits(request):
                return await self._refuse(request)
            return await run_in_threadpool(page, request)

        return guarded

    def acting(self, act: Callable[[Form], Response]) -> Callable[..., object]:
        """Return ``act`` for operators only, given a form that one of our pages showed."""

        async def guarded(request: Request) -> Response:
            if not await self._admits(request):
                return await self._refuse(request)
            form = await _form(request)
            if not self._is_ours(form):
                return self.stale()
            return await run_in_threadpool(act, form)

        return guarded

    def form_token(self) -> str:
        """Return what the field ``form`` of our forms says."""
        until = self.app.clock() + _FORM_LASTS
        return self.app.signer.sign_until(Purpose.ADMIN, "form", until)

    def _is_ours(self, form: Form) -> bool:
        token = form.get("form", "")
        return self.app.signer.read_until(Purpose.ADMIN, token, self.app.clock()) == "form"

    async def _admits(self, request: Request) -> bool:
        header = self.app.admin_header
        if header and from_our_side(request) and request.headers.get(header, "").strip():
            return True
        given = _password(request.headers.get("Authorization", ""))
        if self.app.admin_password is None or not given:
            return False
        return await run_in_threadpool(self._knows, network_of(request), given)

    def _knows(self, network: str, given: bytes) -> bool:
        """Return whether this is the password; too many wrong ones, and the right one is none."""
        password = self.app.admin_password or ""
        if not flow.may_guess(self.app, network):
            return False
        right = hmac.compare_digest(given, password.encode())
        if not right:
            flow.count_guess(self.app, network)
        return right

    async def _refuse(self, request: Request) -> Response:
        if "Authorization" in request.headers:
            _log.warning("admin.refused", client=request.client and request.client.host)
            await anyio.sleep(_DELAY)
        return self.refused()


def _password(authorization: str) -> bytes:
    """Return the password of an ``Authorization: Basic`` header (RFC 7617); nothing if none."""
    scheme, _, sealed = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(sealed.strip(), validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


async def _form(request: Request) -> Form:
    """Return the fields of a form; nothing when it is longer than any of ours."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > _MOST_BYTES:
            return {}
    return dict(parse_qsl(content.decode("utf-8", "replace"), max_num_fields=20))
