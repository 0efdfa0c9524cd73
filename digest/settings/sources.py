"""One entry of ``sources``: a place that announces papers, and when it does."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from digest.model import Calendar
from digest.settings.fields import Hour, HttpUrl, Part, Place, TimeZone, Weekdays

_BY = 12  # o'clock, for a source of which only the weekdays are given
_CALENDAR = ("days", "by", "timezone", "holidays", "deadline", "every")


class SourceEntry(Part):
    """A place that announces papers: a folder of dumps, one file, or one URL; and, where it
    promises any, its days."""

    folder: Place | None = None
    file: Place | None = None
    url: HttpUrl | None = Field(default=None, repr=False)  # may hold a password
    name: str | None = Field(default=None, min_length=1)
    robots: bool = True
    days: Weekdays | None = None
    by: Hour | None = None
    timezone: TimeZone | None = None
    holidays: tuple[date, ...] | None = None
    deadline: Annotated[int, Field(ge=0, le=23)] | None = None
    every: Annotated[int, Field(ge=5, le=60)] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.folder, self.file, self.url)) != 1:
            raise ValueError("needs exactly one of folder, file and url")
        return self

    @model_validator(mode="after")
    def _days_first(self) -> Self:
        given = [name for name in _CALENDAR if getattr(self, name) is not None]
        if given and self.days is None and self.by is None:
            raise ValueError(f"has {given[0]}, so it needs days, such as [mon, tue, wed, thu, fri]")
        return self

    def calendar(self) -> Calendar | None:
        """Return when this source announces; None where nothing is said of it."""
        given = {name: getattr(self, name) for name in _CALENDAR}
        said = {name: value for name, value in given.items() if value is not None}
        return Calendar(**{"days": tuple(range(7)), "by": _BY, **said}) if said else None
