"""Two readers made one, on the sample files."""

import pytest

from digest import flow
from digest.errors import InputError
from digest.flow import Wanted
from tests.evaluate.library import SAMPLES

WANTED = Wanted(readers=SAMPLES / "readers.jsonl", papers=SAMPLES / "papers.jsonl")


def test_a_reader_of_two_topics_gets_both_and_as_good() -> None:
    paired = flow.evaluate_pairs(WANTED)
    halves = paired.halves
    assert paired.pairs >= 3
    assert halves.both == halves.able > 0
    assert halves.together >= halves.alone > 0.5


def test_votes_and_excluded_words_move_the_unwanted_alone_down() -> None:
    paired = flow.evaluate_pairs(WANTED)
    before, after, excluded = paired.before, paired.after, paired.excluded
    assert after.unwanted < before.unwanted
    assert excluded.unwanted < before.unwanted
    assert min(after.wanted, excluded.wanted) >= before.wanted
    assert after.empty == before.empty == 0


def test_readers_all_alike_make_no_pair() -> None:
    with pytest.raises(InputError, match="No two unlike readers"):
        flow.evaluate_pairs(
            Wanted(readers=WANTED.readers, papers=WANTED.papers, fold=flow.Fold(1, 6))
        )
