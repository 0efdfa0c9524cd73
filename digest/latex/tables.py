"""The little of TeX's vocabulary that titles and abstracts use, and its Unicode."""

from typing import Final

from unicodeit.data import REPLACEMENTS, SUBSUPERSCRIPTS

DEPTH: Final = 30  # groups nested deeper than this are no title


def commands(names: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in names.split())


def _pairs(names: str, characters: str) -> dict[str, str]:
    """Map each command to its character."""
    return dict(zip((f"\\{name}" for name in names.split()), characters, strict=True))


_LETTERS: Final = _pairs("o O l L ss ae AE oe OE aa AA i j", "øØłŁßæÆœŒåÅıȷ")
SYMBOLS: Final[dict[str, str]] = {
    **{source: char for source, char in REPLACEMENTS if source[0] == "\\"},
    **dict.fromkeys((r"\ ", r"\,", r"\:", r"\;", r"\>", r"\quad", r"\qquad"), " "),
    **dict.fromkeys((r"\-", r"\/", r"\!"), ""),
    **{r"\TeX": "TeX", r"\LaTeX": "LaTeX"},
    **{r"\eg": "e.g.", r"\ie": "i.e.", r"\aka": "a.k.a.", r"\etal": "et al.", r"\wrt": "w.r.t."},
    # where the table has nothing, or a sign that reads badly in prose or is missing in most fonts
    **_pairs(
        "cdot sim dots cdots dag mid lvert rvert lVert rVert langle rangle lbrack rbrack "
        "textdegree textendash textemdash textbullet textregistered texttrademark textbackslash "
        "textasciitilde",
        "·~……†|||‖‖⟨⟩[]°–—•®™\\~",
    ),
    **_LETTERS,
    **{f"{name} ": letter for name, letter in _LETTERS.items()},  # TeX swallows that blank
}
SCRIPTS: Final[dict[str, dict[str, str]]] = {
    "^": {pair[1]: char for pair, char in SUBSUPERSCRIPTS if pair[0] == "^" and pair != "^."}
    | {"V": "ⱽ", "′": "′", "*": "*", "∘": "°", "°": "°", "⊤": "ᵀ", "†": "†"},
    "_": {pair[1]: char for pair, char in SUBSUPERSCRIPTS if pair[0] == "_"} | {",": ",", "*": "*"},
}
ROOTS: Final = {"": "√", "3": "∛", "4": "∜"}

STYLES: Final = commands(
    "text textbf textit textsf texttt textsc textrm textnormal textsl textup emph mbox hbox mathrm "
    "mathbf mathit mathsf mathtt mathop mathbin mathrel mathord operatorname operatorname* "
    "boldsymbol bm pmb ensuremath underline uline"
)
ALPHABETS: Final = commands("mathbb mathcal mathfrak mathscr mathds")
FUNCTIONS: Final = commands(
    "log ln lg exp sin cos tan cot sinh cosh tanh arcsin arccos arctan min max inf sup lim limsup "
    "liminf arg argmin argmax det dim ker deg gcd hom Pr bmod"
)
FENCES: Final = commands("left right middle")
SILENT: Final = commands(
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr limits nolimits displaystyle "
    "textstyle scriptstyle rm bf it em sf tt sc nonumber"
)
SWITCHES: Final = commands("em it bf rm sc sf tt itshape bfseries xspace protect")
ACCENTS: Final = _pairs(
    "` ' ^ ~ \" = . u v H c k r d b",
    "\u0300\u0301\u0302\u0303\u0308\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0323\u0331",
)
MATH_ACCENTS: Final = _pairs(
    "hat widehat tilde widetilde bar overline vec dot ddot acute grave check breve mathring not",
    "\u0302\u0302\u0303\u0303\u0304\u0305\u20d7\u0307\u0308\u0301\u0300\u030c\u0306\u030a\u0338",
)


def scripted(mark: str, text: str) -> str | None:
    table = SCRIPTS[mark]
    return "".join(table[char] for char in text) if table.keys() >= set(text) else None
