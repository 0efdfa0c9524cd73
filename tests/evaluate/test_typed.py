from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from digest.evaluate import Listed, Week, from_words, weeks
from tests.evaluate.library import MONDAY, listed, reader, week


def asked(*titles: str, others: Sequence[str] = ()) -> Week:
    """A week whose reader had papers with these titles, oldest first, among others."""
    days = [MONDAY - timedelta(weeks=10 - number) for number in range(len(titles))]
    own = [listed(f"own-{n}", days[n], title=title) for n, title in enumerate(titles)]
    told = [listed(f"told-{n}", days[0], title=title) for n, title in enumerate(others)]
    return a_week([*own, *told, *week()], own)


def a_week(papers: Sequence[Listed], own: Sequence[Listed]) -> Week:
    (found,) = from_words([*weeks([reader(*own, papers[-1])], papers)])
    return found


COMMON = ["Rye bread for all", "On rye bread", "Rye bread at sea"]
PLAIN = ["Snow", "Snow on rails", "More snow"]


def test_readers_type_phrases_that_others_say_too() -> None:
    (case,) = asked("Loafy: rye bread", "Snow", "Tea", others=COMMON + PLAIN).cases
    assert case.typed == ("rye bread", "snow")
    assert case.history == ()


def test_only_their_first_three_papers_are_known() -> None:
    (case,) = asked("Tea", "Salt", "Rain", "Rye bread", others=COMMON).cases
    assert case.typed == ()


def test_nobody_types_what_only_pleases() -> None:
    titles = ["Towards a unified view of rye bread", "Tea", "Salt"]
    (case,) = asked(*titles, others=[titles[0]] * 3).cases
    assert case.typed == ("rye bread",)


def test_what_is_listed_in_the_week_teaches_nothing() -> None:
    own = [listed(f"own-{n}", MONDAY - timedelta(weeks=n + 1), title="Rye bread") for n in range(3)]
    before = [listed(f"old-{n}", MONDAY - timedelta(days=7), title="Dull tea") for n in range(5)]
    plain = a_week([*own, *before, *week()], own)
    now = [replace(paper, title="Rye bread and rye bread again") for paper in week()]
    assert a_week([*own, *before, *now], own).cases[0].typed == plain.cases[0].typed


def test_all_else_of_a_week_stays() -> None:
    plain = asked("Rye bread", "Snow", "Tea", others=COMMON)
    (case,) = plain.cases
    assert len(plain.listed) == 20
    assert [*case.right] == ["new-19"]
    assert case.known == {"own-0", "own-1", "own-2"}
