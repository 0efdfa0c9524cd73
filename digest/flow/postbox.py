"""Where mail that comes back is found: a maildir, an mbox, an IMAP mailbox, or a door for servers.

::

    read → what follows, and that it was read, in one commit → moved to cur/, or marked as seen

A crash on the way means that one mail is read again, or stays unmarked; nothing happens twice. Mail
that is no report stays unseen: somebody may have written to people.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from digest import bounce, ingest, store
from digest.app import App
from digest.errors import DigestError, RetrieveError
from digest.flow.bounce import Taken, settle_returned, take_bounce, take_within
from digest.model import BounceReason

if TYPE_CHECKING:
    from digest.bounce.door import Door

MAILDIR, MBOX, IMAP = "(bounces: maildir)", "(bounces: mbox)", "(bounces: imap)"
_MARK = "(bounces: mark)"

_log = structlog.get_logger()


def fetch_bounces(app: App) -> int:
    """Read all that came back and was not read before; returns how many mails that were.

    What came back before its sending was recorded is settled too, whether or not mail came. Raises
    StoreError, and RetrieveError for a place that cannot be read, after all others were.
    """
    count = 0
    failures: list[RetrieveError] = []
    for read in (_maildir, _mbox, _imap):
        try:
            count += read(app)
        except RetrieveError as error:
            _log.error("bounces.unread", error=str(error))
            failures.append(error)
    with store.writing(app.engine) as connection:
        settle_returned(app, connection)
    if failures:
        raise failures[0]
    return count


def open_door(app: App) -> "Door | None":
    """Return the door for mail servers, not yet open; None if config.yaml has none."""
    listen = app.bounces.listen
    if listen is None:
        return None
    from digest.bounce.door import Door  # a server nobody else has to wait for

    host, port, speaks_lmtp = listen
    return Door(
        host,
        port,
        speaks_lmtp=speaks_lmtp,
        accepts=lambda address: _is_ours(app, address),
        take=lambda content, came_to: _take(app, content, came_to),
    )


def _is_ours(app: App, address: str) -> bool:
    """Whether an address is our mailbox for returned mail, with anything after a ``+``."""
    name, _, domain = (app.sender.bounces or app.sender.address).casefold().rpartition("@")
    local, _, place = address.casefold().rpartition("@")
    return place == domain and local.partition("+")[0] == name


def _take(app: App, content: bytes, came_to: str) -> None:
    take_bounce(app, content, came_to=(came_to,))


def _maildir(app: App) -> int:
    folder = app.bounces.maildir
    if folder is None:
        return 0
    paths = ingest.messages(folder)
    known = _known(app, MAILDIR)
    count = 0
    for path in paths:
        if ingest.message_key(path) in known:
            continue
        try:
            content = ingest.read_file(path, limit=app.max_bytes).content
        except RetrieveError:
            if path.exists():
                raise
            continue  # its owner moved it
        taken = _once(app, MAILDIR, ingest.message_key(path), content)
        count += 1
        if _is_report(taken):
            ingest.settle(path, ingest.SEEN)
    _forget(app, MAILDIR, known - {ingest.message_key(path) for path in paths})
    return count


def _mbox(app: App) -> int:
    """Read an mbox where it grew; it stays as it is."""
    path = app.bounces.mbox
    if path is None or not path.exists() or not ingest.unlocked(path):
        return 0
    marks = _known(app, _MARK)
    before = ingest.read_mark(next(iter(marks), None))
    mark = ingest.mark(path)
    if mark == before:
        return 0
    known = _known(app, MBOX)
    new = [each for each in _grown(path, before, app.max_bytes) if each.key not in known]
    for each in new:
        _once(app, MBOX, each.key, each.content or b"")
    with store.writing(app.engine) as connection:
        store.mails.forget(connection, _MARK, marks)
        store.mails.remember(connection, _MARK, str(mark))
    return len(new)


def _grown(path: Path, before: ingest.Mark | None, limit: int) -> Iterator[ingest.Boxed]:
    with path.open("rb") as file:
        yield from ingest.split(file, limit=limit, start=ingest.resume(file, before))


def _imap(app: App) -> int:
    server = app.bounces.imap
    if server is None:
        return 0
    known = _known(app, IMAP)
    count = 0
    with bounce.open_mailbox(server) as mailbox:
        for key, content in mailbox.unseen(known):
            taken = _once(app, IMAP, key, content)
            count += 1
            if _is_report(taken):
                mailbox.mark_seen(key)
    return count


def _once(app: App, source: str, key: str, content: bytes) -> Taken | None:
    """Do what follows from a mail and note that it was read, in one commit; None if it cannot be
    understood at all, which is told and stops no other."""
    try:
        with store.writing(app.engine) as connection:
            taken = take_within(app, connection, content)
            store.mails.remember(connection, source, key)
            return taken
    except DigestError:
        raise
    except Exception as error:  # noqa: BLE001 -- one failure is one failure
        _log.error("bounce.failed", mail=key, exc_info=error)
        return None


def _is_report(taken: Taken | None) -> bool:
    return taken is not None and any(
        each.reason is not BounceReason.OTHER for each in taken.returned.bounces
    )


def _known(app: App, source: str) -> frozenset[str]:
    with store.reading(app.engine) as connection:
        return store.mails.known(connection, source)


def _forget(app: App, source: str, gone: frozenset[str]) -> None:
    if gone:
        with store.writing(app.engine) as connection:
            store.mails.forget(connection, source, gone)
