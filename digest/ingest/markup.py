"""HTML and JATS in titles and abstracts → text on one line."""

import re
from html import unescape
from typing import Final

from digest.ingest.text import LONGEST, fold

_HIDDEN: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BLOCK: Final = re.compile(
    r"</?(?:jats:)?(?:p|br|div|li|ul|ol|tr|td|h[1-6]|section|sec|title|blockquote|list-item)"
    r"(?:\s[^<>=]*+=[^<>]*+)?\s*+/?>",
    re.IGNORECASE,
)
_INLINE: Final = re.compile(
    r"</?(?:jats:)?(?:a|abbr|b|bold|code|em|font|i|img|italic|small|span|strong|sub|sup|tt|u)"
    r"(?:\s[^<>=]*+=[^<>]*+)?\s*+/?>",
    re.IGNORECASE,
)
# JATS and MathML as registered with DOIs: whatever wears their prefix is a tag.
_PREFIXED: Final = re.compile(r"</?(?:jats|mml):[\w-]++(?:\s[^<>]*+)?/?>")
_HEADING: Final = re.compile(
    r"\s*+(?:<(?:jats:)?sec>\s*+)?<(?:jats:)?title>\s*+(?:abstract|summary)\s*+[.:]?\s*+"
    r"</(?:jats:)?title>",
    re.IGNORECASE,
)
# A formula that is there twice, as TeX and as MathML; the TeX may be a whole LaTeX document.
_MATHML: Final = re.compile(r"<mml:math\b.*?(?:</mml:math>|\Z)", re.DOTALL)
_PREAMBLE: Final = re.compile(r"\\documentclass.*?(?:\\begin\{document\}|\Z)", re.DOTALL)


def plain(markup: str) -> str:
    """Return the text of ``markup`` without its tags, on one line.

    Only names that HTML or JATS know are tags: ``$a<b$ and $c>d$`` has none. A heading that only
    says "Abstract" is left out, and so is MathML that repeats a formula in TeX.
    """
    shown = markup[:LONGEST]
    if "<" in shown:
        shown = _INLINE.sub("", _BLOCK.sub(" ", _without_jats(_HIDDEN.sub(" ", shown))))
    return fold(unescape(shown))


def _without_jats(markup: str) -> str:
    begun = _HEADING.sub("", markup, count=1) if _HEADING.match(markup) else markup
    if "tex-math>" in begun:
        begun = _PREAMBLE.sub("", _MATHML.sub("", begun)).replace(r"\end{document}", "")
    if "jats:" not in begun and "mml:" not in begun:
        return begun
    return _PREFIXED.sub("", _BLOCK.sub(" ", begun))
