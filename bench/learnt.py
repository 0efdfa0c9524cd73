"""How fast papers are matched with examples: ``python -m bench.learnt`` prints a Markdown table.

2,000 readers with ten examples each, drawn from 3,000 papers of which some are liked by many, rank
a window of 600; all papers are made up (``_papers.py``), and 4,000 of them are the background.
Ours is ``choose`` (the ten papers of an issue) or ``select`` (those with reasons). The peer is
arxiv-sanity-lite's way: one scikit-learn ``TfidfVectorizer`` for all, and for each reader a linear
SVM (C = 0.01, balanced) fitted to their examples and 500 random papers, then its scores; it gets
its vectors ready-made and only scores. All rows in the same run, in turns, the median of rounds.

*Cold* forgets how like the window's papers each example is and what it teaches, as on the first
run of a day; *warm* knows it.
"""

import random
from collections.abc import Callable, Sequence
from datetime import date
from statistics import median
from time import perf_counter
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bench._papers import made_up
from digest.match import Index, Request, build_index, choose, likeness, select, study
from digest.model import Example, Interest, Paper, Profile

READERS = 2000
EXAMPLES = 10
POOL = 3000
BACKGROUND = 4000
WINDOW = 600
AGAINST = 500
SAMPLED = 20  # readers whom the slow peer gets
ROUNDS = 5

Done = TypeVar("Done")
Way = tuple[Callable[[], object], int]  # what to do, for how many readers


def main() -> None:
    """Measure and print the tables."""
    chance = random.Random(11)
    papers = list(made_up(BACKGROUND + WINDOW, chance, on=date(2026, 11, 19)))
    past, window = papers[:BACKGROUND], papers[BACKGROUND:]
    liked = [_liked(chance) for _ in range(READERS)]
    requests = [_request([past[n] for n in numbers]) for numbers in liked]
    background, studied = _timed(lambda: study(past))
    _, again = _timed(lambda: study(past))
    index, built = _timed(lambda: build_index(window, background))
    assert index.twins is not None
    _, ready = _timed(lambda: index.resemblance)
    print(f"{READERS} readers of {EXAMPLES} examples, {WINDOW} papers, {ROUNDS} rounds.\n")
    taken = _medians({**_peer(past, window, liked), **_ours(index, background.usage, requests)})
    first = next(iter(taken.values()))
    print("| way | median ms a reader | times faster than the SVM |\n|---|---:|---:|")
    for name, seconds in taken.items():
        print(f"| {name} | {seconds * 1e3:.3f} | {first / seconds:.0f} |")
    print("\n| once a run | seconds |\n|---|---:|")
    print(f"| study {BACKGROUND} papers never read before | {studied:.2f} |")
    print(f"| study them again, as the next day | {again:.2f} |")
    print(f"| index {WINDOW} papers | {built:.2f} |")
    print(f"| measure what is usual for each of them | {ready:.2f} |")


def _liked(chance: random.Random) -> list[int]:
    """Return the papers that a reader likes, some of which many do."""
    return list({int(POOL ** chance.random()) - 1 for _ in range(3 * EXAMPLES)})[:EXAMPLES]


def _request(papers: Sequence[Paper]) -> Request:
    examples = tuple(
        Example(title=paper.readable_title, text=paper.readable_abstract) for paper in papers
    )
    interest = Interest(name="bench", examples=examples)
    return Request(profile=Profile(interests=(interest,)), size=10, delivered=frozenset())


def _ours(index: Index, usage: likeness.Usage, requests: Sequence[Request]) -> dict[str, Way]:
    def cold() -> object:
        index.resemblance = likeness.Resemblance(index.papers, usage)
        index.ask.cache_clear()
        return choose(index, requests)

    return {
        "ours, warm: ten papers, no reasons": (lambda: choose(index, requests), READERS),
        "ours, warm: ten papers with reasons": (lambda: select(index, requests), READERS),
        "ours, cold: every example compared anew": (cold, READERS),
    }


def _peer(
    past: Sequence[Paper], window: Sequence[Paper], liked: Sequence[Sequence[int]]
) -> dict[str, Way]:
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), max_features=20_000)
    known = csr_array(vectorizer.fit_transform(map(_text, past)))
    asked = csr_array(vectorizer.transform(map(_text, window)))
    others = np.random.default_rng(11)

    def scores(numbers: Sequence[int]) -> np.ndarray:
        against = others.choice(len(past), AGAINST, replace=False)
        right = np.repeat((1, 0), (len(numbers), len(against)))
        model = LinearSVC(C=0.01, class_weight="balanced")
        model.fit(known[np.append(numbers, against)], right)
        decided: np.ndarray = model.decision_function(asked)
        return decided

    return {
        "a linear SVM a reader: scores alone": (lambda: list(map(scores, liked[:SAMPLED])), SAMPLED)
    }


def _text(paper: Paper) -> str:
    return f"{paper.readable_title} {paper.readable_abstract}"


def _medians(ways: dict[str, Way]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, (way, readers) in ways.items():
            taken[name].append(_timed(way)[1] / readers)
    return {name: median(seconds[1:]) for name, seconds in taken.items()}  # the first warms up


def _timed(work: Callable[[], Done]) -> tuple[Done, float]:
    started = perf_counter()
    done = work()
    return done, perf_counter() - started


if __name__ == "__main__":
    main()
