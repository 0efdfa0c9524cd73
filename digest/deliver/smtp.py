"""Speaks SMTP (RFC 5321), one command at a time, so that it always knows what was sent.

smtplib raises the same exception when the server drops us at DATA (not sent) and after the final
dot (perhaps sent); so the connection is smtplib's and the conversation is ours.
"""

import re
import smtplib
from dataclasses import replace
from enum import StrEnum
from typing import ClassVar

from digest.deliver.address import ADDRESS
from digest.deliver.connection import SmtpServer, connect, words
from digest.model import Envelope, Outcome, OutcomeKind

_ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
_LOGIN_CODES = {530, 534, 535, 538}  # RFC 4954: authentication is missing, too weak or wrong
_OUR_ADDRESS = {("1", "7"), ("1", "8")}  # RFC 3463: the sender's address, not the recipient's
_REFUSES_US = "refuses us, not the reader: check sender.address, smtp.username and its password"
_TOO_LARGE = {("2", "3"), ("3", "4")}


class Phase(StrEnum):
    """What the server was asked last. Only after ``DOT`` may the message be with it."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "the final dot"


class SmtpTransport:
    """Sends over one connection that is opened when needed and kept between messages."""

    replayable: ClassVar[bool] = False

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one envelope to the mail server; see ``Transport.send``."""
        if complaint := _complaint(envelope):
            return Outcome(kind=OutcomeKind.REJECTED, reply=complaint)
        outcome = self._begin(f"MAIL FROM:<{envelope.sender}>\r\n".encode("ascii"))
        for phase, line in _after_mail(envelope):
            if outcome.kind is not OutcomeKind.ACCEPTED:
                break
            outcome = self._ask(phase, line)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            self._reset()
        if outcome.kind is OutcomeKind.POLICY:
            return replace(outcome, reply=f"{outcome.reply} ({self._server} {_REFUSES_US})")
        return outcome

    def close(self) -> None:
        """Say goodbye and close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            _quit(connection)

    def _begin(self, mail: bytes) -> Outcome:
        # A server may drop a connection that was idle, or served enough messages: once more then,
        # on a new one. Nothing of this message has been said yet.
        if self._connection is not None:
            outcome = self._ask(Phase.MAIL, mail)
            if self._connection is not None:
                return outcome
        opened = self._open()
        return self._ask(Phase.MAIL, mail) if opened.kind is OutcomeKind.ACCEPTED else opened

    def _open(self) -> Outcome:
        try:
            self._connection = connect(self._server)
        except smtplib.SMTPResponseException as error:
            reply = words(error.smtp_error)
            return Outcome(kind=OutcomeKind.BUSY, reply=reply, code=error.smtp_code)
        except OSError as error:
            reply = f"no connection to {self._server}: {error.strerror or error}"
            return Outcome(kind=OutcomeKind.BUSY, reply=reply)
        return Outcome(kind=OutcomeKind.ACCEPTED)

    def _ask(self, phase: Phase, line: bytes) -> Outcome:
        # Taken out while we speak, so that an interrupt in between never leaves behind a
        # connection whose next answer belongs to this question.
        connection, self._connection = self._connection, None
        assert connection is not None
        try:
            outcome = _exchange(connection, phase, line, self._server)
            if outcome.code is not None and outcome.code != 421:
                self._connection = connection
        finally:
            if self._connection is None:
                connection.close()
        return outcome

    def _reset(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and _is_reset(connection):
            self._connection = connection


def open_smtp(server: SmtpServer) -> SmtpTransport:
    """Return a transport to ``server``; it connects at the first ``send``."""
    return SmtpTransport(server)


def judge(phase: Phase, code: int, reply: str) -> Outcome:
    """Return what an answer to ``phase`` means; ``ACCEPTED`` before the dot means: go on."""
    if code // 100 == (3 if phase is Phase.DATA else 2):
        kind = OutcomeKind.ACCEPTED
    elif code == 421:
        kind = OutcomeKind.BUSY
    elif code // 100 == 4:
        kind = OutcomeKind.DEFERRED
    elif code // 100 == 5:
        kind = _refusal(phase, code, reply)
    else:
        return _lost(phase, f"{code} {reply} is no answer to it")
    return Outcome(kind=kind, reply=reply, code=code)


def to_wire(content: bytes) -> bytes:
    """Return ``content`` as DATA carries it: CRLF only, dots doubled, the final dot (4.5.2)."""
    lines = content.count(b"\r\n")
    if content.count(b"\n") != lines or content.count(b"\r") != lines:
        content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n"


def _complaint(envelope: Envelope) -> str | None:
    for role, address in (("recipient", envelope.recipient), ("sender", envelope.sender)):
        if not ADDRESS.fullmatch(address):
            return (
                f"not sent: the {role}'s address {address!a} is not plain name@domain"
                " (ASCII letters and digits; no quotes, blanks or controls)"
            )
    return None


def _after_mail(envelope: Envelope) -> tuple[tuple[Phase, bytes], ...]:
    return (
        (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode("ascii")),
        (Phase.DATA, b"DATA\r\n"),
        (Phase.DOT, to_wire(envelope.content)),
    )


def _exchange(connection: smtplib.SMTP, phase: Phase, line: bytes, server: SmtpServer) -> Outcome:
    try:
        connection.send(line)
    except OSError as error:
        # The end of the line never left, so neither did the final dot.
        return _unsent(phase, str(error))
    try:
        code, reply = _reply(connection, server, phase)
    except OSError as error:  # smtplib's errors and time-outs are of this kind
        return _lost(phase, str(error))
    return judge(phase, code, words(reply))


def _reply(connection: smtplib.SMTP, server: SmtpServer, phase: Phase) -> tuple[int, bytes]:
    if phase is not Phase.DOT:
        return connection.getreply()
    assert connection.sock is not None
    connection.sock.settimeout(server.dot_timeout)
    answer = connection.getreply()
    connection.sock.settimeout(server.timeout)
    return answer


def _lost(phase: Phase, why: str) -> Outcome:
    if phase is not Phase.DOT:
        return _unsent(phase, why)
    reply = f"no answer to {phase} ({why}): it may have arrived or not"
    return Outcome(kind=OutcomeKind.UNKNOWN, reply=reply)


def _unsent(phase: Phase, why: str) -> Outcome:
    return Outcome(kind=OutcomeKind.DEFERRED, reply=f"connection lost at {phase}: {why}")


def _refusal(phase: Phase, code: int, reply: str) -> OutcomeKind:
    found = _ENHANCED.match(reply)
    subject, detail = found.groups() if found else ("", "")
    if subject == "7" or code in _LOGIN_CODES or (subject, detail) in _OUR_ADDRESS:
        return OutcomeKind.POLICY
    if phase is Phase.MAIL and code != 552 and (subject, detail) not in _TOO_LARGE:
        return OutcomeKind.POLICY  # it has not heard of a recipient yet: it refuses our address
    if phase is Phase.RCPT and subject == "1":
        return OutcomeKind.NO_MAILBOX
    return OutcomeKind.REJECTED


def _is_reset(connection: smtplib.SMTP) -> bool:
    try:
        code, _ = connection.docmd("RSET")
    except OSError:
        code = 0
    if code != 250:
        connection.close()
    return code == 250


def _quit(connection: smtplib.SMTP) -> None:
    try:
        connection.docmd("QUIT")
    except OSError:
        pass  # everything that matters was answered before
    finally:
        connection.close()
