"""What a reader would have typed: telling phrases of their first papers' titles.

A person who joins types what their field calls things, not the name of their own method. So a
phrase is one to three neighbouring words of a title, without small words, that papers listed
earlier use too; it is the better the more often the reader's own first papers say it and the fewer
others do (tf · idf, as in Manning, Raghavan and Schütze, "Introduction to Information Retrieval",
section 6.2.2). Nothing comes from the papers to be ranked.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from digest.evaluate.baselines import phrases, words
from digest.evaluate.files import Listed
from digest.evaluate.protocol import Case, Week

FIRST = 3  # papers
TYPED = 6  # phrases at most
LONGEST = 3  # words
KNOWN = 3  # papers listed earlier that say a phrase: others would not know what it means
TITLE = 3  # a phrase in a title counts as if the abstract said it so often
WHOLE = 2.0  # a phrase of several words is what a person would type, not one of its words

# What titles say to please, and nobody types.
_PLEASING = """
    all almost be better beyond case closer effective efficient empowering enhancing every
    everything exploring fast fully good high improved improving is just large-scale look
    massively matters more most need new not nothing novel only open-source power practical
    really reliable report rethinking revisiting robust scalable scale scaling simple solution
    some step study survey technical toward towards true ultra under unified unleashing
    unlocking unveiling very view yet you your
"""
_UNTYPED = frozenset(_PLEASING.split())


def from_words(weeks: Sequence[Week]) -> tuple[Week, ...]:
    """Return the weeks with readers who typed a few phrases and have no history."""
    return tuple(replace(week, cases=tuple(_typed(week))) for week in weeks)


def _typed(week: Week) -> Iterator[Case]:
    first = [case.history[-FIRST:] for case in week.cases]
    wanted = {one for papers in first for paper in papers for one in _candidates(paper)}
    said = Counter(one for paper in week.before for one in wanted & _grams(paper))
    for case, papers in zip(week.cases, first, strict=True):
        yield replace(case, history=(), typed=_best(papers, said, len(week.before)))


def _best(papers: Sequence[Listed], said: Mapping[str, int], known: int) -> tuple[str, ...]:
    """Return the phrases with the most weight, none inside another."""
    weights = _weights(papers, said, known)
    chosen: list[str] = []
    for phrase in sorted(weights, key=lambda one: (-weights[one], one)):
        if not any(f" {phrase} " in f" {one} " or f" {one} " in f" {phrase} " for one in chosen):
            chosen.append(phrase)
    return tuple(chosen[:TYPED])


def _weights(papers: Sequence[Listed], said: Mapping[str, int], known: int) -> dict[str, float]:
    counts = Counter(one for paper in papers for one in _all(paper.abstract))
    counts.update({one: TITLE * n for one, n in Counter(_titled(papers)).items()})
    return {
        one: math.log1p(counts[one]) * math.log(known / said[one]) * _worth(one)
        for one in dict.fromkeys(_titled(papers))
        if said[one] >= KNOWN
    }


def _worth(phrase: str) -> float:
    return WHOLE if " " in phrase else 1.0


def _titled(papers: Sequence[Listed]) -> Iterator[str]:
    return (one for paper in papers for one in _candidates(paper))


@lru_cache(maxsize=1 << 14)
def _grams(paper: Listed) -> frozenset[str]:
    return frozenset(_all(f"{paper.title} . {paper.abstract}"))


def _candidates(paper: Listed) -> frozenset[str]:
    return frozenset(_all(paper.title))


def _all(text: str) -> Iterator[str]:
    for phrase in phrases(text):
        said = words(phrase)
        for start in range(len(said)):
            for end in range(start + 1, min(start + LONGEST, len(said)) + 1):
                if _typable(said[start:end]):
                    yield " ".join(said[start:end])


def _typable(said: Sequence[str]) -> bool:
    return _UNTYPED.isdisjoint(said) and not (len(said) == 1 and said[0][0].isdigit())
