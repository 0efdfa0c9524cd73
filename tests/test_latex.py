import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.latex import readable

FORMS = {
    # mathematics
    r"PanGu-$\pi$": "PanGu-π",
    "PanGu-$π$": "PanGu-π",
    r"the $\ell_1$ norm": "the ℓ₁ norm",
    r"in $O(n \log n)$ time": "in O(n log n) time",
    r"$O(n\log n)$": "O(n log n)",
    r"$\log_2 n$": "log₂ n",
    r"$\max(a, b)$": "max(a, b)",
    r"$10^{-3}$": "10⁻³",
    r"Hyper$\cdot$Z$\cdot$W": "Hyper·Z·W",
    "CO$_2$": "CO₂",
    "$x_{i,j}^2$": "xᵢ,ⱼ²",
    r"$\mathbb{R}^d$": "ℝᵈ",
    r"$\mathcal{O}(1)$": "O(1)",
    r"$\mathrm{SO}(3)$": "SO(3)",
    r"$\frac{1}{2}$": "1/2",
    r"$\frac{a+b}{c}$": "(a+b)/c",
    r"$\sqrt{s_{NN}}=200$ GeV": "√s_NN=200 GeV",
    r"$\sqrt[3]{n}$": "∛n",
    r"$\tilde{O}(n)$": "Õ(n)",
    r"$\hat y$": "ŷ",
    r"$2 \pi r$": "2 πr",
    r"$a \times b$": "a × b",
    r"$\left( x \right.$": "( x",
    r"$\theta'$": "θ′",
    r"$90^\circ$": "90°",
    r"$A^\top$": "Aᵀ",
    r"$x^{\alpha}$": "x^α",
    r"$\{0, 1\}^n$": "{0, 1}ⁿ",
    r"\(x^2\) and \[y_1\] and $$z$$": "x² and y₁ and z",
    r"$ \alpha $-stable": "α-stable",
    r"$10 \mbox{ms}$": "10 ms",
    # prose
    r"caf\'{e} caf\'e": "café café",
    r"G\"odel, Erd\H{o}s, Fran\c{c}ois, \v{S}": "Gödel, Erdős, François, Š",
    r"na\"{\i}ve Mart\'\i nez": "naïve Martínez",
    r"{\'E}cole": "École",
    r"\O rsted, Stra\ss{}e, \AA": "Ørsted, Straße, Å",
    "language models~(LM)": "language models (LM)",
    r"\emph{very} \textbf{large \textit{models}}": "very large models",
    r"{\em so} and {BERT}": "so and BERT",
    r"95\% of R\&D": "95% of R&D",
    "train--test split -- a study---mostly": "train–test split – a study—mostly",
    "``quoted''": "“quoted”",
    r"R^2 of 512^2, 2^10, 10^{-13}, e^{-t}": "R² of 512², 2¹⁰, 10⁻¹³, e⁻ᵗ",
    r"\ie so": "i.e. so",
    r"\LaTeX{} and \alpha": "LaTeX and α",
}


@pytest.mark.parametrize(("source", "unicode"), FORMS.items())
def test_reads_what_people_write_in_titles(source: str, unicode: str) -> None:
    assert readable(source) == unicode


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",
        "$5 million and $10 million",
        "costs $5 per hour, or 8$",
        "US$100 and A$20",
        "one $ alone",
        "$$$",
        "about ~5 tokens, 2~3 times",
        "https://example.org/~ada",
        "use --flag --other",
        'the set {a, b} and {"json": 1}',
        "[^1], 20^Q, ^2, N^{N_E} and x_1, h^{1/2}",
        "already ℓ₁ and α ≤ β",
        r"a \custom{macro} of mine",
        r"$\begin{matrix} a & b \end{matrix}$",
        r"$\mymacro{x}$ here",
        r"$x^$",
        r"$\frac{1}$",
        r"$}{$",
        "\\",
        r"ends in \textbf{half",
        r"\'",
    ],
)
def test_leaves_what_is_no_latex_or_has_no_readable_form(text: str) -> None:
    assert readable(text) == text


def test_only_the_unreadable_fragment_stays() -> None:
    assert readable(r"$\alpha$, $\mymacro$, $\beta$") == r"α, $\mymacro$, β"


PIECES = [*"ab1 {}$\\^_~-'\"`[]().,\n", r"\frac", r"\text", r"\'", r"\(", "--", r"\o"]
TEX = st.lists(st.sampled_from(PIECES)).map("".join)


@given(st.one_of(st.text(), TEX))
def test_never_raises(text: str) -> None:
    assert isinstance(readable(text), str)


@given(st.text().map(lambda text: "".join(c for c in text if c not in "$\\~{-`^")))
def test_plain_text_is_left_alone(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    "piece",
    ["{", "$", r"\(", r"\emph{", r"$\frac{", "$x^{", r"\'", "~", r"\foo{", "$x$", "{A}", "--"],
)
def test_a_trap_does_not_keep_us_busy(piece: str) -> None:
    began = time.process_time()
    readable(piece * 20_000)
    assert time.process_time() - began < 30  # tenths of a second; quadratic, it would be minutes


@pytest.mark.parametrize("sign", ["$ $a ", "{a{b}c} ", "$x_{1}$ "])
def test_what_is_hardly_anything_but_signs_stays_as_it_is(sign: str) -> None:
    assert readable(sign * 100) == sign * 100
