"""All requests at once, in arrays, against the same rules written plainly, one by one."""

import math
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.match import FLOOR, Index, Request, build_index, query, quota, select, study
from digest.match.measure import ALONE, BARELY_SAID, HALF_SAID, JUST_ENOUGH, PARTLY_SAID, TOGETHER
from digest.match.query import Query
from digest.match.select import FOLLOWED
from digest.model import Interest, Match, Paper, Profile
from tests.build import paper

_WORDS = ("radar", "graph", "routing", "decoding", "GNN", "privacy", "of", "model", "hail", "rain")
texts = st.lists(st.sampled_from([*_WORDS, "state-space", ",", "."]), max_size=9).map(" ".join)
names = st.sampled_from(((), ("Jane Smith",), ("Wei Chen", "J. Smith")))
places = st.sampled_from(((), ("cs.LG",), ("cs.CL", "stat.ML")))
days = st.sampled_from((None, date(2026, 11, 18), date(2026, 11, 19)))
makings = st.tuples(texts, texts, names, places, days)

interests = st.builds(
    Interest,
    name=st.sampled_from(("one", "two", "three")),
    text=texts,
    keywords=st.lists(texts, max_size=2).map(tuple),
    must=st.sampled_from(((), (), ("radar|graph",), ("model",))),
    exclude=st.sampled_from(((), (), ("hail",))),
    authors=st.sampled_from(((), (), ("J. Smith",))),
    categories=st.sampled_from(((), (), ("cs",), ("stat.*",))),
    weight=st.sampled_from((0.5, 1.0, 3.0)),
)
IDS = [f"p{n}" for n in range(9)]
requests = st.builds(
    Request,
    profile=st.lists(interests, max_size=3).map(lambda some: Profile(interests=tuple(some))),
    size=st.integers(0, 5),
    delivered=st.frozensets(st.sampled_from([*IDS, "elsewhere"]), max_size=4),
)


@st.composite
def windows(draw: st.DrawFn) -> list[Paper]:
    made = draw(st.lists(makings, max_size=len(IDS)))
    return [
        paper(title, text, id=id, authors=authors, categories=categories, announced_on=day)
        for id, (title, text, authors, categories, day) in zip(IDS, made, strict=False)
    ]


def raw_of(index: Index, asked: Query, column: int) -> float:
    return index.scores([asked.weights])[0, column] / asked.need if asked.need > 0 else 0.0


def fit(index: Index, asked: Query, column: int, whole: Query | None = None) -> float:
    """Return 1 - exp(-raw · breadth ** e), with the sums written out; to what is said of a topic
    that of the ``whole`` list is added."""
    if asked.need <= 0:
        return 0.0
    raw = raw_of(index, asked, column)
    if whole:
        raw = (raw + TOGETHER * raw_of(index, whole, column)) / ALONE
    told = [t for t in asked.weights if column in index.columns(t).tolist()]
    breadth = min(1.0, sum(asked.telling.get(t, 0) / asked.breadth for t in told))
    exponent = PARTLY_SAID if asked.breadth >= query.BREADTH else HALF_SAID
    exponent = BARELY_SAID if asked.broad and breadth < JUST_ENOUGH else exponent
    return 1 - math.exp(-raw * breadth**exponent)


def words_alone(index: Index, interest: Interest, column: int, *, topics: bool) -> float:
    ground = index.ground
    whole = query.ask(interest, ground)
    listed = query.topics(interest, ground) if topics else ()
    fits = [fit(index, whole, column), *(fit(index, one, column, whole) for one in listed)]
    return max(fits) if index.conditions.admitted(interest)[column] else 0.0


def score(index: Index, interest: Interest, column: int) -> float:
    words = words_alone(index, interest, column, topics=True)
    if interest.authors:
        if column in index.conditions.written_by(interest):
            # A topic alone adds nothing to a followed author.
            whole = words_alone(index, interest, column, topics=False)
            return max(words, FOLLOWED + (1 - FOLLOWED) * whole)
    elif not (interest.text.strip() or interest.keywords):
        return max(words, FLOOR if index.conditions.suffices(interest)[column] else 0.0)
    return words


def plainly(index: Index, request: Request) -> tuple[list[tuple[str, float, str]], int, int]:
    """Return (interest, score, paper) of the chosen in order, how many qualified, candidates."""
    wishes = request.profile.interests
    fresh = [c for c, one in enumerate(index.papers) if one.id not in request.delivered]
    rated = [
        (round(score(index, wishes[row], column), 6), column, row)
        for row, column in product(range(len(wishes)), fresh)
    ]
    good = sorted((-rate, column, row) for rate, column, row in rated if rate >= FLOOR)
    once = {column: (rate, column, row) for rate, column, row in reversed(good)}
    ranked = sorted(once.values())
    kept: list[tuple[float, int, int]] = []
    for one in ranked:
        if not index.twins.get(one[1], frozenset()) & {column for _, column, _ in kept}:
            kept.append(one)
    weights = {row: wish.weight for row, wish in enumerate(wishes)}
    seats = quota.share([row for _, _, row in kept], weights, request.size)
    seated = [kept[seat] for seat in seats]
    order = list(dict.fromkeys(row for _, _, row in seated))
    seated.sort(key=lambda one: order.index(one[2]))
    told = [(wishes[row].name, -rate, index.papers[column].id) for rate, column, row in seated]
    return told, len(ranked), len(fresh)


def told(match: Match) -> tuple[str, float, str]:
    return match.interest, match.score, match.paper.id


@given(windows(), st.lists(requests, max_size=4))
def test_arrays_always_choose_what_the_plain_rules_choose(
    window: list[Paper], asked: list[Request]
) -> None:
    index = build_index(window, study(window))
    for request, selection in zip(asked, select(index, asked), strict=True):
        chosen, above, candidates = plainly(index, request)
        found = [told(match) for match in selection.matches]
        assert [(name, id) for name, _, id in found] == [(name, id) for name, _, id in chosen]
        assert [rate for _, rate, _ in found] == pytest.approx([r for _, r, _ in chosen], abs=2e-6)
        assert (selection.above_floor, selection.candidates) == (above, candidates)
        if selection.near_miss:
            assert selection.above_floor == 0
            assert 0 < selection.near_miss.score < FLOOR
            assert selection.near_miss.paper.id not in request.delivered
