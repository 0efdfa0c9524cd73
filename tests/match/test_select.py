"""Which papers are chosen, in which order, and why."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import ingest
from digest.match import FLOOR, Request, build_index, select, study
from digest.model import Interest, Match, Paper, Payload, Profile, Reason, ReasonKind, Selection
from tests.build import interest, paper
from tests.shared import shared

PAPERS = (
    paper(
        "Graph Neural Networks for Molecules",
        "We train graph neural networks on molecules and predict their solubility.",
        id="gnn",
    ),
    paper("A Deeper GNN", "Message passing with a GNN over citation graphs.", id="short"),
    paper(
        "Speculative Decoding with Small Drafts",
        "A draft proposes tokens, and speculative decoding verifies them in parallel.",
        id="draft",
        authors=("Jane A. Smith", "Wei Chen"),
        categories=("cs.CL",),
    ),
    paper(
        "Mixture-of-Experts Routing",
        "Sparse routing sends each token to few experts; pretraining stays stable.",
        id="moe",
        authors=("José Álvarez",),
        categories=("cs.LG", "stat.ML"),
    ),
    paper(
        "Weather from Radar",
        "Nowcasting of rain from radar images with a diffusion model.",
        id="radar",
        categories=("physics.ao-ph",),
    ),
    paper(
        "Privacy for Hospital Records",
        "Federated learning keeps patient records private; a survey of attacks.",
        id="privacy",
    ),
    paper("Plain Methods", "We propose a novel method and show results on data.", id="plain"),
)


def serve(
    *wishes: Interest,
    papers: tuple[Paper, ...] = PAPERS,
    size: int = 10,
    delivered: frozenset[str] = frozenset(),
    floor: float = FLOOR,
) -> Selection:
    index = build_index(papers, study(papers))
    request = Request(profile=Profile(interests=wishes), size=size, delivered=delivered)
    return select(index, [request], floor=floor)[0]


def ids(selection: Selection) -> list[str]:
    return [match.paper.id for match in selection.matches]


def words(match: Match) -> tuple[str, ...]:
    return next(r.words for r in match.reasons if r.kind is ReasonKind.TERMS)


@pytest.mark.parametrize("text", ["graph neural networks", "GNN", "gnns", "a Graph-Neural Network"])
def test_an_acronym_and_its_words_find_the_same_papers(text: str) -> None:
    assert sorted(ids(serve(interest(text)))) == ["gnn", "short"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MoE", "moe"),
        ("pre-training", "moe"),
        ("decoding that is speculative", "draft"),
        ("radar", "radar"),
        ("I am interested in weather, rain and everything about nowcasting, not floods", "radar"),
        ('"federated learning"', "privacy"),
    ],
)
def test_what_is_typed_finds_the_paper_about_it(text: str, expected: str) -> None:
    assert ids(serve(interest(text))) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "medieval history of vellum",
        "we propose a novel approach and show results",
        "",
        "the of and",
        "I keep bees, brew mead, bake bread, carve spoons, and send few letters",
    ],
)
def test_quiet_subjects_and_worn_words_find_nothing(text: str) -> None:
    assert serve(interest(text)).matches == ()


def test_what_is_unwanted_in_the_text_is_not_wanted() -> None:
    assert ids(serve(interest("rain, but not radar or decoding"))) == ["radar"]
    assert "draft" not in ids(serve(interest("experts but not speculative decoding")))


def test_one_of_several_keywords_is_enough() -> None:
    wish = interest("", name="k", keywords=("vellum", "speculative decoding", "quill", "ink"))
    assert ids(serve(wish)) == ["draft"]


def test_a_list_in_the_text_is_read_as_keywords() -> None:
    assert ids(serve(interest("vellum, speculative decoding, quills and ink"))) == ["draft"]


TOPICS = "protein structure, molecules, materials design"
SCIENCE = (
    paper(
        "What Proteins Leave Open",
        "Structure is predicted for each protein by a network, and its errors are explained.",
        id="structure",
    ),
    paper(
        "A Compass for Proteins: Steering What Enzymes Do",
        "Protein sequences are steered with directions that transfer across families in the "
        "laboratory, and forty of those that were made are active on the first day of the test.",
        id="protein",
    ),
    paper(
        "Glass without a Crystal: Diffusion for Materials",
        "Glasses, gels and other materials have no unit cell; the boxes vary in length.",
        id="glass",
    ),
    paper("Solubility", "The solubility of a molecule, for molecules of all sizes.", id="molecule"),
    paper(
        "Painting by Numbers",
        "Brushes and canvas are the material of the painter, and the design of the studio keeps "
        "light in the same place all day; a structure of steel carries the windows and the roof.",
        id="stray",
    ),
)


def test_each_topic_of_a_list_is_enough() -> None:
    papers = (*PAPERS[1:], *SCIENCE)
    found = ids(serve(interest(TOPICS), papers=papers))
    assert set(found) == {"structure", "molecule"}


def test_phrases_joined_by_and_are_topics_but_single_words_are_not() -> None:
    one = paper("Cloning a Voice", "We write of voice cloning from a single minute.", id="voice")
    other = paper("Sheep", "Cloning of sheep, and what came of it.", id="sheep")
    papers = (one, other, *PAPERS)
    assert ids(serve(interest("speculative decoding and voice cloning"), papers=papers)) == [
        "draft",
        "voice",
    ]
    assert ids(serve(interest("barley growing and voice cloning"), papers=papers)) == ["voice"]
    assert ids(serve(interest("barley and cloning and hay and milk"), papers=papers)) == []


def test_a_worn_word_makes_a_phrase_of_the_only_telling_one() -> None:
    said = paper("Video Generation by Sketches", "We sketch, and video generation follows.", id="a")
    other = paper("Video, Video, Video", "A video that describes each video at length.", id="b")
    filler = many("generation", 60)  # so common that it tells nothing by itself
    first, second = serve(interest("video generation"), papers=(said, other, *filler)).matches[:2]
    assert (first.paper.id, words(first)) == ("a", ("Video Generation",))
    assert second.score < first.score


def test_a_list_scores_what_its_best_topic_scores_and_tells_of_all() -> None:
    both = paper("Molecules of the Glass", "Protein structure and molecules of glass.", id="both")
    (match,) = serve(interest(TOPICS), papers=(*PAPERS[1:], both)).matches
    assert set(words(match)) == {"Protein structure", "Molecules"}


def test_stray_words_of_a_text_are_not_its_subject() -> None:
    text = "cheaper inference and training of large language models"
    stray = paper(
        "Forgetting on Request",
        "Requests are served by adding noise, many times cheaper than to train again, and the "
        "influence of a record is bounded, so that inference about it is no longer possible.",
        id="stray",
    )
    meant = paper(
        "Cheaper Inference for Long Documents",
        "Inference with large language models becomes cheaper when the cache is shared.",
        id="meant",
    )
    assert ids(serve(interest(text), papers=(*PAPERS, stray, meant))) == ["meant"]


def test_a_keyword_phrase_needs_its_words_together() -> None:
    assert ids(serve(interest("", name="k", keywords=("small decoding",)))) == []


def test_reasons_are_the_papers_own_words_and_whole_phrases() -> None:
    gnn, short = serve(interest("graph neural networks that predict")).matches
    assert words(gnn) == ("Graph Neural Networks", "predict")
    assert words(short) == ("GNN",)


def test_a_worn_word_completes_the_phrase_that_is_shown() -> None:
    assert words(serve(interest("diffusion models")).matches[0]) == ("diffusion model",)


def test_reasons_come_most_telling_first_and_at_most_five() -> None:
    birds = paper("Wren", "A wren, a finch, an owl, a robin, a heron and a swift.", id="birds")
    wish = interest("owl, robin, heron, finch, swift and wren")
    (match,) = serve(wish, papers=(*PAPERS, birds)).matches
    assert words(match)[0] == "Wren"
    assert len(words(match)) == 5


@pytest.mark.parametrize(
    ("must", "expected"),
    [
        (("token",), ["draft", "moe"]),
        (("token", "expert"), ["moe"]),
        (("token|radar", "draft|images"), ["draft", "radar"]),
        (("verifies them in parallel",), ["draft"]),
        (("them verifies",), []),
        (("mixture of experts",), ["moe"]),
        (("pre-training",), ["moe"]),
        (("survey",), ["privacy"]),
    ],
)
def test_must_is_a_condition_and_alone_is_enough(
    must: tuple[str, ...], expected: list[str]
) -> None:
    assert sorted(ids(serve(interest("", name="m", must=must)))) == expected


def test_must_restricts_what_the_text_finds() -> None:
    assert ids(serve(interest("graph neural networks", must=("molecule",)))) == ["gnn"]


def test_exclude_hides_a_paper_from_this_interest_only() -> None:
    wish = interest("graph neural networks", exclude=("molecules",))
    assert ids(serve(wish)) == ["short"]
    assert sorted(ids(serve(wish, interest("solubility")))) == ["gnn", "short"]


@pytest.mark.parametrize("name", ["J. Smith", "Smith, Jane", "jane smith"])
def test_a_followed_author_matches_whatever_it_is_about(name: str) -> None:
    wish = interest("vellum", authors=(name,), must=("quill",), categories=("math.NT",))
    (match,) = serve(wish).matches
    assert match.paper.id == "draft"
    assert match.reasons == (Reason(kind=ReasonKind.AUTHOR, words=("Jane A. Smith",)),)


def test_a_followed_author_has_the_words_as_second_reason_and_obeys_exclude() -> None:
    wish = interest("routing", authors=("J Alvarez",))
    (match,) = serve(wish).matches
    assert [reason.kind for reason in match.reasons] == [ReasonKind.AUTHOR, ReasonKind.TERMS]
    assert ids(serve(interest("vellum", authors=("J Alvarez",), exclude=("experts",)))) == []


@pytest.mark.parametrize("place", ["cs.LG", "cs.*", "cs", "CS.lg"])
def test_categories_restrict_but_papers_without_pass(place: str) -> None:
    wish = interest("routing, radar and federated learning", categories=(place,))
    assert sorted(ids(serve(wish))) == ["moe", "privacy"]


def test_categories_alone_match_weakly() -> None:
    selection = serve(interest("", name="c", categories=("cs.*",)))
    assert ids(selection) == ["draft", "moe"]
    assert {match.score for match in selection.matches} == {FLOOR}
    assert selection.matches[1].reasons == (Reason(kind=ReasonKind.CATEGORY, words=("cs.LG",)),)
    assert ids(serve(interest("", name="c", categories=("c",)))) == []


def stands(match: Match) -> bool:
    """Tell whether all matched words stand in the paper as they are written."""
    texts = (match.paper.readable_title, match.paper.readable_abstract)
    said = [w for r in match.reasons if r.kind is ReasonKind.TERMS for w in r.words]
    return all(any(word in text for text in texts) for word in said)


def many(word: str, count: int) -> tuple[Paper, ...]:
    return tuple(
        paper(f"{word.title()} number {i}", f"{word} once more", id=f"{word}{i}")
        for i in range(count)
    )


def shares(selection: Selection) -> dict[str, int]:
    names = [match.interest for match in selection.matches]
    return {name: names.count(name) for name in dict.fromkeys(names)}


def test_one_interest_cannot_fill_the_issue() -> None:
    papers = many("radar", 9) + many("vellum", 9)
    wishes = (interest("radar", weight=3.0), interest("vellum", weight=1.0))
    assert shares(serve(*wishes, papers=papers, size=8)) == {"radar": 6, "vellum": 2}


def test_seats_nobody_fills_go_to_the_others() -> None:
    papers = many("radar", 9) + many("vellum", 1)
    assert shares(serve(interest("radar"), interest("vellum"), papers=papers, size=6)) == {
        "vellum": 1,
        "radar": 5,
    }


def test_every_interest_gets_a_seat_if_there_is_room() -> None:
    papers = many("radar", 9) + many("vellum", 9)
    wishes = (interest("radar", weight=99.0), interest("vellum", weight=0.0))
    assert shares(serve(*wishes, papers=papers, size=3)) == {"radar": 2, "vellum": 1}
    assert len(serve(*wishes, papers=papers, size=1).matches) == 1


def test_a_paper_stands_once_where_it_scores_best() -> None:
    selection = serve(interest("graph, bees, mead"), interest("graph neural networks"))
    assert len(ids(selection)) == len(set(ids(selection)))
    assert {match.interest for match in selection.matches} == {"graph neural networks"}


def test_of_twins_the_better_stays() -> None:
    papers = (
        paper("Radar for Rain", "A short note on radar.", id="b"),
        paper("Radar, for rain!", "A longer note on radar and on hail.", id="a"),
    )
    assert len(serve(interest("radar"), papers=papers).matches) == 1


def test_the_same_abstract_under_another_title_is_a_twin() -> None:
    abstract = " ".join(f"quality{i}x measured" for i in range(40))
    papers = (
        paper("Radar for Rain", abstract, id="a"),
        paper("Radar for Much Hail", abstract, id="b"),
        paper("Radar elsewhere", "Radar is something else here.", id="c"),
    )
    assert len(serve(interest("radar"), papers=papers).matches) == 2


def test_equal_scores_stand_newest_first_then_by_id() -> None:
    old = date(2026, 1, 1)
    papers = (
        paper("Radar 1", "x", id="b"),
        paper("Radar 2", "x", id="z", announced_on=old),
        paper("Radar 3", "x", id="a"),
        paper("Radar 4", "x", id="q", announced_on=None),
    )
    assert ids(serve(interest("radar"), papers=papers)) == ["a", "b", "z", "q"]


def test_counts_and_delivered() -> None:
    selection = serve(interest("GNN"), delivered=frozenset({"gnn", "elsewhere"}), size=1)
    assert (ids(selection), selection.candidates, selection.above_floor) == (["short"], 6, 1)
    assert selection.near_miss is None


def test_the_near_miss_is_told_with_its_reasons() -> None:
    wish = interest("bees brewing mead in wooden spoons with the help of a radar")
    selection = serve(wish)
    assert selection.matches == ()
    assert selection.above_floor == 0
    assert selection.near_miss is not None
    assert selection.near_miss.paper.id == "radar"
    assert selection.near_miss.score < FLOOR
    assert words(selection.near_miss) == ("Radar",)


def test_there_is_no_near_miss_without_a_matched_term() -> None:
    assert serve(interest("vellum")).near_miss is None
    assert serve(interest("GNN"), delivered=frozenset(p.id for p in PAPERS)).near_miss is None


def test_nothing_asked_nothing_given() -> None:
    index = build_index(PAPERS, study([]))
    assert select(index, []) == ()
    empty = serve(interest("radar"), papers=())
    assert empty == Selection(matches=(), candidates=0, above_floor=0, near_miss=None)
    none = serve(interest("radar"), size=0)
    assert (none.matches, none.above_floor, none.near_miss) == ((), 1, None)
    assert serve().matches == ()


_WORDS = ("radar", "graph", "routing", "speculative decoding", "GNN", "private records", "the")
phrases = st.lists(st.sampled_from(_WORDS), max_size=3).map(tuple)
interests = st.builds(
    Interest,
    name=st.sampled_from(("one", "two", "three")),
    text=phrases.map(" and ".join),
    keywords=phrases,
    must=phrases.map(lambda some: some[:1]),
    exclude=phrases.map(lambda some: some[:1]),
    authors=st.sampled_from(((), ("J. Smith",))),
    categories=st.sampled_from(((), ("cs",))),
    weight=st.floats(0, 5),
)
profiles = st.lists(interests, max_size=3).map(lambda some: Profile(interests=tuple(some)))
requests = st.builds(
    Request,
    profile=profiles,
    size=st.integers(0, 4),
    delivered=st.frozensets(st.sampled_from([p.id for p in PAPERS])),
)
INDEX = build_index(PAPERS, study(PAPERS))


@given(st.lists(requests, max_size=4), st.floats(0, 0.9))
def test_the_promises_always_hold(asked: list[Request], floor: float) -> None:
    made = select(INDEX, asked, floor=floor)
    assert len(made) == len(asked)
    for request, selection in zip(asked, made, strict=True):
        chosen = ids(selection)
        assert len(chosen) == len(set(chosen)) <= request.size
        assert request.delivered.isdisjoint(chosen)
        assert all(floor <= match.score <= 1 and match.reasons for match in selection.matches)
        assert all(stands(match) for match in selection.matches)
        assert len(chosen) <= selection.above_floor <= selection.candidates
        assert selection == select(INDEX, [request], floor=floor)[0]


@given(requests)
def test_what_is_excluded_is_never_shown(request: Request) -> None:
    held = {wish.name: wish for wish in request.profile.interests}
    if len(held) == len(request.profile.interests):
        for match in select(INDEX, [request])[0].matches:
            excluded = held[match.interest].exclude
            assert not any(
                INDEX.conditions.containing(e)[INDEX.column[match.paper.id]] for e in excluded
            )


@given(st.permutations(PAPERS), requests)
def test_the_order_of_the_window_never_matters(window: list[Paper], request: Request) -> None:
    index = build_index(window, study(window))
    assert select(index, [request]) == select(INDEX, [request])


def test_real_listings_give_the_subject_and_leave_quiet_ones_quiet() -> None:
    folder = shared("listings")
    found: dict[str, Paper] = {}
    for file in sorted(folder.glob("*.txt")):
        payload = Payload(name=file.name, content=file.read_bytes())
        listing = ingest.parse(payload, today=date(2026, 11, 20))
        found |= {one.paper.id: one.paper for one in listing.announcements}
    papers = tuple(found.values())
    for quiet in ("medieval history of vellum", "the novel method we propose shows results"):
        assert serve(interest(quiet), papers=papers).matches == ()
    for text, sign in (
        ("graph neural networks", r"graph neural network|GNN"),
        ("MoE", r"mixture.of.experts?|MoE"),
        ("parameter-efficient finetuning", r"parameter.efficient|fine.?tun"),
    ):
        matches = serve(interest(text), papers=papers).matches
        assert len(matches) >= 5
        assert all(stands(match) for match in matches)
        assert all(re.search(sign, words(match)[0], re.IGNORECASE) for match in matches)
