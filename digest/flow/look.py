"""A look ahead for whoever is still describing their interests: which papers would have come."""

import threading
from datetime import datetime, timedelta

import structlog

from digest import match, store
from digest.app import App
from digest.errors import StoreError
from digest.flow.prepare import Window, open_window
from digest.model import Match, Paper, Selection, Wishes

KEPT = timedelta(minutes=5)

_log = structlog.get_logger()


class Shelf:
    """The papers of the last days, read and indexed once, and again when new ones have come.

    Whether they have is asked every five minutes. Indexing ten thousand papers takes seconds: it
    is done aside, by one thread, while everybody goes on with what is there.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._busy = threading.Lock()
        self._kept: Window | None = None
        self._last_seen: datetime | None = None
        self._asked_at: datetime | None = None

    def window(self) -> Window:
        """Return the papers to choose from; only the first caller waits. Raises StoreError."""
        kept = self._kept
        if kept is None:
            with self._busy:
                return self._kept or self._read(self._app.clock())
        if self._is_due() and self._busy.acquire(blocking=False):
            threading.Thread(target=self._refresh, name="shelf", daemon=True).start()
        return kept

    def _is_due(self) -> bool:
        return self._asked_at is None or self._app.clock() - self._asked_at >= KEPT

    def _refresh(self) -> None:
        try:
            now = self._app.clock()
            self._asked_at = now
            if _last_seen(self._app) != self._last_seen:
                self._read(now)
        except StoreError as error:
            _log.error("shelf.failed", error=str(error))
        finally:
            self._busy.release()

    def _read(self, now: datetime) -> Window:
        self._last_seen = _last_seen(self._app)
        since = (self._last_seen or now) - self._app.window  # the last days that had papers
        self._kept = open_window(self._app, now, since=since)
        self._asked_at = now
        return self._kept


def look_ahead(app: App, window: Window, wishes: Wishes) -> Selection:
    """Return what an issue would hold if all papers of ``window`` were new."""
    request = match.Request(profile=wishes.profile, size=wishes.size, delivered=frozenset())
    floor = match.FLOOR if app.floor is None else app.floor
    (selection,) = match.select(window.index, [request], floor=floor)
    return selection


def newest(window: Window, size: int) -> tuple[Match, ...]:
    """Return the papers seen last, for whoever has not said yet what they care about."""
    papers = sorted(window.papers, key=lambda seen: seen[1], reverse=True)[:size]
    return tuple(_unasked(paper) for paper, _ in papers)


def _unasked(paper: Paper) -> Match:
    return Match(paper=paper, interest="", score=0, reasons=())


def _last_seen(app: App) -> datetime | None:
    with store.reading(app.engine) as connection:
        return store.papers.last_seen(connection)
