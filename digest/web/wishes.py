"""The form of interests as sign-up and profile print it (``_wishes.html``)."""

import re
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

from markupsafe import Markup
from starlette.requests import Request

from digest import compose
from digest.web.form import MOST_CHARACTERS, MOST_INTERESTS, Form

_REGIONS = {
    "Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian",
    "Pacific",
}  # fmt: skip
_WEIGHT = re.compile(r"[01](?:\.[0-9]{0,3})?")
_MOST_RANGES = 20  # languages a browser may name before we stop listening
_OPTION = Markup('<option value="{}">{}</option>')
_GROUP = Markup('<optgroup label="{}">{}</optgroup>')
_LABELS = {
    "text": "Interest",
    "email": "Address",
    "hour": "Hour",
    "timezone": "Time zone",
    "language": "Language of dates",
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


def asked_language(request: Request) -> str:
    """Return the language of dates that the browser asks for (RFC 9110, section 12.5.4)."""
    ranges = [each.partition(";") for each in request.headers.get("accept-language", "").split(",")]
    weighed = sorted(ranges[:_MOST_RANGES], key=lambda asked: -_weight(asked[2]))
    return compose.best_of(tag.strip() for tag, _, weight in weighed if _weight(weight))


def form_values(
    typed: Form, errors: Mapping[str, str], *, added: bool = False
) -> dict[str, object]:
    """Return what ``_wishes.html`` prints; ``added`` if the last interest was just asked for."""
    return {
        "form": typed,
        "errors": errors,
        "mistakes": [(field, _label(field), error) for field, error in errors.items()],
        "added": added,
        "languages": compose.language_names(),
        "zones": zones(typed.timezone or "UTC"),
        "most_interests": MOST_INTERESTS,
        "most_characters": MOST_CHARACTERS,
    }


def zones(chosen: str) -> Markup:
    """Return the time zones as options by region, with ``chosen`` selected, whatever it is."""
    option = Markup('<option value="{}"').format(chosen)
    if option in _zones():
        return _zones().replace(option, option + Markup(" selected"), 1)
    return _zones() + Markup("<option selected>{}</option>").format(chosen)


@cache
def _zones() -> Markup:
    """Return six hundred options, none selected: they are the same on every page."""
    named = sorted(zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS)
    regions = groupby(named, lambda zone: zone.partition("/")[0])
    groups = (_GROUP.format(region, Markup().join(map(_option, some))) for region, some in regions)
    return Markup("\n").join((_OPTION.format("UTC", "UTC"), *groups))


def _option(zone: str) -> Markup:
    return _OPTION.format(zone, _place(zone))


def _weight(parameter: str) -> float:
    """Return the number in ``q=0.8``: 1 where it is left out, 0 where it is none."""
    name, _, number = parameter.strip().partition("=")
    if not name:
        return 1.0
    return float(number) if name == "q" and _WEIGHT.fullmatch(number) else 0.0


def _place(zone: str) -> str:
    return ", ".join(reversed(zone.replace("_", " ").split("/")[1:]))


def _label(field: str) -> str:
    name, _, number = field.partition("-")
    label = _LABELS.get(name, name.capitalize())
    return f"{label} {int(number) + 1}" if number and name == "text" else label
