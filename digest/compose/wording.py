"""Dates, counts and lists as a person writes them. English, whatever the machine's locale."""

from collections.abc import Sequence
from datetime import date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
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


def short_date(day: date) -> str:
    """Return ``Fri 20 Nov``."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def long_date(day: date) -> str:
    """Return ``Friday 20 November 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def dated(day: date) -> str:
    """Return ``20 Nov 2026``: for days that may lie years back."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def count(number: int, noun: str) -> str:
    """Return ``1 paper``, ``5 papers``, ``1,204 papers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def enumerate_words(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


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
