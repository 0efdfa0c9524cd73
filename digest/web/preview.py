"""The living preview: the cards beside the form, from the papers of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from digest import compose, flow
from digest.app import App
from digest.model import Match, Wishes

LOOKING = 2  # threads: a preview is all thinking, and more would only share the processor
_NOT_READY = "The preview is being prepared: a moment more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The cards of one interest."""

    heading: str
    cards: tuple[Markup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the preview says (``tally``, one sentence, its dates in ``language``) and shows; not
    ``ready``: ask again."""

    language: str
    tally: str
    groups: tuple[Group, ...]
    ready: bool = True


def preview(app: App, shelf: flow.Shelf, wishes: Wishes) -> Preview:
    """Return what an issue would hold if nothing had been sent before. Writes nothing."""
    stock, language = shelf.stock(), wishes.language
    if stock is None:
        newest = _group(app, "The newest", flow.newest(app), language)
        return Preview(language=language, tally=_NOT_READY, groups=newest, ready=False)
    tally, groups = _preview(app, stock, wishes)
    return Preview(language=language, tally=tally, groups=groups)


def _preview(app: App, stock: flow.Stock, wishes: Wishes) -> tuple[str, tuple[Group, ...]]:
    if not stock.window.papers:
        return "No paper has been announced yet: look in again tomorrow.", ()
    language = wishes.language
    read = _read(stock, language)
    if not wishes.profile.interests:
        teasers = _group(app, "The newest", stock.newest, language)
        return f"Say what you care about: {read} wait to be sifted.", teasers
    found = flow.look_ahead(app, stock.window, wishes)
    if found.matches:
        tally = f"{compose.count(len(found.matches), 'paper')} for you, of {read}."
        if found.above_floor > len(found.matches):
            tally += f" {found.above_floor:,} come close enough; an issue holds {wishes.size}."
        return tally, _groups(app, found.shown, language)
    nearest = (found.near_miss,) if found.near_miss else ()
    closest = _group(app, "The closest", nearest, language)
    beside = _groups(app, found.extras, language)
    return f"None of {read} comes close enough: try other words, or fewer.", closest + beside


def _groups(app: App, matches: Sequence[Match], language: str) -> tuple[Group, ...]:
    by_heading = groupby(matches, compose.heading)
    groups = (_group(app, name, tuple(some), language) for name, some in by_heading)
    return sum(groups, ())


def _group(app: App, heading: str, matches: Sequence[Match], language: str) -> tuple[Group, ...]:
    cards = app.composer.preview(matches, language)
    return (Group(heading=heading, cards=cards),) if cards else ()


def _read(stock: flow.Stock, language: str) -> str:
    """Return ``1,204 recent papers (until Thu 19 Nov)``."""
    papers = compose.count(len(stock.window.papers), "recent paper")
    return (
        f"{papers} (until {compose.short_date(stock.until, language)})" if stock.until else papers
    )
