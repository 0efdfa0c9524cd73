"""The form of interests as sign-up and profile print it (``_wishes.html``)."""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

from digest.web.form import MOST_CHARACTERS, MOST_INTERESTS, Form

_REGIONS = {
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
}  # fmt: skip
_LABELS = {
    "text": "Interest",
    "email": "Address",
    "hour": "Hour",
    "timezone": "Time zone",
    "weekdays": "Days",
    "cadence": "How often",
    "size": "Papers in an issue",
    "when_empty": "Quiet days",
    "kept": "Interest",
}


def changed(typed: Form, do: str) -> Form:
    """Return the form after a button that saves nothing: ``add``, ``remove-2``, ``preview``."""
    verb, _, place = do.partition("-")
    if verb == "add":
        return typed.with_another()
    if verb == "remove" and place.isascii() and place.isdigit() and len(place) < 3:
        return typed.without(int(place))
    return typed


def form_values(
    typed: Form, errors: Mapping[str, str], *, added: bool = False
) -> dict[str, object]:
    """Return what ``_wishes.html`` prints; ``added`` if the last interest was just asked for."""
    return {
        "form": typed,
        "errors": errors,
        "mistakes": [(field, _label(field), error) for field, error in errors.items()],
        "added": added,
        "zones": zones(),
        "most_interests": MOST_INTERESTS,
        "most_characters": MOST_CHARACTERS,
    }


@cache
def zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the time zones by region, each with its name and what it is called there."""
    named = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS)
    regions = groupby(named, lambda zone: zone.partition("/")[0])
    return tuple((region, tuple((zone, _place(zone)) for zone in some)) for region, some in regions)


def _place(zone: str) -> str:
    return ", ".join(reversed(zone.replace("_", " ").split("/")[1:]))


def _label(field: str) -> str:
    name, _, number = field.partition("-")
    label = _LABELS.get(name, name.capitalize())
    return f"{label} {int(number) + 1}" if number and name == "text" else label
