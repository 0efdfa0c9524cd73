"""One connection to a mail server, and what was said on it: phase by phase, never in doubt.

smtplib raises the same exception when the server drops us at DATA (not sent) and after the final
dot (perhaps sent); so the connection is opened by smtplib and the conversation is ours::

    MAIL RCPT DATA →                 one write where the server offers PIPELINING (RFC 2920)
                   ← 250 250 354     ready: nothing has been sent that could be delivered
    content . MAIL RCPT DATA →       released: the dot, and the next message announced behind it
                   ← 250             its outcome
                   ← 250 250 354     the next is ready
"""

import ssl
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from socket import socket
from typing import NoReturn

from digest.deliver.answer import Phase, judge, lost, take_reply, unsent, words
from digest.deliver.connection import SmtpServer, connect
from digest.deliver.wire import to_wire
from digest.model import Envelope, Outcome, OutcomeKind

_READ = 65_536
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_ANNOUNCING = (Phase.MAIL, Phase.RCPT, Phase.DATA)
_FOLLOWING = {Phase.RSET: Phase.MAIL, Phase.MAIL: Phase.RCPT, Phase.RCPT: Phase.DATA}


class News(Enum):
    """What may be heard of a message before its outcome."""

    READY = auto()  # the server waits for its content
    BACK = auto()  # the connection ended before it was its turn: to be announced on another


@dataclass(slots=True, eq=False)
class Handover:
    """One envelope on its way; ``released`` once its final dot may be said."""

    envelope: Envelope
    released: bool = False
    came_back: bool = False
    refusal: Outcome | None = None


Heard = tuple[Handover, Outcome | News]


class LineLost(Exception):
    """The connection has ended, or what is said on it makes no sense."""


class Line:
    """A connection: at most one message ``going``, and one ``announced``."""

    def __init__(self, server: SmtpServer) -> None:
        """Connect. Raises what ``connect`` raises."""
        opened = connect(server)
        assert opened.sock is not None
        self.server = server
        self.sock: socket = opened.sock
        self.sock.setblocking(False)
        self.pipelining = opened.has_extn("pipelining")
        self.utf8 = opened.has_extn("smtputf8")
        eight_bits = " BODY=8BITMIME" if opened.has_extn("8bitmime") else ""
        self._for_utf8 = f" SMTPUTF8{eight_bits}"  # RFC 6531 section 3.4
        self.going: Handover | None = None
        self.announced: Handover | None = None
        self.served = 0  # messages that were dealt with
        self.deadline: float | None = None  # on the monotonic clock
        self._must_reset = False
        self._asked: deque[Phase] = deque()  # what is not answered yet, oldest first
        self._unsaid = bytearray()
        self._behind_dot = 0  # how much of ``_unsaid`` comes after the final dot
        self._heard = bytearray()

    @property
    def idle(self) -> bool:
        """Whether no message is on it."""
        return self.going is None and self.announced is None

    @property
    def wants_to_write(self) -> bool:
        """Whether something is left to be said."""
        return bool(self._unsaid)

    def takes(self, envelope: Envelope) -> bool:
        """Whether the server can be asked to take a message: it may need SMTPUTF8."""
        return self.utf8 or not envelope.needs_utf8

    def announce(self, handover: Handover) -> None:
        """Say for whom a message is: with ``speak``, behind what else is to be said."""
        self.announced = handover
        if self._must_reset:
            self._must_reset = False
            self._ask(Phase.RSET, b"RSET\r\n")
            if not self.pipelining:
                return
        self._ask_next(Phase.MAIL)

    def _ask_next(self, phase: Phase) -> None:
        """Ask ``phase`` of the announced message, and where we may all that follows."""
        assert self.announced is not None
        envelope = self.announced.envelope
        more = self._for_utf8 if envelope.needs_utf8 else ""
        questions = {
            Phase.MAIL: f"MAIL FROM:<{envelope.sender}>{more}\r\n",
            Phase.RCPT: f"RCPT TO:<{envelope.recipient}>\r\n",
            Phase.DATA: "DATA\r\n",
        }
        for each in _ANNOUNCING if self.pipelining else (phase,):
            self._ask(each, questions[each].encode())

    def release(self) -> None:
        """Say the content of the announced message, which is ready, and its final dot."""
        handover = self.announced
        assert handover is not None
        if self._heard:
            self._unasked()
        self.announced, self.going = None, handover
        envelope = handover.envelope
        if envelope.tidy:  # looking through all of it takes longer than sending it
            self._unsaid += envelope.content
            self._ask(Phase.DOT, b".\r\n")
        else:
            self._ask(Phase.DOT, to_wire(envelope.content))
        self._behind_dot = 0

    def _ask(self, phase: Phase, line: bytes) -> None:
        if not self._asked:
            self._set_deadline(phase)
        self._asked.append(phase)
        self._unsaid += line
        self._behind_dot += len(line)

    def _set_deadline(self, phase: Phase) -> None:
        patience = self.server.dot_timeout if phase is Phase.DOT else self.server.timeout
        self.deadline = time.monotonic() + patience

    def speak(self) -> None:
        """Write as much as the connection takes. Raises OSError when it is lost."""
        while self._unsaid:
            try:
                written = self.sock.send(self._unsaid)
            except _NOT_NOW:
                return
            del self._unsaid[:written]
            if self._asked:
                self._set_deadline(self._asked[0])  # anew: much may pass before we speak

    def listen(self) -> Iterator[Heard]:
        """Yield what the answers that are there mean.

        Raises LineLost or OSError when no other will come; ``lost`` then says what that means.
        """
        ended = self._read()
        while self._asked and (reply := self._next_reply()):
            yield from self._answered(*reply)
        if self._heard and not self._asked:
            self._unasked()
        if ended:
            raise LineLost("Connection unexpectedly closed")

    def _unasked(self) -> NoReturn:
        """Give a server up that speaks unasked; it may refuse what it has just agreed to."""
        said = words(bytes(self._heard[:200]))
        reply = self._next_reply()
        if reply is not None and reply[0] >= 400 and self.announced is not None:
            self.announced.refusal = judge(Phase.DATA, *reply)
        raise LineLost(f"it said {said!r} without being asked")

    def _read(self) -> bool:
        """Read what is there; returns whether the server has hung up."""
        while True:
            try:
                data = self.sock.recv(_READ)
            except _NOT_NOW:
                return False
            self._heard += data
            if len(data) < _READ and not self._has_more():
                return not data

    def _has_more(self) -> bool:
        pending = getattr(self.sock, "pending", None)  # what TLS has decrypted already
        return pending is not None and pending() > 0

    def _next_reply(self) -> tuple[int, str] | None:
        try:
            return take_reply(self._heard)
        except ValueError as error:
            raise LineLost(str(error)) from error

    def _answered(self, code: int, reply: str) -> Iterator[Heard]:
        phase = self._asked[0]
        handover = self.going if phase is Phase.DOT else self.announced
        needs_utf8 = handover is not None and handover.envelope.needs_utf8
        outcome = judge(phase, code, reply, utf8=needs_utf8)
        if outcome.code is None:
            raise LineLost(f"{code} {reply} is no answer to {phase}")
        self._asked.popleft()
        self.deadline = None
        if self._asked:
            self._set_deadline(self._asked[0])
        if phase is Phase.DOT:
            yield from self._content_answered(outcome)
        else:
            yield from self._announcement_answered(phase, outcome)
        if code == 421:
            raise LineLost(f"421 {reply}")

    def _content_answered(self, outcome: Outcome) -> Iterator[Heard]:
        cut_short = self._content_is_unsaid
        if cut_short and outcome.kind is OutcomeKind.ACCEPTED:
            raise LineLost("it takes a message of which it has not heard the end")
        assert self.going is not None
        handover, self.going = self.going, None
        self.served += 1
        yield handover, outcome
        if cut_short:
            raise LineLost("it answered before the end of the message")

    def _announcement_answered(self, phase: Phase, outcome: Outcome) -> Iterator[Heard]:
        handover = self.announced
        assert handover is not None
        if outcome.kind is not OutcomeKind.ACCEPTED:
            self._refused(handover, phase, outcome)
        elif phase is Phase.DATA:
            yield from self._may_go(handover)
            return
        if handover.refusal is None:
            if not self.pipelining:
                self._ask_next(_FOLLOWING[phase])
        elif not self._asked and outcome.code != 421:
            self.announced = None
            self.served += 1
            yield handover, handover.refusal

    def _refused(self, handover: Handover, phase: Phase, outcome: Outcome) -> None:
        if phase is Phase.RSET:
            raise LineLost(f"RSET: {outcome.code} {outcome.reply}")
        self._must_reset = True
        handover.refusal = handover.refusal or outcome

    def _may_go(self, handover: Handover) -> Iterator[Heard]:
        if handover.refusal is not None:
            raise LineLost("it wants the content of a message that it refused")
        if handover.released:
            self.release()
        else:
            yield handover, News.READY

    def lost(self, why: str) -> Iterator[Heard]:
        """Close the connection, and yield what becomes of the messages on it."""
        self.close()
        had_company = self.served > 0 or self.going is not None
        if self.going is not None:
            yield self.going, self._lost_content(why)
        handover = self.announced
        if handover is None:
            return
        was_turned_away = handover.refusal is not None and handover.refusal.code == 421
        phase = next((each for each in self._asked if each is not Phase.DOT), Phase.DATA)
        if had_company and not handover.came_back and (not handover.refusal or was_turned_away):
            # A server may end a connection that was idle, or served enough messages.
            handover.came_back, handover.refusal = True, None
            yield handover, News.BACK
        else:
            yield handover, handover.refusal or unsent(phase, why)

    @property
    def _content_is_unsaid(self) -> bool:
        return len(self._unsaid) > self._behind_dot

    def _lost_content(self, why: str) -> Outcome:
        if self._content_is_unsaid:
            # The end of the content never left, so neither did the final dot.
            return unsent(Phase.DOT, why)
        return lost(Phase.DOT, why)

    def quit(self) -> None:
        """Say goodbye, if the server is to hear it, and close the connection."""
        try:
            if self.idle and not self._unsaid:
                self.sock.send(b"QUIT\r\n")
        except OSError:
            pass  # everything that matters was answered before
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection without a word."""
        self.sock.close()
