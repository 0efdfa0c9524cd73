"""Our samples of every kind, damaged in every way we can think of: a listing or a ParseError.

``fuzz/`` looks for more of this, guided by coverage; what it found is below in small.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.ingest.parse import JSON_KINDS
from tests.ingest.samples import KINDS, samples
from tests.ingest.sound import ADDRESS, read

SAMPLES = samples()
NAMES = (ADDRESS, "2026-11-18.txt", "http://[", "https://owls.example.org/?p=0&cursor=\u0663")
GRIT = (
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", "\u202e\u200b\ufeff".encode(), b"\r", b"\n" * 9,
    b"<", b"<![CDATA[", b"]]>", b"&#xD800;", b"&#0;", b"&lt;", b'"', b"\\", b"{", b"[" * 2000,
    b"$\\frac{", b"Content-Transfer-Encoding: base64\n\n", b"=?utf-8?q?=ff?=", b"2611.90001",
    b"9999-99-99", b"-1", b"<!-- ", b"<div>" * 2000, b"a" * 6000, b"\\ud800", b"1e999", b"NaN",
    b"https://[", b"@", b"%",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "cp1252", "utf-7", "utf-8-sig", "cp500")

Damage = Callable[[bytes], bytes]
where = st.floats(0, 1)


def at(content: bytes, place: float) -> int:
    return int(place * len(content))


def put(place: float, grit: bytes, over: int) -> Damage:
    return lambda c: c[: at(c, place)] + grit + c[at(c, place) + over :]


def cut(one: float, other: float) -> Damage:
    return lambda c: c[at(c, min(one, other)) : at(c, max(one, other))]


def lose(one: float, other: float) -> Damage:
    return lambda c: c[: at(c, min(one, other))] + c[at(c, max(one, other)) :]


def repeat(place: float, length: int, times: int) -> Damage:
    def damage(content: bytes) -> bytes:
        start = at(content, place)
        return content[:start] + content[start : start + length] * times + content[start:]

    return damage


def swap(one: float, other: float, by: bytes) -> Damage:
    """Exchange two of the pieces that stand between ``by``: lines, tags, fields, words."""

    def damage(content: bytes) -> bytes:
        pieces = content.split(by)
        first, second = int(one * (len(pieces) - 1)), int(other * (len(pieces) - 1))
        pieces[first], pieces[second] = pieces[second], pieces[first]
        return by.join(pieces)

    return damage


def encode(encoding: str) -> Damage:
    return lambda c: c.decode("utf-8", "replace").encode(encoding, "replace")


def flip(place: float, bits: int) -> Damage:
    def damage(content: bytes) -> bytes:
        start = at(content, place)
        return (
            content[:start]
            + bytes(byte ^ bits for byte in content[start : start + 1])
            + (content[start + 1 :])
        )

    return damage


damages = st.one_of(
    st.builds(put, where, st.sampled_from(GRIT) | st.binary(max_size=9), st.integers(0, 40)),
    st.builds(flip, where, st.integers(1, 255)),
    st.builds(cut, where, where),
    st.builds(lose, where, where),
    st.builds(repeat, where, st.integers(1, 300), st.integers(2, 60)),
    st.builds(swap, where, where, st.sampled_from((b"\n", b"\n\n", b"<", b'"', b",", b" ", b"}"))),
    st.builds(encode, st.sampled_from(ENCODINGS)),
)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_sample_of_every_kind_and_all_are_sound(kind: str) -> None:
    assert SAMPLES[kind]
    for content in SAMPLES[kind]:
        assert read(content) is not None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_sample_gives_a_listing_or_a_parse_error(kind: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES[kind]))
    for damage in data.draw(st.lists(damages, min_size=1, max_size=4)):
        content = damage(content)
    read(content, data.draw(st.sampled_from(NAMES)))


ODD: st.SearchStrategy[Any] = st.sampled_from(
    (
        None,
        True,
        -1,
        1.5,
        10**30,
        float("nan"),
        "",
        " ",
        "\ud800",
        "\x00",
        [],
        {},
        [[]],
        [None],
        [{}],
    )
) | st.text(max_size=20)


@pytest.mark.parametrize("kind", JSON_KINDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_sample_with_odd_fields_gives_a_listing_or_a_parse_error(
    kind: str, data: st.DataObject
) -> None:
    value = json.loads(data.draw(st.sampled_from(SAMPLES[kind])))
    for _ in range(data.draw(st.integers(1, 4))):
        value = replaced(value, data)
    read(json.dumps(value).encode())


def replaced(value: Any, data: st.DataObject) -> Any:
    """Replace something somewhere inside ``value``."""
    if not isinstance(value, dict | list) or not value:
        return deepcopy(data.draw(ODD))  # it may be changed in turn
    places: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    place = data.draw(st.sampled_from(places))
    value[place] = replaced(value[place] if data.draw(where) > 0.2 else None, data)
    return value


@settings(max_examples=300)
@given(st.binary() | st.text().map(str.encode) | st.lists(st.sampled_from(GRIT)).map(b"".join))
def test_arbitrary_bytes_give_a_listing_or_a_parse_error(content: bytes) -> None:
    read(content)


FOUND: dict[str, Any] = {
    "authors without letters": {
        "messages": [{"status": "ok"}],
        "collection": [
            {"title": "Owls", "abstract": "Hoot.", "authors": "Emmy Nest"},
            {"title": "Owls", "abstract": "", "authors": "7"},
        ],
    },
    "a forum named by a zero": {"notes": [{"id": "\0", "content": {"title": "Owls"}}]},
    "a status that is no letter": {"status": "\ud800", "date": "2026-11-18", "data": [{}]},
    "more votes than a database counts": [
        {"paper": {"id": "2611.90001", "title": "Owls", "upvotes": 10**12}}
    ],
    "a name longer than a database indexes": {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"title": "Owls", "url": "https://doi.org/10.1000/" + "owl" * 2000}],
    },
}


@pytest.mark.parametrize("value", FOUND.values(), ids=FOUND)
def test_what_fuzzing_found_in_json_is_sound(value: Any) -> None:
    read(json.dumps(value).encode())


def test_a_line_of_control_characters_is_no_title() -> None:
    listing = read(
        b"Daily Papers\n\nNov 19\n\n\x08\n\nWe route owls. They hoot at night, all of it.\n"
    )
    assert listing is None or all(each.paper.title for each in listing.announcements)
