"""Text → lines free of markup: what each says, where it leads, and whether it is a heading.

Three ways of writing links are undone: Markdown (``[words](url)``), numbered (``[words][12]``
with ``[12]: url`` at the end), and a line of its own below the words (``https://…``). A page
without any of them is left as it is, so that ``[CLS]`` in a plain title stays what it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

_MARKED = re.compile(
    r"^#{1,6} \S|^\[Subscribe\]|\]\(https?://huggingface\.co/papers/\d|"
    r"^[ \t]*https?://huggingface\.co/(?:papers|login|join|models)?\b",
    re.MULTILINE,
)
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.*)")
_REFERENCE = re.compile(r"^\[(\d{1,6})\]: *(https?://\S+)[ \t]*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)|\[(?:图片|[Ii]mage)[^\[\]]*\]")
_LOGO = re.compile(r"^\[\[[^\[\]]*\] ?([^\[\]]*)\](?=\()")  # [[alt of a logo] Name](url)
_NUMBERED = re.compile(r"\]\[(\d{1,6})\]")
_LINK = re.compile(r"\[([^\[\]]*)\]\((?:https?:/|/|#)[^()\s]*\)")  # no link: f[x](y)
_LINK_END = re.compile(r"\]\(((?:https?:/|/|#)[^()\s]*)\)")
_URL = re.compile(r"https?://\S+")
_NOISE = re.compile(r"`{3}\w*|<a id=\"[^\"]*\"></a>|[-*•]")
_ESCAPE = re.compile(r"\\([_*\[\]#])")
# What is left at the end of a page that is cut within a link: "](https://hugg", "][3", "]", the
# first letters of an address on its own line, or a picture, or a link that begins with one.
_CUT_TARGET = re.compile(r"\](?:\([^()\s]*+|\[\d{0,6})?\Z")
_WHOLE_TARGET = re.compile(r"\]\[\d{1,6}\]\Z")
_CUT_ADDRESS = re.compile(r"(?:^|(?<=\n))h(?:t(?:t(?:p(?:s?(?::/{0,2})?)?)?)?)?\Z")
_CUT_PICTURE = re.compile(r"\s*(?:[-*] +!?\[|\[[-*] |!\[|\[\[|\[(?:图|Image))")
_OUR_SITE = "https://huggingface.co/"

LONGEST_STUMP = 10_000  # characters at the end of a page that may be what is left of a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that is not blank: ``text`` without markup, and the ``urls`` it leads to.

    A URL of the form ``#12`` is a numbered link whose target the page does not give. ``opened``
    says that a link begins here and ends on a later line, ``follows`` that the line above is not
    blank, ``indented`` that it begins with white space.
    """

    number: int
    text: str
    urls: tuple[str, ...] = ()
    heading: bool = False
    opened: bool = False
    follows: bool = False
    indented: bool = False


def unify_newlines(text: str) -> str:
    """Return ``text`` with every line ended by a line feed, as all functions here expect it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def is_marked(text: str) -> bool:
    """Say whether the page is written with links or headings."""
    return _MARKED.search(text) is not None


def without_stump(text: str) -> str:
    """Return a page with links without what is left of one that it is cut within."""
    end = text[-LONGEST_STUMP:].rstrip()
    start = text[: len(text) - min(len(text), LONGEST_STUMP)]
    if not _WHOLE_TARGET.search(end):
        end = _CUT_ADDRESS.sub("", _CUT_TARGET.sub("", end))
    before, newline, last = end.rpartition("\n")
    if last.count("[") > last.count("]") and _CUT_PICTURE.match(last):
        end = before + newline
    return start + end


def read_lines(text: str, *, marked: bool) -> Iterator[Line]:
    """Yield the lines that say something, numbered from 1 as an editor does."""
    if not marked:
        return _read(text, _plain)
    references = {number: url for number, url in _REFERENCE.findall(text)}
    return _gather_urls(_read(text, partial(_unmark, references)))


def _read(text: str, read: Callable[[int, str, bool], Line | None]) -> Iterator[Line]:
    follows = False
    for number, raw in enumerate(text.split("\n"), start=1):
        line = read(number, raw, follows) if raw and not raw.isspace() else None
        if line is not None:
            yield line
        follows = line is not None


def _plain(number: int, raw: str, follows: bool) -> Line:
    return Line(number=number, text=raw.strip(), follows=follows, indented=raw[0].isspace())


def _unmark(references: Mapping[str, str], number: int, raw: str, follows: bool) -> Line | None:
    if _REFERENCE.fullmatch(raw):
        return None
    heading = _HEADING.fullmatch(raw) if "#" in raw else None
    words = heading[2] if heading else raw.strip()
    text, urls, opened = _unlink(words, references, may_open=not follows or words == "[")
    if not urls and (not text or _NOISE.fullmatch(text)):
        return None
    return Line(
        number=number,
        text=text,
        urls=urls,
        heading=heading is not None and len(heading[1]) > 1,
        opened=opened,
        follows=follows,
        indented=raw[0].isspace(),
    )


def _unlink(
    text: str, references: Mapping[str, str], *, may_open: bool
) -> tuple[str, tuple[str, ...], bool]:
    if "[" not in text and "]" not in text and "\\" not in text:
        return text, (), False
    text = _NUMBERED.sub(lambda found: f"]({references.get(found[1], '#' + found[1])})", text)
    text = _LOGO.sub(r"[\1]", _IMAGE.sub("", text))
    urls = tuple(_LINK_END.findall(text))
    text = _LINK_END.sub(" ", _LINK.sub(r" \1 ", text)).strip()
    opened = may_open and text.count("[") > text.count("]")
    if opened:
        text = _without_first_bracket(text)
    return _ESCAPE.sub(r"\1", text.replace("\\ ", " ").rstrip("\\")).strip(), urls, opened


def _without_first_bracket(text: str) -> str:
    before, _, after = text.partition("[")
    return after.strip() if before.strip() in ("", "-", "*") else text


def _gather_urls(lines: Iterable[Line]) -> Iterator[Line]:
    """Hand a URL that stands alone on a line to the words above that it belongs to."""
    held: Line | None = None
    for line in lines:
        if held is not None and _belongs_to(held, line):
            held = replace(held, urls=(line.text,))
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _belongs_to(words: Line, line: Line) -> bool:
    """Below a blank line, or when it is the site's own: any other URL directly below a line of
    text is a part of that text (a wrapped abstract)."""
    if words.urls or not _URL.fullmatch(line.text):
        return False
    return not line.follows or line.text.startswith(_OUR_SITE)
