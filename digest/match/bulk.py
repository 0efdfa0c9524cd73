"""Many frozen values at once."""

from collections import deque
from collections.abc import Iterable
from dataclasses import fields
from itertools import repeat
from typing import TypeVar

Value = TypeVar("Value")


def made(kind: type[Value], count: int, *columns: Iterable[object]) -> list[Value]:
    """Return ``count`` values of a frozen, slotted dataclass, given a column for each field in
    the order of the fields.

    The same as calling ``kind`` for each, without its ``__init__``, which takes almost a
    microsecond to fill the slots of a frozen value: a fourth of all the time of matching.
    """
    values: list[Value] = list(map(object.__new__, repeat(kind, count)))
    for field, column in zip(fields(kind), columns, strict=True):  # type: ignore[arg-type]
        fill = getattr(kind, field.name).__set__
        deque(map(fill, values, column), maxlen=0)
    return values
