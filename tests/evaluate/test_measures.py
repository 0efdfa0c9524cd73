import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.evaluate import MEASURES, Answer, Kind, measure
from digest.evaluate.measures import of_ranks
from tests.evaluate.library import MONDAY


def answer(*ranks: int, reader: str = "ada", kind: Kind = Kind.AUTHORED) -> Answer:
    return Answer(reader=reader, monday=MONDAY, ranks=tuple((rank, kind) for rank in ranks))


def test_the_measures_of_one_case() -> None:
    gain = 1 / math.log2(3) + 1 / math.log2(7)
    ideal = 1 + 1 / math.log2(3)
    assert of_ranks([6, 2]) == pytest.approx((0.5, 1, 1, gain / ideal))
    assert of_ranks([1]) == (1, 1, 1, 1)
    assert of_ranks([6]) == pytest.approx((1 / 6, 0, 1, 1 / math.log2(7)))
    assert of_ranks([11]) == (1 / 11, 0, 0, 0)


def test_a_mean_is_over_cases() -> None:
    measured = measure([answer(1), answer(1), answer(2, reader="bela")])
    assert measured is not None
    assert (measured.readers, measured.cases) == (2, 3)
    assert [figure.value for figure in measured.figures[:3]] == pytest.approx([5 / 6, 1, 1])


def test_an_interval_is_over_readers() -> None:
    def width(*readers: str) -> float:
        answers = [answer(1 + place % 2, reader=name) for place, name in enumerate(readers)]
        measured = measure(answers)
        assert measured is not None
        return measured.figures[0].high - measured.figures[0].low

    assert width(*["ada"] * 8) == 0  # one reader tells nothing of others
    assert 0 < width(*map(str, range(800))) < width(*map(str, range(8)))


def test_a_kind_is_measured_by_its_own_papers() -> None:
    mixed = Answer(reader="ada", monday=MONDAY, ranks=((1, Kind.AUTHORED), (4, Kind.SUBMITTED)))
    submitted = measure([mixed, answer(2)], Kind.SUBMITTED)
    assert submitted is not None
    assert submitted.cases == 1
    assert submitted.figures[0].value == 0.25
    assert measure([answer(2)], Kind.SUBMITTED) is None


@given(st.lists(st.sets(st.integers(1, 50), min_size=1, max_size=5), min_size=1, max_size=9))
def test_every_figure_lies_within_its_interval_and_within_one(ranks: list[set[int]]) -> None:
    measured = measure([answer(*one, reader=str(place % 4)) for place, one in enumerate(ranks)])
    assert measured is not None
    assert len(measured.figures) == len(MEASURES)
    for figure in measured.figures:
        assert -1e-9 <= figure.low <= figure.high <= 1 + 1e-9
        assert 0 <= figure.value <= 1
