"""Values made in bulk are those that their own ``__init__`` makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.match.bulk import made
from digest.model import Match, Selection
from tests.build import paper


@given(st.lists(st.tuples(st.text(), st.floats(0, 1))))
def test_they_are_always_the_same_as_one_by_one(pairs: list[tuple[str, float]]) -> None:
    one = paper("Radar", "rain")
    names, scores = [name for name, _ in pairs], [score for _, score in pairs]
    reasons, none = [()] * len(pairs), [None] * len(pairs)
    matches = made(Match, len(pairs), [one] * len(pairs), names, scores, reasons, none, reasons)
    assert matches == [
        Match(paper=one, interest=name, score=score, reasons=()) for name, score in pairs
    ]
    assert [hash(match) for match in matches] == [
        hash(Match(paper=one, interest=name, score=score, reasons=())) for name, score in pairs
    ]


def test_every_field_needs_its_column() -> None:
    with pytest.raises(ValueError, match="shorter"):
        made(Selection, 1, [()], [0], [0])
