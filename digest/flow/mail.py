"""Mail as a source: each message is read once, and whoever else reads that mail is not disturbed.

::

    maildir  read → ingest → cur/, seen or flagged → remembered
    mbox     where it grew → split → ingest → remembered → marked how far
    a pipe   split, or all of it → ingest

A crash on the way means that one message is read again, which changes nothing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from digest import ingest, store
from digest.app import App, Source
from digest.errors import ParseError, RetrieveError, SourceError
from digest.flow.visit import Ingested, ingest_payload, refused
from digest.model import Payload, Problem, Validators

STDIN = "standard input"
LAST = 5  # mails that are looked at to check a source


def ingest_maildir(app: App, folder: Path, source: str) -> Iterator[Ingested]:
    """Ingest the messages of a maildir that were not read before, wherever in it they lie.

    One that is no listing is told and flagged. Raises RetrieveError when there is no such maildir.
    """
    paths = ingest.messages(folder)
    with store.reading(app.engine) as connection:
        known = store.mails.known(connection, source)
    for path in paths:
        if ingest.message_key(path) not in known and (done := _take(app, path, source)):
            yield done
    gone = known - {ingest.message_key(path) for path in paths}
    if gone:
        with store.writing(app.engine) as connection:
            store.mails.forget(connection, source, gone)


def ingest_mbox(app: App, path: Path, source: str) -> Iterator[Ingested]:
    """Ingest the messages of an mbox that were not read before; the file stays as it is.

    While somebody writes to it, it waits for the next visit. Raises RetrieveError when it cannot
    be read; that one read before is gone is fine: mail programs remove an empty one.
    """
    with store.reading(app.engine) as connection:
        record = store.sources.get(connection, source)
    before = ingest.read_mark(record.validators.etag)
    if (before and not path.exists()) or not ingest.unlocked(path):
        return
    mark = ingest.mark(path)
    if mark == before:
        return
    with store.reading(app.engine) as connection:
        known = store.mails.known(connection, source)
    for each in _grown(path, before, app.max_bytes):
        if each.key not in known:
            yield _ingest_boxed(app, path.name, each, source=source)
            _remember(app, source, each.key)
    with store.writing(app.engine) as connection:
        store.sources.read(connection, source, Validators(etag=str(mark)), now=app.clock())


def kind_of_place(path: Path) -> str:
    """Return what ``path`` is as a source, in the words of config.yaml, by what is in it."""
    if path.is_dir():
        return "maildir" if ingest.is_maildir(path) else "folder"
    return "mbox" if ingest.starts_as_mbox(path) else "file"


def last_mails(app: App, source: Source) -> Iterator[Payload]:
    """Yield the last few messages of a maildir or an mbox, read before or not; they stay as they
    are. Raises RetrieveError."""
    if source.maildir is not None:
        for path in sorted(ingest.messages(source.maildir), key=lambda path: path.name)[-LAST:]:
            yield ingest.read_file(path, limit=app.max_bytes)
    if source.mbox is not None:
        for each in deque(_grown(source.mbox, None, app.max_bytes), LAST):
            yield _payload(app, source.mbox.name, each)


def ingest_messages(app: App, folder: Path, *, on: date | None) -> Iterator[Ingested]:
    """Ingest a maildir that a person named, all of it; it stays as it is. Raises RetrieveError."""
    for path in ingest.messages(folder):
        try:
            payload = ingest.read_file(path, limit=app.max_bytes)
            yield ingest_payload(app, payload, source=str(folder), on=on)
        except SourceError as error:
            yield refused(path.name, error)


def ingest_file(app: App, path: Path, *, source: str, on: date | None = None) -> Iterator[Ingested]:
    """Ingest a file: the listing it is, or the messages of the mbox it is. Raises SourceError."""
    if not ingest.starts_as_mbox(path):
        payload = ingest.read_file(path, limit=app.max_bytes)
        yield ingest_payload(app, payload, source=source, on=on)
        return
    boxed = _grown(path, None, app.max_bytes)
    yield from _ingest_all(app, path.name, boxed, source=source, on=on)


def ingest_stream(app: App, stream: BinaryIO, *, on: date | None) -> Iterator[Ingested]:
    """Ingest what is piped to us: a listing, a mail, or several as an mbox. Raises SourceError."""
    first = stream.readline(ingest.LONGEST_LINE)
    if ingest.is_mbox(first):
        boxed = ingest.split(stream, limit=app.max_bytes, first=first)
        yield from _ingest_all(app, STDIN, boxed, source=STDIN, on=on)
        return
    payload = ingest.read_stream(stream, STDIN, limit=app.max_bytes, first=first)
    yield ingest_payload(app, payload, source=STDIN, on=on)


def _take(app: App, path: Path, source: str) -> Ingested | None:
    """Ingest one message of a maildir and put it where its owner sees what became of it; None when
    it is gone: its owner moved it."""
    try:
        payload = ingest.read_file(path, limit=app.max_bytes)
        done = ingest_payload(app, payload, source=source)
    except SourceError as error:
        if not path.exists():
            return None
        done = refused(path.name, error)
    try:
        ingest.settle(path, ingest.FLAGGED if done.error else ingest.SEEN)
    except RetrieveError as error:
        done = replace(done, problems=(*done.problems, Problem(message=str(error))))
    _remember(app, source, ingest.message_key(path))
    return done


def _grown(path: Path, before: ingest.Mark | None, limit: int) -> Iterable[ingest.Boxed]:
    """The messages that came to an mbox since the mark, or all, if that tells nothing any more."""
    try:
        with path.open("rb") as file:
            start = ingest.resume(file, before)
            yield from ingest.split(file, limit=limit, start=start)
    except OSError as error:
        raise ingest.unreadable(path, error) from error


def _ingest_all(
    app: App, box: str, boxed: Iterable[ingest.Boxed], *, source: str, on: date | None
) -> Iterator[Ingested]:
    each = None
    for each in boxed:
        yield _ingest_boxed(app, box, each, source=source, on=on)
    if each is None:
        raise ParseError(box, "there is no mail in this mbox.")


def _ingest_boxed(
    app: App, box: str, each: ingest.Boxed, *, source: str, on: date | None = None
) -> Ingested:
    try:
        return ingest_payload(app, _payload(app, box, each), source=source, on=on)
    except SourceError as error:
        return refused(_name(box, each), error)


def _payload(app: App, box: str, each: ingest.Boxed) -> Payload:
    if each.content is None:
        raise ingest.too_large(_name(box, each), app.max_bytes)
    return Payload(name=_name(box, each), content=each.content)


def _name(box: str, each: ingest.Boxed) -> str:
    return f"{box}, mail at byte {each.start:,}"


def _remember(app: App, source: str, key: str) -> None:
    with store.writing(app.engine) as connection:
        store.mails.remember(connection, source, key)
