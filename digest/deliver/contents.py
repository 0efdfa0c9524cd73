"""The outbox's table of contents: rows → one page that needs nothing but itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from digest import assets

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One message as the page lists it; ``name`` is its files' common stem, ``size`` in bytes."""

    name: str
    subject: str
    recipient: str
    sent_at: datetime | None
    size: int
    has_html: bool
    has_text: bool

    @property
    def kilobytes(self) -> int:
        """The size in kB, rounded up: no message is 0 kB."""
        return -(-self.size // 1000)


def render(rows: Iterable[Row]) -> str:
    """Return the page: newest message first, under a heading for each day (UTC)."""
    ordered = sorted(rows, key=_newest, reverse=True)
    days = [(day, list(group)) for day, group in groupby(ordered, key=_day)]
    return _template().render(days=days, count=len(ordered))


def _newest(row: Row) -> tuple[datetime, str]:
    return row.sent_at or _BEFORE_ALL, row.name


def _day(row: Row) -> date | None:
    return row.sent_at.date() if row.sent_at else None


@cache
def _template() -> Template:
    folder = assets.path("templates") / "outbox"
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("index.html")
