"""One paper as a card: the values that the templates ``card.html`` and ``card.txt`` print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from digest.compose import wording
from digest.compose.abstract import Abstract, read
from digest.compose.passage import Passage, passage
from digest.model import Link, LinkRel, Match, Paper, Reason, ReasonKind, Slot

_WORDS_SHOWN = 6
_NAMES_SHOWN = 3
_LIKED_LIMIT = 80  # characters of a liked paper's title
_TITLE_LIMIT = 300  # characters: no title is longer, but a page taken for a title is
_SLOTS = {Slot.EXPLORE: "A little outside your interests", Slot.MOST_READ: "Most read today"}
_SEARCH = "https://scholar.google.com/scholar?q=%22{title}%22"  # where no address is known
_LABELS = {
    LinkRel.ABSTRACT: "abstract",
    LinkRel.PDF: "PDF",
    LinkRel.CODE: "code",
    LinkRel.PAGE: "project page",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with the word it is printed on."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """The part of a card that is the same for every reader.

    ``tldr`` is the source's own sentence on the paper, or ``""``. ``byline`` names the authors.
    ``home`` is the paper's page, None where no address is known; ``url`` is where the title leads:
    home, or a search for the title.
    """

    title: Passage
    abstract: Abstract
    tldr: str
    byline: str
    home: str | None
    url: str
    anchors: tuple[Anchor, ...]


@lru_cache(maxsize=1024)
def face(paper: Paper) -> Face:
    """Return the face of ``paper``; kept, because the same papers go to many readers."""
    title = wording.cut(wording.one_line(paper.readable_title), _TITLE_LIMIT)
    home = _home(paper.links)
    search = _SEARCH.format(title=quote_plus(title))
    return Face(
        title=passage(title),
        abstract=read(wording.one_line(paper.readable_abstract), title),
        tldr=wording.one_line(paper.tldr or ""),
        byline=_byline(paper),
        home=home,
        url=home or search,
        anchors=tuple(_anchors(paper.links)) or (Anchor("find it", search),),
    )


def twins(papers: Sequence[Paper]) -> tuple[Anchor, ...]:
    """Return links to near-twins, on what each is called."""
    faces = map(face, papers)
    return tuple(Anchor(wording.cut(each.title.text, _LIKED_LIMIT), each.url) for each in faces)


def facts(paper: Paper, language: str = "en") -> str:
    """Return where and when ``paper`` came: ``ICML · submitted 19 Nov 2026 · 45 upvotes``."""
    return " · ".join(_facts(paper, language))


def terms(reasons: Sequence[Reason]) -> list[str]:
    """Return the words to look for in the paper, in lower case, most telling first: those that
    matched, then those that a liked paper says too."""
    shared = [reason.words[1:] for reason in reasons if reason.kind is ReasonKind.LIKE]
    found = [reason.words for reason in reasons if reason.kind is ReasonKind.TERMS]
    return [word.lower() for words in found + shared for word in words]


def heading(match: Match) -> str:
    """Return what ``match`` stands under in an issue: the interest, or what its slot is."""
    return _SLOTS[match.slot] if match.slot else match.interest


def why(match: Match) -> str:
    """Return the reasons as one line: ``sparse, experts; by Ada Lovelace, whom you follow``."""
    told = "; ".join(_why(reason) for reason in match.reasons if reason.words)
    if match.slot is Slot.MOST_READ:
        told = "no new paper has more upvotes; it need not be about anything you asked for"
    elif match.slot is Slot.EXPLORE:
        shared = any(reason.kind is ReasonKind.TERMS for reason in match.reasons)
        told = f"{'shares ' if shared else ''}{told or 'near'}; next to “{match.interest}”"
    return wording.one_line(told)


def _why(reason: Reason) -> str:
    words = ", ".join(reason.words[:_WORDS_SHOWN])
    shared = ", ".join(reason.words[1:_WORDS_SHOWN])
    match reason.kind:
        case ReasonKind.TERMS:
            return words
        case ReasonKind.AUTHOR:
            return f"by {words}, whom you follow"
        case ReasonKind.CATEGORY:
            return f"in {words}"
        case ReasonKind.LIKE:
            title = wording.cut(reason.words[0], _LIKED_LIMIT)
            return f"like “{title}”" + (f": both say {shared}" if shared else "")


def _byline(paper: Paper) -> str:
    names = [wording.one_line(name) for name in paper.authors]
    if not names:
        return wording.count(paper.author_count, "author") if paper.author_count else ""
    if len(names) <= _NAMES_SHOWN + 2:
        return ", ".join(names)
    left_out = len(names) - _NAMES_SHOWN - 1
    return f"{', '.join(names[:_NAMES_SHOWN])} … {names[-1]}, + {left_out}"


def _facts(paper: Paper, language: str) -> Iterator[str]:
    if paper.venue:
        yield wording.one_line(paper.venue)
    if paper.submitted_on:
        yield f"submitted {wording.dated(paper.submitted_on, language)}"
    elif paper.announced_on:
        yield f"listed {wording.dated(paper.announced_on, language)}"
    if paper.upvotes:
        yield wording.count(paper.upvotes, "upvote")
    if paper.comments:
        yield wording.count(paper.comments, "comment")


def _anchors(links: Sequence[Link]) -> Iterator[Anchor]:
    for rel, label in _LABELS.items():
        url = _address(links, rel)
        if url:
            yield Anchor(label, url)


def _home(links: Sequence[Link]) -> str | None:
    homes = (_address(links, rel) for rel in (LinkRel.ABSTRACT, LinkRel.PAGE, LinkRel.PDF))
    return next(filter(None, homes), None)


def _address(links: Sequence[Link], rel: LinkRel) -> str | None:
    return next((link.url for link in links if link.rel is rel and _is_web(link.url)), None)


def _is_web(url: str) -> bool:
    """Return whether ``url`` is one http(s) address and nothing else: sources are hostile."""
    plain = url.isprintable() and " " not in url
    return plain and url.lower().startswith(("http://", "https://"))
