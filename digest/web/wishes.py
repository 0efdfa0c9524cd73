"""The form of interests as sign-up and profile print it (``_wishes.html``)."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

from markupsafe import Markup
from starlette.requests import Request

from digest import compose, flow
from digest.app import App
from digest.errors import InputError, ParseError
from digest.web.examples import as_line, held, lines_of, pack, unpacked
from digest.web.form import MOST_CHARACTERS, MOST_INTERESTS, Form
from digest.web.limits import Fields, Upload

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
    "amount": "How close",
    "slots": "Beside them",
    "examples": "Papers you like",
    "library": "Library file",
}


def changed(typed: Form, do: str) -> Form:
    """Return the form after a button that saves nothing: ``add``, ``remove-2``, ``preview``."""
    verb, _, place = do.partition("-")
    if verb == "add":
        return typed.with_another()
    if verb == "remove" and place.isascii() and place.isdigit() and len(place) < 3:
        return typed.without(int(place))
    if verb == "forget" and place.isascii() and place.isdigit() and len(place) < 3:
        return typed.without_library(int(place))
    return typed


def asked_language(request: Request) -> str:
    """Return the language of dates that the browser asks for (RFC 9110, section 12.5.4)."""
    ranges = [each.partition(";") for each in request.headers.get("accept-language", "").split(",")]
    weighed = sorted(ranges[:_MOST_RANGES], key=lambda asked: -_weight(asked[2]))
    return compose.best_of(tag.strip() for tag, _, weight in weighed if _weight(weight))


def with_libraries(app: App, fields: Fields, files: Sequence[Upload]) -> Fields:
    """Return the fields of a form with what was read of its files: ``file-2`` becomes ``library-2``
    and what to say of it, ``note-2``, or else ``trouble-2``."""
    read = [
        (f"{name}-{number}", value)
        for kind, number, file in ((*file.field.partition("-")[::2], file) for file in files)
        if kind == "file"
        for name, value in _read(app, file)
    ]
    return [*read, *fields]  # the first of a name counts


def find_examples(app: App, typed: Form, *, network: str | None = None) -> flow.FoundExamples:
    """Find the papers that the lines of a form name; see ``flow.find_examples``."""
    lines: list[str] = []
    for entry in typed.entries:
        known = {as_line(each) for each in unpacked(entry.known)}
        with suppress(InputError):  # told by ``form.check``
            lines += [line for line in lines_of(entry.examples) if line not in known]
    return flow.find_examples(app, lines, network=network)


def troubles(typed: Form) -> dict[str, str]:
    """Return what is wrong with the files that were just read, by field."""
    return {f"library-{n}": each.trouble for n, each in enumerate(typed.entries) if each.trouble}


def form_values(
    typed: Form, errors: Mapping[str, str], *, added: bool = False
) -> dict[str, object]:
    """Return what ``_wishes.html`` prints; ``added`` if the last interest was just asked for."""
    return {
        "form": typed,
        "errors": errors,
        "mistakes": [(field, _label(field), error) for field, error in errors.items()],
        "added": added,
        "libraries": [held(entry.library) for entry in typed.entries],
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


def _read(app: App, file: Upload) -> list[tuple[str, str]]:
    try:
        library = flow.read_library(app, file.name, file.content)
    except ParseError as error:
        return [("trouble", str(error))]
    kept, note = len(library.examples), ""
    if library.held > kept + library.unread:
        note = f"The newest of {library.held:,} entries. "
    if library.unread:
        note += f"Left out, without a title or broken: {library.unread}."
    return [("library", pack(library.examples)), ("note", note)]


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
