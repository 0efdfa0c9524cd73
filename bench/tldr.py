"""How good the one sentence of an abstract is: ``python -m bench.tldr [FOLDER]`` prints a table.

The folder (``../shared/hf-daily``) holds days of Hugging Face's daily papers as JSON, where some
papers have an ``ai_summary``: one sentence that a language model wrote of the abstract. Each way of
choosing a sentence is compared with it by ROUGE-1, -2 and -L (Lin, "ROUGE: A Package for Automatic
Evaluation of Summaries", 2004; F1, lower case, words, no stemming), all in the same run. *Best
possible* chooses by looking at the answer. *With two words* is asked as a reader would ask: by two
of the longer words that the abstract says in most of its sentences. *With two rare words* takes any
two longer ones by chance, from a fixed seed: a reader who came for a detail.
"""

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from digest import ingest
from digest.compose.abstract import Abstract, answer, read
from digest.model import Paper, Payload

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "hf-daily"
LONG = 6  # letters
_WORD = re.compile(r"[a-z0-9]+")


class Case(NamedTuple):
    """A paper, its abstract in sentences, what its summary says, and two words of its own, often
    said and seldom."""

    paper: Paper
    abstract: Abstract
    summary: str
    words: tuple[str, ...]
    rare: tuple[str, ...]


class Rouge(NamedTuple):
    """F1 of single words, of neighbours, and of the longest common subsequence."""

    one: float
    two: float
    longest: float


Way = Callable[[Case], int]


def main(folder: Path = FOLDER) -> None:
    """Measure and print the table."""
    found = list(cases(folder))
    sentences = mean(len(case.abstract.sentences) for case in found)
    print(f"{len(found)} papers with a summary; {sentences:.1f} sentences an abstract.\n")
    print("| sentence | ROUGE-1 | ROUGE-2 | ROUGE-L |\n|---|---:|---:|---:|")
    for name, way in ways().items():
        told = [rouge(case.abstract.sentences[way(case)], case.summary) for case in found]
        print(
            f"| {name} | "
            + " | ".join(f"{mean(one):.3f}" for one in zip(*told, strict=True))
            + " |"
        )


def ways() -> Mapping[str, Way]:
    """Return every way of choosing a sentence: the number of it."""
    chance = random.Random(7)
    return {
        "the first": lambda case: 0,
        "the last": lambda case: len(case.abstract.sentences) - 1,
        "any": lambda case: chance.randrange(len(case.abstract.sentences)),
        "nearest to the abstract as a whole (centroid)": _central,
        "ours, nothing asked": lambda case: answer(case.abstract, ()),
        "ours, with two words": lambda case: answer(case.abstract, case.words),
        "ours, with two rare words": lambda case: answer(case.abstract, case.rare),
        "best possible (by ROUGE-L)": _best,
    }


def cases(folder: Path) -> Iterator[Case]:
    """Yield the papers that have a summary and an abstract of two sentences or more, each once."""
    chance, seen = random.Random(5), set()
    for path in sorted(folder.glob("*.json")):
        payload = Payload(name=path.name, content=path.read_bytes())
        for held in ingest.parse(payload, today=date(2026, 11, 20)).announcements:
            paper = held.paper
            abstract = read(" ".join(paper.readable_abstract.split()), paper.readable_title)
            if paper.tldr and len(abstract.sentences) > 1 and paper.id not in seen:
                seen.add(paper.id)
                long = sorted(word for word in abstract.where if len(word) > LONG)
                often = sorted(long, key=lambda word: -len(abstract.where[word]))[:2]
                rare = chance.sample(long, 2)
                yield Case(paper, abstract, paper.tldr, tuple(often), tuple(rare))


def rouge(said: str, wanted: str) -> Rouge:
    """Return how much two sentences say the same."""
    one, other = _WORD.findall(said.lower()), _WORD.findall(wanted.lower())
    pairs = [list(pairwise(each)) for each in (one, other)]
    return Rouge(
        _f1((Counter(one) & Counter(other)).total(), len(one), len(other)),
        _f1((Counter(pairs[0]) & Counter(pairs[1])).total(), len(pairs[0]), len(pairs[1])),
        _f1(_common(one, other), len(one), len(other)),
    )


def _f1(shared: int, one: int, other: int) -> float:
    return 2 * shared / (one + other) if one + other else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for at, its in enumerate(other, start=1):
            before, row[at] = row[at], before + 1 if word == its else max(row[at], row[at - 1])
    return row[-1]


def _central(case: Case) -> int:
    said = [Counter(_WORD.findall(one.lower())) for one in case.abstract.sentences]
    whole = sum(said, Counter())
    worth = [sum(whole[word] - its[word] for word in its) / max(1, len(its)) for its in said]
    return worth.index(max(worth))


def _best(case: Case) -> int:
    told = [rouge(one, case.summary).longest for one in case.abstract.sentences]
    return told.index(max(told))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
