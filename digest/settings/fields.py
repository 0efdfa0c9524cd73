"""What the values of settings may be: types that check, and say what to write instead."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from digest.errors import InputError
from digest.settings.words import (
    domain,
    email_address,
    language,
    network,
    own_address,
    time_zone,
    weekday,
)

SQLITE = "sqlite:///"
_POSTGRES = re.compile(r"^(postgres|postgresql|postgresql\+psycopg)://(?=.)")
_TOKEN = re.compile(r"[A-Za-z0-9-]+")

_T = TypeVar("_T")


def _told(check: Callable[[str], _T]) -> Callable[[object], _T]:
    """Make an InputError of ``check`` a ValueError, which is what pydantic collects."""

    def checked(value: object) -> _T:
        if not isinstance(value, str):
            raise ValueError("should be text; put it in quotes")
        try:
            return check(value)
        except InputError as error:
            raise ValueError(str(error).rstrip(".")) from error

    return checked


def _distinct_weekdays(value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("should be a list of weekdays, such as [mon, thu]")
    return tuple(dict.fromkeys(_told(weekday)(day) for day in value))


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("should be a URL that starts with https:// or http://")
    return text


def base_url(text: str) -> str:
    if urlsplit(_http_url(text)).query or urlsplit(text).fragment:
        raise ValueError("should be a plain base URL, without ? and #")
    return text.rstrip("/")


def header_name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("should be the name of a header, such as X-Forwarded-User")
    return text


def _long(secret: SecretStr) -> SecretStr:
    if len(secret) < 16:
        raise ValueError("should have 16 characters or more, hard to guess")
    return secret


def some(values: tuple[_T, ...]) -> tuple[_T, ...]:
    if not values:
        raise ValueError("should have at least one entry")
    return values


def _place(path: Path) -> Path:
    if str(path).startswith("~"):
        raise ValueError("begins with a home folder there is not; write the path in full")
    return path


def _database_url(text: str) -> str:
    if _POSTGRES.match(text):
        return _POSTGRES.sub("postgresql+psycopg://", text)
    if text.startswith(SQLITE) and not text.endswith(("/", ":memory:")):
        _place(Path(text.removeprefix(SQLITE)))
        return text
    raise ValueError("should be sqlite:///path/to/file.db or postgresql://user@host/name")


Domain = Annotated[str, BeforeValidator(_told(domain))]
Email = Annotated[str, BeforeValidator(_told(email_address))]
OwnEmail = Annotated[str, BeforeValidator(_told(own_address))]
Language = Annotated[str, BeforeValidator(_told(language))]
Network = Annotated[str, BeforeValidator(_told(network))]
TimeZone = Annotated[str, BeforeValidator(_told(time_zone))]
Weekdays = Annotated[tuple[int, ...], BeforeValidator(_distinct_weekdays)]
Place = Annotated[Path, AfterValidator(_place)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
Hour = Annotated[int, Field(ge=0, le=23)]
Size = Annotated[int, Field(ge=1, le=30)]
Port = Annotated[int, Field(ge=0, le=65535)]
Secret = Annotated[SecretStr, AfterValidator(_long)]
Words = tuple[Annotated[str, Field(min_length=1)], ...]


class Part(BaseModel):
    """A group of settings: frozen, and a misspelt name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
