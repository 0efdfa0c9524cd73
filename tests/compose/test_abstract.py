import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose import abstract as reading
from digest.compose.abstract import answer, excerpt
from digest.compose.wording import one_line

TIDES = (
    "Routers collapse early, e.g. in the first layers. We propose Tidal Routing. "
    "It keeps experts busy on 7B models (cf. Fig. 2). Code is released."
)


def sentences(text: str) -> list[str]:
    return list(reading.read(text, "").sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("By Smith et al. It is 3.5 times faster.", ["By Smith et al. It is 3.5 times faster."]),
        ("As J. Doe said. Then (He said.) Stop.", ["As J. Doe said.", "Then (He said.)", "Stop."]),
        ("Runs on macOS. iOS follows.", ["Runs on macOS. iOS follows."]),
        ("It is “so.” Ärzte agree.", ["It is “so.”", "Ärzte agree."]),
        ("我们提出。它更快。", ["我们提出。", "它更快。"]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text("ab AB.!? 。e.g", max_size=200))
def test_no_word_of_an_abstract_is_lost(text: str) -> None:
    line = one_line(text)
    assert "".join("".join(sentences(line)).split()) == "".join(line.split())


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["experts"], 2),
        (["routing"], 1),
        (["experts", "unheard"], 2),  # what nobody says counts for nobody
        (["code", "experts"], 3),  # the most telling word first
        (["models", "code", "experts"], 2),  # two words beat one
        (["first layers"], 0),
        (["unheard"], 1),  # nothing found: what was done
        ([], 1),
    ],
)
def test_the_answer_holds_the_most_telling_words(words: list[str], number: int) -> None:
    assert answer(reading.read(TIDES, ""), words) == number


def test_what_was_made_tells_more_than_what_was_tried() -> None:
    text = "We evaluate routers at sea. We propose Tidal Routing."
    assert answer(reading.read(text, "Sea Trials of Nothing"), []) == 1


def test_a_sentence_with_the_readers_word_is_shown_unless_the_title_has_it() -> None:
    text = "We propose Tidal Routing for all. Salt is a problem."
    assert answer(reading.read(text, "Tidal Routing"), ["salt"]) == 1
    assert answer(reading.read(text, "Tidal Routing in Salt"), ["salt"]) == 0


def test_where_the_code_is_tells_nothing() -> None:
    text = "Salt is a problem. Code for Tidal Routing is available at https://example.org/x."
    assert answer(reading.read(text, "Tidal Routing"), []) == 0
    assert answer(reading.read(text, "Of Salt"), ["routing"]) == 1


def test_of_two_sentences_the_one_that_says_the_title_is_the_answer() -> None:
    text = "Tides are old. We study much. We find that routers learn from tides. We are glad."
    assert answer(reading.read(text, "Routers and Tides"), []) == 2
    assert answer(reading.read(text, "On Much Study"), []) == 1


def test_the_sources_own_sentence_comes_before_the_lines_that_answer() -> None:
    abstract = reading.read(TIDES, "")
    told = excerpt(abstract, 2, "Routers keep experts busy.")
    assert told.sentence.text == "Routers keep experts busy."
    assert told.opening.text.startswith("… It keeps experts busy on 7B models")
    assert told.more
    first = excerpt(abstract, 0, "Routers keep experts busy.")
    assert first.opening.text.startswith("Routers collapse early")
    assert not first.more, "all of it is there"
    assert excerpt(reading.read("", ""), 0, "Brief.").opening.text == ""


def test_the_title_repeated_is_no_answer() -> None:
    text = "Sparse experts at scale. They help. Our sparse experts learn slowly but well."
    assert answer(reading.read(text, "Sparse Experts at Scale"), ["sparse", "experts"]) == 2


def test_the_opening_is_what_stands_before_the_answer() -> None:
    shown = excerpt(reading.read(TIDES, ""), 2)
    assert shown.sentence.text == "It keeps experts busy on 7B models (cf. Fig. 2)."
    assert shown.opening.text.startswith("Routers collapse early")
    assert shown.opening.text.endswith("We propose Tidal Routing.")
    assert shown.more


def test_after_a_first_sentence_the_opening_goes_on() -> None:
    shown = excerpt(reading.read("One thing. Another thing.", ""), 0)
    assert (shown.sentence.text, shown.opening.text) == ("One thing.", "Another thing.")
    assert not shown.more


def test_long_sentences_and_openings_are_cut_at_words() -> None:
    text = f"We show {'very ' * 100}much. Then {'more ' * 100}text."
    shown = excerpt(reading.read(text, ""), 0)
    assert len(shown.sentence.text) <= 341
    assert shown.sentence.text.endswith("very…")
    assert len(shown.opening.text) <= 241
    assert shown.more


def test_an_opening_ends_with_a_sentence_when_enough_is_said() -> None:
    said = f"It {'really ' * 20}is."
    text = f"We show it. {said} However, {'much ' * 30}more is to be said."
    assert excerpt(reading.read(text, ""), 0).opening.text == said


def test_an_abstract_of_nothing_shows_nothing() -> None:
    empty = reading.read("", "A Title")
    shown = excerpt(empty, answer(empty, ["word"]))
    assert (shown.sentence.text, shown.opening.text, shown.more) == ("", "", False)
