"""One paper as a card: what the templates print of a match, escaped and marked.

What depends on the paper alone is made once and kept (``_Face``): the same papers go to many
readers. What depends on the reader is where their words stand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from digest.compose import reading, wording
from digest.compose.reading import Hit, Reading, Span
from digest.model import Link, LinkRel, Match, Paper, Reason, ReasonKind

_WORDS_SHOWN = 6
_NAMES_SHOWN = 3
_TITLE_LIMIT = 300  # characters: a title is never longer, a page taken for a title is
_LABELS = {
    LinkRel.ABSTRACT: "abstract",
    LinkRel.PDF: "PDF",
    LinkRel.CODE: "code",
    LinkRel.PAGE: "project page",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before and after a matched word in the HTML part."""

    start: str
    stop: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with the word it is printed on."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class _Face:
    """The part of a card that is the same for every reader."""

    title: Reading
    abstract: Reading
    byline: str
    facts: str
    url: str | None
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What the templates print of a match; the ``*_html`` ones carry marks.

    ``url`` is where the title leads and ``more`` where the rest of the abstract stands, None
    where nothing is known or nothing is left.
    """

    title: str
    title_html: Markup
    url: str | None
    byline: str
    facts: str
    sentence: str
    sentence_html: Markup
    opening: str
    opening_html: Markup
    more: str | None
    why: str
    anchors: tuple[Anchor, ...]


def card(match: Match, *, mark: Mark, view: str | None) -> Card:
    """Return ``match`` as a card; ``view`` is the issue's page, where whole abstracts stand."""
    face = _face(match.paper)
    words = _terms(match.reasons)
    title_hits = reading.find(face.title.lowered, words)
    hits = reading.find(face.abstract.lowered, words)
    shown = reading.excerpt(face.abstract, hits)
    title, abstract = face.title.text, face.abstract.text
    return Card(
        title=title,
        title_html=_marked(title, Span(0, len(title)), title_hits, mark),
        url=face.url,
        byline=face.byline,
        facts=face.facts,
        sentence=_quoted(abstract, shown.sentence),
        sentence_html=_marked(abstract, shown.sentence, hits, mark),
        opening=_quoted(abstract, shown.opening),
        opening_html=_marked(abstract, shown.opening, hits, mark),
        more=(view or face.url) if shown.more else None,
        why=why(match.reasons),
        anchors=face.anchors,
    )


def why(reasons: Sequence[Reason]) -> str:
    """Return the reasons as one line: ``sparse, experts; by Ada Lovelace, whom you follow``."""
    return wording.one_line("; ".join(_why(reason) for reason in reasons if reason.words))


def _why(reason: Reason) -> str:
    words = ", ".join(reason.words[:_WORDS_SHOWN])
    match reason.kind:
        case ReasonKind.TERMS:
            return words
        case ReasonKind.AUTHOR:
            return f"by {words}, whom you follow"
        case ReasonKind.CATEGORY:
            return f"in {words}"


def _terms(reasons: Sequence[Reason]) -> list[str]:
    return [
        word.lower()
        for reason in reasons
        if reason.kind is ReasonKind.TERMS
        for word in reason.words
    ]


@lru_cache(maxsize=4096)
def _face(paper: Paper) -> _Face:
    anchors = tuple(_anchors(paper.links))
    title = wording.cut(wording.one_line(paper.readable_title), _TITLE_LIMIT)
    return _Face(
        title=reading.read(title),
        abstract=reading.read(wording.one_line(paper.readable_abstract), title),
        byline=_byline(paper),
        facts=" · ".join(_facts(paper)),
        url=_home(paper.links),
        anchors=anchors,
    )


def _byline(paper: Paper) -> str:
    names = [wording.one_line(name) for name in paper.authors]
    if not names:
        return wording.count(paper.author_count, "author") if paper.author_count else ""
    if len(names) <= _NAMES_SHOWN + 2:
        return ", ".join(names)
    left_out = len(names) - _NAMES_SHOWN - 1
    return f"{', '.join(names[:_NAMES_SHOWN])} … {names[-1]}, + {left_out}"


def _facts(paper: Paper) -> Iterator[str]:
    if paper.venue:
        yield wording.one_line(paper.venue)
    if paper.submitted_on:
        yield f"submitted {wording.dated(paper.submitted_on)}"
    elif paper.announced_on:
        yield f"listed {wording.dated(paper.announced_on)}"
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


def _quoted(text: str, span: Span) -> str:
    return text[span.start : span.stop] + _ellipsis(text, span)


def _ellipsis(text: str, span: Span) -> str:
    """Return ``…`` where a stretch was cut short, ``""`` where it ends a sentence or the text."""
    cut = span.stop < len(text) and text[span.stop - 1] not in ".!?)]\"'”’"
    return " …" if cut and span.stop > span.start else ""


def _marked(text: str, span: Span, hits: Sequence[Hit], mark: Mark) -> Markup:
    """Return a stretch of ``text`` escaped, its hits between marks. Text is cut first and
    escaped piece by piece, so that a mark never falls into an entity."""
    pieces: list[str] = []
    done = span.start
    for start, stop, _ in hits:
        if span.start <= start and stop <= span.stop:
            pieces += escape(text[done:start]), mark.start, escape(text[start:stop]), mark.stop
            done = stop
    pieces += escape(text[done : span.stop]), _ellipsis(text, span)
    return Markup("".join(pieces))
