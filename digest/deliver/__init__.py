"""message → outcome: seal it, hand it over, decide what the answer means."""

from digest.deliver.address import mailbox
from digest.deliver.connection import Security, SmtpServer
from digest.deliver.envelope import seal
from digest.deliver.outbox import OutboxTransport, open_outbox
from digest.deliver.policy import decide, orphaned, stops_run, suppresses
from digest.deliver.smtp import SmtpTransport, open_smtp
from digest.deliver.transport import TRANSPORTS, Transport
from digest.deliver.verp import LONGEST_NAME, read_verp, verp

__all__ = [
    "LONGEST_NAME",
    "TRANSPORTS",
    "OutboxTransport",
    "Security",
    "SmtpServer",
    "SmtpTransport",
    "Transport",
    "decide",
    "mailbox",
    "open_outbox",
    "open_smtp",
    "orphaned",
    "read_verp",
    "seal",
    "stops_run",
    "suppresses",
    "verp",
]
