"""Opens a connection to the mail server and, when that fails, says what to change."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from digest.deliver.answer import words
from digest.errors import TransportError

# A server of the other kind waits in silence for us to begin TLS. After this many seconds without
# a greeting we look whether that is so; a merely slow server still gets its whole timeout.
SILENCE = 3.0

# OpenSSL's names for "what came back is not TLS at all".
_NOT_TLS = {"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}
# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL's x509_vfy.h.
_OTHER_NAME = {62, 64}


class Security(StrEnum):
    """How the connection is encrypted: after a plain greeting, from the first byte, or not."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The mail server that relays for us, and how to speak to it.

    ``timeout`` is the wait for a connection and for each answer, in seconds. ``dot_timeout`` is
    the wait for the answer to a whole message: longer, because giving up there leaves an uncertain
    delivery (RFC 5321 section 4.5.3.2.6). ``helo`` is the name we give (default: this machine's).
    ``ca_file`` names a PEM file of the only authorities to trust instead of the system's.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    dot_timeout: float = 120.0
    helo: str | None = None
    ca_file: Path | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def connect(server: SmtpServer) -> smtplib.SMTP:
    """Return a connection that is greeted, encrypted as asked, and logged in.

    Raises TransportError, with what to change, when a person has to act; OSError (smtplib's errors
    are of that kind) when the server cannot be reached or asks us to come back later.
    """
    connection = smtplib.SMTP(local_hostname=server.helo, timeout=server.timeout)
    try:
        _open(connection, server)
    except smtplib.SMTPResponseException as error:
        connection.close()
        if error.smtp_code < 500:
            raise
        raise TransportError(f"{server} refuses us: {_answer(error)}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _open(connection: smtplib.SMTP, server: SmtpServer) -> None:
    connection.sock = _dial(server)
    _require(connection.getreply())
    _say_hello(connection)
    if server.security is Security.STARTTLS:
        _start_tls(connection, server)
    if server.username is not None:
        _login(connection, server, server.username)


def _require(reply: tuple[int, bytes]) -> None:
    code, words = reply
    if code // 100 != 2:
        raise smtplib.SMTPResponseException(code, words)


def _say_hello(connection: smtplib.SMTP) -> None:
    answer = connection.ehlo()
    _require(connection.helo() if answer[0] // 100 == 5 else answer)


def _dial(server: SmtpServer) -> socket.socket:
    plain = socket.create_connection((server.host, server.port), server.timeout)
    if server.security is Security.TLS:
        return _encrypt(plain, server)
    if _is_silent(plain, server.timeout) and _speaks_tls(server):
        plain.close()
        raise TransportError(
            f"{server.host}: port {server.port} speaks TLS from the start: set security: tls"
        )
    return plain


def _is_silent(sock: socket.socket, timeout: float) -> bool:
    sock.settimeout(min(SILENCE, timeout))
    try:
        sock.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return True
    finally:
        sock.settimeout(timeout)
    return False


def _speaks_tls(server: SmtpServer) -> bool:
    # Nothing is said inside this connection, so its certificate does not matter.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((server.host, server.port), SILENCE) as plain,
            context.wrap_socket(plain),
        ):
            return True
    except OSError:
        return False


def _start_tls(connection: smtplib.SMTP, server: SmtpServer) -> None:
    if not connection.has_extn("starttls"):
        raise TransportError(
            f"{server} offers no STARTTLS, so nothing was sent: set security: tls with the port"
            " for it (often 465), or security: none for a relay on a network you trust"
        )
    _require(connection.docmd("STARTTLS"))
    assert connection.sock is not None
    connection.sock = _encrypt(connection.sock, server)
    # What was said in the clear counts no more (RFC 3207 section 4.2), read-ahead included.
    connection.file = None
    connection.helo_resp = connection.ehlo_resp = None
    connection.esmtp_features = {}
    _say_hello(connection)


def _encrypt(plain: socket.socket, server: SmtpServer) -> ssl.SSLSocket:
    try:
        return _trust(server).wrap_socket(plain, server_hostname=server.host)
    except ssl.SSLCertVerificationError as error:
        raise TransportError(_distrust(server, error)) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise  # the server went away: that is no answer
    except ssl.SSLError as error:
        raise TransportError(_no_tls(server, error)) from error
    finally:
        plain.close()  # does nothing once it is wrapped


def _trust(server: SmtpServer) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:  # ssl.SSLError is one: a file that is no certificate
        raise TransportError(
            f"ca_file {server.ca_file} cannot be used ({error.strerror or error}): give a PEM file"
            " with the certificate of the authority"
        ) from error


def _distrust(server: SmtpServer, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _OTHER_NAME:
        return (
            f"{server} shows a certificate for another name ({error.verify_message}):"
            " set host to the name the certificate is made for"
        )
    return (
        f"{server} shows a certificate that is not trusted ({error.verify_message}):"
        " check host, or set ca_file to the certificate of your own authority"
    )


def _no_tls(server: SmtpServer, error: ssl.SSLError) -> str:
    if error.reason in _NOT_TLS and server.security is Security.TLS:
        return (
            f"{server.host}: port {server.port} does not speak TLS from the start:"
            " set security: starttls, or take the port for TLS (often 465)"
        )
    return f"{server}: TLS fails ({error.reason}): ask its operator which TLS versions it speaks"


def _login(connection: smtplib.SMTP, server: SmtpServer, username: str) -> None:
    try:
        connection.login(username, server.password or "")
    except UnicodeEncodeError:
        # from None: the error carries the password.
        raise TransportError(
            f"{server}: username and password may hold ASCII characters only: set another password"
        ) from None
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise
        raise TransportError(
            f"{server} refuses the login of {username} ({_answer(error)}): check username and"
            " password (many providers want an app password here)"
        ) from error
    except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
        raise
    except smtplib.SMTPException as error:
        raise TransportError(
            f"{server} offers no login we can use with security: {server.security}"
            f" ({error}): change security, or remove username"
        ) from error


def _answer(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {words(error.smtp_error)}"
