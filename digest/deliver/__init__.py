"""message → outcome: seal it, hand it over, decide what the answer means."""

from collections.abc import Mapping

from digest.deliver.answer import words
from digest.deliver.connection import Security, SmtpServer, connect
from digest.deliver.dkim import DkimKey, make_key, read_key, sign
from digest.deliver.envelope import seal
from digest.deliver.outbox import OutboxTransport, open_outbox
from digest.deliver.policy import (
    LAST,
    LONGEST_WAIT,
    breaks,
    decide,
    longer,
    orphaned,
    put_off,
    shorter,
    spread,
    stops_run,
    suppresses,
)
from digest.deliver.smtp import SmtpTransport, open_smtp
from digest.deliver.transport import OneByOne, Progress, Transport, send
from digest.deliver.verp import LONGEST_NAME, read_verp, verp

# By the names that settings and the store know them by.
TRANSPORTS: Mapping[str, type[OutboxTransport | SmtpTransport]] = {
    "outbox": OutboxTransport,
    "smtp": SmtpTransport,
}

__all__ = [
    "LAST",
    "LONGEST_NAME",
    "LONGEST_WAIT",
    "TRANSPORTS",
    "DkimKey",
    "OneByOne",
    "OutboxTransport",
    "Progress",
    "Security",
    "SmtpServer",
    "SmtpTransport",
    "Transport",
    "breaks",
    "connect",
    "decide",
    "longer",
    "make_key",
    "open_outbox",
    "open_smtp",
    "orphaned",
    "put_off",
    "read_key",
    "read_verp",
    "seal",
    "send",
    "shorter",
    "sign",
    "spread",
    "stops_run",
    "suppresses",
    "verp",
    "words",
]
