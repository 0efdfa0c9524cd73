"""Blocks → roles: which text is a title, which an abstract, and which belongs to nobody.

On a page with links or headings the marks decide. On a plain page form decides, and order where
form leaves it open: a title is followed by its abstract. Nothing is guessed across a gap: two
titles in a row mean that the first has no abstract, a second abstract that a title is missing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from digest.ingest.dump.blocks import Block, Kind

LONGEST_TITLE = 300  # characters; the longest of the four real dumps has 148
SURE_PROSE = 160  # a text this long that ends like a sentence is no title

_SENTENCE_END = re.compile(r"[.!?…。]['\"”’)\]}$*]*$")
_FULL_STOP = re.compile(r"[.…。]['\"”’)\]}$*]*$")
_TWO_SENTENCES = re.compile(r"[a-z)\]%]{2}\. [A-Z$\\]")
_ABBREVIATED = re.compile(r"\b(?:vs|cf|al|etc|St)\. ")
_URL_END = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?:[/:?#]\S*)?$")
_PROSE_WORDS = re.compile(r"\b(?:we|our|this paper|is|are|was|were|has|have|been|which)\b|^We ")
_DANGLING = re.compile(
    r"(?:[:,–—-]|\b(?:a|an|and|at|by|for|from|in|of|on|or|over|the|through|to|under|via|with))$"
)
_CUT_AUTHORS = re.compile(r"[•*-]\s*(?:\d+\s*[a-z]{0,6})?")
_CUT_DATE = re.compile(
    r"(?:.*·\s*)?(?:Published on )?[A-Z][a-z]{0,8}\.?(?: \d{1,2},?(?: \d{0,3})?)?"
)


class Shape(StrEnum):
    """What a text looks like by itself."""

    TITLE = "title"
    PROSE = "prose"
    EITHER = "either"


class Role(StrEnum):
    """What a block is to a paper."""

    TITLE = "title"
    TITLE_MORE = "title-more"  # the rest of a title broken over lines
    ABSTRACT = "abstract"
    ORPHAN = "orphan"  # an abstract without a title above
    FRAGMENT = "fragment"  # the cut-off rest of a fact at the end of the page
    FACT = "fact"
    NOTHING = "nothing"  # text of the page, not of a paper


@dataclass(frozen=True, slots=True)
class Cast:
    """A block and the role it plays."""

    role: Role
    block: Block


def shape(text: str) -> Shape:
    """Judge a text by its form: sentences are prose, a line without a full stop is a title."""
    if len(text) > LONGEST_TITLE:
        return Shape.PROSE
    if _FULL_STOP.search(text):
        return Shape.PROSE if len(text) > SURE_PROSE or _sentences(text) else Shape.EITHER
    if _sentences(text) or ("http" in text and _URL_END.search(text)):
        return Shape.PROSE
    return Shape.EITHER if len(text) > LONGEST_TITLE - 50 else Shape.TITLE


def ends_complete(text: str) -> bool:
    """Say whether an abstract ends as abstracts end: with a sentence's end, or a web address."""
    return bool(_SENTENCE_END.search(text[-40:]) or _URL_END.search(text))


def body_start(blocks: Sequence[Block]) -> int:
    """Return where the papers of a plain page begin: behind its furniture and its date."""
    first = next((at for at, block in enumerate(blocks) if _is_prose(block)), 0)
    furniture = (at for at in range(first - 1, -1, -1) if blocks[at].kind is Kind.FURNITURE)
    start = next(furniture, -1) + 1
    return start + 1 if start < first and blocks[start].kind is Kind.DATE else start


def plain_roles(blocks: Sequence[Block]) -> Iterator[Cast]:
    """Yield the roles of a plain page's body."""
    awaiting: Block | None = None  # the title whose abstract is expected
    for at, block in enumerate(blocks):
        if block.kind is not Kind.TEXT:
            awaiting = None
            yield Cast(_fact_role(block), block)
            continue
        last = at == len(blocks) - 1
        role = _after_title(awaiting, block, last) if awaiting else _after_paper(blocks, at)
        awaiting = block if role in (Role.TITLE, Role.TITLE_MORE) else None
        yield Cast(role, block)


def marked_roles(blocks: Sequence[Block]) -> Iterator[Cast]:
    """Yield the roles of a page whose titles are headings, or links to a paper not yet seen."""
    headings = any(block.kind is Kind.HEADING for block in blocks)
    current: str | None = None
    open_ = False  # the abstract may go on
    for at, block in enumerate(blocks):
        role = _marked_role(block, headings, current, open_)
        if at == len(blocks) - 1 and _is_fragment(role, block, open_):
            role = Role.FRAGMENT
        if role is Role.TITLE:
            current, open_ = block.paper, True
        elif open_:
            open_ = role is Role.ABSTRACT and not block.linked
        yield Cast(role, block)


def _is_fragment(role: Role, block: Block, open_: bool) -> bool:
    """Say whether a page with links ends with the beginning of a paper's authors or date."""
    if role is Role.NOTHING:
        return _CUT_DATE.fullmatch(block.text) is not None
    return role is Role.ABSTRACT and open_ and _CUT_AUTHORS.fullmatch(block.text) is not None


def _marked_role(block: Block, headings: bool, current: str | None, open_: bool) -> Role:
    if block.kind not in (Kind.TEXT, Kind.HEADING):
        return _fact_role(block)
    if block.kind is Kind.HEADING or (not headings and _leads_on(block, current)):
        return Role.TITLE
    return Role.ABSTRACT if open_ else Role.NOTHING


def _leads_on(block: Block, current: str | None) -> bool:
    return block.paper is not None and block.paper != current


def _fact_role(block: Block) -> Role:
    return Role.NOTHING if block.kind in (Kind.FURNITURE, Kind.LINK) else Role.FACT


def _after_title(title: Block, block: Block, last: bool) -> Role:
    if shape(block.text) is not Shape.TITLE:
        return Role.ABSTRACT
    if _breaks(title, block):
        return Role.TITLE_MORE
    return Role.ABSTRACT if last and _PROSE_WORDS.search(block.text) else Role.TITLE


def _breaks(title: Block, block: Block) -> bool:
    """Say whether a title goes on in the line directly below it."""
    if not block.follows:
        return False
    return bool(block.indented or block.text[0].islower() or _DANGLING.search(title.text))


def _after_paper(blocks: Sequence[Block], at: int) -> Role:
    block, last = blocks[at], at == len(blocks) - 1
    if last and at and _is_cut_fact(blocks[at - 1], block):
        return Role.FRAGMENT
    if shape(block.text) is not Shape.PROSE:
        return Role.TITLE
    return Role.TITLE if _is_long_title(blocks, at) else Role.ORPHAN


def _is_long_title(blocks: Sequence[Block], at: int) -> bool:
    """A title of two sentences: short, and followed by an abstract."""
    if len(blocks[at].text) > SURE_PROSE or at + 1 == len(blocks):
        return False
    after = blocks[at + 1]
    return after.kind is Kind.TEXT and len(after.text) > LONGEST_TITLE


def _is_cut_fact(before: Block, block: Block) -> bool:
    if before.kind is Kind.AUTHORS:
        return block.follows and _CUT_DATE.fullmatch(block.text) is not None
    return before.kind is Kind.TEXT and _CUT_AUTHORS.fullmatch(block.text) is not None


def _sentences(text: str) -> bool:
    return _TWO_SENTENCES.search(_ABBREVIATED.sub(" ", text)) is not None


def _is_prose(block: Block) -> bool:
    return block.kind is Kind.TEXT and shape(block.text) is Shape.PROSE
