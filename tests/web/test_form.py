"""The form: whatever is typed gives a page, and what can be asked for comes back as it was."""

from hypothesis import given
from hypothesis import strategies as st

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
from digest.web.form import MOST_INTERESTS, Entry, Form, check, read, write

_letters = st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters='",;')
_word = st.text(_letters, min_size=1, max_size=12)
_phrase = st.lists(_word, min_size=1, max_size=3).map(" ".join)
_with_comma = st.tuples(_phrase, _phrase).map(", ".join)
_words = st.lists(_phrase | _with_comma, max_size=4, unique=True).map(tuple)
_authors = st.lists(_phrase | _with_comma, max_size=3, unique=True).map(tuple)


def _examples(library: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Example, ...]]:
    one = st.builds(Example, title=_phrase, text=_phrase, library=library)
    return st.lists(one, max_size=4, unique_by=lambda each: each.title).map(tuple)


_interests = st.builds(
    Interest,
    name=_phrase,
    text=st.lists(_phrase, min_size=1, max_size=4).map("\n".join),
    keywords=_words,
    must=_words,
    exclude=_words,
    authors=_authors,
    categories=_words,
    weight=st.floats(0, 100, exclude_min=True),
    examples=st.tuples(_examples(st.just("")), _examples(st.just("my papers.bib"))).map(
        lambda both: both[0] + both[1]
    ),
)


@st.composite
def _schedules(draw: st.DrawFn) -> Schedule:
    cadence = draw(st.sampled_from(Cadence))
    most = 1 if cadence is Cadence.WEEKLY else 7
    days = draw(st.sets(st.integers(0, 6), min_size=1, max_size=most))
    zone = draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]))
    return Schedule(
        cadence=cadence,
        weekdays=tuple(sorted(days)),
        hour=draw(st.integers(0, 23)),
        timezone=zone,
    )


_wishes = st.builds(
    Wishes,
    profile=st.builds(
        Profile,
        interests=st.lists(_interests, min_size=1, max_size=MOST_INTERESTS).map(tuple),
    ),
    schedule=_schedules(),
    size=st.integers(1, 50),
    when_empty=st.sampled_from(WhenEmpty),
    amount=st.sampled_from(Amount),
    slots=st.sampled_from([(), (Slot.EXPLORE,), (Slot.MOST_READ,), tuple(Slot)]),
)
_names = st.sampled_from(
    [
        "email",
        "cadence",
        "weekdays",
        "hour",
        "timezone",
        "size",
        "when_empty",
        "amount",
        "slots",
        "do",
    ]
) | st.builds(
    "{}-{}".format,
    st.sampled_from(
        ["text", "name", "keywords", "must", "authors", "examples", "known", "library", "trouble"]
    ),
    st.integers(-1, 1200),
)


def sent(form: Form) -> list[tuple[str, str]]:
    """The fields a browser sends for a form, its lines ended as browsers end them."""
    fields = [("weekdays", day) for day in form.weekdays]
    fields += [("slots", slot) for slot in form.slots]
    for name in ("email", "cadence", "hour", "timezone", "size", "when_empty", "amount"):
        fields.append((name, getattr(form, name)))
    for number, entry in enumerate(form.entries):
        for name in Entry.__slots__:
            fields.append((f"{name}-{number}", getattr(entry, name).replace("\n", "\r\n")))
    return fields


@given(_wishes)
def test_what_can_be_asked_for_comes_back_as_it_was(wishes: Wishes) -> None:
    checked = check(read(sent(write(wishes))))
    assert checked.errors == {}
    assert checked.wishes == wishes


@given(st.lists(st.tuples(_names | st.text(), st.text())))
def test_any_form_is_read(fields: list[tuple[str, str]]) -> None:
    form = read(fields)
    checked = check(form)
    assert 1 <= len(form.entries) <= MOST_INTERESTS + 1
    assert len(checked.wishes.profile.interests) <= MOST_INTERESTS
    assert checked.errors or checked.wishes.profile.interests


def test_words_are_separated_by_commas_and_lines() -> None:
    form = read([("text-0", "x"), ("keywords-0", 'a,  b\tc\r\n"d, e", a,,')])
    assert check(form).wishes.profile.interests[0].keywords == ("a", "b c", "d, e")


def test_authors_stand_one_a_line() -> None:
    form = read([("authors-0", "Lovelace, Ada\nEmmy Noether")])
    (found,) = check(form).wishes.profile.interests
    assert found.authors == ("Lovelace, Ada", "Emmy Noether")
    assert found.name == "Lovelace, Ada, Emmy Noether"


def test_mistakes_are_named_at_their_fields() -> None:
    typed = {
        "text-0": "x" * 2001,
        "keywords-0": ",".join(f"w{n}" for n in range(51)),
        "exclude-1": "only this",
        "weight-1": "nan",
        "cadence": "weekly",
        "hour": "24",
        "timezone": "Europe/Berln",
        "size": "0",
        "when_empty": "shout",
        "amount": "heaps",
        "slots": "all",
    }
    errors = check(read([*typed.items(), ("weekdays", "1"), ("weekdays", "2")])).errors
    assert set(errors) == (set(typed) - {"cadence", "exclude-1"}) | {"weekdays", "text-1"}
    assert errors["text-0"] == "These are 2,001 characters: 2,000 are the most we read."
    assert "Europe/Berlin" in errors["timezone"]


def test_ten_interests_are_the_most() -> None:
    typed = [(f"text-{number}", f"topic {number}") for number in range(12)]
    checked = check(read(typed))
    assert checked.errors == {"text-0": "Make it 10 interests or fewer."}
    assert read(typed).with_another().entries[-1].text == "topic 9"


def test_nothing_said_is_asked_for() -> None:
    assert check(Form()).errors == {"text-0": "Say in a few words what you care about."}


def test_interests_can_be_taken_away() -> None:
    form = read([("text-0", "one"), ("text-1", "two")])
    assert [entry.text for entry in form.without(0).entries] == ["two"]
    assert form.without(0).without(0).entries == (Entry(),)
    assert form.without(7) == form
