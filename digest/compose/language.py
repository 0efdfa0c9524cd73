"""Dates in the reader's language, as CLDR (by way of Babel) knows it; all other words are English.

What is not English is set apart by Unicode's isolates (UAX #9, section 2.4), so that no date turns
its neighbours around. ``plain`` and ``spoken`` make text and HTML of it.
"""

import re
from collections.abc import Iterable
from datetime import date, time
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from markupsafe import Markup, escape

from digest.model import LANGUAGES

_LEFT_TO_RIGHT, _RIGHT_TO_LEFT, _END = "\u2066", "\u2067", "\u2069"
_APART = re.compile(f"([{_LEFT_TO_RIGHT}{_RIGHT_TO_LEFT}])([^{_END}]*){_END}")
_SAME = {"no": "nb", "nn": "nb"}  # who reads the one reads the other


def plain(text: str) -> str:
    """Return ``text`` without needless isolates: those around dates that run from left to right."""
    if _END not in text:
        return text  # looking for a beginning takes ten times as long
    return _APART.sub(lambda run: run[0] if run[1] == _RIGHT_TO_LEFT else run[2], text)


def spoken(text: str, language: str) -> Markup:
    """Return ``text`` as HTML in which dates say what language they are in, for screen readers."""
    if _END not in text:
        return escape(text)
    span = rf'<span lang="{language}"{_direction(language)}>\2</span>'
    return Markup(_APART.sub(span, str(escape(text))))


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Return the languages we know, each with its own name for itself, in the order of names."""
    named = [(code, _own_name(code)) for code in LANGUAGES]
    return tuple(sorted(named, key=lambda pair: pair[1].casefold()))


def best_of(tags: Iterable[str]) -> str:
    """Return the first language we know among BCP 47 ``tags`` (``de-AT``: German), or English."""
    return next((known for tag in tags if (known := _known(tag))), LANGUAGES[0])


@lru_cache(maxsize=4096)
def written(day: date, form: str, language: str) -> str | None:
    """Return ``day`` in a CLDR skeleton such as ``MMMEd``, or ``full``; None for English, and where
    ``language`` is unknown."""
    locale = _locale(language)
    if locale is None:
        return None
    if form == "full":
        return _apart(format_date(day, form, locale), locale)
    return _apart(format_skeleton(form, day, locale=locale), locale)


def written_time(at: time, language: str) -> str | None:
    """Return the time of day; None as above."""
    locale = _locale(language)
    return _apart(format_time(at, "short", locale=locale), locale) if locale else None


def written_weekday(day: int, language: str, *, short: bool) -> str | None:
    """Return the name of a weekday (Monday = 0); None as above."""
    locale = _locale(language)
    if locale is None:
        return None
    return _apart(
        get_day_names("abbreviated" if short else "wide", "stand-alone", locale)[day], locale
    )


@cache
def _locale(language: str) -> Locale | None:
    """Return the locale of a language; a stored one that we know no more stops no issue."""
    if language == LANGUAGES[0] or language not in LANGUAGES:
        return None
    return Locale.parse(language, sep="-")


def _apart(text: str, locale: Locale) -> str:
    start = _RIGHT_TO_LEFT if locale.text_direction == "rtl" else _LEFT_TO_RIGHT
    return f"{start}{text}{_END}"


def _direction(language: str) -> str:
    locale = _locale(language)
    return ' dir="rtl"' if locale and locale.text_direction == "rtl" else ""


def _own_name(language: str) -> str:
    return Locale.parse(language, sep="-").get_display_name() or language


def _known(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    language = _SAME.get(locale.language, locale.language)
    named = (f"{language}-{locale.script or 'Hans'}", language)
    return next((each for each in named if each in LANGUAGES), None)
