"""Running text with TeX in it, as text."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from digest.latex.formula import read_formula
from digest.latex.tables import ACCENTS, DEPTH, SCRIPTS, STYLES, SWITCHES, SYMBOLS, scripted

_LONGEST: Final = 50_000  # characters; the longest abstracts have some 5,000
_MANY, _THIN = 100, 2  # tokens, and characters for each on average; mathematicians use 4 and more
_TEX: Final = re.compile(r"[$\\~{^]|--|``")
_TOKEN: Final = re.compile(
    r"\\(?:(?:[oOlLij]|ss|ae|AE|oe|OE|aa|AA)[ ](?=[a-z])|[a-zA-Z]+\*?|.)"
    r"|\$\$?|[{}~]|(?<=[\w)])\^(?:-?\d+|\{[-+/\w]{1,9}\})|[^\\${}~^]+|\\|\^",
    re.DOTALL,
)
_CLOSERS: Final = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}
_DELIMITERS: Final = frozenset((*_CLOSERS, *_CLOSERS.values()))
_MARKS: Final = frozenset("$\\~{}^")  # what all other tokens do not begin with
_MONEY: Final = re.compile(r"[\d.,]+[kKMB]?\s+(?:[a-zA-Z]{2,}|-)")
_EN_DASH: Final = re.compile(r"(?<=[\w.)\]])--(?=[\w(\[])|(?<=\s)--(?=\s)")
_EM_DASH: Final = re.compile(r"(?<!-)---(?!-)")
_ONE_WORD: Final = re.compile(r"[A-Z][\w-]*")


def readable(text: str) -> str:
    """Return ``text`` with its LaTeX as readable Unicode; text without any comes back as it is.

    Never raises, in linear time. A text too long to be anybody's abstract comes back as it is, too,
    and so does one that is hardly anything but signs of TeX.
    What has no readable form stays as it was written, and so does money: a ``$`` opens mathematics
    only by pandoc's rule (no digit after the closing one, and no blank inside the dollars unless
    there is TeX between them).
    """
    if len(text) > _LONGEST or not _TEX.search(text):
        return text
    tokens = _TOKEN.findall(text)
    if len(tokens) > _MANY and len(text) < _THIN * len(tokens):
        return text
    prose = _Prose(tokens)
    return unicodedata.normalize("NFC", prose.read(0, len(prose.tokens)))


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
            token = self.tokens[at]
            if token[0] in _MARKS:
                piece, at = self._next(token, at, stop)
            else:
                piece, at = _typography(token), at + 1
            pieces.append(piece)
        return "".join(pieces)

    def _next(self, token: str, at: int, stop: int) -> tuple[str, int]:
        if token in _CLOSERS:
            return self._formula(at, stop)
        if token == "{":
            return self._braced(at)
        if token[0] == "\\":
            return self._command(at)
        if token[0] == "^":
            return _power(token), at + 1
        return (self._tie(at) if token == "~" else token), at + 1

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
        if self.depth >= DEPTH or at >= len(self.tokens) or self.tokens[at] != "{":
            return None
        return self.closing.get(at)

    def _formula(self, at: int, stop: int) -> tuple[str, int]:
        end = self.closing.get(at, stop)
        content = self._source(at + 1, end)
        if end >= stop or not self._is_math(self.tokens[at], content, end):
            return self.tokens[at], at + 1
        formula = read_formula(content)
        return (self._source(at, end + 1) if formula is None else formula), end + 1

    def _is_math(self, opener: str, content: str, end: int) -> bool:
        if opener != "$":
            return True
        said = content.strip()
        if not said or (end + 1 < len(self.tokens) and self.tokens[end + 1][0].isdigit()):
            return False
        if said != content and not any(mark in content for mark in "\\^_"):
            return False
        return _MONEY.match(content) is None

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
            return first in SWITCHES or first in ACCENTS
        scripted = at > 0 and self.tokens[at - 1][-1] in SCRIPTS
        return first in SYMBOLS or (not scripted and _ONE_WORD.fullmatch(first) is not None)

    def _command(self, at: int) -> tuple[str, int]:
        token = self.tokens[at]
        end = self._group(at + 1)
        if token in ACCENTS:
            return self._accent(at, end)
        if token in STYLES and end is not None:
            return self._inside(at + 2, end), end + 1
        if token in SWITCHES:
            return "", at + 1
        if token in SYMBOLS and end == at + 2:  # \LaTeX{}
            return SYMBOLS[token], end + 1
        return SYMBOLS.get(token, token), at + 1

    def _accent(self, at: int, end: int | None) -> tuple[str, int]:
        r"""``\'e``, ``\'{e}``, ``\'\i`` → é, é, í; without a letter to stand on it stays."""
        mark = self.tokens[at]
        if end is not None:
            base, rest, behind = self._source(at + 2, end).strip(), "", end + 1
        else:
            base, rest = _first_letter(self._source(at + 1, at + 2), skip_blank=mark[1].isalpha())
            behind = at + 2
        letter = {r"\i": "i", r"\j": "j"}.get(base.strip(), base)
        accented = unicodedata.normalize("NFC", letter + ACCENTS[mark])
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
    return scripted("^", token[1:].strip("{}")) or token


def _typography(plain: str) -> str:
    if "--" not in plain and "``" not in plain:
        return plain
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
        if token in _DELIMITERS:
            closer = _CLOSERS.get(token)
            if closer in seen:
                yield index, seen[closer]
            seen[token] = index
