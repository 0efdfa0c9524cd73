"""The outbox: a folder that takes messages in place of a mail server.

Each message becomes three files of one name: ``.eml`` as it would have been sent, ``.html`` to
open in a browser and ``.txt`` to read in a terminal. ``index.html`` lists them all.
"""

import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import default
from pathlib import Path
from typing import ClassVar

from digest.deliver.contents import Row, render
from digest.deliver.transport import OneByOne
from digest.errors import TransportError
from digest.model import Envelope, Outcome, OutcomeKind

INDEX = "index.html"
INDEX_EVERY = 200  # sends between two index pages: writing it reads the whole folder

_LONGEST_SLUG = 80


class OutboxTransport(OneByOne):
    """Writes messages into ``folder``. The same envelope always gives the same files."""

    replayable: ClassVar[bool] = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._rows: dict[str, Row] = {}
        self._unlisted = 0

    def send(self, envelope: Envelope) -> Outcome:
        """Write one message; see ``OneByOne.send``. It is on the disk when this returns."""
        message = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
        eml = self._folder / f"{_name(envelope, message)}.eml"
        try:
            for suffix, text in _readable(message):
                _write(eml.with_suffix(suffix), text)
            _write(eml, envelope.content)  # comes last: where it is, the others are
            _sync_folder(self._folder)
        except OSError as error:
            raise self._trouble(error) from error
        self._unlisted += 1
        if self._unlisted >= INDEX_EVERY:
            self.write_index()
        return Outcome(kind=OutcomeKind.ACCEPTED, reply=f"written to {eml}")

    def close(self) -> None:
        """Bring the index page up to date."""
        if self._unlisted:
            self.write_index()

    def write_index(self) -> None:
        """Write the page that lists every message in the folder, whoever wrote it.

        Raises TransportError when the folder cannot be read or written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            names = sorted(path.stem for path in self._folder.glob("*.eml"))
            self._rows = {name: self._rows.get(name) or _row(self._folder, name) for name in names}
            _write(self._folder / INDEX, render(self._rows.values()).encode())
        except OSError as error:
            raise self._trouble(error) from error
        self._unlisted = 0

    def _trouble(self, error: OSError) -> TransportError:
        return TransportError(
            f"The outbox {self._folder} cannot be used ({error.strerror or error}):"
            " make room or grant access, or choose another folder"
        )


def open_outbox(folder: Path) -> OutboxTransport:
    """Return the outbox in ``folder``, made where it is missing, its index page up to date.

    A process that was killed may have left the page behind its messages, hence now.
    Raises TransportError when the folder cannot be used.
    """
    outbox = OutboxTransport(folder)
    outbox.write_index()
    return outbox


def _readable(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for suffix, subtype in ((".html", "html"), (".txt", "plain")):
        part = message.get_body((subtype,))
        if part is not None:
            yield suffix, part.get_content().replace("\r\n", "\n").encode()


def _name(envelope: Envelope, message: EmailMessage) -> str:
    sent_at = _sent_at(message)
    day = f"{sent_at:%Y-%m-%d}" if sent_at else "undated"
    return f"{day}-{_slug(envelope.recipient.lower())}-{_slug(envelope.id)}"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-")[:_LONGEST_SLUG]


def _sent_at(message: EmailMessage) -> datetime | None:
    stated = message["Date"].datetime if message["Date"] else None
    return stated.astimezone(UTC) if stated and stated.tzinfo else None


def _row(folder: Path, name: str) -> Row:
    eml = folder / f"{name}.eml"
    with eml.open("rb") as file:
        header = list(itertools.takewhile(bytes.strip, file))
    head = BytesHeaderParser(EmailMessage, policy=default).parsebytes(b"".join(header))
    return Row(
        name=name,
        subject=str(head["Subject"] or "(no subject)"),
        recipient=str(head["To"] or ""),
        sent_at=_sent_at(head),
        size=eml.stat().st_size,
        has_html=eml.with_suffix(".html").exists(),
        has_text=eml.with_suffix(".txt").exists(),
    )


def _write(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``, whole or not at all, whatever happens meanwhile."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
