"""Formulas: what stands between two dollars, in one line of Unicode."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from digest.latex.tables import (
    ALPHABETS,
    DEPTH,
    FENCES,
    FUNCTIONS,
    MATH_ACCENTS,
    ROOTS,
    SCRIPTS,
    SILENT,
    STYLES,
    SYMBOLS,
    commands,
    scripted,
)

_SHORT: Final = 60  # characters of a formula that may well stand in the next abstract, too
_MATH_TOKEN: Final = re.compile(r"\\(?:[a-zA-Z]+\*?|.)|\s+|.", re.DOTALL)
_SIMPLE: Final = re.compile(r"\w+")
# stand around a function's name until we know whether it needs a blank
_BEFORE, _BEHIND = "\x01", "\x02"
_NEEDS_BLANK: Final = re.compile(rf"(?<=[\w)]){_BEFORE}|{_BEHIND}(?=\w)")
_EDGES: Final = str.maketrans("", "", _BEFORE + _BEHIND)


class _Unreadable(Exception):
    """This fragment has no readable form."""


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
        if self.depth > DEPTH:
            raise _Unreadable
        inside = self._until(closer)
        self.depth -= 1
        return inside

    def _piece(self, token: str) -> str:
        if token[0] == "\\":
            return self._command(token)
        if token in SCRIPTS:
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
        if token not in SYMBOLS:
            raise _Unreadable
        symbol = SYMBOLS[token]
        if symbol.isalpha() and self._peek().isspace() and self._peek(1).isalnum():
            self.at += 1  # TeX needs the blank in ``\pi r`` only to end the command
        return symbol

    def _argument(self) -> str:
        while self._peek().isspace():
            self.at += 1
        self.depth += 1
        if self.depth > DEPTH:
            raise _Unreadable
        piece = self._piece(self._take())
        self.depth -= 1
        return piece

    def _script(self, mark: str) -> str:
        raised = self._argument().translate(_EDGES).strip()
        small = scripted(mark, raised)
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
        if index not in ROOTS:
            raise _Unreadable
        return ROOTS[index] + _bracketed(self._argument())

    def accent(self, token: str) -> str:
        return "".join(char + MATH_ACCENTS[token] for char in self._argument().strip())

    def fence(self, _: str) -> str:
        if self._peek() == ".":  # the invisible one
            self._take()
        return ""


def _letter(alphabet: str, char: str) -> str:
    """ℝ, ℕ, ℒ are in every font; 𝒪 and its like lie beyond the plane that phones can draw."""
    drawn = SYMBOLS.get(f"{alphabet}{{{char}}}", char)
    return drawn if drawn < "\U00010000" else char


def _bracketed(term: str) -> str:
    plain = term.strip()
    return plain if len(plain) == 1 or _SIMPLE.fullmatch(plain) else f"({plain})"


def read_formula(source: str) -> str | None:
    """Return what stands between two dollars as one line; None when it has no readable form."""
    return _remembered(source) if len(source) <= _SHORT else _read(source)


def _read(source: str) -> str | None:
    try:
        return _Formula(source).read()
    except _Unreadable:
        return None


_remembered: Final = lru_cache(maxsize=4096)(_read)

_READERS: Final[tuple[tuple[frozenset[str], Callable[[_Formula, str], str]], ...]] = (
    (STYLES, _Formula.style),
    (ALPHABETS, _Formula.alphabet),
    (FUNCTIONS, _Formula.function),
    (FENCES, _Formula.fence),
    (SILENT, lambda formula, name: ""),
    (frozenset(MATH_ACCENTS), _Formula.accent),
    (commands("frac dfrac tfrac sfrac"), _Formula.fraction),
    (commands("sqrt"), _Formula.root),
)
