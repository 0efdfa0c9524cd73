"""Addresses that name days: ``…/{yesterday}/{today}`` is another one every day."""

from datetime import date, timedelta
from typing import Final

DAYS_BACK: Final = {"{today}": 0, "{yesterday}": 1, "{week_ago}": 7}


def dated(url: str, today: date) -> str:
    """Return ``url`` with the days it names, as ISO dates."""
    for name, days in DAYS_BACK.items():
        url = url.replace(name, (today - timedelta(days=days)).isoformat())
    return url
