"""One more line under ``sources`` in config.yaml; every other byte of the file stays as it is."""

import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from digest.errors import SettingsError

_SOURCES: Final = "sources"
_INBOX: Final = "  - folder: inbox\n"  # the default, which a list of one's own replaces
_OWN: Final = ("folder", "file", "url", "preset", "of")


def add_source(file: Path, entry: Mapping[str, str]) -> bool:
    """Write ``entry`` as the last of the ``sources`` of the configuration ``file``, which is made
    where there is none. Returns False, and writes nothing, if the same source is there already.

    Raises SettingsError when the file cannot be read or written, and when its form leaves no room
    for a line.
    """
    text = _read(file)
    before = _values(file, text)
    if not isinstance(before.get(_SOURCES) or [], list):
        raise SettingsError(f"{file}: sources should be a list, one source on each line.")
    if any(_same(each, entry) for each in before.get(_SOURCES) or ()):
        return False
    line = yaml.safe_dump(
        dict(entry), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    ).strip()
    changed = _with_line(text, line)
    listed = before.get(_SOURCES)
    old = [{"folder": "inbox"}] if listed is None else listed
    if not _says(changed, {**before, _SOURCES: [*old, dict(entry)]}):
        raise SettingsError(f"{file} is written in a form we cannot add to: add “- {line}” there.")
    _write(file, changed)
    return True


def _same(written: Any, entry: Mapping[str, str]) -> bool:
    if not isinstance(written, dict):
        return False
    return {k: written[k] for k in _OWN if k in written} == {
        k: entry[k] for k in _OWN if k in entry
    }


def _with_line(text: str, line: str) -> str:
    key, sequence = _find(yaml.compose(text, yaml.SafeLoader))
    if key is None:
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}{_SOURCES}:\n{_INBOX}  - {line}\n"
    if not isinstance(sequence, yaml.SequenceNode):  # "sources:" and nothing
        return _below(text, key.end_mark.line, f"{_INBOX}  - {line}")
    if sequence.flow_style:
        end = sequence.end_mark.index - 1
        return f"{text[:end].rstrip()}{', ' if sequence.value else ''}{line}{text[end:]}"
    return _below(text, _last_line(sequence), " " * sequence.start_mark.column + f"- {line}")


def _find(root: yaml.Node | None) -> tuple[yaml.Node | None, yaml.Node | None]:
    pairs = root.value if isinstance(root, yaml.MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == _SOURCES), (None, None))


def _last_line(node: yaml.Node) -> int:
    """The line (from 0) on which the last word of a node stands, comments below it left out."""
    return max(_ends(node), default=node.start_mark.line)


def _ends(node: yaml.Node) -> Iterator[int]:
    children = node.value if isinstance(node, yaml.CollectionNode) else ()
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False):
        mark = node.end_mark
        yield mark.line if mark.column else mark.line - 1  # a block of text ends below itself
    for child in children:
        for each in child if isinstance(child, tuple) else (child,):
            yield from _ends(each)


def _below(text: str, number: int, line: str) -> str:
    lines = [*text.split("\n")]
    end = "\r" if lines[0].endswith("\r") else ""
    return "\n".join([*lines[: number + 1], line + end, *lines[number + 1 :]])


def _says(text: str, values: Mapping[str, Any]) -> bool:
    """Whether ``text`` says just what it said, and the new entry."""
    try:
        return bool(yaml.safe_load(text) == values)
    except yaml.YAMLError:
        return False


def _values(file: Path, text: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{file} is no YAML; mind indents and quotes.") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{file} should hold settings such as “outbox: mail”, one per line.")
    return values


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error


def _write(file: Path, text: str) -> None:
    """Write the file so that it is there whole, the old or the new, at any moment."""
    draft = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as opened:
            opened.write(text)
        if file.exists():
            draft.chmod(file.stat().st_mode)
        os.replace(draft, file.resolve())
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise SettingsError(f"{file} cannot be written: {error.strerror}.") from error
