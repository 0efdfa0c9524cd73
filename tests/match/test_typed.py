"""What a few typed words let in, and in which order."""

import pytest

from digest.match import Index, Request, build_index, select, study
from digest.model import Interest, Match, Paper, Profile
from tests.build import paper

SUBJECTS = (
    "bees", "bread", "tides", "chess", "organs", "snow", "trains", "rye", "rooks", "lakes",
)  # fmt: skip
DULL = tuple(
    paper(f"Learning of {one}", f"Models of {one} are trained on data.", id=f"dull-{one}-{n}")
    for one in SUBJECTS
    for n in range(40)
)


def window(*papers: Paper) -> Index:
    return build_index(papers, study([*DULL, *papers]))


def found(text: str, *papers: Paper) -> list[Match]:
    wish = Profile(interests=(Interest(name="wish", text=text),))
    request = Request(profile=wish, size=20, delivered=frozenset())
    return list(select(window(*papers), [request])[0].matches)


def ids(matches: list[Match]) -> list[str]:
    return [match.paper.id for match in matches]


@pytest.mark.parametrize("text", ["models, learning, data", "models", "learning data models"])
def test_words_of_every_other_paper_let_none_in(text: str) -> None:
    plain = paper("Learning Models", "Learning models of data from data.", id="plain")
    assert found(text, plain, *DULL[:4]) == []


def test_a_common_topic_beside_rare_ones_must_be_said_well() -> None:
    aside = paper("Glaciers in Spring", "Ice that melts. A train passes by.", id="aside")
    meant = paper("A Theremin, Built", "The theremin and how it is tuned.", id="meant")
    text = "theremin, learning of data, glockenspiel"
    assert ids(found(text, aside, meant)) == ["meant"]


def test_who_speaks_of_two_topics_comes_first() -> None:
    one = paper("Theremin", "A theremin is tuned.", id="one")
    two = paper("Theremin, with Harp", "A theremin beside a harp is tuned.", id="two")
    assert ids(found("theremin, harp, glockenspiel", one, two)) == ["two", "one"]


def test_a_topic_is_as_good_as_ever_beside_an_unheard_of_one() -> None:
    bees = paper("How Bees Dance", "Bees dance, and other bees watch.", id="bees")
    assert ids(found("bees, xylorimba", bees)) == ["bees"]


def test_what_a_paper_abbreviates_itself_means_what_it_says() -> None:
    scans = paper("Scans", "Computed tomography (CT) of lungs. CT shows them.", id="scans")
    other = paper("A Shortcut", "Consistency training (CT) is fast. CT is stable.", id="other")
    assert ids(found("CT", scans, other)) == ["scans"]


def test_the_end_of_a_name_is_no_subject() -> None:
    name = paper("PBMR-DP", "Regression by patterns (PBMR-DP) fits curves.", id="name")
    meant = paper("Noise for Privacy", "DP-SGD adds noise to each step, as DP asks.", id="meant")
    assert ids(found("DP", name, meant)) == ["meant"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("behaviour of tumours", "Tumor Behavior"),
        ("co-operative games", "Cooperative Games"),
        ("modelling fibres", "Fiber Modeling"),
        ("x-rays", "X-Ray Images"),
        ("matrices", "A Matrix"),
    ],
)
def test_spelling_does_not_matter(typed: str, said: str) -> None:
    meant = paper(said, f"{said}, once more.", id="meant")
    assert ids(found(typed, meant, *DULL[:4])) == ["meant"]


def test_a_tokenizer_is_asked_for_and_tokens_are_not() -> None:
    tokens = paper("Pruning Tokens", "Tokens are dropped; fewer tokens stay.", id="tokens")
    meant = paper("A Tokenizer for Maps", "Tokenization of maps.", id="meant")
    assert ids(found("tokenizers", tokens, meant)) == ["meant"]
