"""Where mail that comes back is found, and what follows from it."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from digest.settings.fields import Part, Place, Port


class ImapSettings(Part):
    """A mailbox on an IMAP server; ``mailbox`` is the folder returned mail lies in."""

    host: str | None = None
    port: Port = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    password: SecretStr | None = None
    mailbox: str = "INBOX"
    timeout: float = Field(default=30, gt=0)

    @model_validator(mode="after")
    def _login(self) -> Self:
        if self.host and not (self.username and self.password):
            raise ValueError("needs username and password (DIGEST_BOUNCES__IMAP__PASSWORD)")
        return self


class ListenSettings(Part):
    """Where mail servers may hand over returned mail, by LMTP or SMTP."""

    protocol: Literal["lmtp", "smtp"] = "lmtp"
    host: str = "127.0.0.1"
    port: Port | None = None


class BounceSettings(Part):
    """Where mail that comes back is found; and after how many issues that came back softly, within
    so many days and with none between them that arrived, a reader is paused, for how many days."""

    maildir: Place | None = None
    mbox: Place | None = None
    imap: ImapSettings = ImapSettings()
    listen: ListenSettings = ListenSettings()
    soft: int = Field(default=3, ge=1, le=50)
    days: int = Field(default=30, ge=1, le=365)
    pause: int = Field(default=7, ge=1, le=365)
