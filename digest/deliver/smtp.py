"""Sends over several connections at once; each of them is a ``Line``."""

import selectors
import smtplib
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

import structlog

from digest.addresses import ADDRESS, is_address
from digest.deliver.answer import words
from digest.deliver.connection import SmtpServer
from digest.deliver.line import Handover, Heard, Line, LineLost, News
from digest.deliver.transport import Progress
from digest.errors import TransportError
from digest.model import Envelope, Outcome, OutcomeKind

MOST_SERVED = 500  # messages over one connection: servers end them at some number
IMPATIENT = 5.0  # seconds for one connection more
GATHER = 0.003  # seconds: answers that come this close together share a commit

_log = structlog.get_logger()
_REFUSES_US = "refuses us, not the reader: check sender.address, smtp.username and its password"


class SmtpTransport:
    """Sends over up to ``connections`` lines, opened when needed and kept between messages.

    When a server lets us no longer in, the next of ``fallbacks`` takes its place until ``close``.
    """

    replayable: ClassVar[bool] = False

    def __init__(
        self, server: SmtpServer, *, connections: int = 1, fallbacks: Sequence[SmtpServer] = ()
    ) -> None:
        self._servers = (server, *fallbacks)
        self._server, *self._spare = self._servers
        self._most = self._allowed = connections
        self._lines: list[Line] = []
        self._waiting: deque[Handover] = deque()  # offered, and on no line yet
        self._under_way: dict[str, Handover] = {}  # without an outcome
        self._unreleased = 0
        self._ready: list[str] = []
        self._outcomes: list[tuple[str, Outcome]] = []
        self._selector = selectors.DefaultSelector()

    def room(self) -> int:
        """See ``Transport.room``: each line carries one message and announces another."""
        return self._most - self._unreleased

    def offer(self, envelope: Envelope) -> None:
        """See ``Transport.offer``."""
        handover = Handover(envelope)
        self._under_way[envelope.id] = handover
        self._unreleased += 1
        if complaint := _complaint(envelope):
            self._settle(handover, Outcome(kind=OutcomeKind.REJECTED, reply=complaint))
        else:
            self._waiting.append(handover)

    def release(self, message_id: str) -> None:
        """See ``Transport.release``."""
        handover = self._under_way[message_id]
        handover.released = True
        self._unreleased -= 1
        line = self._line_of(handover)
        if line is None:
            return  # its line was lost: it goes as soon as another has heard of it
        try:
            line.release()
        except LineLost as error:
            self._lose(line, error)

    def withdraw(self, message_id: str) -> None:
        """See ``Transport.withdraw``."""
        handover = self._under_way.pop(message_id)
        self._unreleased -= 1
        if handover in self._waiting:
            self._waiting.remove(handover)
        elif line := self._line_of(handover):
            line.announced = None
            self._lose(line, LineLost("it was withdrawn"))

    def speak(self) -> None:
        """See ``Transport.speak``."""
        self._place()
        for line in tuple(self._lines):
            self._speak(line)

    def wait(self) -> Progress:
        """See ``Transport.wait``. Answers that come close together are told together."""
        try:
            self._wait()
        except BaseException:
            self._abandon()  # an answer must never be taken for that to another question
            raise
        progress = Progress(self._ready, self._outcomes)
        self._ready, self._outcomes = [], []
        return progress

    def _wait(self) -> None:
        self.speak()
        until: float | None = None
        while self._under_way and not self._told_enough(until):
            self._listen(None if until is None else until - time.monotonic())
            self.speak()
            if until is None and (self._ready or self._outcomes):
                until = time.monotonic() + GATHER

    def close(self) -> None:
        """Say goodbye and close the lines."""
        for line in self._lines:
            line.quit()
        self._abandon()

    def _abandon(self) -> None:
        """Close all lines without a word, and forget what was on its way."""
        for line in self._lines:
            line.close()
        self._allowed = self._most
        self._server, *self._spare = self._servers
        self._lines.clear()
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        self._waiting.clear()
        self._under_way.clear()
        self._unreleased = 0
        self._ready, self._outcomes = [], []

    def _told_enough(self, until: float | None) -> bool:
        if not self._ready and not self._outcomes:
            return False
        all_answered = all(line.deadline is None for line in self._lines)
        return all_answered or (until is not None and time.monotonic() >= until)

    # Placing messages on lines

    def _place(self) -> None:
        while self._waiting:
            line = self._free_line(self._waiting[0])
            if line is None:
                return
            handover = self._waiting.popleft()
            if line.takes(handover.envelope):
                line.announce(handover)
            else:
                self._settle(handover, self._no_utf8(line.server))

    def _free_line(self, handover: Handover) -> Line | None:
        """Return the line to announce a message on: an idle one, a new one, or one that will be
        free next. What came back wants a new one: an old one may be about to end as well."""
        self._hang_up_worn()
        lines = [line for line in self._lines if line.server is self._server]
        idle = next((line for line in lines if line.idle), None)
        if idle is not None and not handover.came_back:
            return idle
        if len(self._lines) < self._allowed:
            return self._open() or idle
        return next((each for each in lines if _takes_another(each)), idle)

    def _hang_up_worn(self) -> None:
        for line in tuple(self._lines):
            worn = line.served >= MOST_SERVED or line.server is not self._server
            if line.idle and worn:
                self._forget(line)
                line.quit()

    def _open(self) -> Line | None:
        """Return a new line, or settle for those there are; without any, nothing goes out."""
        # While others wait for us, a server that takes no more connections is soon left in peace.
        patience = min(self._server.timeout, IMPATIENT) if self._lines else self._server.timeout
        try:
            line = Line(replace(self._server, timeout=patience))
        except (TransportError, OSError) as error:  # smtplib's errors are OSErrors
            if not self._lines and self._turn_to_another(str(error), of=self._server):
                return self._open()
            self._not_opened(self._why_not(error))
            return None
        line.server = self._server
        self._lines.append(line)
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        return line

    def _turn_to_another(self, why: str, *, of: SmtpServer) -> bool:
        """Take the next server from now on, unless another took the place of this one already;
        False when there is none."""
        if of is not self._server:
            return True
        if not self._spare:
            return False
        _log.warning("delivery.fallback", server=str(self._server), why=why)
        self._server = self._spare.pop(0)
        return True

    def _why_not(self, error: TransportError | OSError) -> Outcome:
        if isinstance(error, TransportError):
            return Outcome(kind=OutcomeKind.POLICY, reply=str(error))
        if isinstance(error, smtplib.SMTPResponseException):
            reply = words(error.smtp_error)
            return Outcome(kind=OutcomeKind.BUSY, reply=reply, code=error.smtp_code)
        reply = f"no connection to {self._server}: {error.strerror or error}"
        return Outcome(kind=OutcomeKind.BUSY, reply=reply)

    def _no_utf8(self, server: SmtpServer) -> Outcome:
        """Return what becomes of a message that needs SMTPUTF8: where ``server`` stands in for the
        first, that may take it later."""
        first = server is self._servers[0]
        return Outcome(
            kind=OutcomeKind.NO_UTF8 if first else OutcomeKind.DEFERRED,
            reply=(
                f"not sent: {server} does not offer SMTPUTF8, without which nothing reaches an"
                " address that is not ASCII before the @; have it turned on there (Postfix:"
                " smtputf8_enable = yes), or ask the reader for another address"
            ),
        )

    def _not_opened(self, outcome: Outcome) -> None:
        self._allowed = max(1, len(self._lines))
        if not self._lines:
            while self._waiting:
                self._settle(self._waiting.popleft(), outcome)

    # Speaking and listening

    def _speak(self, line: Line) -> None:
        if not line.wants_to_write:
            return
        try:
            line.speak()
        except OSError as error:
            self._lose(line, error)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE * line.wants_to_write)
        if self._selector.get_key(line.sock).events != events:
            self._selector.modify(line.sock, events, line)

    def _listen(self, timeout: float | None) -> None:
        """Hear what is said until ``timeout``, or until the first line's patience ends."""
        now = time.monotonic()
        patience = [line.deadline - now for line in self._lines if line.deadline is not None]
        given = [] if timeout is None else [timeout]
        for key, events in self._selector.select(max(0.0, min([*patience, *given], default=0.0))):
            if events & selectors.EVENT_READ and key.data in self._lines:
                self._hear(key.data)
        now = time.monotonic()
        for line in tuple(self._lines):
            if line.deadline is not None and line.deadline < now:
                self._lose(line, TimeoutError("timed out"))

    def _hear(self, line: Line) -> None:
        try:
            self._note(line, line.listen())
        except (OSError, LineLost) as error:
            self._lose(line, error)

    def _lose(self, line: Line, error: Exception) -> None:
        self._forget(line)
        self._note(line, line.lost(str(error)))

    def _forget(self, line: Line) -> None:
        self._lines.remove(line)
        self._selector.unregister(line.sock)

    def _note(self, line: Line, heard: Iterable[Heard]) -> None:
        for handover, news in heard:
            if news is News.READY:
                self._ready.append(handover.envelope.id)
            elif news is News.BACK:
                self._come_back(handover)
            elif news.kind is OutcomeKind.BUSY and self._turn_to_another(
                news.reply, of=line.server
            ):
                handover.came_back, handover.refusal = True, None
                self._come_back(handover)
            else:
                self._settle(handover, news)

    def _come_back(self, handover: Handover) -> None:
        if handover.envelope.id in self._ready:
            self._ready.remove(handover.envelope.id)
        self._waiting.appendleft(handover)

    def _settle(self, handover: Handover, outcome: Outcome) -> None:
        message_id = handover.envelope.id
        del self._under_way[message_id]
        if not handover.released:
            self._unreleased -= 1
        if message_id in self._ready:
            self._ready.remove(message_id)
        if outcome.kind is OutcomeKind.POLICY and outcome.code is not None:
            outcome = replace(outcome, reply=f"{outcome.reply} ({self._server} {_REFUSES_US})")
        self._outcomes.append((message_id, outcome))

    def _line_of(self, handover: Handover) -> Line | None:
        return next((line for line in self._lines if line.announced is handover), None)


def open_smtp(
    server: SmtpServer, *, connections: int = 1, fallbacks: Sequence[SmtpServer] = ()
) -> SmtpTransport:
    """Return a transport to ``server``; it connects when something is offered."""
    return SmtpTransport(server, connections=connections, fallbacks=fallbacks)


def _takes_another(line: Line) -> bool:
    return line.pipelining and line.announced is None and line.served + 1 < MOST_SERVED


def _complaint(envelope: Envelope) -> str | None:
    if not is_address(envelope.recipient):
        return _odd("recipient", envelope.recipient)
    if not ADDRESS.fullmatch(envelope.sender):
        return _odd("sender", envelope.sender)
    return None


def _odd(role: str, address: str) -> str:
    return (
        f"not sent: the {role}'s address {address!a} is not plain name@domain (letters and digits;"
        " no quotes, blanks or controls; the domain, and all of the sender's, in ASCII)"
    )
