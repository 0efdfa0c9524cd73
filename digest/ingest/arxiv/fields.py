"""What the fields of an arXiv entry say, in mail and on pages alike: days, authors, categories."""

import re
from datetime import date
from itertools import takewhile
from typing import Final

from digest.ingest.dump.dates import MONTHS
from digest.ingest.text import fold

_DAY: Final = re.compile(r"\b(\d{1,2}) +([A-Z][a-z]{2})[a-z]{0,6}\.?,? +(\d{4}|\d{2})\b")
_FIRST_YEAR: Final = 91  # arXiv began in August 1991
_AFFILIATION: Final = re.compile(r"\([^()]*+\)")
_DEPTH: Final = 3  # affiliations: "(1 and 2) ((1) Owl University (Barn), (2) …)"
_NEXT_NAME: Final = re.compile(r"(?: ?+[,;] ?+(?:and |& )?+| and | & )(?!(?:Jr|Sr|I{1,3}|IV)\b)|: ")
_REST: Final = re.compile(r"(?:et al\.?|and others|others)", re.IGNORECASE)
_CATEGORY: Final = re.compile(r"[a-z]{2,}(?:-[a-z]+)*+(?:\.[A-Za-z-]{2,})?")


def read_day(text: str) -> date | None:
    """Return the first day in ``text`` written as ``Thu, 7 Nov 2024``, ``Fri,  3 Mar 23`` or
    ``Thursday, 20 November 2026``, if there is such a day."""
    found = _DAY.search(text)
    if found is None or found[2].lower() not in MONTHS:
        return None
    year = int(found[3])
    if year < 100:
        year += 1900 if year >= _FIRST_YEAR else 2000
    try:
        return date(year, MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        return None


def read_authors(text: str) -> list[str]:
    """Return the names in ``Ada Owl (1), Emmy Nest (2) and Kurt Barn, Jr. ((1) Owl University)``.

    A collaboration is an author (``Owl Collaboration: Ada Owl, …``); affiliations are left out.
    """
    names = fold(text)
    for _ in range(_DEPTH):
        names = _AFFILIATION.sub("", names)
    parts = (part.strip(" ,;") for part in _NEXT_NAME.split(fold(names).replace(" ,", ",")))
    return [part for part in parts if part and not _REST.fullmatch(part)]


def read_categories(text: str) -> list[str]:
    """Return the categories in ``cs.CL cs.LG math-ph``, as far as they are some."""
    return list(takewhile(_CATEGORY.fullmatch, text.split()))
