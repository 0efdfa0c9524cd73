"""LaTeX in titles and abstracts → readable Unicode.

Listings carry TeX as the authors typed it: ``PanGu-$\\pi$``, ``$10^{-3}$``, ``G\\"odel``. This is
no TeX engine: it reads the small language people use in titles, and where that fails (a matrix, a
macro of the author's own) the source of that fragment stays as it is. Symbols, superscripts and
subscripts come from the tables of `unicodeit <https://github.com/svenkreiss/unicodeit>`_; its own
``replace`` is not used because it takes ``\\log`` for ``\\l`` + ``og`` and costs milliseconds.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from unicodeit.data import REPLACEMENTS, SUBSUPERSCRIPTS

_DEPTH: Final = 30  # groups nested deeper than this are no title
_LONGEST: Final = 50_000  # characters; the longest abstracts have some 5,000
_SHORT: Final = 60  # characters of a formula that may well stand in the next abstract, too


def _commands(names: str) -> frozenset[str]:
    return frozenset(f"\\{name}" for name in names.split())


def _pairs(names: str, characters: str) -> dict[str, str]:
    """Map each command to its character."""
    return dict(zip((f"\\{name}" for name in names.split()), characters, strict=True))


_LETTERS: Final = _pairs("o O l L ss ae AE oe OE aa AA i j", "øØłŁßæÆœŒåÅıȷ")
_SYMBOLS: Final[dict[str, str]] = {
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
_SCRIPTS: Final[dict[str, dict[str, str]]] = {
    "^": {pair[1]: char for pair, char in SUBSUPERSCRIPTS if pair[0] == "^" and pair != "^."}
    | {"V": "ⱽ", "′": "′", "*": "*", "∘": "°", "°": "°", "⊤": "ᵀ", "†": "†"},
    "_": {pair[1]: char for pair, char in SUBSUPERSCRIPTS if pair[0] == "_"} | {",": ",", "*": "*"},
}
_ROOTS: Final = {"": "√", "3": "∛", "4": "∜"}

_STYLES: Final = _commands(
    "text textbf textit textsf texttt textsc textrm textnormal textsl textup emph mbox hbox mathrm "
    "mathbf mathit mathsf mathtt mathop mathbin mathrel mathord operatorname operatorname* "
    "boldsymbol bm pmb ensuremath underline uline"
)
_ALPHABETS: Final = _commands("mathbb mathcal mathfrak mathscr mathds")
_FUNCTIONS: Final = _commands(
    "log ln lg exp sin cos tan cot sinh cosh tanh arcsin arccos arctan min max inf sup lim limsup "
    "liminf arg argmin argmax det dim ker deg gcd hom Pr bmod"
)
_FENCES: Final = _commands("left right middle")
_SILENT: Final = _commands(
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr limits nolimits displaystyle "
    "textstyle scriptstyle rm bf it em sf tt sc nonumber"
)
_SWITCHES: Final = _commands("em it bf rm sc sf tt itshape bfseries xspace protect")
_ACCENTS: Final = _pairs(
    "` ' ^ ~ \" = . u v H c k r d b",
    "\u0300\u0301\u0302\u0303\u0308\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0323\u0331",
)
_MATH_ACCENTS: Final = _pairs(
    "hat widehat tilde widetilde bar overline vec dot ddot acute grave check breve mathring not",
    "\u0302\u0302\u0303\u0303\u0304\u0305\u20d7\u0307\u0308\u0301\u0300\u030c\u0306\u030a\u0338",
)

_TEX: Final = re.compile(r"[$\\~{^]|--|``")
_TOKEN: Final = re.compile(
    r"\\(?:(?:[oOlLij]|ss|ae|AE|oe|OE|aa|AA)[ ](?=[a-z])|[a-zA-Z]+\*?|.)"
    r"|\$\$?|[{}~]|(?<=[\w)])\^(?:-?\d+|\{[-+/\w]{1,9}\})|[^\\${}~^]+|\\|\^",
    re.DOTALL,
)
_MATH_TOKEN: Final = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|\s+|.", re.DOTALL)
_CLOSERS: Final = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_MONEY: Final = re.compile(r"[\d.,]+[kKMB]?\s+(?:[a-zA-Z]{2,}|-)")
_EN_DASH: Final = re.compile(r"(?<=[\w.)\]])--(?=[\w(\[])|(?<=\s)--(?=\s)")
_EM_DASH: Final = re.compile(r"(?<!-)---(?!-)")
_ONE_WORD: Final = re.compile(r"[A-Z][\w-]*")
_SIMPLE: Final = re.compile(r"\w+")
# stand around a function's name until we know whether it needs a blank
_BEFORE, _BEHIND = "\x01", "\x02"
_NEEDS_BLANK: Final = re.compile(rf"(?<=[\w)]){_BEFORE}|{_BEHIND}(?=\w)")
_EDGES: Final = str.maketrans("", "", _BEFORE + _BEHIND)


def readable(text: str) -> str:
    """Return ``text`` with its LaTeX as readable Unicode; text without any comes back as it is.

    Never raises, in linear time. A text too long to be anybody's abstract comes back as it is, too.
    What has no readable form stays as it was written, and so does money: a ``$`` opens mathematics
    only by pandoc's rule (no digit after the closing one, and no blank inside the dollars unless
    there is TeX between them).
    """
    if len(text) > _LONGEST or not _TEX.search(text):
        return text
    prose = _Prose(_TOKEN.findall(text))
    return unicodedata.normalize("NFC", prose.read(0, len(prose.tokens)))


class _Unreadable(Exception):
    """This fragment has no readable form."""


class _Prose:
    """Running text as tokens; ``closing`` says where each brace and each delimiter closes.

    The readers take the index of a token and return its readable form and the index behind it.
    """

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.closing = dict(_braces(tokens)) | dict(_delimiters(tokens))
        self.depth = 0

    def read(self, at: int, stop: int) -> str:
        pieces = []
        while at < stop:
            piece, at = self._next(at, stop)
            pieces.append(piece)
        return "".join(pieces)

    def _next(self, at: int, stop: int) -> tuple[str, int]:
        token = self.tokens[at]
        if token in _CLOSERS:
            return self._formula(at, stop)
        if token == "{":
            return self._braced(at)
        if token == "~":
            return self._tie(at), at + 1
        if token[0] == "\\":
            return self._command(at)
        return (_power(token) if token[0] == "^" else _typography(token)), at + 1

    def _source(self, start: int, stop: int) -> str:
        return "".join(self.tokens[start:stop])

    def _inside(self, start: int, stop: int) -> str:
        self.depth += 1
        try:
            return self.read(start, stop)
        finally:
            self.depth -= 1

    def _group(self, at: int) -> int | None:
        """Return the index of the brace that closes the one at ``at``, if there are such."""
        if self.depth >= _DEPTH or at >= len(self.tokens) or self.tokens[at] != "{":
            return None
        return self.closing.get(at)

    def _formula(self, at: int, stop: int) -> tuple[str, int]:
        end = self.closing.get(at, stop)
        content = self._source(at + 1, end)
        if end >= stop or not self._is_math(self.tokens[at], content, end):
            return self.tokens[at], at + 1
        read = _remembered if len(content) <= _SHORT else _formula
        formula = read(content)
        return (self._source(at, end + 1) if formula is None else formula), end + 1

    def _is_math(self, opener: str, content: str, end: int) -> bool:
        if opener != "$":
            return True
        after = self.tokens[end + 1][0] if end + 1 < len(self.tokens) else ""
        if after.isdigit() or not content.strip() or _MONEY.match(content):
            return False
        return content.strip() == content or not {"\\", "^", "_"}.isdisjoint(content)

    def _tie(self, at: int) -> str:
        """A tie between words is a blank; before a number or in an address ``~`` means itself."""
        before = self.tokens[at - 1][-1] if at else " "
        after = self.tokens[at + 1][0] if at + 1 < len(self.tokens) else " "
        ties = (before.isalnum() or before in ".,;:)]}$") and not after.isspace()
        return " " if ties and not (before.isdigit() and after.isdigit()) else "~"

    def _braced(self, at: int) -> tuple[str, int]:
        r"""BibTeX's ``{BERT}``, ``{\em so}`` and ``{\'e}`` lose their braces; sets keep them."""
        end = self._group(at)
        if end is None or not self._is_tex_group(at, end):
            return "{", at + 1
        return self._inside(at + 1, end).lstrip(), end + 1

    def _is_tex_group(self, at: int, end: int) -> bool:
        first = self.tokens[at + 1]
        if end - at > 2:
            return first in _SWITCHES or first in _ACCENTS
        scripted = at > 0 and self.tokens[at - 1][-1] in _SCRIPTS
        return first in _SYMBOLS or (not scripted and _ONE_WORD.fullmatch(first) is not None)

    def _command(self, at: int) -> tuple[str, int]:
        token = self.tokens[at]
        end = self._group(at + 1)
        if token in _ACCENTS:
            return self._accent(at, end)
        if token in _STYLES and end is not None:
            return self._inside(at + 2, end), end + 1
        if token in _SWITCHES:
            return "", at + 1
        if token in _SYMBOLS and end == at + 2:  # \LaTeX{}
            return _SYMBOLS[token], end + 1
        return _SYMBOLS.get(token, token), at + 1

    def _accent(self, at: int, end: int | None) -> tuple[str, int]:
        r"""``\'e``, ``\'{e}``, ``\'\i`` → é, é, í; without a letter to stand on it stays."""
        mark = self.tokens[at]
        if end is not None:
            base, rest, behind = self._source(at + 2, end).strip(), "", end + 1
        else:
            base, rest = _first_letter(self._source(at + 1, at + 2), skip_blank=mark[1].isalpha())
            behind = at + 2
        letter = {r"\i": "i", r"\j": "j"}.get(base.strip(), base)
        accented = unicodedata.normalize("NFC", letter + _ACCENTS[mark])
        if len(accented) != 1 or not letter.isalpha():
            return mark, at + 1
        return accented + _typography(rest), behind


def _first_letter(token: str, *, skip_blank: bool) -> tuple[str, str]:
    """Split what an accent without braces stands on from what follows it in the same token."""
    if token.startswith("\\"):
        return token, ""
    start = len(token) - len(token.lstrip()) if skip_blank else 0
    return token[start : start + 1], token[start + 1 :]


def _power(token: str) -> str:
    """``R^2`` and ``10^{13}`` as they stand in prose once someone has stripped the dollars."""
    return _scripted("^", token[1:].strip("{}")) or token


def _scripted(mark: str, text: str) -> str | None:
    table = _SCRIPTS[mark]
    return "".join(table[char] for char in text) if table.keys() >= set(text) else None


def _typography(plain: str) -> str:
    dashed = _EN_DASH.sub("–", _EM_DASH.sub("—", plain))
    return dashed.replace("``", "“").replace("''", "”") if "``" in dashed else dashed


def _braces(tokens: list[str]) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token == "{":
            opened.append(index)
        elif token == "}" and opened:
            yield opened.pop(), index


def _delimiters(tokens: list[str]) -> Iterator[tuple[int, int]]:
    seen: dict[str, int] = {}
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        closer = _CLOSERS.get(token)
        if closer in seen:
            yield index, seen[closer]
        seen[token] = index


class _Formula:
    """What stands between two dollars, read once from left to right."""

    def __init__(self, source: str) -> None:
        self.tokens: list[str] = _MATH_TOKEN.findall(source)
        self.at = 0
        self.depth = 0

    def read(self) -> str:
        """Return the formula in one line of Unicode; raises _Unreadable."""
        line = _NEEDS_BLANK.sub(" ", self._until(None)).translate(_EDGES)
        return " ".join(line.split())

    def _take(self) -> str:
        if self.at >= len(self.tokens):
            raise _Unreadable
        self.at += 1
        return self.tokens[self.at - 1]

    def _peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def _until(self, closer: str | None) -> str:
        pieces = []
        while self.at < len(self.tokens) or closer is not None:
            token = self._take()
            if token == closer:
                break
            pieces.append(self._piece(token))
        return "".join(pieces)

    def _nested(self, closer: str) -> str:
        self.depth += 1
        if self.depth > _DEPTH:
            raise _Unreadable
        inside = self._until(closer)
        self.depth -= 1
        return inside

    def _piece(self, token: str) -> str:
        if token[0] == "\\":
            return self._command(token)
        if token in _SCRIPTS:
            return self._script(token)
        if token == "{":
            return self._nested("}")
        if token in "}&$":
            raise _Unreadable
        return {"'": "′", "~": " "}.get(token, token)

    def _command(self, token: str) -> str:
        for names, read in _READERS:
            if token in names:
                return read(self, token)
        if token not in _SYMBOLS:
            raise _Unreadable
        symbol = _SYMBOLS[token]
        if symbol.isalpha() and self._peek().isspace() and self._peek(1).isalnum():
            self.at += 1  # TeX needs the blank in ``\pi r`` only to end the command
        return symbol

    def _argument(self) -> str:
        while self._peek().isspace():
            self.at += 1
        self.depth += 1
        if self.depth > _DEPTH:
            raise _Unreadable
        piece = self._piece(self._take())
        self.depth -= 1
        return piece

    def _script(self, mark: str) -> str:
        raised = self._argument().translate(_EDGES).strip()
        small = _scripted(mark, raised)
        return mark + _bracketed(raised) if small is None else small

    def style(self, _: str) -> str:
        return self._argument()

    def alphabet(self, token: str) -> str:
        return "".join(_letter(token, char) for char in self._argument())

    def function(self, token: str) -> str:
        name = _BEFORE + token.removeprefix("\\").removeprefix("b")
        while self._peek() in ("^", "_"):
            name += self._script(self._take())
        return name + _BEHIND

    def fraction(self, _: str) -> str:
        return f"{_bracketed(self._argument())}/{_bracketed(self._argument())}"

    def root(self, _: str) -> str:
        index = ""
        if self._peek() == "[":
            self._take()
            index = self._nested("]")
        if index not in _ROOTS:
            raise _Unreadable
        return _ROOTS[index] + _bracketed(self._argument())

    def accent(self, token: str) -> str:
        return "".join(char + _MATH_ACCENTS[token] for char in self._argument().strip())

    def fence(self, _: str) -> str:
        if self._peek() == ".":  # the invisible one
            self._take()
        return ""


def _letter(alphabet: str, char: str) -> str:
    """ℝ, ℕ, ℒ are in every font; 𝒪 and its like lie beyond the plane that phones can draw."""
    drawn = _SYMBOLS.get(f"{alphabet}{{{char}}}", char)
    return drawn if drawn < "\U00010000" else char


def _bracketed(term: str) -> str:
    plain = term.strip()
    return plain if len(plain) == 1 or _SIMPLE.fullmatch(plain) else f"({plain})"


def _formula(source: str) -> str | None:
    """Return what stands between two dollars as one line; None when it has no readable form."""
    try:
        return _Formula(source).read()
    except _Unreadable:
        return None


_remembered: Final = lru_cache(maxsize=4096)(_formula)

_READERS: Final[tuple[tuple[frozenset[str], Callable[[_Formula, str], str]], ...]] = (
    (_STYLES, _Formula.style),
    (_ALPHABETS, _Formula.alphabet),
    (_FUNCTIONS, _Formula.function),
    (_FENCES, _Formula.fence),
    (_SILENT, lambda formula, name: ""),
    (frozenset(_MATH_ACCENTS), _Formula.accent),
    (_commands("frac dfrac tfrac sfrac"), _Formula.fraction),
    (_commands("sqrt"), _Formula.root),
)
