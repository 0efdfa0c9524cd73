"""Lines → blocks: what each stretch of a page is, before anyone asks which paper it belongs to.

Pure classification by form: a fact about a paper (``7 authors``, ``Oct 17 2``, ``[-] 5``), page
furniture, or text. Which text is a title and which an abstract is decided in ``roles``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from digest.ingest.dump.dates import DATE_PATTERN, read_date
from digest.ingest.dump.lines import Line

LEAP_DAY_YEAR = 2024
LONGEST_FACT = 120  # characters; anything longer is prose
WRAP = 160  # no page is hard-wrapped wider than this

_AUTHORS = re.compile(r"[-*•·\s]*(\d{1,5}) authors?\s*(\d{1,5})?")
_DATE = re.compile(rf"(?:Published on )?({DATE_PATTERN})(?:\s+(\d{{1,5}}))?")
_COUNT = re.compile(r"(?:\[-\] ?|Upvote )?(\d{1,6}|-)")
_CODE = re.compile(r"(?:LINK: )?GitHub(?: [\d.]+[kKM]?)?(?:\s+arXiv Page)?")
_ARXIV_URL = re.compile(r"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})")
_PAPER_URL = re.compile(r"https?://huggingface\.co/papers/(\d{4}\.\d{4,5})$")
_VOTE_URL = re.compile(r"https?://huggingface\.co/login\?next=%2Fpapers%2F(\d{4}\.\d{4,5})")
_COMMENTS_URL = re.compile(r"https?://huggingface\.co/papers/\d{4}\.\d{4,5}#community")
_PROFILE_URL = re.compile(r"https?://huggingface\.co/[\w.-]+$")
_COMMUNITY = re.compile(r"(?:by\s*)?(?:AK)?\s*and the research community|by|AK|by\s*AK")
_INVITATION = re.compile(r"Get trending papers in your email inbox(?: once a day)?!")
_GLUED = re.compile(rf"((?:{_INVITATION.pattern})*(?:Subscribe(?!rs?\b|d\b|s\b))?)(?=\S)(.+)")
_FURNITURE = frozenset(
    """new
    subscribe
    submitted by
    daily papers
    daily papers - hugging face
    trending papers
    daily
    weekly
    monthly
    upvote
    arxiv page
    hugging face
    log in
    sign up
    models
    datasets
    spaces
    buckets new
    docs
    enterprise
    pricing
    view all
    previous
    next""".replace("    ", "").split("\n")
)


class Kind(StrEnum):
    """What a block is."""

    TEXT = "text"
    HEADING = "heading"
    AUTHORS = "authors"
    DATE = "date"
    COUNT = "count"
    UPVOTES = "upvotes"
    COMMENTS = "comments"
    CODE = "code"
    LINK = "link"
    FURNITURE = "furniture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of a page that is one thing; ``line`` is where it begins.

    ``number`` is a count of authors, votes or comments; ``comments`` a count that ran together
    with another fact. ``paper`` is the arXiv id its link leads to, ``linked`` says it has a link.
    ``follows`` says that no blank line separates it from the block above, ``indented`` that it
    begins with white space, ``opened`` that its link ends further down.
    """

    kind: Kind
    line: int
    text: str = ""
    number: int | None = None
    comments: int | None = None
    paper: str | None = None
    url: str | None = None
    linked: bool = False
    follows: bool = False
    indented: bool = False
    opened: bool = False


def read_blocks(lines: Iterable[Line]) -> list[Block]:
    """Return the blocks of a page in order: facts line by line, text in paragraphs."""
    return list(_join_paragraphs(block for line in lines for block in _classify(line)))


def is_invitation(text: str) -> bool:
    """Say whether the text is the page's own request to subscribe."""
    return _INVITATION.fullmatch(text) is not None


def is_furniture(text: str) -> bool:
    """Say whether the text belongs to the page and not to a paper."""
    return (
        text.casefold() in _FURNITURE
        or _COMMUNITY.fullmatch(text) is not None
        or is_invitation(text)
    )


def _classify(line: Line) -> Iterator[Block]:
    if len(line.text) > LONGEST_FACT:
        glued = _unglue(line.text)
        yield _text(line, glued or line.text, line.follows and glued is None)
        return
    if (facts := _facts(line)) is not None:
        yield from facts
    elif is_furniture(line.text):
        yield Block(kind=Kind.FURNITURE, line=line.number, text=line.text)
    elif (glued := _unglue(line.text)) is not None:
        yield Block(kind=Kind.FURNITURE, line=line.number)
        yield _text(line, glued, False)
    else:
        yield _text(line, line.text, line.follows)


def _unglue(text: str) -> str | None:
    """Return what follows the page's request to subscribe on the same line."""
    if not text.startswith(("Subscribe", "Get trending")):
        return None
    found = _GLUED.fullmatch(text)
    return found[2] if found and found[1] else None


def _text(line: Line, text: str, follows: bool) -> Block:
    profile = any(_PROFILE_URL.match(url) for url in line.urls)
    kind = Kind.HEADING if line.heading else Kind.LINK if profile or not text else Kind.TEXT
    return Block(
        kind=kind,
        line=line.number,
        text=text,
        paper=_first_id(_PAPER_URL, line.urls),
        linked=bool(line.urls),
        follows=follows,
        indented=line.indented,
        opened=line.opened,
    )


def _facts(line: Line) -> list[Block] | None:
    """Return what the line states about a paper, or ``None`` where it states nothing."""
    if line.heading:
        return None
    parts = [part.strip() for part in line.text.split("·")]
    found = [fact for part in parts if part and (fact := _fact(part, line))]
    if found:
        return found
    return [] if not any(parts) and "·" in line.text else None


def _fact(text: str, line: Line) -> Block | None:
    if found := _AUTHORS.fullmatch(text):
        return Block(
            kind=Kind.AUTHORS, line=line.number, number=int(found[1]), comments=_int(found[2])
        )
    if (found := _DATE.fullmatch(text)) and _is_day(found[1]):
        return Block(
            kind=Kind.DATE,
            line=line.number,
            text=found[1],
            comments=_int(found[2]),
        )
    if found := _COUNT.fullmatch(text):
        return _count(found[1], line)
    if found := _CODE.fullmatch(text):
        return _code(line)
    return None


def _count(text: str, line: Line) -> Block:
    number = None if text == "-" else int(text)
    if paper := _first_id(_VOTE_URL, line.urls):
        return Block(kind=Kind.UPVOTES, line=line.number, number=number, paper=paper)
    if any(_COMMENTS_URL.match(url) for url in line.urls):
        return Block(kind=Kind.COMMENTS, line=line.number, number=number)
    return Block(kind=Kind.COUNT, line=line.number, number=number, follows=line.follows)


def _code(line: Line) -> Block:
    return Block(
        kind=Kind.CODE,
        line=line.number,
        url=next((url for url in line.urls if url.startswith("https://github.com/")), None),
        paper=_first_id(_ARXIV_URL, line.urls),
    )


def _first_id(pattern: re.Pattern[str], urls: tuple[str, ...]) -> str | None:
    found = (pattern.match(url) for url in urls)
    return next((match[1] for match in found if match), None)


def _int(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def _is_day(text: str) -> bool:
    return read_date(text, not_after=date(LEAP_DAY_YEAR, 12, 31)) is not None


def _join_paragraphs(blocks: Iterable[Block]) -> Iterator[Block]:
    run: list[Block] = []
    for block in blocks:
        if run and not _continues(run, block):
            yield from _paragraph(run)
            run = []
        if block.kind in (Kind.TEXT, Kind.HEADING):
            run.append(block)
        else:
            yield block
    yield from _paragraph(run)


def _continues(run: list[Block], block: Block) -> bool:
    first, last = run[0], run[-1]
    if block.kind is not Kind.TEXT or not block.follows or last.linked:
        return False
    if first.kind is Kind.TEXT:
        return True
    return first.opened or block.indented or block.text[0].islower()


def _paragraph(run: list[Block]) -> Iterator[Block]:
    """Join hard-wrapped lines; lines longer than any wrap are paragraphs of their own."""
    if len(run) < 2 or not _is_wrapped(run):
        yield from run
        return
    yield replace(
        run[0],
        text=" ".join(block.text for block in run),
        paper=run[-1].paper,
        linked=run[-1].linked,
    )


def _is_wrapped(run: list[Block]) -> bool:
    return run[0].kind is Kind.HEADING or all(len(block.text) <= WRAP for block in run)
