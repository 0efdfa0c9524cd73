from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from digest.evaluate import Case, Deed, Fold, Kind, Reader, Week, in_fold, rank, unknown, weeks
from tests.evaluate.library import MONDAY, listed, past, reader, week


def only(readers: list[Reader], papers: list) -> tuple[Week, Case]:  # type: ignore[type-arg]
    (one,) = weeks(readers, papers)
    (case,) = one.cases
    return one, case


def test_a_case_is_a_reader_and_a_week_with_papers() -> None:
    before, new = past(), week()
    one, case = only([reader(*before, new[7])], [*before, *new])
    assert one.monday == MONDAY
    assert one.before == tuple(before)
    assert one.listed == tuple(new)
    assert case.history == tuple(reversed(before))
    assert case.known == {paper.id for paper in before}
    assert case.right == {"new-07": Kind.AUTHORED}


def test_two_papers_are_no_history() -> None:
    before, new = past(2), week()
    assert list(weeks([reader(*before, new[0])], [*before, *new])) == []


def test_papers_of_the_same_week_are_no_history() -> None:
    before, new = past(2), week()
    assert list(weeks([reader(*before, *new[:3])], [*before, *new])) == []


def test_nineteen_papers_are_no_choice() -> None:
    before, new = past(), week(19)
    assert list(weeks([reader(*before, new[0])], [*before, *new])) == []


def test_what_was_known_earlier_is_not_ranked() -> None:
    before, new = past(), week(21)
    early = replace(reader(new[3]).deeds[0], day=MONDAY - timedelta(days=1))
    ada = reader(*before, new[5])
    one, case = only([replace(ada, deeds=(*ada.deeds, early))], [*before, *new])
    assert case.known == {*(paper.id for paper in before), "new-03"}
    assert case.history == tuple(reversed(before))  # nor learnt from: it was not listed yet
    (answer,) = rank(one, np.array([[-float(place) for place in range(21)]]))
    assert answer.ranks == ((5, Kind.AUTHORED),)


def test_a_week_begins_on_monday() -> None:
    sunday = listed("late", MONDAY + timedelta(days=6))
    before, new = past(), week()
    _, case = only([reader(*before, sunday)], [*before, *new, sunday])
    assert list(case.right) == ["late"]


def test_weeks_are_chosen_by_their_monday() -> None:
    before, new = past(5), week() + week(day=MONDAY - timedelta(weeks=1))
    new = [replace(paper, id=f"{paper.id}-{paper.day}") for paper in new]
    readers, papers = [reader(*before, *new)], [*before, *new]
    days = [one.monday for one in weeks(readers, papers)]
    assert days == [MONDAY - timedelta(weeks=1), MONDAY]
    assert [one.monday for one in weeks(readers, papers, since=MONDAY)] == days[1:]
    tuesday = MONDAY - timedelta(days=6)
    assert [one.monday for one in weeks(readers, papers, until=tuesday)] == days[:1]


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_every_reader_is_in_one_fold(of: int) -> None:
    readers = [reader(name=f"r{number}") for number in range(10)]
    folds = [in_fold(readers, Fold(number, of)) for number in range(1, of + 1)]
    assert sorted(each.name for fold in folds for each in fold) == [f"r{n}" for n in range(10)]


def test_ties_are_broken_by_chance_and_always_alike() -> None:
    before, new = past(), week()
    readers = [reader(*before, new[0], name=f"r{number}") for number in range(200)]
    (one,) = weeks(readers, [*before, *new])
    ties = np.zeros((200, 20))
    ranks = [answer.ranks[0][0] for answer in rank(one, ties)]
    assert set(ranks) == set(range(1, 21))
    assert 9 < np.mean(ranks) < 12
    (alone,) = weeks(readers[50:51], [*before, *new])
    assert [answer.ranks[0][0] for answer in rank(alone, ties[:1])] == ranks[50:51]


def test_papers_that_nobody_listed_are_counted() -> None:
    deed = Deed(paper="gone", kind=Kind.AUTHORED, day=date(2026, 1, 1))
    before, new = past(), week()
    ada = reader(*before, new[0])
    ada = replace(ada, deeds=(deed, *ada.deeds))
    assert unknown([ada], [*before, *new]) == 1
    _, case = only([ada], [*before, *new])
    assert case.history == tuple(reversed(before))
