"""Roles → entries: the papers of a page with their facts, and what could not be read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from digest.ingest.dump.blocks import Block, Kind
from digest.ingest.dump.roles import Cast, Role, ends_complete
from digest.ingest.identity import fold_title
from digest.model import Problem

Known = TypeVar("Known")

SHORTEST_ABSTRACT = 40  # characters; a cut that leaves less leaves nothing to read

AT_THE_END = "the page ends"  # how every problem of a cut begins
_COMMENTS = (Kind.COMMENTS, Kind.COUNT)
_AGAIN = "copy the page again to its end"
_NO_ABSTRACT = "the title “{}” has no abstract below it and was left out; add the abstract"
_NO_TITLE = "the abstract that begins “{}” has no title above it and was left out; add the title"
_CUT_TITLE = AT_THE_END + " after the title “{}”, which was left out; " + _AGAIN
_CUT_ABSTRACT = (
    f"{AT_THE_END} within this paper's abstract, of which the beginning was kept; " + _AGAIN
)
_CUT_FACTS = f"{AT_THE_END} within this paper's authors or date, which were left out; " + _AGAIN
_CUT_BEFORE = f"{AT_THE_END} just before a paper's title; " + _AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper as the page shows it; ``submitted`` is its date in the page's own writing."""

    line: int
    title: str
    abstract: str = ""
    arxiv_id: str | None = None
    author_count: int | None = None
    submitted: str | None = None
    comments: int | None = None
    upvotes: int | None = None
    code: str | None = None


def fill(entry: Entry, other: Entry) -> Entry:
    """Return ``entry`` with what only ``other``, the same paper again, knows."""
    return replace(
        entry,
        arxiv_id=entry.arxiv_id or other.arxiv_id,
        author_count=_first([entry.author_count, other.author_count]),
        submitted=entry.submitted or other.submitted,
        comments=_first([entry.comments, other.comments]),
        upvotes=_first([entry.upvotes, other.upvotes]),
        code=entry.code or other.code,
    )


@dataclass(slots=True)
class _Stretch:
    """What stands between one title and the next. ``votes`` stood above the title."""

    title: Block
    votes: Block | None
    below: list[Cast] = field(default_factory=list)


def read_entries(casts: Iterable[Cast]) -> tuple[list[Entry], list[Problem]]:
    """Return the papers that have a title and an abstract, and a problem for each that has not."""
    stretches, problems = _divide(casts)
    entries = [_read_entry(stretch) for stretch in stretches]
    if entries and (cut := _find_cut(entries, stretches[-1].below)):
        problems.append(cut)
        entries[-1] = _without_stump(entries[-1])
    problems += [
        _no_abstract(entry, entry is entries[-1]) for entry in entries if not entry.abstract
    ]
    problems.sort(key=lambda problem: problem.line or 0)
    return [entry for entry in entries if entry.abstract], problems


def _divide(casts: Iterable[Cast]) -> tuple[list[_Stretch], list[Problem]]:
    """Divide the page at its titles; votes that stand above a title go with it."""
    stretches: list[_Stretch] = []
    problems: list[Problem] = []
    votes: Block | None = None
    before: Block | None = None
    after: list[Block] = []  # what stands below the votes
    for cast in casts:
        if cast.role is Role.TITLE:
            stretches.append(_Stretch(title=cast.block, votes=votes))
            votes = None
        elif cast.role is Role.ORPHAN:
            problems.append(_problem(_NO_TITLE, cast.block.line, cast.block.text))
        elif _are_votes_above(cast.block, before, stretches):
            votes = cast.block if cast.block.number is not None or cast.block.paper else None
        elif stretches:
            stretches[-1].below.append(cast)
        before = cast.block
        if before is votes:
            after = []
        else:
            after.append(before)
    if votes is not None and stretches:
        problems += _find_lost_title(votes, after)
    return stretches, problems


def _find_lost_title(votes: Block, after: Sequence[Block]) -> Iterator[Problem]:
    """Yield the problem of votes at the page's end whose title is cut off or was cut within."""
    if not after:
        yield _problem(_CUT_BEFORE, votes.line, cut=True)
    elif votes.kind is Kind.UPVOTES and all(
        block.kind in (Kind.TEXT, Kind.LINK) for block in after
    ):
        yield _problem(_CUT_TITLE, after[0].line, after[0].text, cut=True)


def _are_votes_above(block: Block, before: Block | None, stretches: list[_Stretch]) -> bool:
    """Say whether a count belongs to the next title: it is linked to another paper's votes, or
    it has no link and is not the count of comments in the line below a date."""
    if block.kind is Kind.UPVOTES:
        return not stretches or block.paper != stretches[-1].title.paper
    below_date = block.follows and before is not None and before.kind is Kind.DATE
    return block.kind is Kind.COUNT and not below_date


def _read_entry(stretch: _Stretch) -> Entry:
    title = stretch.title
    facts = [cast.block for cast in stretch.below if cast.role is Role.FACT]
    return Entry(
        line=title.line,
        title=" ".join([title.text, *_words(stretch.below, Role.TITLE_MORE)]),
        abstract=" ".join(_words(stretch.below, Role.ABSTRACT)),
        arxiv_id=title.paper or _first(block.paper for block in facts),
        author_count=_count(facts, Kind.AUTHORS),
        submitted=_first(block.text or None for block in facts if block.kind is Kind.DATE),
        comments=_first([*(block.comments for block in facts), _count(facts, *_COMMENTS)]),
        upvotes=_first([_votes_above(stretch), _count(facts, Kind.UPVOTES)]),
        code=_first(block.url for block in facts),
    )


def _votes_above(stretch: _Stretch) -> int | None:
    votes = stretch.votes
    fits = votes is not None and votes.paper in (None, stretch.title.paper)
    return votes.number if votes is not None and fits else None


def _count(facts: Iterable[Block], *kinds: Kind) -> int | None:
    return _first(block.number for block in facts if block.kind in kinds)


def _first(values: Iterable[Known | None]) -> Known | None:
    return next((value for value in values if value is not None), None)


def _words(casts: Iterable[Cast], role: Role) -> list[str]:
    return [cast.block.text for cast in casts if cast.role is role]


def _find_cut(entries: Sequence[Entry], below: list[Cast]) -> Problem | None:
    """Find out whether the page was cut within its last paper.

    An abstract was cut when nothing stands below it and it does not end as sentences end; facts
    were cut when only a part of them is there, or when every other paper of the page has a date.
    """
    entry, dated = entries[-1], [before.submitted is not None for before in entries[:-1]]
    if not entry.abstract:
        return None
    last = below[-1]
    if last.role is Role.ABSTRACT and not last.block.linked and not ends_complete(entry.abstract):
        return _problem(_CUT_ABSTRACT, last.block.line, cut=True)
    incomplete = last.role is Role.FRAGMENT or entry.author_count is not None
    lost = entry.submitted is None and (incomplete or (len(dated) > 1 and all(dated)))
    return _problem(_CUT_FACTS, last.block.line, cut=True) if lost else None


def _without_stump(entry: Entry) -> Entry:
    """Leave out what was kept of an abstract when that is too little to read."""
    return entry if len(entry.abstract) >= SHORTEST_ABSTRACT else replace(entry, abstract="")


def _no_abstract(entry: Entry, last: bool) -> Problem:
    message = _CUT_TITLE if last else _NO_ABSTRACT
    return _problem(message, entry.line, entry.title, cut=last)


def _problem(message: str, line: int, text: str = "", *, cut: bool = False) -> Problem:
    return Problem(message=message.format(_shorten(text)), line=line, cut=cut)


def merge_doubles(entries: Iterable[Entry]) -> list[Entry]:
    """Return each paper once, at its first place, with what all its appearances say."""
    merged: dict[str, Entry] = {}
    for entry in entries:
        name = entry.arxiv_id or fold_title(entry.title)
        merged[name] = fill(merged[name], entry) if name in merged else entry
    return list(merged.values())


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
