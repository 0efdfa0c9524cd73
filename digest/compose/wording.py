"""Dates, counts and lists as a person writes them. English, whatever the machine's locale; dates
in the reader's language, set apart as ``language.py`` says."""

from collections.abc import Sequence
from datetime import date, time

from digest.compose.language import written, written_time, written_weekday

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def short_date(day: date, language: str = "en") -> str:
    """Return ``Fri 20 Nov``."""
    return written(day, "MMMEd", language) or f"{_weekday(day)[:3]} {day.day} {_month(day)[:3]}"


def whole_date(day: date, language: str = "en") -> str:
    """Return ``Fri 20 Nov 2026``."""
    return written(day, "yMMMEd", language) or f"{short_date(day)} {day.year}"


def long_date(day: date, language: str = "en") -> str:
    """Return ``Friday 20 November 2026``."""
    english = f"{_weekday(day)} {day.day} {_month(day)} {day.year}"
    return written(day, "full", language) or english


def dated(day: date, language: str = "en") -> str:
    """Return ``20 Nov 2026``: for days that may lie years back."""
    return written(day, "yMMMd", language) or f"{day.day} {_month(day)[:3]} {day.year}"


def clock(at: time, language: str = "en") -> str:
    """Return ``07:00``."""
    return written_time(at, language) or f"{at:%H:%M}"


def weekday(day: int, language: str = "en", *, short: bool = False) -> str:
    """Return ``Monday`` for 0, in short ``Mon``."""
    return written_weekday(day, language, short=short) or _WEEKDAYS[day][: 3 if short else None]


def count(number: int, noun: str) -> str:
    """Return ``1 paper``, ``5 papers``, ``1,204 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def enumerate_words(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def one_line(text: str) -> str:
    """Return ``text`` with every run of white space and control characters as one blank."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def cut(text: str, width: int) -> str:
    """Return ``text``, or as many whole words as fit into ``width`` characters and ``…``.

    A word longer than ``width`` is cut inside.
    """
    if len(text) <= width:
        return text
    room = text[:width]
    words, blank, _ = room.rpartition(" ")
    return (words if blank else room[:-1]).rstrip(" ,;:–—-") + "…"
