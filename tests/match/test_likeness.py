"""Examples rank papers by how like them they are, and by nothing else that they should not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.match import FLOOR, Request, build_index, select, study
from digest.model import Example, Interest, Paper, Profile, VoteKind
from tests.build import interest, paper

MORE, LESS = VoteKind.MORE, VoteKind.LESS
_TOPICS = {
    "tides": "tidal currents in a narrow strait drive turbines of a submerged power plant",
    "bees": "foraging bees return pollen to the hive and dance for the other workers",
    "bridges": "cracks in the steel cables of bridges grow under wind and heavy traffic",
    "bread": "sourdough bread rises when yeast and lactic bacteria ferment the rye flour",
    "chess": "an endgame of chess with rook and pawn is drawn by careful defence",
}


def _paper(topic: str, number: int) -> Paper:
    words = _TOPICS[topic].split()
    said = words[number % 4 :] + words[: number % 4]
    own = " ".join(f"{topic}{letter}{number}" for letter in "bcdfgh")
    return paper(
        f"On the {' '.join(words[:4])}, part {own[:8]}",
        f"We observe that {' '.join(said)}. Here we also say {own}.",
        id=f"{topic}{number}",
        upvotes=number,
    )


PAPERS = tuple(_paper(topic, number) for topic in _TOPICS for number in range(8))
OTHERS = tuple(
    paper(f"Other work {n}", f"We observe thing{n} with tool{n} and say so here.", id=f"other{n}")
    for n in range(160)
)
BACKGROUND = study((*PAPERS, *OTHERS))
INDEX = build_index(PAPERS, BACKGROUND)
BY_ID = {one.id: one for one in PAPERS}
ids = st.sampled_from(sorted(BY_ID))


def example(id: str, kind: VoteKind = MORE) -> Example:
    held = BY_ID[id]
    return Example(title=held.readable_title, text=held.readable_abstract, kind=kind)


def scores(*examples: Example, text: str = "", index: object = INDEX) -> dict[str, float]:
    wish = Interest(name="n", text=text, examples=examples)
    request = Request(profile=Profile(interests=(wish,)), size=500, delivered=frozenset())
    found = select(index, [request], floor=0)[0].matches  # type: ignore[arg-type]
    return {one.paper.id: one.score for one in found}


@given(ids)
def test_the_text_of_an_example_ranks_first(id: str) -> None:
    ranked = scores(example(id))
    assert max(ranked, key=lambda one: ranked[one]) == id


@given(st.lists(ids, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_examples_says_nothing(some: list[str], chance: object) -> None:
    shuffled = list(some)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = scores(*map(example, some)), scores(*map(example, shuffled))
    assert one.keys() == other.keys()
    assert all(abs(one[id] - other[id]) < 1e-5 for id in one)


@given(st.sampled_from(list(_TOPICS)), st.sampled_from(list(_TOPICS)))
def test_less_lowers_its_topic_and_leaves_the_liked_one_above(liked: str, less: str) -> None:
    praise = [example(f"{liked}{n}") for n in range(3)]
    before, after = scores(*praise), scores(*praise, example(f"{less}7", LESS))
    assert all(after.get(f"{less}{n}", 0) <= before.get(f"{less}{n}", 0) for n in range(8))
    if liked != less:
        rest = [f"{liked}{n}" for n in range(3, 8)]
        others = [id for id in after if not id.startswith(liked)]
        assert min(after[id] for id in rest) > max((after[id] for id in others), default=0)


def test_what_is_like_the_examples_reaches_the_floor_and_the_rest_does_not() -> None:
    ranked = scores(*(example(f"bees{n}") for n in range(4)))
    assert {id for id, score in ranked.items() if score >= FLOOR} == {f"bees{n}" for n in range(8)}


def test_a_reader_who_votes_week_after_week_sees_less_of_what_they_dislike() -> None:
    """They typed a word of two topics, like one and dislike the other; two papers a week."""
    votes: list[Example] = []
    shares = []
    for week in range(4):
        ranked = scores(*votes, text="dance, endgame")
        order = sorted(ranked, key=lambda one: -ranked[one])[:8]
        shares.append(sum(id.startswith("chess") for id in order))
        votes += [example(f"bees{week}"), example(f"chess{week}", LESS)]
        assert sum(id.startswith("chess") for id in ranked) == 8, "nothing falls silent"
    assert shares[0] > 0
    assert shares[1:] == [0, 0, 0]


def test_votes_of_the_community_decide_among_equals_and_no_more() -> None:
    twin = replace(BY_ID["tides0"], id="loved", keys=("loved",), upvotes=200)
    index = build_index((*PAPERS, twin), BACKGROUND)
    praise = [example("tides1"), example("tides2")]
    ranked = scores(*praise, index=index)
    assert ranked["loved"] > scores(*praise)["tides0"]
    loved_bread = replace(BY_ID["bread0"], upvotes=200)
    index = build_index([loved_bread if one.id == "bread0" else one for one in PAPERS], BACKGROUND)
    ranked = scores(*praise, index=index)
    assert ranked["bread0"] < min(ranked[f"tides{n}"] for n in range(8))


def test_without_examples_the_votes_of_the_community_change_nothing() -> None:
    request = Request(
        profile=Profile(interests=(interest("bees and pollen", name="n"),)),
        size=50,
        delivered=frozenset(),
    )
    mute = build_index([replace(one, upvotes=None) for one in PAPERS], BACKGROUND)
    there, here = select(mute, [request])[0].matches, select(INDEX, [request])[0].matches
    assert [(one.paper.id, one.score) for one in there] == [
        (one.paper.id, one.score) for one in here
    ]


def test_a_day_without_papers_or_a_background_is_no_accident() -> None:
    assert scores(example("bees0"), index=build_index((), study(()))) == {}
    alone = build_index((BY_ID["bees1"],), study(()))
    assert scores(example("bees0"), index=alone)["bees1"] > FLOOR
