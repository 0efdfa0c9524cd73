"""Python's own notation of a ``dict`` → the value: rows that were stored with ``str(row)``."""

import json
import re
from typing import Any, Final

LONGEST: Final = 1_000_000  # characters of one row; the longest real one has 21,000

# A string without its end goes to the end of the text: looking again from each of the quotes in
# it would take quadratic time.
_TOKEN: Final = re.compile(
    r"""'((?:[^'\\]++|\\.)*+)'?|"((?:[^"\\]++|\\.)*+)"?|\b(True|False|None)\b""", re.DOTALL
)
_WORDS: Final = {"True": "true", "False": "false", "None": "null"}
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})|\\U([0-9a-f]{8})|\\'|\"|\\.", re.DOTALL)


def read_notation(text: str) -> Any:
    """Return the value that ``text`` notes, or None where it is no ``dict`` of plain values.

    Nothing is evaluated. The notation is turned into JSON, from which it differs in its quotes,
    some escapes and three words; what differs in any other way (a tuple, a call) is no JSON.
    """
    if len(text) > LONGEST or not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(_TOKEN.sub(_token, text))
    except (ValueError, RecursionError):
        return None


def _token(found: re.Match[str]) -> str:
    if found[3]:
        return _WORDS[found[3]]
    words = found[2] if found[1] is None else found[1]
    if "\\" in words or '"' in words:
        words = _ESCAPE.sub(_escape, words)
    return f'"{words}"'


def _escape(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\u00{found[1]}"
    if found[2]:
        number = int(found[2], 16)
        return json.dumps(chr(number))[1:-1] if number <= 0x10FFFF else found[0]
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])
