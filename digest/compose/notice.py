"""What a reader is told about sources whose papers are missing: one line in the foot."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from digest.compose.wording import enumerate_words, one_line, short_date
from digest.model import Freshness, Gap

_NAMES: Final = 4  # of sources in one sentence; the rest are counted

# one source, several; each without a day and with one
_SENTENCES: Final[Mapping[Freshness, tuple[str, str]]] = {
    Freshness.BROKEN: (
        "{names} has not answered {since}; its papers will follow.",
        "{names} have not answered {since}; their papers will follow.",
    ),
    Freshness.LATE: (
        "{names} is late, with nothing new {since}; its papers will follow.",
        "{names} are late, with nothing new {since}; their papers will follow.",
    ),
    Freshness.STALE: (
        "{names} repeats old papers, with nothing new {since}; its new ones will follow.",
        "{names} repeat old papers, with nothing new {since}; their new ones will follow.",
    ),
    Freshness.PARTIAL: (
        "{names} came incomplete{on}; some of its papers may be missing.",
        "{names} came incomplete{on}; some of their papers may be missing.",
    ),
}


def notices(gaps: Iterable[Gap], language: str = "en") -> tuple[str, ...]:
    """Return sentences about ``gaps``: one for all sources of which the same is to be said.

    Dates are set apart as ``language.py`` says.
    """
    groups: dict[tuple[Freshness, date | None], list[str]] = {}
    for gap in gaps:
        groups.setdefault((gap.freshness, gap.since), []).append(one_line(gap.source))
    return tuple(
        _sentence(freshness, since, names, language) for (freshness, since), names in groups.items()
    )


def restored(on: date, language: str = "en") -> str:
    """Return the sentence to those who may miss papers because a backup was restored ``on``."""
    return (
        f"On {short_date(on, language)} we went back to a backup; nothing from before that is sent"
        " twice, so a paper or two may be missing."
    )


def _sentence(freshness: Freshness, since: date | None, names: list[str], language: str) -> str:
    day = short_date(since, language) if since else None
    return _SENTENCES[freshness][len(names) > 1].format(
        names=_enumerate(names),
        since=f"since {day}" if day else "yet",
        on=f" on {day}" if day else "",
    )


def _enumerate(names: list[str]) -> str:
    left_out = len(names) - _NAMES
    if left_out < 2:  # one name is no longer than "1 more"
        return enumerate_words(names)
    return enumerate_words([*names[:_NAMES], f"{left_out} more"])
