"""One entry of ``sources``: a place that announces papers, and when it does."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from digest.errors import InputError
from digest.model import Calendar
from digest.settings.fields import Hour, HttpUrl, Part, Place, TimeZone, Weekdays
from digest.settings.presets import PRESETS, Preset
from digest.settings.words import nearest, weekday

_BY = 12  # o'clock, for a source of which only the weekdays are given
_CALENDAR = ("days", "by", "timezone", "holidays", "deadline", "every")


class SourceEntry(Part):
    """A place that announces papers: a folder of dumps, one file, one URL, mail in a maildir or an
    mbox file, or a preset; and, where it promises any, its days."""

    folder: Place | None = None
    file: Place | None = None
    url: HttpUrl | None = Field(default=None, repr=False)  # may hold a password
    maildir: Place | None = None
    mbox: Place | None = None
    preset: str | None = None
    of: str | None = Field(default=None, min_length=1)
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
        places = (self.folder, self.file, self.url, self.maildir, self.mbox, self.preset)
        if sum(place is not None for place in places) != 1:
            raise ValueError("needs exactly one of folder, file, url, maildir, mbox and preset")
        return self

    @model_validator(mode="after")
    def _known_preset(self) -> Self:
        if self.preset is None:
            if self.of is not None:
                raise ValueError("has of, which belongs to a preset")
            return self
        if self.preset not in PRESETS:
            advice = nearest(self.preset, PRESETS) or f"; there are {', '.join(PRESETS)}"
            raise ValueError(f"“{self.preset}” is no preset{advice}")
        preset = PRESETS[self.preset]
        if preset.of is None and self.of is not None:
            raise ValueError(f"{self.preset} is one source: leave out of")
        if preset.of is not None and self.of is None and preset.whole is None:
            raise ValueError(f"needs of: its {preset.of}, such as {preset.example}")
        return self

    @model_validator(mode="after")
    def _days_first(self) -> Self:
        given = [name for name in _CALENDAR if getattr(self, name) is not None]
        if given and self.preset is None and self.days is None and self.by is None:
            raise ValueError(f"has {given[0]}, so it needs days, such as [mon, tue, wed, thu, fri]")
        return self

    def calendar(self) -> Calendar | None:
        """Return when this source announces; None where nothing is said of it."""
        usual = dict(self._preset.calendar) if self._preset else {}
        if "days" in usual:
            usual["days"] = tuple(map(weekday, usual["days"]))
        given = {name: getattr(self, name) for name in _CALENDAR}
        said = {**usual, **{name: value for name, value in given.items() if value is not None}}
        if "days" not in said and "by" not in said:
            return None
        return Calendar(**{"days": tuple(range(7)), "by": _BY, **said})

    def address(self) -> str | None:
        """Return the URL, in which days may still have to be filled in; None for files."""
        return self._preset.url_for(self.of) if self._preset else self.url

    def called(self) -> str | None:
        """Return the name it is given, or that of its preset."""
        return self.name or (self._preset.name_for(self.of) if self._preset else None)

    @property
    def _preset(self) -> Preset | None:
        return PRESETS[self.preset] if self.preset else None


def source_entry(given: Mapping[str, str]) -> SourceEntry:
    """Return the entry that says ``given``. Raises InputError, one sentence."""
    try:
        return SourceEntry(**dict(given))  # type: ignore[arg-type]
    except ValidationError as error:
        said = error.errors()[0]
        name = ".".join(map(str, said["loc"]))
        told = str(said["ctx"]["error"]) if said["type"] == "value_error" else said["msg"]
        raise InputError(f"{name or 'This source'} {told}.".replace("?.", "?")) from None
