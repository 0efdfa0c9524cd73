"""A look ahead for whoever is still describing their interests: which papers would have come."""

import gc
import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from digest import store
from digest.app import App
from digest.errors import StoreError
from digest.flow.prepare import Window, choose, open_window
from digest.model import Match, Paper, Selection, Wishes

KEPT = timedelta(minutes=5)
PATIENCE = 0.5  # seconds that a request waits for the first papers; a few are read at once
TEASERS = 3

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The papers of the last days, indexed; the last day that announced any, and the newest
    papers, for whoever has not said yet what they care about."""

    window: Window
    until: date | None
    newest: tuple[Match, ...]


class Shelf:
    """The papers of the last days, read and indexed once, and again when new ones have come.

    Whether they have is asked every five minutes. Indexing ten thousand papers takes seconds: it
    is done aside, by one thread, while everybody goes on with what is there.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._starting = threading.Lock()
        self._reader: threading.Thread | None = None
        self._kept: Stock | None = None
        self._last_seen: datetime | None = None
        self._asked_at: datetime | None = None

    def stock(self) -> Stock | None:
        """Return the papers to choose from; None while the first ones are read."""
        if self._is_due():
            self.refresh()
        if self._is_bare() and not self.wait():
            return None
        return self._kept

    def refresh(self) -> None:
        """Begin to look for new papers, aside, unless that is under way."""
        with self._starting:
            if self._reader is None or not self._reader.is_alive():
                self._reader = threading.Thread(target=self._refresh, name="shelf", daemon=True)
                self._reader.start()

    def wait(self) -> bool:
        """Wait for what is under way, but not long; return whether it has ended."""
        if self._reader is None:
            return True
        self._reader.join(PATIENCE)
        return not self._reader.is_alive()

    def _is_bare(self) -> bool:
        return self._kept is None or not self._kept.window.papers

    def _is_due(self) -> bool:
        asked_at = self._asked_at
        return self._is_bare() or asked_at is None or self._app.clock() - asked_at >= KEPT

    def _refresh(self) -> None:
        try:
            now = self._app.clock()
            self._asked_at = now
            last_seen = _last_seen(self._app)
            if self._kept is None or last_seen != self._last_seen:
                self._kept = _read(self._app, last_seen or now, now)
                self._last_seen = last_seen
                _put_by()
        except StoreError as error:
            _log.error("shelf.failed", error=str(error))


def look_ahead(app: App, window: Window, wishes: Wishes) -> Selection:
    """Return what an issue would hold if all papers of ``window`` were new."""
    (selection,) = choose(app, window, [wishes], [frozenset()])
    return selection


def newest(app: App) -> tuple[Match, ...]:
    """Return the papers announced last, while nothing is indexed."""
    with store.reading(app.engine) as connection:
        return tuple(map(_unasked, store.papers.search(connection, (), limit=TEASERS)))


def _read(app: App, last_seen: datetime, now: datetime) -> Stock:
    window = open_window(app, now, since=last_seen - app.window)  # the last days that had papers
    latest = sorted(window.papers, key=lambda seen: seen[1], reverse=True)[:TEASERS]
    days = [paper.announced_on for paper, _ in window.papers if paper.announced_on]
    return Stock(
        window=window,
        until=max(days, default=None),
        newest=tuple(_unasked(paper) for paper, _ in latest),
    )


def _put_by() -> None:
    """Let the garbage collector look at ten thousand papers once, now, and not again: it would halt
    every thread for up to half a second, in the middle of somebody's preview. What was put by
    before comes back first, so that the papers it replaced are freed."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _unasked(paper: Paper) -> Match:
    return Match(paper=paper, interest="", score=0, reasons=())


def _last_seen(app: App) -> datetime | None:
    with store.reading(app.engine) as connection:
        return store.papers.last_seen(connection)
