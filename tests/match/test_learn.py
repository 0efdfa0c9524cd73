"""What votes teach: the right papers move, within one interest, and nothing falls silent."""

from dataclasses import replace
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.match import FLOOR, Request, build_index, select, study
from digest.match.learn import TERMS, read
from digest.match.measure import MOST_LOST
from digest.model import (
    Example,
    Interest,
    Match,
    Paper,
    Profile,
    ReasonKind,
    Selection,
    VoteKind,
)
from tests.build import interest, paper

MORE, LESS = VoteKind.MORE, VoteKind.LESS
_TOPICS = {
    "soil": "moisture probes in clay soil and the yield of barley fields after irrigation",
    "glacier": "crevasses of an alpine glacier and the melt water under moving ice",
    "harbour": "container cranes in a harbour and the berths of arriving freight ships",
    "orchestra": "violin bowing in an orchestra and the tuning of string instruments",
}


def _paper(topic: str, number: int) -> Paper:
    """A paper on sensor networks for a topic; half of its words are all its own."""
    words = _TOPICS[topic].split()
    order = words[number % 5 :] + words[: number % 5]
    own = " ".join(f"{topic}{letter * 3}{number}" for letter in "bcdfghjklmnp")
    return paper(
        f"Sensor networks of {topic}qqq{number} for the {topic}",
        f"Sensor networks by {own} observe {' '.join(order)}.",
        id=f"{topic}{number}",
    )


PAPERS = tuple(_paper(topic, number) for topic in _TOPICS for number in range(8))
OTHERS = tuple(
    paper(f"Unrelated {n}", f"Something{n} else{n} entirely{n} here{n}.", id=f"other{n}")
    for n in range(40)
)
INDEX = build_index((*PAPERS, *OTHERS), study((*PAPERS, *OTHERS)))
BY_ID = {one.id: one for one in INDEX.papers}
SENSORS = interest("sensor networks", name="Sensors")


def example(id: str, kind: VoteKind = MORE) -> Example:
    held = BY_ID[id]
    return Example(title=held.readable_title, text=held.readable_abstract, kind=kind)


def taught(wish: Interest, *examples: Example) -> Interest:
    return Interest(name=wish.name, text=wish.text, keywords=wish.keywords, examples=examples)


def serve(*wishes: Interest, size: int = 500, floor: float = FLOOR) -> Selection:
    request = Request(profile=Profile(interests=wishes), size=size, delivered=frozenset())
    return select(INDEX, [request], floor=floor)[0]


def ranks(selection: Selection, start: str, without: tuple[str, ...] = ()) -> float:
    """The mean rank of a topic's papers, those voted on left out."""
    order = [one.paper.id for one in selection.matches if one.paper.id not in without]
    return mean(place for place, id in enumerate(order) if id.startswith(start))


def scores(selection: Selection) -> dict[str, float]:
    return {one.paper.id: one.score for one in selection.matches}


VOTED = ("glacier0", "glacier1", "glacier2")


@pytest.mark.parametrize(("kind", "moves"), [(MORE, -1), (LESS, 1)])
def test_three_votes_move_the_topic_and_hardly_the_others(kind: VoteKind, moves: int) -> None:
    before = serve(SENSORS)
    after = serve(taught(SENSORS, *(example(id, kind) for id in VOTED)))
    shift = ranks(after, "glacier", VOTED) - ranks(before, "glacier", VOTED)
    assert shift * moves >= 5, "of 29 papers"
    topic = tuple(id for id in BY_ID if id.startswith("glacier"))
    for other in ("soil", "harbour", "orchestra"):  # among themselves
        assert abs(ranks(after, other, topic) - ranks(before, other, topic)) <= 1


def test_less_of_a_topic_silences_nobody_who_says_the_typed_words() -> None:
    before, after = serve(SENSORS), serve(taught(SENSORS, *(example(id, LESS) for id in VOTED)))
    assert scores(after).keys() == scores(before).keys()
    assert {one.interest for one in after.matches} == {"Sensors"}


def test_a_like_brings_papers_that_the_typed_words_alone_would_not() -> None:
    wish = interest("crevasses of glaciers and fjords of the arctic coast in winter", name="Ice")
    alone = scores(serve(wish, floor=0.01))
    after = scores(serve(taught(wish, example("harbour0"), example("harbour1")), floor=0.01))
    assert max(alone.get(f"harbour{n}", 0) for n in range(8)) < FLOOR
    assert min(after[f"harbour{n}"] for n in range(2, 8)) > 0


def test_the_reason_names_the_liked_paper_beside_the_words() -> None:
    matches = serve(taught(SENSORS, *(example(id) for id in VOTED))).matches
    first = next(one for one in matches if one.paper.id not in VOTED)
    words, like = first.reasons
    assert words.kind is ReasonKind.TERMS
    assert all(word in f"{first.paper.title} {first.paper.abstract}" for word in words.words)
    assert like.kind is ReasonKind.LIKE
    assert like.words[0] in {BY_ID[id].title for id in VOTED}
    assert not any(_liked(one) for one in matches if one.paper.id.startswith("orchestra"))


def _liked(match: Match) -> bool:
    return any(reason.kind is ReasonKind.LIKE for reason in match.reasons)


def test_of_several_liked_papers_the_one_it_is_like_is_named() -> None:
    wish = taught(SENSORS, example("glacier0"), example("orchestra0"))
    for match in serve(wish).matches:
        for topic in ("glacier", "orchestra"):
            if match.paper.id.startswith(topic):
                title = BY_ID[f"{topic}0"].title
                assert match.reasons[-1].words[0] == title


def test_where_nothing_was_typed_each_paper_names_the_example_it_is_most_like() -> None:
    liked = (example("glacier0"), example("orchestra0"))
    for one in serve(Interest(name="Taught", examples=liked)).matches:
        (reason,) = one.reasons
        title, *shared = reason.words
        topic = one.paper.id.rstrip("0123456789")
        assert reason.kind is ReasonKind.LIKE
        if topic in ("glacier", "orchestra"):
            assert title == BY_ID[f"{topic}0"].title
            assert topic in shared


def test_words_that_both_say_stand_in_both_and_in_no_other_reason() -> None:
    liked = (example("glacier0"), example("harbour0"))
    for one in serve(replace(SENSORS, examples=liked)).matches:
        said = [
            word
            for reason in one.reasons
            if reason.kind is ReasonKind.TERMS
            for word in reason.words
        ]
        for title, *shared in (
            reason.words for reason in one.reasons if reason.kind is ReasonKind.LIKE
        ):
            known = next(each for each in liked if each.title == title)
            assert not set(shared) & set(said)
            for word in shared:
                assert word in f"{one.paper.title} {one.paper.abstract}"
                assert word.casefold() in f"{known.title} {known.text}".casefold()


def test_typed_words_are_a_reason_and_what_an_example_taught_is_not() -> None:
    matches = serve(replace(SENSORS, examples=(example("glacier0"),))).matches
    said = {
        word.casefold() for one in matches for reason in one.reasons[:1] for word in reason.words
    }
    assert said <= {"sensor", "sensors", "network", "networks", "sensor networks"}


def test_votes_never_cross_from_one_interest_to_another() -> None:
    strings, ice = interest("violin bowing", name="Strings"), interest("alpine ice", name="Ice")
    taught_one = taught(ice, *(example(id, LESS) for id in ("orchestra0", "orchestra1")))
    alone, beside = serve(strings), serve(strings, taught_one)
    of_strings = {one.paper.id: one for one in beside.matches if one.interest == "Strings"}
    assert alone.matches
    assert all(of_strings[one.paper.id] == one for one in alone.matches)


def test_each_topic_of_a_list_learns() -> None:
    wish = interest("sensor networks, violin", name="Both")
    before = scores(serve(wish))
    after = scores(serve(taught(wish, *(example(id, LESS) for id in VOTED))))
    assert all(after[f"glacier{n}"] < before[f"glacier{n}"] for n in range(8))


def test_a_category_alone_drops_what_is_like_the_disliked() -> None:
    placed = [
        paper(one.title, one.abstract, id=one.id, categories=("cs.NI",)) for one in INDEX.papers
    ]
    index = build_index(placed, study(placed))

    def ids(*examples: Example) -> set[str]:
        wish = Interest(name="n", categories=("cs.NI",), examples=examples)
        request = Request(profile=Profile(interests=(wish,)), size=500, delivered=frozenset())
        return {one.paper.id for one in select(index, [request])[0].matches}

    lost = ids() - ids(*(example(id, LESS) for id in VOTED))
    assert lost == {f"glacier{n}" for n in range(8)}
    assert ids(*(example(id) for id in VOTED)) == ids()


def test_few_and_telling_terms_are_learnt() -> None:
    lesson = INDEX.ask(taught(SENSORS, *(example(id) for id in VOTED))).lesson
    assert lesson is not None
    terms = [INDEX.terms[row] for row in lesson.liked.rows]
    assert len(terms) <= TERMS
    assert {"glacier", "crevass"} <= set(terms)
    assert {"sensor", "network", "sensornetwork"}.isdisjoint(terms), "they were typed"
    assert len(lesson.disliked.rows) == 0


def test_the_title_counts_more_than_the_text() -> None:
    said = read(Example(title="Glacier", text="Crevasses."), INDEX.ground)
    assert said["glacier"] > said["crevass"] > 0


ids = st.sampled_from([one.id for one in PAPERS])
votes = st.lists(st.builds(example, ids, st.sampled_from(VoteKind)), max_size=5).map(tuple)
texts = st.sampled_from(
    ("sensor networks", "glacier", "violin, harbour", "ice under cameras", "nothing of it", "")
)


@given(texts, votes)
def test_examples_that_say_nothing_known_change_nothing(text: str, some: tuple[Example]) -> None:
    mute = tuple(Example(title="Qqq", text="Zzz xxq.", kind=one.kind) for one in some)
    wish = interest(text, name="n")
    assert serve(taught(wish, *mute)) == serve(wish)


@given(texts, votes)
def test_dislikes_never_take_more_than_their_share(text: str, some: tuple[Example]) -> None:
    """1 - exp(-x) with at least half of x left: more than half of the score."""
    wish = interest(text, name="n")
    only = [one for one in some if one.kind is LESS]
    before, after = scores(serve(wish, floor=0)), scores(serve(taught(wish, *only), floor=0))
    assert before.keys() == after.keys()
    for id, score in before.items():
        assert score * MOST_LOST - 1e-5 <= after[id] <= score + 1e-5


@given(votes)
def test_a_lone_reader_is_served_as_among_many(some: tuple[Example]) -> None:
    one = Request(
        profile=Profile(interests=(taught(SENSORS, *some),)), size=9, delivered=frozenset()
    )
    other = Request(profile=Profile(interests=(SENSORS,)), size=9, delivered=frozenset())
    assert select(INDEX, [other, one]) == (*select(INDEX, [other]), *select(INDEX, [one]))
