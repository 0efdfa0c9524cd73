from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from digest.evaluate import Listed, Reader, Week, pairs, weeks
from tests.evaluate.library import MONDAY, listed, reader, week

SUBJECTS = ("bees dance", "bees dance", "rye bread", "tides")


def asked(*subjects: str) -> Week:
    """A week in which a reader of each subject has a paper."""
    new = week()
    papers: list[Listed] = []
    readers: list[Reader] = []
    for number, subject in enumerate(subjects):
        own = [past_paper(number, each, subject) for each in range(3)]
        papers += own
        readers.append(reader(*own, new[number], name=f"reader-{number}"))
    (found,) = weeks(readers, [*papers, *new])
    return found


def past_paper(number: int, each: int, subject: str) -> Listed:
    day = MONDAY - timedelta(weeks=each + 1)
    return listed(f"own-{number}-{each}", day, title=subject)


def names(one: Week) -> Sequence[tuple[str, str]]:
    return [(pair.first.reader, pair.second.reader) for pair in pairs(one)]


def test_unlike_readers_make_a_pair_and_like_ones_none() -> None:
    assert names(asked(*SUBJECTS)) == [("reader-0", "reader-2"), ("reader-1", "reader-3")]
    assert names(asked("bees dance", "bees dance")) == []


def test_what_one_of_a_pair_knew_is_not_asked_of_the_other() -> None:
    plain = asked("bees", "tides")
    first, second = plain.cases
    knowing = replace(first, known=first.known | set(second.right))
    assert list(pairs(replace(plain, cases=(knowing, second)))) == []
    (pair,) = pairs(plain)
    assert pair.known == first.known | second.known
