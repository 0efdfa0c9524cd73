"""A door for mail servers: LMTP (RFC 2033) or SMTP, on a loopback port unless told otherwise.

A message is answered with 250 only when all that follows from it is done; one at a time.
"""

import asyncio
from collections.abc import Callable

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from digest.errors import DigestError, InputError

LARGEST = 50_000_000  # bytes of a message


class Door(Controller):
    """Listens in a thread of its own from ``start`` to ``stop``."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        speaks_lmtp: bool,
        accepts: Callable[[str], bool],
        take: Callable[[bytes, str], None],
    ) -> None:
        self._speaks_lmtp = speaks_lmtp
        super().__init__(_Handler(accepts, take), hostname=host, port=port)

    def factory(self) -> SMTP:
        """Return what speaks with one client."""
        speaker = LMTP if self._speaks_lmtp else SMTP
        return speaker(self.handler, data_size_limit=LARGEST, enable_SMTPUTF8=True)

    def start(self) -> None:
        """Begin to listen. Raises InputError where that is not possible."""
        try:
            super().start()
        except OSError as error:
            raise InputError(
                f"Nothing can listen on {self.hostname}, port {self.port} ({error.strerror}):"
                " choose another bounces.listen.port."
            ) from error


class _Handler:
    """What aiosmtpd asks; its names are the library's."""

    def __init__(self, accepts: Callable[[str], bool], take: Callable[[bytes, str], None]) -> None:
        self._accepts = accepts
        self._take = take

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time, please"
        if not self._accepts(address):
            return "550 5.1.1 only returned mail comes in here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes), "aiosmtpd decodes only when asked to"
        try:
            await asyncio.to_thread(self._take, content, envelope.rcpt_tos[0])
        except DigestError:
            return "451 4.3.0 not now, please try again"
        return "250 2.0.0 read, and what follows is done"
