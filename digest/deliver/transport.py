"""What hands messages over. Two do: the outbox folder and SMTP."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

from digest.deliver.outbox import OutboxTransport
from digest.deliver.smtp import SmtpTransport
from digest.model import Envelope, Outcome


class Transport(Protocol):
    """One way out. A transport belongs to one thread; open one for each.

    ``replayable`` says whether sending the same envelope twice leaves one copy, so that a
    delivery whose owner died may simply be sent again.
    """

    replayable: ClassVar[bool]

    def send(self, envelope: Envelope) -> Outcome:
        """Hand one envelope over and return what became of it.

        Raises TransportError when no message can go out until a person acts; then nothing of
        this envelope has left.
        """

    def close(self) -> None:
        """Finish the work in hand (QUIT; the outbox's index page). A later ``send`` reopens."""


# By the names that settings and the store know them by.
TRANSPORTS: Mapping[str, type[Transport]] = {"outbox": OutboxTransport, "smtp": SmtpTransport}
