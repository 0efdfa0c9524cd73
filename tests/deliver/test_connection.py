"""Opening a connection: what works, and what a person is told when it does not."""

import ssl
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from digest.deliver import Security, SmtpServer, connection, open_smtp
from digest.deliver import send as send_one
from digest.deliver.answer import words
from digest.model import Envelope, Outcome, OutcomeKind
from tests.deliver.servers import HOST, Inbox, certificate, mail_server, only, smtp_sink, tls


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("authority"), HOST)


@pytest.fixture(scope="module")
def context(pem: Path) -> ssl.SSLContext:
    return tls(pem)


def send(
    port: int,
    security: Security,
    ca_file: Path | None = None,
    *,
    login: tuple[str, str] | None = None,
) -> Outcome:
    username, password = login or (None, None)
    transport = open_smtp(
        SmtpServer(
            host=HOST,
            port=port,
            security=security,
            username=username,
            password=password,
            ca_file=ca_file,
            timeout=5,
        )
    )
    try:
        return send_one(
            transport,
            Envelope(
                id="i1",
                sender="digest@example.org",
                recipient="ada@example.org",
                content=b"Subject: dull\r\n\r\nDull.\r\n",
            ),
        )
    finally:
        transport.close()


def refusal(
    port: int,
    security: Security,
    ca_file: Path | None = None,
    *,
    login: tuple[str, str] | None = None,
) -> str:
    outcome = send(port, security, ca_file, login=login)
    assert (outcome.kind, outcome.code) == (OutcomeKind.POLICY, None)
    return outcome.reply


def test_starttls_encrypts_the_message(pem: Path, context: ssl.SSLContext) -> None:
    inbox = Inbox()
    with mail_server(inbox, tls_context=context, require_starttls=True) as port:
        assert send(port, Security.STARTTLS, pem).kind is OutcomeKind.ACCEPTED
    assert [message.encrypted for message in inbox.messages] == [True]


def test_tls_from_the_start_encrypts_the_message(pem: Path, context: ssl.SSLContext) -> None:
    inbox = Inbox()
    with mail_server(inbox, implicit_tls=context) as port:
        assert send(port, Security.TLS, pem).kind is OutcomeKind.ACCEPTED
    assert len(inbox.messages) == 1


def test_the_right_login_is_used(pem: Path, context: ssl.SSLContext) -> None:
    inbox = Inbox()
    with _guarded(inbox, context) as port:
        assert send(port, Security.STARTTLS, pem, login=("ada", "s3cret")).code == 250
    assert [message.login for message in inbox.messages] == ["ada"]


def test_a_wrong_login_is_told_without_the_password(pem: Path, context: ssl.SSLContext) -> None:
    with _guarded(Inbox(), context) as port:
        assert refusal(port, Security.STARTTLS, pem, login=("ada", "gu3ss")) == (
            f"{HOST}:{port} refuses the login of ada (535 5.7.8 Authentication credentials"
            " invalid): check username and password (many providers want an app password here)"
        )


def test_a_password_that_smtp_cannot_carry_is_told_without_it(
    pem: Path, context: ssl.SSLContext
) -> None:
    with _guarded(Inbox(), context) as port:
        told = refusal(port, Security.STARTTLS, pem, login=("ada", "gehe¡m"))
    assert "ASCII" in told
    assert "gehe" not in told


def test_a_missing_login_is_policy_and_not_the_readers_fault(
    pem: Path, context: ssl.SSLContext
) -> None:
    with _guarded(Inbox(), context) as port:
        outcome = send(port, Security.STARTTLS, pem)
    assert (outcome.kind, outcome.code) == (OutcomeKind.POLICY, 530)
    assert f"{HOST}:{port} refuses us, not the reader: check sender.address, sm" in outcome.reply


def test_a_server_without_logins_is_told() -> None:
    with smtp_sink("-a") as port:
        told = refusal(port, Security.NONE, login=("ada", "s3cret"))
    assert told.startswith(f"{HOST}:{port} offers no login we can use with security: none")


def test_a_port_that_speaks_tls_from_the_start_is_recognised(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.2)
    with mail_server(Inbox(), implicit_tls=context) as port:
        for security in (Security.STARTTLS, Security.NONE):
            assert refusal(port, security) == (
                f"{HOST}: port {port} speaks TLS from the start: set security: tls"
            )


def test_a_slow_greeting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SILENCE", 0.1)
    with smtp_sink("-W", "CONNECT:1") as port:
        assert send(port, Security.NONE).kind is OutcomeKind.ACCEPTED


def test_a_port_that_does_not_speak_tls_from_the_start_is_recognised() -> None:
    with mail_server(Inbox()) as port:
        assert refusal(port, Security.TLS) == (
            f"{HOST}: port {port} does not speak TLS from the start:"
            " set security: starttls, or take the port for TLS (often 465)"
        )


def test_starttls_is_never_silently_plain() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        told = refusal(port, Security.STARTTLS)
    assert told.startswith(f"{HOST}:{port} offers no STARTTLS, so nothing was sent: set security:")
    assert inbox.messages == []


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_an_untrusted_certificate_is_refused(security: Security, context: ssl.SSLContext) -> None:
    inbox = Inbox()
    with _server(inbox, security, context) as port:
        told = refusal(port, security)
    assert told == (
        f"{HOST}:{port} shows a certificate that is not trusted (self-signed certificate):"
        " check host, or set ca_file to the certificate of your own authority"
    )
    assert inbox.messages == []


@pytest.mark.parametrize("name", ["mail.example.org", "127.0.0.9"])
@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_certificate_for_another_name_is_refused(
    security: Security, name: str, tmp_path: Path
) -> None:
    other = certificate(tmp_path, name)
    with _server(Inbox(), security, tls(other)) as port:
        told = refusal(port, security, other)
    assert told.startswith(f"{HOST}:{port} shows a certificate for another name (")
    assert told.endswith("set host to the name the certificate is made for")


def _guarded(inbox: Inbox, context: ssl.SSLContext) -> AbstractContextManager[int]:
    authenticator = only("ada", "s3cret")
    return mail_server(inbox, tls_context=context, auth_required=True, authenticator=authenticator)


def _server(
    inbox: Inbox, security: Security, context: ssl.SSLContext
) -> AbstractContextManager[int]:
    if security is Security.TLS:
        return mail_server(inbox, implicit_tls=context)
    return mail_server(inbox, tls_context=context)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_ca_file_is_named(
    content: str | None, context: ssl.SSLContext, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_text(content)
    with mail_server(Inbox(), implicit_tls=context) as port:
        told = refusal(port, Security.TLS, ca_file)
    assert told.startswith(f"ca_file {ca_file} cannot be used (")


def test_a_server_that_wants_no_clients_is_told() -> None:
    with smtp_sink("-f", "CONNECT", "-B", "554 5.3.2 no service for you") as port:
        assert refusal(port, Security.NONE) == (
            f"{HOST}:{port} refuses us: 554 5.3.2 no service for you"
        )


def test_a_server_without_esmtp_is_spoken_to_plainly() -> None:
    with smtp_sink("-e") as port:
        assert send(port, Security.NONE).kind is OutcomeKind.ACCEPTED


def test_a_server_that_hangs_up_during_the_tls_handshake_is_busy() -> None:
    with smtp_sink("-q", "CONNECT") as port:
        assert send(port, Security.TLS).kind is OutcomeKind.BUSY


def test_the_password_is_not_shown_with_the_server() -> None:
    server = SmtpServer(host="mail.example.org", port=587, password="s3cret")
    assert "s3cret" not in repr(server)
    assert str(server) == "mail.example.org:587"


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (b"2.0.0 ok\nqueued as 7", "2.0.0 ok queued as 7"),
        (b"caf\xe9 \x1b[31mred", "caf\ufffd [31mred"),
        (b"x" * 900, "x" * 500),
    ],
)
def test_replies_become_one_printable_line(reply: bytes, line: str) -> None:
    assert words(reply) == line
