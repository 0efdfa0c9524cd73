"""Wiring: ``Settings`` → open edges. The only module that knows both sides."""

import os
import random
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import Engine, make_url

from digest import assets, bounce, compose, deliver, embedding, ingest, store
from digest.errors import InputError, SettingsError, StoreError
from digest.model import Calendar, Sender, Wishes
from digest.settings import (
    DeliverSettings,
    DkimSettings,
    ImapSettings,
    Settings,
    SmtpSettings,
    SourceEntry,
)
from digest.tokens import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A place that announces papers: exactly one of ``folder``, ``file``, ``url``, ``maildir``
    and ``mbox`` is set.

    The days that ``url`` may name are filled in when it is asked. Without a ``calendar`` it
    promises no day, and is never late.
    """

    name: str
    folder: Path | None = None
    file: Path | None = None
    url: str | None = None
    maildir: Path | None = None
    mbox: Path | None = None
    calendar: Calendar | None = None
    robots: bool = True  # whether robots.txt is asked if we may ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounces:
    """Where mail that comes back is found; and when a reader is paused: after ``soft`` issues that
    came back softly ``within`` a time and with none between them that arrived.

    ``listen`` is a host, a port, and whether LMTP is spoken there or SMTP.
    """

    maildir: Path | None = None
    mbox: Path | None = None
    imap: bounce.ImapServer | None = None
    listen: tuple[str, int, bool] | None = None
    soft: int = 3
    within: timedelta = timedelta(days=30)
    pause: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything the flows need, open and ready, as plain values."""

    engine: Engine
    composer: compose.Composer
    signer: Signer
    sender: Sender
    sources: tuple[Source, ...]
    wished: tuple[tuple[str, Wishes], ...]  # the subscribers listed in config.yaml
    open_http: Callable[[], httpx.Client]
    open_transport: Callable[[], deliver.Transport]
    transport: str  # a name of TRANSPORTS
    open_keys: Callable[[], tuple[deliver.DkimKey, ...]] = tuple
    operator: str | None = None  # who hears of it when delivery needs a person
    web_url: str | None = None
    metrics: str = "private"  # who may read them: private, admin or off
    admin_password: str | None = field(default=None, repr=False)
    admin_header: str | None = None
    window: timedelta = timedelta(days=7)
    background: timedelta = timedelta(days=365)
    background_papers: int = 5000
    floor: float | None = None
    claim: int = 100
    pace: store.pace.Pace = store.pace.FREE
    max_bytes: int = 50_000_000
    bounces: Bounces = Bounces()
    lookup: str | None = None  # the address of arXiv's API
    encode: embedding.Encode | None = None  # a model of embeddings
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex
    jitter: Callable[[], float] = random.random


def open_app(settings: Settings) -> App:
    """Open the edges. Raises DigestError (StoreError, TemplateError) where one cannot be."""
    return App(
        engine=store.open_engine(settings.database),
        composer=compose.open_composer(assets.path("templates")),
        signer=Signer(settings.secrets or (_kept_secret(settings.database),)),
        sender=settings.sender_value(),
        sources=tuple(_source(entry) for entry in settings.sources),
        wished=settings.wished(),
        open_http=_http(settings),
        open_transport=lambda: _open_transport(settings),
        transport="smtp" if settings.uses_smtp else "outbox",
        open_keys=lambda: dkim_keys(settings),
        operator=settings.operator,
        web_url=settings.web.url,
        metrics=settings.web.metrics,
        admin_password=settings.admin.password.get_secret_value()
        if settings.admin.password
        else None,
        admin_header=settings.admin.header,
        window=timedelta(days=settings.match.window_days),
        background=timedelta(days=settings.match.background_days),
        background_papers=settings.match.background_papers,
        floor=settings.match.floor,
        claim=settings.deliver.claim,
        pace=_pace(settings.deliver),
        max_bytes=settings.ingest.max_bytes,
        bounces=_bounces(settings),
        lookup=settings.ingest.lookup,
        encode=_encode(settings.match.embeddings),
    )


def _encode(folder: Path | None) -> embedding.Encode | None:
    if folder is None:
        return None
    try:
        return embedding.open_model(folder)
    except InputError as error:
        raise SettingsError(f"match.embeddings: {error}") from error


def _pace(given: DeliverSettings) -> store.pace.Pace:
    return store.pace.Pace(
        per_domain=given.per_domain,
        per_domain_per_minute=given.per_domain_per_minute,
        per_minute=given.per_minute,
    )


def _bounces(settings: Settings) -> Bounces:
    given = settings.bounces
    listen = given.listen
    return Bounces(
        maildir=given.maildir,
        mbox=given.mbox,
        imap=_imap(given.imap),
        listen=(listen.host, listen.port, listen.protocol == "lmtp") if listen.port else None,
        soft=given.soft,
        within=timedelta(days=given.days),
        pause=timedelta(days=given.pause),
    )


def _imap(given: ImapSettings) -> bounce.ImapServer | None:
    if given.host is None:
        return None
    assert given.username, "settings require it"
    assert given.password, "settings require it"
    return bounce.ImapServer(
        host=given.host,
        port=given.port,
        security=given.security,
        username=given.username,
        password=given.password.get_secret_value(),
        mailbox=given.mailbox,
        timeout=given.timeout,
    )


def _http(settings: Settings) -> Callable[[], httpx.Client]:
    """What opens clients; all of them share one set of manners."""
    manners = ingest.Manners(pause=settings.ingest.pause)
    address = settings.sender.reply_to or settings.sender.address
    known = "address" in settings.sender.model_fields_set
    contact = (settings.web.url, f"mailto:{address}" if known else None)
    return lambda: ingest.open_client(
        timeout=settings.ingest.timeout,
        private=settings.ingest.private,
        manners=manners,
        contact=tuple(filter(None, contact)),
    )


def _open_transport(settings: Settings) -> deliver.Transport:
    if not settings.uses_smtp:
        return deliver.open_outbox(settings.outbox)
    return deliver.open_smtp(
        smtp_server(settings.smtp),
        connections=settings.deliver.connections,
        fallbacks=[smtp_server(each) for each in settings.fallbacks],
    )


def smtp_server(smtp: SmtpSettings) -> deliver.SmtpServer:
    """Return the mail server that the settings name."""
    assert smtp.host is not None, "settings require a host for SMTP"
    return deliver.SmtpServer(
        host=smtp.host,
        port=smtp.port,
        security=deliver.Security(smtp.security),
        username=smtp.username,
        password=smtp.password.get_secret_value() if smtp.password else None,
        timeout=smtp.timeout,
        ca_file=smtp.ca_file,
    )


def dkim_keys(settings: Settings) -> tuple[deliver.DkimKey, ...]:
    """Return the keys that mail is signed with. Raises SettingsError, InputError."""
    return tuple(_key(each, settings) for each in settings.dkim)


def _key(entry: DkimSettings, settings: Settings) -> deliver.DkimKey:
    try:
        pem = entry.key_file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"dkim.key_file {entry.key_file} cannot be read ({error.strerror}):"
            " make it with `digest dkim-key`, or name the right file."
        ) from error
    domain = entry.domain or settings.sender_value().domain
    return deliver.read_key(pem, domain=domain, selector=entry.selector)


def _source(entry: SourceEntry) -> Source:
    url = entry.address()
    place = entry.folder or entry.file or entry.maildir or entry.mbox or url
    return Source(
        name=entry.called() or ingest.shown(str(place)),
        folder=entry.folder,
        file=entry.file,
        url=url,
        maildir=entry.maildir,
        mbox=entry.mbox,
        calendar=entry.calendar(),
        robots=entry.robots,
    )


def _kept_secret(database: str) -> str:
    """Return the secret kept beside an SQLite database, made at the first call."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise StoreError("Set `secret` (or DIGEST_SECRET): several machines have to share it.")
    path = Path(url.database).with_suffix(".secret")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_once(path, secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(f"The secret {path} cannot be written: {error.strerror}.") from error
    return path.read_text(encoding="ascii")


def _write_once(path: Path, content: str) -> None:
    """Write a file that appears complete or not at all, and never replaces another."""
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
        os.link(draft, path)
    finally:
        draft.unlink()
