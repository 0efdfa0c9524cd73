"""A mail to the operator when delivering went wrong, as well as that can be sent then."""

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from html import escape

import structlog

from digest import deliver
from digest.app import App
from digest.errors import DigestError
from digest.flow.sealing import seal
from digest.model import Message, Sender

_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")

_log = structlog.get_logger()

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Paper Digest</title></head>
<body>
{}</body>
</html>
"""


def nameless(words: str) -> str:
    """Return a mail server's words without the addresses in them: what goes to the log, to the
    operator and into other readers' records names nobody."""
    return _ADDRESS.sub("…", words)


def sound(app: App, keys: Sequence[deliver.DkimKey], what: str) -> bool:
    """Tell the operator ``what`` went wrong, by log and, where an address is set, by mail; returns
    whether the mail was taken."""
    _log.error("delivery.alarm", what=what)
    if app.operator is None:
        return False
    message = write(app.sender, app.operator, what, id=app.new_id(), now=app.clock())
    try:
        with closing(app.open_transport()) as transport:
            outcome = deliver.send(transport, seal(app, keys, message))
    except (DigestError, OSError) as error:
        _log.warning("delivery.alarm_unsent", error=str(error))
        return False
    _log.info("delivery.alarm_sent", outcome=outcome.kind, code=outcome.code)
    return not deliver.stops_run(outcome)


def write(sender: Sender, operator: str, what: str, *, id: str, now: datetime) -> Message:
    """Return the mail that says ``what``; it needs no template, which might be what is broken."""
    lines = (what, "`digest status` shows how things stand; `digest resume` tries at once.")
    return Message(
        id=id,
        sender=sender,
        recipient=operator,
        subject="Paper Digest: delivery needs you",
        text_pieces=("\n\n".join(lines) + "\n",),
        html_pieces=(_PAGE.format("".join(f"<p>{escape(line)}</p>\n" for line in lines)),),
        composed_at=now,
        listed=False,
    )
