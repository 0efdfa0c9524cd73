"""Payload → listing: the dump's own date, its papers in page order, and what was lost."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice

from digest.errors import ParseError
from digest.ingest.dump.blocks import Block, Kind, read_blocks
from digest.ingest.dump.dates import read_date
from digest.ingest.dump.entries import AT_THE_END, Entry, merge_doubles, read_entries
from digest.ingest.dump.lines import is_marked, read_lines, unify_newlines, without_stump
from digest.ingest.dump.roles import Cast, Role, Shape, body_start, marked_roles, plain_roles, shape
from digest.ingest.identity import make_paper
from digest.ingest.text import decode, is_gravel, visible
from digest.model import Announcement, Link, LinkRel, Listing, Paper, Payload, Problem

LOOK = 100_000  # characters that are looked at to recognise a dump
SURE_ABSTRACT = 300  # characters

_OTHER_FORMAT = re.compile(r"[\s\ufeff]*(?:<|\{|\[\s*\{)")
_MARK = re.compile(
    r"Get trending papers in your email inbox|and the research community|"
    r"^(?:#+ )?(?:Daily|Trending) Papers$|^Subscribe(?:$|[A-Z])|"
    r"^#{2,4} \[.*\]\(https?://huggingface\.co/papers/\d|"
    r"^[-*• \t]*\d+ authors$",
    re.MULTILINE,
)
_NAME = re.compile(
    r"Get trending papers in your email inbox|and the research community|"
    r"^(?:#+ )?(?:Daily|Trending) Papers\r?$|\]\(https?://huggingface\.co/papers/\d|"
    r"^[-*• \t]*\d+ authors\b",
    re.MULTILINE,
)
_NO_LISTING = (
    "this is no listing of papers: give a text dump of a papers page, "
    "a daily-papers JSON file, or an RSS or Atom feed"
)
_CUT_LINK = f"{AT_THE_END} within a link; copy the page again to its end"
_NO_PAPER = "this is the head of a papers page, but no paper follows it: copy the whole page"


def looks_like_dump(text: str) -> bool:
    """Say whether ``text`` is a dump of a papers page: by the page's own words, or because
    titles and abstracts alternate. Looks at the beginning only."""
    beginning = unify_newlines(text[:LOOK])
    if _OTHER_FORMAT.match(beginning):
        return False
    return _MARK.search(beginning) is not None or _alternates(beginning)


def names_itself(text: str) -> bool:
    """Say whether a text that looks like a dump says that it is one, in words or links that other
    pages and mails do not have."""
    return _NAME.search(text[:LOOK]) is not None


def parse_dump(payload: Payload, *, today: date, on: date | None = None) -> Listing:
    """Return the listing in a text dump of a papers page, whatever its layout.

    The listing's date is ``on``, else the page's own (without a year: the latest such day not
    after ``today``), else ``today``; never a later day. A paper without an abstract, or a page cut
    short, is a problem of the listing. Raises ParseError where there is no paper at all.
    """
    text = visible(unify_newlines(decode(payload)))
    if not looks_like_dump(text) or is_gravel(text):
        raise ParseError(payload.name, _NO_LISTING, line=1)
    whole = without_stump(text) if is_marked(text) else text
    head, casts = _read_page(whole)
    entries, problems = read_entries(casts)
    if len(whole) < len(text.rstrip()) and not any(AT_THE_END in each.message for each in problems):
        problems.append(Problem(message=_CUT_LINK, line=text.count("\n") + 1, cut=True))
    if not entries:
        first = problems[0] if problems else None
        raise ParseError(
            payload.name,
            first.message if first else _NO_PAPER,
            line=first.line if first else 1,
        )
    listed_on = min(on or _page_date(head, today) or today, today)
    return Listing(
        name=payload.name,
        date=listed_on,
        announcements=tuple(
            Announcement(paper=_paper(entry, listed_on), line=entry.line)
            for entry in merge_doubles(entries)
        ),
        problems=tuple(problems),
    )


def _read_page(text: str) -> tuple[Sequence[Block], Iterable[Cast]]:
    """Return the blocks of the page's head and the roles of its body."""
    marked = is_marked(text)
    blocks = read_blocks(read_lines(text, marked=marked))
    if not marked:
        start = body_start(blocks)
        return blocks[:start], plain_roles(blocks[start:])
    casts = list(marked_roles(blocks))
    start = next((at for at, cast in enumerate(casts) if cast.role is Role.TITLE), len(casts))
    return blocks[:start], casts


def _page_date(head: Sequence[Block], today: date) -> date | None:
    dates = (block.text for block in reversed(head) if block.kind is Kind.DATE)
    stated = next(dates, None)
    return read_date(stated, not_after=today) if stated else None


def _paper(entry: Entry, listed_on: date) -> Paper:
    return make_paper(
        title=entry.title,
        abstract=entry.abstract,
        arxiv_id=entry.arxiv_id,
        author_count=entry.author_count,
        submitted_on=read_date(entry.submitted, not_after=listed_on) if entry.submitted else None,
        comments=entry.comments,
        upvotes=entry.upvotes,
        links=(Link(rel=LinkRel.CODE, url=entry.code),) if entry.code else (),
    )


def _alternates(text: str) -> bool:
    """Say whether a text without any mark is title, abstract, title, abstract, at least twice."""
    shapes = list(_shapes(read_blocks(read_lines(text, marked=False))))
    pairs = list(zip(shapes[::2], shapes[1::2], strict=False))
    return len(pairs) > 1 and all(pair == (Shape.TITLE, Shape.PROSE) for pair in pairs)


def _shapes(blocks: Iterable[Block]) -> Iterator[Shape]:
    """Yield the shapes of the first texts; what is no sure abstract counts as a title."""
    texts = (block.text for block in blocks if block.kind is Kind.TEXT)
    for text in islice(texts, 40):
        is_abstract = shape(text) is Shape.PROSE and len(text) > SURE_ABSTRACT
        yield Shape.PROSE if is_abstract else Shape.TITLE
