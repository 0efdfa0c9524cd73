"""``Settings`` and its groups: every setting, its default and its limits."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from digest.model import (
    Amount,
    Cadence,
    Interest,
    Profile,
    Schedule,
    Sender,
    Slot,
    WhenEmpty,
    Wishes,
)
from digest.settings.bounces import BounceSettings
from digest.settings.fields import (
    DatabaseUrl,
    Domain,
    Email,
    Hour,
    HttpUrl,
    Language,
    Network,
    OwnEmail,
    Part,
    Place,
    Port,
    Secret,
    Size,
    TimeZone,
    Weekdays,
    Words,
    base_url,
    header_name,
    some,
)
from digest.settings.sources import SourceEntry
from digest.settings.words import interest_name

LONGEST_BOUNCES = 18  # deliver.LONGEST_NAME


class SenderSettings(Part):
    """Who issues come from; ``domain`` is the address's own unless given."""

    name: str = Field(default="Paper Digest", min_length=1)
    address: OwnEmail = "digest@localhost.localdomain"
    domain: Domain | None = None
    reply_to: OwnEmail | None = None
    bounces: OwnEmail | None = None
    postal: str | None = None

    @model_validator(mode="after")
    def _bounces_has_room(self) -> Self:
        if self.bounces and len(self.bounces.rpartition("@")[0]) > LONGEST_BOUNCES:
            raise ValueError(
                f"bounces may have {LONGEST_BOUNCES} characters before the @, since a signed id is"
                " added to them: choose a shorter name"
            )
        return self


class SmtpSettings(Part):
    """The mail server. Port and security belong together: 465 is ``tls``, 587 ``starttls``."""

    host: str | None = None
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    timeout: float = Field(default=30, gt=0)
    ca_file: Place | None = None

    @model_validator(mode="before")
    @classmethod
    def _pair(cls, values: Any) -> Any:
        """Let one of port and security choose the other: mixing them up is a classic."""
        if not isinstance(values, dict):
            return values
        if "port" not in values and values.get("security") == "tls":
            return {**values, "port": 465}
        if "security" not in values and str(values.get("port")) == "465":
            return {**values, "security": "tls"}
        return values

    @model_validator(mode="after")
    def _login(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("needs username and password together, or neither")
        return self


class DkimSettings(Part):
    """One key that mail is signed with; ``domain`` is the sender's own unless given."""

    selector: str
    key_file: Place
    domain: Domain | None = None


class WebSettings(Part):
    """Where the web process listens, the public ``url`` that links in mails begin with, and who may
    read ``/metrics``."""

    url: Annotated[str, AfterValidator(base_url)] | None = None
    host: str = "127.0.0.1"
    port: Port = 8000
    metrics: Literal["private", "admin", "off"] = "private"


class AdminSettings(Part):
    """Who may see the admin pages: whoever knows the password, or comes with the ``header`` that a
    proxy sets for people it knows. Without either there are no such pages."""

    password: Secret | None = None
    header: Annotated[str, AfterValidator(header_name)] | None = None


class MatchSettings(Part):
    """What an issue looks back on, and the background its word statistics come from."""

    window_days: int = Field(default=7, ge=1)
    background_days: int = Field(default=365, ge=1)
    background_papers: int = Field(default=5000, ge=1)
    floor: float | None = Field(default=None, ge=0, le=1)
    embeddings: Place | None = None


class DefaultWishes(Part):
    """What a subscriber gets who did not say otherwise."""

    cadence: Cadence = Cadence.WEEKDAYS
    weekdays: Weekdays = (0,)
    hour: Hour = 7
    timezone: TimeZone = "UTC"
    language: Language = "en"
    size: Size = 10
    when_empty: WhenEmpty = WhenEmpty.SKIP
    amount: Amount = Amount.NORMAL
    slots: tuple[Slot, ...] = ()


class DeliverSettings(Part):
    """How many connections a process opens to the mail server, and how many messages it claims at a
    time; and how many may be under way to a domain at once, and go to a domain and altogether
    within a minute (0: no limit)."""

    connections: int = Field(default=4, ge=1, le=100)
    claim: int = Field(default=100, ge=1)
    per_domain: int = Field(default=0, ge=0)
    per_domain_per_minute: int = Field(default=0, ge=0)
    per_minute: int = Field(default=0, ge=0)


class IngestSettings(Part):
    """The limits of one answer of one source, in bytes and seconds; and where papers that readers
    name as examples are looked up when we do not hold them."""

    max_bytes: int = Field(default=50_000_000, ge=1)
    timeout: float = Field(default=20, gt=0)
    pause: float = Field(default=1, ge=0, le=60)
    private: tuple[Network, ...] = ()
    lookup: HttpUrl | None = "https://export.arxiv.org/api/query"


class InterestEntry(Part):
    """One interest; a plain string is its text."""

    text: str = ""
    name: str | None = Field(default=None, min_length=1)
    keywords: Words = ()
    must: Words = ()
    exclude: Words = ()
    authors: Words = ()
    categories: Words = ()
    weight: float = Field(default=1.0, gt=0, le=100)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _something_to_look_for(self) -> Self:
        if not any((self.text, self.keywords, self.must, self.authors, self.categories)):
            raise ValueError("needs a text, keywords, must, authors or categories to look for")
        return self

    def value(self) -> Interest:
        """Return the interest; without a name, it is called after what it looks for."""
        wished = self.model_dump()
        words = (*self.keywords, *self.must, *self.authors, *self.categories)
        wanted = self.text or ", ".join(words)
        return Interest(**{**wished, "name": self.name or interest_name(wanted)})


class SubscriberEntry(Part):
    """A reader who is written down in the configuration; what is left out is a default."""

    email: Email
    interests: Annotated[tuple[InterestEntry, ...], AfterValidator(some)]
    cadence: Cadence | None = None
    weekdays: Weekdays | None = None
    hour: Hour | None = None
    timezone: TimeZone | None = None
    language: Language | None = None
    size: Size | None = None
    when_empty: WhenEmpty | None = None
    amount: Amount | None = None
    slots: tuple[Slot, ...] | None = None

    def wishes(self, defaults: DefaultWishes) -> Wishes:
        """Return what this reader asked for, completed by ``defaults``."""
        said = self.model_dump(exclude_none=True, exclude={"email", "interests"})
        return wishes(defaults.model_copy(update=said), *(i.value() for i in self.interests))


def wishes(chosen: DefaultWishes, *interests: Interest) -> Wishes:
    """Return the ``Wishes`` of a reader with these interests."""
    return Wishes(
        profile=Profile(interests=interests),
        schedule=Schedule(
            cadence=chosen.cadence,
            weekdays=chosen.weekdays,
            hour=chosen.hour,
            timezone=chosen.timezone,
        ),
        size=chosen.size,
        when_empty=chosen.when_empty,
        language=chosen.language,
        amount=chosen.amount,
        slots=chosen.slots,
    )


class Settings(BaseSettings):
    """Everything an operator can choose. Relative paths are as given; ``load`` anchors them."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="DIGEST_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    database: DatabaseUrl = Field(default="sqlite:///data/digest.db", repr=False)
    outbox: Place = Path("outbox")
    transport: Literal["outbox", "smtp"] | None = None
    secret: Secret | None = None
    old_secrets: tuple[Secret, ...] = ()
    sender: SenderSettings = SenderSettings()
    smtp: SmtpSettings = SmtpSettings()
    fallbacks: tuple[SmtpSettings, ...] = ()
    dkim: tuple[DkimSettings, ...] = ()
    operator: OwnEmail | None = None
    web: WebSettings = WebSettings()
    admin: AdminSettings = AdminSettings()
    sources: tuple[SourceEntry, ...] = (SourceEntry(folder=Path("inbox")),)
    match: MatchSettings = MatchSettings()
    defaults: DefaultWishes = DefaultWishes()
    deliver: DeliverSettings = DeliverSettings()
    ingest: IngestSettings = IngestSettings()
    bounces: BounceSettings = BounceSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    subscribers: tuple[SubscriberEntry, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: PydanticBaseSettingsSource,
        **named: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given and nothing else: ``load`` reads the file and the environment."""
        return (init_settings,)

    @model_validator(mode="after")
    def _smtp_has_a_host(self) -> Self:
        if self.transport == "smtp" and not self.smtp.host:
            raise ValueError("transport is smtp, so smtp.host must name the mail server")
        return self

    @model_validator(mode="after")
    def _fallbacks_have_hosts(self) -> Self:
        if not all(each.host for each in self.fallbacks):
            raise ValueError("fallbacks: each has to name its host")
        return self

    @model_validator(mode="after")
    def _one_entry_per_reader(self) -> Self:
        emails = [entry.email.casefold() for entry in self.subscribers]
        twice = next((email for email in emails if emails.count(email) > 1), None)
        if twice:
            raise ValueError(f"subscribers has {twice} twice; make it one entry")
        return self

    @property
    def uses_smtp(self) -> bool:
        """Whether issues go to a mail server; else they go to the outbox folder."""
        return (self.transport or ("smtp" if self.smtp.host else "outbox")) == "smtp"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets tokens are signed with, newest first; empty when none is configured."""
        secrets = (self.secret, *self.old_secrets) if self.secret else ()
        return tuple(secret.get_secret_value() for secret in secrets)

    def sender_value(self) -> Sender:
        """Return who issues come from."""
        given = self.sender.model_dump()
        domain = self.sender.domain or self.sender.address.rpartition("@")[2]
        return Sender(**{**given, "domain": domain})

    def wished(self) -> tuple[tuple[str, Wishes], ...]:
        """Return address and wishes of every reader in the configuration."""
        return tuple((entry.email, entry.wishes(self.defaults)) for entry in self.subscribers)
