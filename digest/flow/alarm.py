"""Mail to the operator about what went wrong: each cause at most once a day, all new ones in one
mail; what the mail server does not take then is kept, and told with the next."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from html import escape

import structlog
from sqlalchemy import Connection

from digest import deliver, store
from digest.app import App
from digest.errors import DigestError
from digest.flow.limits import may_tell
from digest.flow.pulse import Job
from digest.flow.sealing import seal
from digest.model import Message, OutcomeKind, Sender

MOST_KEPT = 20  # sentences that could not be told
AGAIN = timedelta(minutes=15)  # until we try to tell them

_DONE = (
    OutcomeKind.ACCEPTED,
    OutcomeKind.UNKNOWN,
    OutcomeKind.REJECTED,  # the operator's own address is wrong: the log has it
    OutcomeKind.NO_MAILBOX,
)
_NUMBERED = re.compile(r"\S*\d\S*")
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


def sound(app: App, keys: Sequence[deliver.DkimKey], what: str) -> None:
    """Tell the operator that delivering has stopped; what differs by numbers alone, as a server's
    words do by time and queue, is the same cause."""
    tell(app, keys, {f"delivery {_NUMBERED.sub('', what)}": what})


def tell(app: App, keys: Sequence[deliver.DkimKey], troubles: Mapping[str, str]) -> tuple[str, ...]:
    """Tell the operator of troubles, sentences by their cause, by log and, where an address is set,
    by mail; returns those that were not told within the day."""
    with store.writing(app.engine) as connection:
        new = tuple(said for cause, said in troubles.items() if may_tell(app, connection, cause))
        before, again = _kept(app, connection)
        dated = [f"{app.clock():%Y-%m-%dT%H:%MZ}: {said}" for said in new]
        if app.operator and (new or again):
            _keep(app, connection, [*before, *dated])
    if new:
        _log.error("delivery.alarm", what=" ".join(new))
    if app.operator and (new or again) and _send(app, keys, app.operator, [*before, *new]):
        with store.writing(app.engine) as connection:
            others = [each for each in _kept(app, connection)[0] if each not in (*before, *dated)]
            _keep(app, connection, others)
    return new


def _kept(app: App, connection: Connection) -> tuple[list[str], bool]:
    """Return what could not be told yet, and whether it is time to try again."""
    job = store.jobs.everything(connection).get(Job.ALARM)
    if job is None or not job.error:
        return [], False
    return job.error.splitlines(), app.clock() - job.beat_at >= AGAIN


def _keep(app: App, connection: Connection, sentences: Sequence[str]) -> None:
    kept = "\n".join(sentences[-MOST_KEPT:]) or None
    store.jobs.note(connection, Job.ALARM, error=kept, now=app.clock())


def _send(
    app: App, keys: Sequence[deliver.DkimKey], operator: str, sentences: Sequence[str]
) -> bool:
    """Send the mail; returns whether there is nothing more to be done about it."""
    message = write(app.sender, operator, " ".join(sentences), id=app.new_id(), now=app.clock())
    try:
        with closing(app.open_transport()) as transport:
            outcome = deliver.send(transport, seal(app, keys, message))
    except (DigestError, OSError) as error:
        _log.warning("delivery.alarm_unsent", error=str(error))
        return False
    _log.info("delivery.alarm_sent", outcome=outcome.kind, code=outcome.code)
    return outcome.kind in _DONE


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
