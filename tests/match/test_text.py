"""Words, terms and acronyms."""

import pytest

from digest.match import acronym
from digest.match.author import parse, same
from digest.match.background import terms
from digest.match.text import Kind, fold, pairs, singles, words
from tests.build import paper


def said(text: str) -> list[str]:
    return terms(paper("", text), acronym.common())


@pytest.mark.parametrize(
    "spellings",
    [
        ("pre-training", "pretraining", "pre training", "Pretrained"),
        ("self-supervised", "selfsupervised", "self supervised"),
        ("retrieval", "retrieving", "Retrieve"),
        ("LLMs", "LLM"),
        ("Schrödinger", "Schrodinger", "SCHRÖDINGER"),
        ("naïve", "nai\u0308ve", "naive"),
    ],
)
def test_one_word_however_it_is_written(spellings: tuple[str, ...]) -> None:
    assert len({tuple(singles(words(spelling))) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "spellings",
    [
        ("fine-tuning", "finetuning", "fine tuning"),
        ("state-space", "statespace", "state spaces"),
        ("GPT-4", "GPT4", "gpt 4"),
        ("theory of mind", "theory mind"),
    ],
)
def test_two_words_and_one_share_a_term(spellings: tuple[str, ...]) -> None:
    assert set.intersection(*(set(said(spelling)) for spelling in spellings))


def test_worn_words_and_punctuation_end_a_phrase() -> None:
    assert pairs(words("a graph. Neural nets")) == pairs(words("neural nets"))
    assert pairs(words("we propose a novel method")) == []


def test_stop_words_numbers_and_single_letters_are_no_terms() -> None:
    assert said("We propose the x of 42 and 3.14") == []


def test_greek_and_c_plus_plus_are_words() -> None:
    assert singles(words("PanGu-π in C++")) == ["pangu", "π", "c++"]


def test_a_prefix_left_alone_is_a_word() -> None:
    assert singles(words("pre- and post-training")) == ["pre", "posttrain"]
    assert singles(words("the meta")) == ["meta"]


def test_worn_in_company_only() -> None:
    assert words("time")[0].kind is Kind.WORN
    assert pairs(words("time series")) == ["timeseri"]


def test_fold_drops_case_and_accents() -> None:
    assert fold("Éclair ÖL ß") == "eclair ol ss"


def test_an_acronym_and_its_words_share_a_term() -> None:
    assert "LLM" in said("a large language model")
    assert "LLM" in said("LLMs everywhere")
    assert "COT" in said("chain-of-thought prompting")


def test_an_ordinary_word_is_no_acronym() -> None:
    assert "RAG" not in said("a rag doll")
    assert "RAG" in said("a RAG pipeline")


def test_acronyms_are_learnt_where_they_are_spelt_out() -> None:
    learnt = acronym.learn(["We study Gated Quilt Weaving (GQW) at length."])
    assert learnt.whole(words("gated quilt weaving")) == "GQW"
    assert learnt.whole(words("GQW")) == "GQW"


@pytest.mark.parametrize(
    "text",
    ["something else (GQW)", "diffusion models (DM)", "Gated (GQW)", "gated quilts (see GQW)"],
)
def test_what_spells_nothing_out_teaches_nothing(text: str) -> None:
    assert acronym.learn([text]).spelt == acronym.common().spelt


def test_small_words_may_be_skipped_and_hyphens_part() -> None:
    learnt = acronym.learn(["Quilts of Wool-Yarn (QWY) keep warm"])
    assert learnt.whole(words("quilts of wool-yarn")) == "QWY"


def test_the_most_frequent_meaning_wins_and_known_ones_stay() -> None:
    texts = ["gated quilt weaving (GQW)", "green quiet water (GQW)", "green quiet water (GQW)"]
    assert acronym.learn(texts).spelling["GQW"] == ("green", "quiet", "water")
    assert acronym.learn(["simple sock loops (SSL)"]).spelling["SSL"][0] == "selfsupervis"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("J. Smith", "Jane Smith", True),
        ("Smith, Jane", "jane smith", True),
        ("Jane Smith", "John Smith", False),
        ("J. Smith", "Jane Smithson", False),
        ("Jane A. Smith", "Jane Smith", True),
        ("Jane A. Smith", "Jane B. Smith", False),
        ("José Álvarez", "Jose Alvarez", True),
        ("J.-P. Serre", "Jean-Pierre Serre", True),
        ("K. Smith", "Jane Smith", False),
    ],
)
def test_names_agree_when_nothing_speaks_against_it(one: str, other: str, expected: bool) -> None:
    assert same(parse(one), parse(other)) is expected
    assert same(parse(other), parse(one)) is expected
