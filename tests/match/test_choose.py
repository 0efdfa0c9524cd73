"""The choice without reasons is the choice with them, however few are served at a time."""

import sys
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from digest.match import Request, choose, select
from tests.match.test_select import INDEX, PAPERS, requests

Chosen = list[list[tuple[str, float]]]


def chosen(asked: list[Request], floor: float) -> Chosen:
    found: Chosen = [[] for _ in asked]
    for number, column, score in zip(*choose(INDEX, asked, floor=floor), strict=True):
        found[number].append((INDEX.papers[column].id, score))
    return found


@given(
    st.lists(requests, max_size=6),
    st.floats(0, 0.9),
    st.sampled_from((1, 2 * len(PAPERS), 1 << 19)),
)
def test_choosing_is_selecting_without_reasons(
    asked: list[Request], floor: float, cells: int
) -> None:
    with patch.object(sys.modules["digest.match.select"], "CELLS", cells):
        selections = select(INDEX, asked, floor=floor)
        found = chosen(asked, floor)
    assert selections == select(INDEX, asked, floor=floor)
    assert found == [[(one.paper.id, one.score) for one in made.matches] for made in selections]
