import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.markup import plain
from digest.ingest.text import LONGEST

PIECES = [
    "<jats:p>",
    "</jats:p>",
    "<jats:title>Abstract</jats:title>",
    "<jats:tex-math>",
    "<mml:math>",
    "</mml:math>",
    r"\documentclass",
    r"\begin{document}",
    "<script>",
    "<",
    "</",
    "<jats:",
    "<p =",
    "&lt;",
    "owl",
    " ",
]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<jats:title>Abstract</jats:title><jats:p>Owls hoot.</jats:p>", "Owls hoot."),
        ("<jats:sec><jats:title>Aim</jats:title><jats:p>Owls</jats:p></jats:sec>", "Aim Owls"),
        ("<jats:p>We like <jats:italic>Tyto alba</jats:italic>.</jats:p>", "We like Tyto alba."),
        (
            '<jats:p><jats:ext-link xlink:href="x">Owls</jats:ext-link> &amp; bats</jats:p>',
            "Owls & bats",
        ),
        (
            "<jats:list><jats:list-item>One</jats:list-item><jats:list-item>Two</jats:list-item>",
            "One Two",
        ),
        ("<mml:math><mml:msub><mml:mi>x</mml:mi><mml:mn>1</mml:mn></mml:msub></mml:math>", "x1"),
        (
            "for <jats:alternatives><jats:tex-math>$$x_1$$</jats:tex-math>"
            '<mml:math xmlns:mml="m"><mml:mi>x</mml:mi></mml:math></jats:alternatives> owls',
            "for $$x_1$$ owls",
        ),
        (
            r"<jats:tex-math>\documentclass[12pt]{minimal}\begin{document}$$x$$\end{document}"
            "</jats:tex-math>",
            "$$x$$",
        ),
        ("<h4>ABSTRACT</h4><p>Owls</p>", "ABSTRACT Owls"),
        ("where $a<b$ and $c>d$ in <jats> x", "where $a<b$ and $c>d$ in <jats> x"),
        ("Owls &lt;p&gt; &amp; bats", "Owls <p> & bats"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@given(st.lists(st.sampled_from(PIECES)))
def test_any_markup_is_one_line_no_longer_than_before(pieces: list[str]) -> None:
    text = plain("".join(pieces))
    assert text == " ".join(text.split())
    assert len(text) <= len("".join(pieces)) + 2 * len(pieces)  # a block leaves a blank


@pytest.mark.parametrize("piece", PIECES)
def test_markup_without_end_takes_bounded_time(piece: str) -> None:
    assert len(plain(piece * 1_000_000)) <= LONGEST
