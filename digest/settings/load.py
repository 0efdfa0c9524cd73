"""config.yaml and the environment → ``Settings``; every mistake becomes one sentence."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from digest.errors import SettingsError
from digest.settings.fields import SQLITE
from digest.settings.values import Settings
from digest.settings.words import nearest

PREFIX = "DIGEST_"
CONFIG_VARIABLE = "DIGEST_CONFIG"
DEFAULT_FILE = "config.yaml"

_PATHS = ("outbox", "folder", "file", "maildir", "mbox", "ca_file")
_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^/@]*@")


def load(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings: the environment over the file over the defaults.

    The file is ``config``, or what ``DIGEST_CONFIG`` names, or ``./config.yaml`` if there is one.
    Relative paths count from the file that writes them, those of the environment from the current
    folder. Raises SettingsError with one line per mistake.
    """
    file = _file(config, environ)
    home = file.resolve().parent if file else Path.cwd()
    given = _anchored(_environment(environ), Path.cwd())
    written = _anchored(_read(file), home) if file else {}
    places = Settings().model_dump(mode="json", include={"database", "outbox", "sources"})
    try:
        return Settings(**_merged(_merged(_anchored(places, home), written), given))
    except ValidationError as error:
        sentences = (_sentence(mistake, given, file) for mistake in error.errors())
        raise SettingsError("\n".join(dict.fromkeys(sentences))) from None


def config_file(config: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file that ``load`` reads; where there is none, the one it would. Raises
    SettingsError."""
    return _file(config, environ) or Path(DEFAULT_FILE)


def describe(settings: Settings) -> dict[str, Any]:
    """Return all settings as JSON-ready values, passwords and secrets masked."""
    return {name: _masked(value) for name, value in settings.model_dump(mode="json").items()}


def names(model: type[BaseModel] = Settings, above: str = "") -> Iterator[str]:
    """Yield the dotted name of every setting, groups first: ``smtp``, ``smtp.host`` …"""
    for name, field in model.model_fields.items():
        yield above + name
        for part in _parts(field):
            yield from names(part, f"{above}{name}.")


def _parts(field: FieldInfo) -> list[type[BaseModel]]:
    kinds = (field.annotation, *get_args(field.annotation))
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = config or (Path(text) if (text := environ.get(CONFIG_VARIABLE)) else None)
    if named and not named.is_file():
        raise SettingsError(f"There is no configuration file {named}; create it or name another.")
    default = Path(DEFAULT_FILE)
    return named or (default if default.is_file() else None)


def _read(file: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}{_line(error)} is no YAML; mind indents and quotes.") from error
    if values is not None and not isinstance(values, dict):
        raise SettingsError(f"{file} should hold settings such as “outbox: mail”, one per line.")
    return dict(_said(values or {}))


def _said(value: Any) -> Any:
    """Leave out names without a value: ``smtp:`` above commented lines means the defaults."""
    if isinstance(value, dict):
        return {str(name): _said(each) for name, each in value.items() if each is not None}
    return [_said(each) for each in value] if isinstance(value, list) else value


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}," if mark else ""


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of an environment that is handed in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(Settings)
        self.env_vars = {name.lower(): text for name, text in environ.items() if text}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return json.loads(value)
        except ValueError:
            name = next(name for name, text in self.env_vars.items() if text == value)
            raise SettingsError(f'{name.upper()} should be JSON, such as ["one", "two"].') from None


def _environment(environ: Mapping[str, str]) -> dict[str, Any]:
    known = {_variable(name) for name in names()} | {CONFIG_VARIABLE}
    wrong = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if wrong:
        raise SettingsError(
            "\n".join(f"There is no setting {name}{_near(name, known)}" for name in wrong)
        )
    return _Environment(environ)()


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace(".", "__")


def _near(name: str, known: set[str]) -> str:
    rests = (each.removeprefix(PREFIX) for each in known)
    return nearest(name.removeprefix(PREFIX), rests, PREFIX) or "; remove it."


def _anchored(value: Any, base: Path, key: str = "") -> Any:
    """Return ``value`` with the paths in it made absolute from ``base``."""
    if isinstance(value, dict):
        return {name: _anchored(each, base, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_anchored(each, base) for each in value]
    if isinstance(value, str) and key in _PATHS:
        return _at(base, value)
    if isinstance(value, str) and key == "database" and value.startswith(SQLITE):
        return SQLITE + _at(base, value.removeprefix(SQLITE))
    return value


def _at(base: Path, path: str) -> str:
    """Return ``path`` from ``base``; where ``~somebody`` is unknown, as it is, to be refused."""
    try:
        return str(base / Path(path).expanduser())
    except RuntimeError:
        return path


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with ``above`` laid over it, group by group; lists are replaced."""
    merged = {**below, **above}
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = _merged(below[name], above[name])
    return merged


def _sentence(mistake: ErrorDetails, given: Mapping[str, Any], file: Path | None) -> str:
    """Say which setting is wrong, where it was written and what it should be.

    The value itself is left out: it may be a password, or hold one.
    """
    loc = mistake["loc"]
    where = _where(loc, _stands_in(given, loc), file)
    if mistake["type"] == "extra_forbidden":
        dotted = ".".join(part for part in loc if isinstance(part, str))
        return f"{where}: there is no such setting{nearest(dotted, names()) or '.'}"
    advice = _advice(mistake)
    return f"{where}: {advice}" + ("" if advice.endswith("?") else ".")


def _where(loc: tuple[int | str, ...], from_environment: bool, file: Path | None) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc]
    dotted = "".join(parts).removeprefix(".")
    if from_environment:
        group, bracket, rest = dotted.partition("[")
        return _variable(group) + bracket + rest
    return f"{file}, {dotted}" if file and dotted else dotted or "settings"


def _stands_in(given: Any, loc: tuple[int | str, ...]) -> bool:
    """Whether the environment gave the value at ``loc``."""
    for part in loc:
        if not isinstance(given, dict):
            return True
        if part not in given:
            return False
        given = given[part]
    return bool(loc)


_ADVICE = {
    "missing": "is missing",
    "model_type": "should be a group of settings",
    "string_type": "should be text; put it in quotes",
    "tuple_type": "should be a list",
    "int_parsing": "should be a whole number",
    "float_parsing": "should be a number",
}


def _advice(mistake: ErrorDetails) -> str:
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])
    message = mistake["msg"].removeprefix("Input ").removeprefix("Value ")
    return _ADVICE.get(mistake["type"], message)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return _PASSWORD.sub(r"\1:***@", value) if isinstance(value, str) else value
