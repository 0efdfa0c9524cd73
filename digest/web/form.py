"""What stands in the form of interests ↔ ``Wishes``. Whatever is typed is kept and shown again.

The fields of an interest end in its number: ``text-0``, ``keywords-0`` … Lists are words with
commas or new lines between them (a phrase with a comma in double quotes), authors one a line.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import TypeVar

from digest.errors import InputError
from digest.flow import NOTHING_FOUND, FoundExamples
from digest.model import (
    Amount,
    Cadence,
    Example,
    Interest,
    Profile,
    Schedule,
    Slot,
    WhenEmpty,
    Wishes,
)
from digest.settings import language, time_zone
from digest.web import examples
from digest.web.examples import plain

MOST_INTERESTS = 10
MOST_CHARACTERS = 2000  # in one field
MOST_WORDS = 50  # in one list
LISTS = ("keywords", "must", "exclude", "authors", "categories")

_EXAMPLES = ("examples", "known", "library", "note", "trouble")
_FIELDS = ("text", "name", *LISTS, *_EXAMPLES, "weight")
_NUMBERED = re.compile(rf"({'|'.join(_FIELDS)})-([0-9]{{1,3}})")
_LISTED = re.compile(r'"([^"]*)"|([^",\n]+)')
_NAME = 60  # characters

_T = TypeVar("_T")
_Said = TypeVar("_Said", str, tuple[str, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One interest as typed.

    ``known`` and ``library`` are packed (see ``examples.py``): papers that stand in the lines of
    ``examples``, and those of a file. ``note`` and ``trouble`` say what came of a file just read.
    """

    text: str = ""
    name: str = ""
    keywords: str = ""
    must: str = ""
    exclude: str = ""
    authors: str = ""
    categories: str = ""
    examples: str = ""
    known: str = ""
    library: str = ""
    note: str = ""
    trouble: str = ""
    weight: str = "1"

    @property
    def blank(self) -> bool:
        """Whether nothing was said."""
        said = ("text", "name", *LISTS, "examples", "library", "trouble")
        return not any(getattr(self, name).strip() for name in said)

    @property
    def tuned(self) -> bool:
        """Whether more was said than a text and a name."""
        return replace(self, text="", name="") != Entry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The whole form as typed."""

    email: str = ""
    entries: tuple[Entry, ...] = (Entry(),)
    cadence: str = Cadence.WEEKDAYS
    weekdays: tuple[str, ...] = ("0",)
    hour: str = "7"
    timezone: str = ""
    language: str = "en"
    size: str = "10"
    when_empty: str = WhenEmpty.SKIP
    amount: str = Amount.NORMAL
    slots: tuple[str, ...] = ()

    def with_another(self) -> "Form":
        """Return the form with room for one more interest."""
        return replace(self, entries=(*self.entries, Entry())[:MOST_INTERESTS])

    def without(self, place: int) -> "Form":
        """Return the form without one interest; there is always room for one."""
        left = self.entries[:place] + self.entries[place + 1 :]
        return replace(self, entries=left or (Entry(),))

    def without_library(self, place: int) -> "Form":
        """Return the form without what was read of one interest's file."""
        entries = (
            replace(each, library="") if at == place else each
            for at, each in enumerate(self.entries)
        )
        return replace(self, entries=tuple(entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """``wishes`` without what could not be used, and for each field what is wrong with it."""

    wishes: Wishes
    errors: Mapping[str, str]


def read(fields: Iterable[tuple[str, str]]) -> Form:
    """Return the form whose fields a browser sent; what is missing is a default. Any will do."""
    given: dict[str, str] = {}
    several: dict[str, list[str]] = {"weekdays": [], "slots": []}
    for name, value in fields:
        if name in several:
            several[name].append(plain(value))
        else:
            given.setdefault(name, plain(value))
    known = ("email", "cadence", "hour", "timezone", "language", "size", "when_empty", "amount")
    said = {name: given[name] for name in known if name in given}
    return Form(
        **said,
        weekdays=tuple(several["weekdays"][:7]),
        slots=tuple(several["slots"][: len(Slot)]),
        entries=_entries(given),
    )


def write(wishes: Wishes) -> Form:
    """Return the form filled in with ``wishes``."""
    schedule = wishes.schedule
    days = schedule.weekdays[:1] if schedule.cadence is Cadence.WEEKLY else schedule.weekdays
    return Form(
        entries=tuple(map(_entry, wishes.profile.interests)),
        cadence=schedule.cadence,
        weekdays=tuple(str(day) for day in days),
        hour=str(schedule.hour),
        timezone=schedule.timezone,
        language=wishes.language,
        size=str(wishes.size),
        when_empty=wishes.when_empty,
        amount=wishes.amount,
        slots=wishes.slots,
    )


def check(form: Form, found: FoundExamples = NOTHING_FOUND) -> Checked:
    """Return what the form asks for, and what is wrong with it, in sentences.

    ``found`` are the papers its lines of examples name.
    """
    checking = _Checking({})
    interests = tuple(_interests(checking, form.entries, found))
    if not interests and not checking.errors:
        checking.errors["text-0"] = "Say in a few words what you care about."
    if len(form.entries) > MOST_INTERESTS:
        checking.errors["text-0"] = f"Make it {MOST_INTERESTS} interests or fewer."
    cadence = checking("cadence", Cadence, form.cadence, Cadence.WEEKDAYS)
    schedule = Schedule(
        cadence=cadence,
        weekdays=checking("weekdays", lambda days: _weekdays(cadence, days), form.weekdays, (0,)),
        hour=checking("hour", lambda text: _whole(text, 0, 23), form.hour, 7),
        timezone=checking("timezone", _zone, form.timezone, "UTC"),
    )
    wishes = Wishes(
        profile=Profile(interests=interests[:MOST_INTERESTS]),
        schedule=schedule,
        size=checking("size", lambda text: _whole(text, 1, 50), form.size, 10),
        when_empty=checking("when_empty", WhenEmpty, form.when_empty, WhenEmpty.SKIP),
        language=checking("language", language, form.language, "en"),
        amount=checking("amount", Amount, form.amount, Amount.NORMAL),
        slots=checking("slots", _slots, form.slots, ()),
    )
    return Checked(wishes=wishes, errors=checking.errors)


@dataclass(frozen=True, slots=True)
class _Checking:
    """Collects what is wrong; a value that cannot be used is replaced by a fallback."""

    errors: dict[str, str]

    def __call__(self, field: str, parse: Callable[[_Said], _T], said: _Said, fallback: _T) -> _T:
        try:
            return parse(said)
        except InputError as error:
            self.errors[field] = str(error)
        except ValueError:
            self.errors[field] = "Choose one of these."
        return fallback


def _entries(given: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the interests in the order of their numbers; one too many is kept, to be told of."""
    numbered: dict[int, dict[str, str]] = {}
    for name, value in given.items():
        found = _NUMBERED.fullmatch(name)
        if found:
            numbered.setdefault(int(found[2]), {})[found[1]] = value
    entries = [Entry(**numbered[number]) for number in sorted(numbered)]
    return tuple(entries[: MOST_INTERESTS + 1]) or (Entry(),)


def _entry(interest: Interest) -> Entry:
    lists = {name: getattr(interest, name) for name in LISTS}
    named = interest.name != _called(interest.text, lists, interest.examples)
    return Entry(
        text=interest.text,
        name=interest.name if named else "",
        **{name: _typed(name, words) for name, words in lists.items()},
        **examples.written(interest.examples),
        weight=str(interest.weight).removesuffix(".0"),
    )


def _typed(name: str, words: Sequence[str]) -> str:
    if name == "authors":
        return "\n".join(words)
    return ", ".join(f'"{word}"' if "," in word else word for word in words)


def _interests(
    checking: _Checking, entries: Sequence[Entry], found: FoundExamples
) -> Iterable[Interest]:
    for number, entry in enumerate(entries):
        if entry.blank:
            continue
        interest = _interest(checking, number, entry, found)
        wanted = (interest.text, *(getattr(interest, name) for name in LISTS if name != "exclude"))
        if any(wanted) or interest.examples:
            yield interest
        elif not (entry.examples.strip() or entry.trouble):
            checking.errors.setdefault(f"text-{number}", "Say what you are looking for.")


def _interest(checking: _Checking, number: int, entry: Entry, found: FoundExamples) -> Interest:
    text = checking(f"text-{number}", _prose, entry.text, "")
    none: tuple[str, ...] = ()
    lists = {
        name: checking(f"{name}-{number}", _parser(name), getattr(entry, name), none)
        for name in LISTS
    }
    held = _examples(checking, number, entry, found)
    name = checking(f"name-{number}", _short, entry.name, "")
    return Interest(
        name=name or _called(text, lists, held),
        text=text,
        keywords=lists["keywords"],
        must=lists["must"],
        exclude=lists["exclude"],
        authors=lists["authors"],
        categories=lists["categories"],
        weight=checking(f"weight-{number}", _weight, entry.weight, 1.0),
        examples=held,
    )


def _examples(
    checking: _Checking, number: int, entry: Entry, found: FoundExamples
) -> tuple[Example, ...]:
    known = examples.unpacked(entry.known)
    none: tuple[Example, ...] = ()
    held, wrong = checking(
        f"examples-{number}",
        lambda text: examples.named(text, known, found),
        entry.examples,
        (none, ""),
    )
    library = checking(f"library-{number}", examples.unpack, entry.library, none)
    if wrong:
        checking.errors[f"examples-{number}"] = wrong
    if entry.trouble:
        checking.errors[f"library-{number}"] = entry.trouble
    return (*held, *library)


def _called(text: str, lists: Mapping[str, Sequence[str]], held: Sequence[Example]) -> str:
    """Return what an interest is called that was given no name: as in the configuration."""
    words = (word for name in LISTS if name != "exclude" for word in lists[name])
    titles = (each.library or each.title for each in held[:1])
    return shorten(text or ", ".join(words) or "".join(titles), _NAME, placeholder="…")


def _parser(name: str) -> Callable[[str], tuple[str, ...]]:
    return _authors if name == "authors" else _words


def _words(text: str) -> tuple[str, ...]:
    return _some(quoted or bare for quoted, bare in _LISTED.findall(_prose(text)))


def _authors(text: str) -> tuple[str, ...]:
    return _some(re.split(r"[\n;]", _prose(text)))


def _some(words: Iterable[str]) -> tuple[str, ...]:
    folded = (" ".join(word.split()) for word in words)
    kept = tuple(dict.fromkeys(word for word in folded if word))
    if len(kept) > MOST_WORDS:
        raise InputError(f"These are {len(kept)}: keep the {MOST_WORDS} that matter most.")
    return kept


def _prose(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"These are {len(text):,} characters: {MOST_CHARACTERS:,} are the most we read."
        )
    return text.strip()


def _short(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > _NAME:
        raise InputError(f"Make it {_NAME} characters or fewer.")
    return name


def _weight(text: str) -> float:
    try:
        weight = float(text[:_NAME].replace(",", "."))
    except ValueError:
        weight = 0.0
    if not 0 < weight <= 100:
        raise InputError("Write a number above 0 and up to 100; 1 is usual.")
    return weight


def _weekdays(cadence: Cadence, days: Sequence[str]) -> tuple[int, ...]:
    chosen = tuple(sorted({_whole(day, 0, 6) for day in days}))
    if cadence is Cadence.WEEKLY and len(chosen) != 1:
        raise InputError("Choose the one day of the week on which it should come.")
    if cadence is Cadence.DAYS and not chosen:
        raise InputError("Choose at least one day.")
    return chosen or (0,)


def _slots(names: Sequence[str]) -> tuple[Slot, ...]:
    return tuple(slot for slot in Slot if slot in {Slot(name) for name in names})


def _whole(text: str, least: int, most: int) -> int:
    digits = text.strip()
    if not re.fullmatch("[0-9]{1,3}", digits) or not least <= int(digits) <= most:
        raise InputError(f"Write a whole number from {least} to {most}.")
    return int(digits)


def _zone(text: str) -> str:
    return time_zone(text[:_NAME]) if text.strip() else "UTC"
