"""A mail to the operator when delivering went wrong, as well as that can be sent then."""

from collections.abc import Sequence
from contextlib import closing
from html import escape

import structlog

from digest import deliver
from digest.app import App
from digest.errors import DigestError
from digest.flow.sealing import seal
from digest.model import Message

_log = structlog.get_logger()


def sound(app: App, keys: Sequence[deliver.DkimKey], what: str) -> bool:
    """Tell the operator ``what`` went wrong, by log and, where an address is set, by mail; returns
    whether the mail was taken."""
    _log.error("delivery.alarm", what=what)
    if app.operator is None:
        return False
    text = f"{what}\n\n`digest status` shows how things stand; `digest resume` tries at once.\n"
    message = Message(
        id=app.new_id(),
        sender=app.sender,
        recipient=app.operator,
        subject="Paper Digest: delivery needs you",
        text=text,
        html=f"<p>{escape(text)}</p>",
        composed_at=app.clock(),
        listed=False,
    )
    try:
        with closing(app.open_transport()) as transport:
            outcome = deliver.send(transport, seal(app, keys, message))
    except (DigestError, OSError) as error:
        _log.warning("delivery.alarm_unsent", error=str(error))
        return False
    _log.info("delivery.alarm_sent", outcome=outcome.kind, code=outcome.code)
    return not deliver.stops_run(outcome)
