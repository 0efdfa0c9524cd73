import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.passage import Mark, marked, mount, passage

MARK = Mark("[", "]")
TAGS = Mark("<b>", "</b>")


def show(text: str, *words: str) -> str:
    return "".join(marked(passage(text), words, MARK))


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Sparse experts route.", ("sparse", "route"), "[Sparse] experts [route]."),
        ("An expert among experts.", ("expert",), "An [expert] among [experts]."),
        ("The inexpert expertise.", ("expert",), "The inexpert expertise."),
        ("Graph-retrieval and graph retrieval.", ("graph retrieval",), None),
        ("A retrieval graph.", ("graph retrieval",), "A retrieval graph."),
        ("Graph; retrieval.", ("graph retrieval",), "Graph; retrieval."),
        ("State-of-the-art k-means.", ("k-means",), "State-of-the-art [k-means]."),
        ("Graph retrieval.", ("graph", "graph retrieval"), "[[Graph] retrieval]."),
        ("π-weighted ℓ₁ and Ärzte", ("ärzte", "π"), "[π]-weighted ℓ₁ and [Ärzte]"),
        ("İstanbul maps", ("maps",), "İstanbul [maps]"),
        ("C++ and c", ("c++", ""), "C++ and c"),
    ],
)
def test_whole_words_are_marked(text: str, words: tuple[str, ...], shown: str | None) -> None:
    assert show(text, *words) == (shown or "[Graph-retrieval] and [graph retrieval].")


def test_hostile_text_stays_text() -> None:
    shown = show("<script>alert('amp & lt')</script> &amp; \"quot\"", "script", "amp", "lt")
    assert "<" not in shown
    assert html.unescape(shown) == ("<[script]>alert('[amp] & [lt]')</[script]> &[amp]; \"quot\"")


words = st.lists(st.one_of(st.text(max_size=6), st.text("ab -<&", max_size=6)), max_size=5)


@given(st.one_of(st.text(max_size=80), st.text("ab s-<>&'\";", max_size=80)), words)
def test_marks_change_nothing_but_themselves(text: str, words: list[str]) -> None:
    shown = "".join(marked(passage(text), [word.lower() for word in words], TAGS))
    assert html.unescape(re.sub("</?b>", "", shown)) == html.unescape(html.escape(text))
    assert shown.count("<b>") == shown.count("</b>")
    assert set(re.findall("<[^>]*>", shown)) <= {"<b>", "</b>"}


def test_the_html_between_mounted_passages_is_never_marked() -> None:
    mounted = mount(["<p class=a>", passage("A class"), "</p> class ", passage("class act"), ""])
    shown = "".join(marked(mounted, ["class", "class act", "p"], MARK))
    assert shown == "<p class=a>A [class]</p> class [[class] act]"
