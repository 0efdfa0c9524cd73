"""The HTML of a listing page → its headings and entries, as they stand.

The page is taken apart at its headings and entries before any of it is read as HTML, so that a
page that was cut costs one entry, every entry knows its line, and a tangle of tags stays small.
Markup as it is now; before 2023 headings stood between the lists::

    <h3>Showing new listings for Friday, 20 November 2026</h3>
    <div class='paging'>Total of 3 entries</div>
    <dl id='articles'>
      <h3>New submissions (showing 2 of 2 entries)</h3>
      <dt><a name='item1'>[1]</a> <a href="/abs/2611.90021">arXiv:2611.90021</a></dt>
      <dd><div class='meta'>
        <div class='list-title mathjax'><span class='descriptor'>Title:</span> Sparse Owls</div>
        <div class='list-authors'><a href="…">Ada Owl</a>, <a href="…">Emmy Nest</a></div>
        <div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span> Owl 3</div>
        <div class='list-subjects'><span>Owls (cs.OW)</span>; Bats (cs.BA)</div>
        <p class='mathjax'>We present an owl.</p>
      </div></dd>
    </dl>
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.ingest.markup import plain
from digest.ingest.text import fold

_PIECE: Final = re.compile(r"<(?:(?P<tag>h3|dt)\b|/dl\b)", re.IGNORECASE)
_HEADING_END: Final = re.compile(r"</h3\b", re.IGNORECASE)
_LONGEST_HEADING: Final = 500  # characters
_LONGEST_ENTRY: Final = 500_000  # characters; 3,000 authors with their links are 300,000
# Reading tags inside tags takes time quadratic in their depth. Links do not nest.
_NESTING: Final = re.compile(r"<(?!a\b|br\b)[a-z]", re.IGNORECASE)
_MOST_TAGS: Final = 300  # in one entry, links left out; a real one has some 15
_NUMBER: Final = re.compile(r"\[(\d{1,7})\]")
_LINK_WORDS: Final = re.compile(r"this \S+ URL", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What an ``h3`` says, on one line."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry, every field as the page shows it, on one line, or empty.

    ``number`` counts from the first page of the listing on. ``whole`` says that something comes
    after the entry; ``tangled`` that it was not read, as it has more tags than any real one.
    """

    line: int
    whole: bool
    tangled: bool = False
    number: int | None = None
    id: str = ""
    head: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    subjects: str = ""
    venue: str = ""
    abstract: str = ""


def read_pieces(html: str) -> Iterator[Heading | Item]:
    """Yield the headings and entries of a page, in page order."""
    marks = list(_PIECE.finditer(html))
    line, counted = 1, 0
    for at, mark in enumerate(marks):
        start = mark.start()
        line, counted = line + html.count("\n", counted, start), start
        end = marks[at + 1].start() if at + 1 < len(marks) else len(html)
        tag = (mark["tag"] or "").lower()
        if tag == "h3":
            yield Heading(text=_heading(html[start : min(end, start + _LONGEST_HEADING)]))
        elif tag == "dt":
            piece = html[start : min(end, start + _LONGEST_ENTRY)]
            yield _item(piece, line, whole=at + 1 < len(marks))


def _heading(piece: str) -> str:
    return plain(re.sub(r"^<[^<>]*>", "", _HEADING_END.split(piece)[0]))


def _item(piece: str, line: int, *, whole: bool) -> Item:
    if sum(1 for _ in _NESTING.finditer(piece)) > _MOST_TAGS:
        return Item(line=line, whole=whole, tangled=True)
    tree = LexborHTMLParser(f"<dl>{piece}")
    link = tree.css_first("dt a[href*='/abs/']")
    head = _text(tree.css_first("dt"))
    number = _NUMBER.search(head)
    return Item(
        line=line,
        whole=whole,
        number=int(number[1]) if number else None,
        id=_address(link).rpartition("/abs/")[2],
        head=head,
        title=_said(tree, ".list-title", "Title:"),
        authors=_authors(tree),
        subjects=_said(tree, ".list-subjects", "Subjects:"),
        venue=_said(tree, ".list-journal-ref", "Journal-ref:"),
        abstract=_abstract(tree.css_first("dd p.mathjax")),
    )


def _said(tree: LexborHTMLParser, place: str, name: str) -> str:
    return _text(tree.css_first(place)).removeprefix(name).strip()


def _authors(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The linked names; where there is no link, all that is said."""
    linked = tuple(map(_text, tree.css(".list-authors a")))
    return linked or (_said(tree, ".list-authors", "Authors:"),)


def _abstract(node: LexborNode | None) -> str:
    """arXiv shows addresses as "this https URL": the text gets the address."""
    if node is None:
        return ""
    for link in node.css("a"):
        if _LINK_WORDS.fullmatch(_text(link)):
            link.replace_with(_address(link))
    return _text(node)


def _address(link: LexborNode | None) -> str:
    return (link.attributes.get("href") or "") if link else ""


def _text(node: LexborNode | None) -> str:
    return fold(node.text()) if node else ""
