"""What a JSON value says, where nobody vouches for its type: the wrong type says nothing.

Every function takes any value ``json.loads`` can return and never raises.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from digest.ingest.text import LONGEST, storable

_ISO_DAY: Final = re.compile(r"\s*(\d{4}-\d\d-\d\d)(?!\d)")
_DIGITS: Final = re.compile(r"\d{1,15}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def record(value: Any) -> Mapping[str, Any]:
    """Return the object that ``value`` is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the array that ``value`` is; an empty one for anything else."""
    return value if isinstance(value, list) else []


def within(value: Any, *names: str) -> Any:
    """Return what stands in ``value`` under the names, one inside the other; else None."""
    for name in names:
        value = record(value).get(name)
    return value


def text(value: Any) -> str:
    """Return the string that ``value`` is, cut to ``LONGEST`` and without what no database takes;
    ``""`` for anything else."""
    return storable(value[:LONGEST]) if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the strings with something in them that stand in the array ``value``."""
    return [said for each in items(value) if (said := text(each).strip())]


def number(value: Any) -> int | None:
    """Return the count from 0 to 10¹⁵ that ``value`` is, as a number or in digits; else None."""
    if isinstance(value, str):
        return int(value) if _DIGITS.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= 10**15 else None


def day(value: Any) -> date | None:
    """Return the day, as written, of the ISO 8601 day or moment that ``value`` is; else None."""
    found = _ISO_DAY.match(value[:40]) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:  # 30 February
        return None


def day_of_milliseconds(value: Any) -> date | None:
    """Return the day, in UTC, of the moment ``value`` milliseconds after 1970; else None."""
    since = number(value)
    try:
        return None if since is None else (_EPOCH + timedelta(milliseconds=since)).date()
    except OverflowError:
        return None
