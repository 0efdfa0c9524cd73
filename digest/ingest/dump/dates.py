"""Dates as a listing page writes them: ``Dec 11``, ``Jun 29, 2023``, ``December 11``."""

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_PATTERN = "|".join(name.capitalize() for name in MONTHS)
DATE_PATTERN = rf"(?:{MONTH_PATTERN})[a-z]{{0,6}}\.? \d{{1,2}}(?:, ?\d{{4}})?"

_DATE = re.compile(rf"({MONTH_PATTERN})[a-z]*\.? (\d{{1,2}})(?:, ?(\d{{4}}))?")
_LEAP_CYCLE = 8  # 29 February can be eight years apart (1896, 1904; 2096, 2104)


def read_date(text: str, *, not_after: date) -> date | None:
    """Return the date that ``text`` states, or ``None`` where there is no such day.

    Without a year it is the latest such day not after ``not_after``.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    month, day = MONTHS.index(found[1].lower()) + 1, int(found[2])
    if found[3]:
        return _day(int(found[3]), month, day)
    return _latest(month, day, not_after)


def _latest(month: int, day: int, not_after: date) -> date | None:
    years = range(not_after.year, max(0, not_after.year - _LEAP_CYCLE - 1), -1)
    days = (_day(year, month, day) for year in years)
    return next((found for found in days if found is not None and found <= not_after), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
