"""The living preview: the cards beside the form, from the papers of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from digest import compose, flow
from digest.app import App
from digest.model import Match, Wishes

_TEASERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The cards of one interest."""

    heading: str
    cards: tuple[Markup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the preview says (``tally``, one sentence, its dates in ``language``) and shows."""

    language: str
    tally: str
    groups: tuple[Group, ...]


def preview(app: App, shelf: flow.Shelf, wishes: Wishes) -> Preview:
    """Return what an issue would hold if nothing had been sent before. Writes nothing."""
    tally, groups = _preview(app, shelf.window(), wishes)
    return Preview(language=wishes.language, tally=tally, groups=groups)


def _preview(app: App, window: flow.Window, wishes: Wishes) -> tuple[str, tuple[Group, ...]]:
    if not window.papers:
        return "No paper has been announced yet: look in again tomorrow.", ()
    language = wishes.language
    read = _read([paper.announced_on for paper, _ in window.papers], language)
    if not wishes.profile.interests:
        teasers = _group(app, "The newest", flow.newest(window, _TEASERS), language)
        return f"Say what you care about: {read} wait to be sifted.", teasers
    found = flow.look_ahead(app, window, wishes)
    if found.matches:
        tally = f"{compose.count(len(found.matches), 'paper')} for you, of {read}."
        if found.above_floor > len(found.matches):
            tally += f" {found.above_floor:,} come close enough; an issue holds {wishes.size}."
        by_interest = groupby(found.matches, lambda match: match.interest)
        groups = [_group(app, name, tuple(some), language) for name, some in by_interest]
        return tally, sum(groups, ())
    nearest = (found.near_miss,) if found.near_miss else ()
    closest = _group(app, "The closest", nearest, language)
    return f"None of {read} comes close enough: try other words, or fewer.", closest


def _group(app: App, heading: str, matches: Sequence[Match], language: str) -> tuple[Group, ...]:
    cards = app.composer.preview(matches, language)
    return (Group(heading=heading, cards=cards),) if cards else ()


def _read(days: Sequence[date | None], language: str) -> str:
    """Return ``1,204 recent papers (until Thu 19 Nov)``."""
    known = [day for day in days if day]
    papers = compose.count(len(days), "recent paper")
    return f"{papers} (until {compose.short_date(max(known), language)})" if known else papers
