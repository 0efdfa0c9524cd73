"""Real mail servers for tests: aiosmtpd, which keeps what it gets, and Postfix's ``smtp-sink``,
which breaks off exactly where it is told to."""

import asyncio
import getpass
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, Session
from aiosmtpd.smtp import Envelope as SmtpEnvelope

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it arrived; ``peer`` tells one connection from another."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    peer: str
    encrypted: bool
    login: str | None


@dataclass(slots=True)
class Inbox:
    """The handler of an aiosmtpd server: keeps all messages, answers 250."""

    messages: list[Received] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: SmtpEnvelope) -> str:
        assert isinstance(envelope.content, bytes)
        login = session.auth_data
        self.messages.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                content=envelope.content,
                peer=str(session.peer),
                encrypted=session.ssl is not None,
                login=login.login.decode() if isinstance(login, LoginPassword) else None,
            )
        )
        return "250 2.0.0 taken"

    @property
    def connections(self) -> int:
        """How many connections the messages came over."""
        return len({message.peer for message in self.messages})


@contextmanager
def mail_server(
    inbox: object, *, implicit_tls: ssl.SSLContext | None = None, **settings: Any
) -> Iterator[int]:
    """Run aiosmtpd with ``inbox`` as its handler and yield its port. ``settings`` are those of
    ``aiosmtpd.smtp.SMTP``: ``tls_context`` offers STARTTLS, ``authenticator`` a login."""
    port = free_port()
    controller = Controller(
        inbox, hostname=HOST, port=port, ssl_context=implicit_tls, ident="ESMTP", **settings
    )
    controller.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(_hang_up(controller.loop), controller.loop).result()
        controller.stop()


async def _hang_up(loop: asyncio.AbstractEventLoop) -> None:
    # aiosmtpd leaves connections open when it stops (a failed TLS handshake, say), and Python
    # would warn about them in some later test. The loop alone knows them all.
    for transport in list(loop._transports.values()):  # type: ignore[attr-defined]
        transport.abort()
    await asyncio.sleep(0.01)


def only(username: str, password: str) -> Any:
    """Return an aiosmtpd authenticator that knows one login."""

    def check(server: object, session: object, envelope: object, mechanism: str, data: Any) -> Any:
        right = (data.login, data.password) == (username.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=data)

    return check


@contextmanager
def smtp_sink(*options: str) -> Iterator[int]:
    """Run ``smtp-sink`` with ``options`` (see its manual) and yield its port once it listens.

    Skips the test where Postfix is not installed; fails it there when the environment says CI.
    """
    program = require("smtp-sink", "postfix")
    port = free_port()
    user = ("-u", getpass.getuser()) if os.getuid() == 0 else ()
    process = subprocess.Popen(
        [program, *user, *options, f"{HOST}:{port}", "32"], stderr=subprocess.DEVNULL
    )
    try:
        _await_listener(port, process)
        yield port
    finally:
        process.terminate()
        process.wait()


def captured(dump: Path) -> int:
    """Return how many messages a sink with ``-D dump`` took."""
    return dump.read_text().count("\nX-Mail-Args:") if dump.exists() else 0


def certificate(folder: Path, name: str) -> Path:
    """Make a self-signed certificate for host ``name`` in ``folder``: a PEM file with its key."""
    program = require("openssl", "openssl")
    pem, key = folder / f"{name}.pem", folder / f"{name}.key"
    kind = "IP" if name[0].isdigit() else "DNS"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}"]
    subprocess.run(
        [program, "req", "-x509", *curve, *subject, "-keyout", str(key), "-out", str(pem)],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + key.read_text())
    return pem


def tls(pem: Path) -> ssl.SSLContext:
    """Return the context of a server that shows the certificate in ``pem``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def require(program: str, package: str) -> str:
    """Return the path of ``program``, or skip the test and say what to install."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        reason = f"{program} is missing: apt-get install {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listened on a moment ago."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


def _await_listener(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        assert process.poll() is None, "smtp-sink ended at once: are its options right?"
        try:
            socket.create_connection((HOST, port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("smtp-sink does not listen")
