"""What can be told without asking anybody outside: settings, database, templates, disk."""

import shutil
import tempfile
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from sqlalchemy import Engine

from digest import assets, compose, store
from digest.flow.doctor.finding import Condition, Patient, bad, doubtful, good
from digest.flow.doctor.sample import sample
from digest.model import Links
from digest.settings import Settings

_LITTLE = 1_000_000_000  # bytes
_NOTHING = 100_000_000
_NEAR = [  # RFC 1122, RFC 1918, RFC 4193
    ip_network(each)
    for each in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
]


def check_configuration(patient: Patient) -> tuple[Condition, str]:
    """Tell what the settings are, and which of them do not go together."""
    settings = patient.settings
    if not settings.uses_smtp:
        return good("It can be read; issues go to the outbox folder, to no mail server.")
    if "address" not in settings.sender.model_fields_set:
        return bad("Mail servers refuse our made-up sender: set sender.address to one you own.")
    if settings.smtp.security == "none" and not is_near(settings.smtp.host or ""):
        return doubtful("Mail and password cross the network unencrypted: set smtp.security.")
    if settings.web.url is None:
        return doubtful(
            "Mails carry no link to unsubscribe, which large providers ask for: set web.url."
        )
    if urlsplit(settings.web.url).scheme != "https":
        return doubtful("One-click unsubscribe needs https: set web.url to an https address.")
    return good(f"It can be read; issues go to {settings.smtp.host} as {settings.sender.address}.")


def is_near(host: str) -> bool:
    """Whether a host is this machine, or stands in a private network by its number."""
    try:
        address = ip_address(host)
        return address.is_link_local or any(address in network for network in _NEAR)
    except ValueError:
        return host == "localhost"


def check_database(patient: Patient) -> tuple[Condition, str]:
    """Tell whether the database answers, is migrated, sound, and lets us write."""
    url = patient.settings.database
    if patient.is_new:
        return doubtful(
            f"There is none yet at {store.health.file_of(url)}: `digest migrate` makes it."
        )
    engine = store.open_engine(url)
    try:
        return _examine(engine)
    finally:
        engine.dispose()


def _examine(engine: Engine) -> tuple[Condition, str]:
    store.require_migrated(engine)
    with store.reading(engine) as connection:
        flaw = store.health.find_flaw(connection)
        balanced = store.issues.balanced(connection)
    if flaw:
        return bad(f"It is damaged ({flaw}): restore the last backup with `digest restore`.")
    if not balanced:
        return bad("Its books do not balance: please report this with your database.")
    store.health.try_writing(engine)
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name]
    return good(f"{kind} answers, is up to date and sound, lets us write, and its books balance.")


def check_templates(patient: Patient) -> tuple[Condition, str]:
    """Tell whether every template can be read, and an issue and a letter made of them."""
    templates = assets.path("templates")
    composer = compose.open_composer(templates)
    issue, reader = sample(patient.clock(), patient.settings.sender.address)
    composer.compose(issue, reader, patient.settings.sender_value(), Links())
    pages = jinja2.Environment(autoescape=True)
    found = sorted(templates.glob("web/*.*")) + sorted(templates.glob("outbox/*.*"))
    for page in found:
        try:
            pages.parse(page.read_text(encoding="utf-8"))
        except (jinja2.TemplateSyntaxError, OSError, UnicodeDecodeError) as error:
            return bad(f"The template {page.name} is broken ({error}): put ours back.")
    return good(f"A mail can be made, and all {len(found)} pages can be read.")


def check_disk(patient: Patient) -> tuple[Condition, str]:
    """Tell how much space is left where we write."""
    folders = _folders(patient.settings)
    left, folder = min((shutil.disk_usage(_existing(each)).free, each) for each in folders)
    said = f"{left / 1e9:,.1f} GB are free at {folder}"
    if left < _NOTHING:
        return bad(f"Only {said}: nothing can be stored soon, so make room now.")
    if left < _LITTLE:
        return doubtful(f"Only {said}: make room before it is full.")
    return good(f"{said}.")


def check_outbox(patient: Patient) -> tuple[Condition, str]:
    """Tell whether the outbox takes files."""
    outbox = patient.settings.outbox
    try:
        with tempfile.TemporaryFile(dir=_existing(outbox)):
            return good(f"{outbox} lets us write.")
    except OSError as error:
        return bad(f"{outbox} takes no files ({error.strerror}): give us the right to write there.")


def _folders(settings: Settings) -> list[Path]:
    file = store.health.file_of(settings.database)
    places = [file.parent] if file else []
    return places if settings.uses_smtp and places else [*places, settings.outbox]


def _existing(folder: Path) -> Path:
    """Return ``folder``, or the first above it that is there: it is made when it is needed."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())
