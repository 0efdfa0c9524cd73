"""Sentences about missing papers."""

from datetime import date

import pytest

from digest.compose import notices, plain
from digest.model import Freshness, Gap

THURSDAY = date(2026, 11, 19)


def gap(source: str, freshness: Freshness, since: date | None = THURSDAY) -> Gap:
    return Gap(source=source, freshness=freshness, since=since)


@pytest.mark.parametrize(
    ("freshness", "since", "sentence"),
    [
        ("broken", THURSDAY, "X has not answered since Thu 19 Nov; its papers will follow."),
        ("broken", None, "X has not answered yet; its papers will follow."),
        ("late", THURSDAY, "X is late, with nothing new since Thu 19 Nov; its papers will follow."),
        (
            "stale",
            THURSDAY,
            "X repeats old papers, with nothing new since Thu 19 Nov; its new ones will follow.",
        ),
        (
            "partial",
            THURSDAY,
            "X came incomplete on Thu 19 Nov; some of its papers may be missing.",
        ),
    ],
)
def test_one_source(freshness: str, since: date | None, sentence: str) -> None:
    assert notices([gap("X", Freshness(freshness), since)]) == (sentence,)


def test_what_is_the_same_is_said_once() -> None:
    many = [gap(f"cs.{letter}", Freshness.BROKEN) for letter in "ABCDEFG"]
    assert notices([*many[:2], gap("bioRxiv", Freshness.LATE, None)]) == (
        "cs.A and cs.B have not answered since Thu 19 Nov; their papers will follow.",
        "bioRxiv is late, with nothing new yet; its papers will follow.",
    )
    (all_of_them,) = notices(many)
    assert all_of_them.startswith("cs.A, cs.B, cs.C, cs.D and 3 more have not answered since")


def test_dates_are_in_the_readers_language() -> None:
    (sentence,) = notices([gap("X", Freshness.BROKEN)], "de")
    assert plain(sentence) == "X has not answered since Do., 19. Nov.; its papers will follow."


def test_a_name_stays_on_one_line() -> None:
    (sentence,) = notices([gap("X\nY {since}", Freshness.BROKEN)])
    assert sentence.startswith("X Y {since} has not answered since Thu 19 Nov;")
