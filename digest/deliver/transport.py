"""What hands messages over. Two do: the outbox folder and SMTP."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import structlog

from digest.errors import TransportError
from digest.model import Envelope, Outcome, OutcomeKind

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened since the last look: the ids of messages that wait for ``release``, and the
    outcomes of others."""

    ready: Sequence[str] = ()
    outcomes: Sequence[tuple[str, Outcome]] = ()


class Transport(Protocol):
    """One way out, for several messages at a time. It belongs to one thread; open one for each.

    A message is offered, becomes ready, and is released or withdrawn; only what is released can
    arrive. Each message that is offered and not withdrawn gets exactly one outcome.
    ``replayable`` says whether sending the same envelope twice leaves one copy, so that a
    delivery whose owner died may simply be sent again.
    """

    replayable: ClassVar[bool]

    def room(self) -> int:
        """Return how many messages may be offered now."""

    def offer(self, envelope: Envelope) -> None:
        """Take a message up; its id is not on its way already."""

    def release(self, message_id: str) -> None:
        """Let a message go that was said to be ready."""

    def withdraw(self, message_id: str) -> None:
        """Forget a message that was not released."""

    def speak(self) -> None:
        """Say what can be said without waiting."""

    def wait(self) -> Progress:
        """Wait until something has happened; nothing has when no message is on its way."""

    def close(self) -> None:
        """Finish the work in hand (QUIT; the outbox's index page). A later ``offer`` reopens."""


class OneByOne:
    """A transport that ``send``s one message after the other, each answered at once.

    ``send`` may raise TransportError when no message can go out until a person acts; then nothing
    of its envelope has left.
    """

    replayable: ClassVar[bool] = False

    def __init__(self) -> None:
        self._offered: Envelope | None = None
        self._released: deque[Envelope] = deque()

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one envelope over and return what became of it."""
        raise NotImplementedError

    def room(self) -> int:
        """See ``Transport.room``."""
        return int(self._offered is None)

    def offer(self, envelope: Envelope) -> None:
        """See ``Transport.offer``."""
        self._offered = envelope

    def release(self, message_id: str) -> None:
        """See ``Transport.release``."""
        assert self._offered is not None
        self._released.append(self._offered)
        self._offered = None

    def withdraw(self, message_id: str) -> None:
        """See ``Transport.withdraw``."""
        self._offered = None

    def speak(self) -> None:
        """Say nothing: ``wait`` does all."""

    def wait(self) -> Progress:
        """See ``Transport.wait``."""
        outcomes = []
        while self._released:
            envelope = self._released.popleft()
            outcomes.append((envelope.id, self._attempt(envelope)))
        return Progress([self._offered.id] if self._offered else [], outcomes)

    def close(self) -> None:
        """Do nothing."""

    def _attempt(self, envelope: Envelope) -> Outcome:
        try:
            return self.send(envelope)
        except TransportError as error:
            return Outcome(kind=OutcomeKind.POLICY, reply=str(error))
        except Exception as error:  # noqa: BLE001 -- one failure is one failure
            _log.error("delivery.failed", message=envelope.id, exc_info=error)
            kind = OutcomeKind.DEFERRED if self.replayable else OutcomeKind.UNKNOWN
            return Outcome(kind=kind, reply=f"The transport failed: {type(error).__name__}.")


def send(transport: Transport, envelope: Envelope) -> Outcome:
    """Hand one envelope over, alone, and return what became of it."""
    transport.offer(envelope)
    while True:
        progress = transport.wait()
        for _, outcome in progress.outcomes:
            return outcome
        for message_id in progress.ready:
            transport.release(message_id)
