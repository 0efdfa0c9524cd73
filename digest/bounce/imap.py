"""A mailbox on an IMAP server: what is unseen is read without a trace, then marked as seen."""

import imaplib
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from digest.errors import RetrieveError

_LARGEST = 50_000_000  # bytes of a message that are fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """Where returned mail lies, and who we are there; ``timeout`` is in seconds."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    mailbox: str = "INBOX"
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"bounces.imap ({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An open mailbox. A message's key is its UID with the mailbox's UIDVALIDITY (RFC 3501)."""

    connection: imaplib.IMAP4
    server: ImapServer
    validity: str

    def unseen(self, known: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Yield key and content of each unseen message that is not ``known``; it stays unseen."""
        for uid in self._uid("SEARCH", "UNSEEN", "UNDELETED")[0].split():
            key = f"{self.validity}.{uid.decode()}"
            if key in known:
                continue
            found = self._uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{_LARGEST}>)")
            content = next((each[1] for each in found if isinstance(each, tuple)), None)
            if content is not None:  # gone in the meantime is fine
                yield key, content

    def mark_seen(self, key: str) -> None:
        """Mark a message as seen."""
        self._uid("STORE", key.partition(".")[2], "+FLAGS.SILENT", "(\\Seen)")

    def _uid(self, *words: str) -> list[Any]:
        kind, data = self.connection.uid(*words)
        if kind != "OK":
            raise RetrieveError(f"{self.server} refuses {words[0]}: {data!r}.")
        return [each or b"" for each in data]


@contextmanager
def open_mailbox(server: ImapServer) -> Iterator[Mailbox]:
    """Open the mailbox. Raises RetrieveError, with what to change, here and within."""
    try:
        connection = _connect(server)
        try:
            yield Mailbox(connection, server, _select(connection, server))
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        raise RetrieveError(
            f"{server} cannot be read ({error}): check host, port and security."
        ) from error


def _connect(server: ImapServer) -> imaplib.IMAP4:
    trust = ssl.create_default_context()
    where = (server.host, server.port)
    if server.security == "tls":
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            *where, ssl_context=trust, timeout=server.timeout
        )
    else:
        connection = imaplib.IMAP4(*where, timeout=server.timeout)
    try:
        if server.security == "starttls":
            connection.starttls(trust)
        _told(server, "the login", lambda: connection.login(server.username, server.password))
    except BaseException:
        connection.shutdown()
        raise
    return connection


def _select(connection: imaplib.IMAP4, server: ImapServer) -> str:
    escaped = server.mailbox.replace("\\", "\\\\").replace('"', '\\"')
    kind, _ = connection.select(f'"{escaped}"')
    if kind != "OK":
        raise RetrieveError(
            f"{server} has no mailbox “{server.mailbox}”: set bounces.imap.mailbox."
        )
    _, validity = connection.response("UIDVALIDITY")
    return (validity[0] or b"0").decode() if validity else "0"


def _told(server: ImapServer, what: str, do: Callable[[], object]) -> None:
    try:
        do()
    except UnicodeEncodeError:  # from None: the error carries the password
        raise RetrieveError(f"{server}: username and password may hold ASCII only.") from None
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise RetrieveError(
            f"{server} refuses {what} of {server.username}: check username and password."
        ) from error
