"""One work, many names: what a paper is known by, and what two announcements of it make together.

A work is known by keys, strongest first: ``arxiv:`` and its version-less id, ``doi:`` and the DOI
in lower case, ``openreview:`` and its forum's id, ``work:`` and a hash of the folded title with
the first author's byline (and, where nobody is named or the title tells nothing, the abstract's
beginning),
``title:`` and a hash of the folded title alone. Its ``id`` is the first key it was ever known by.
Everything here is pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from itertools import islice
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urlsplit

from digest.ingest import likeness
from digest.ingest.text import fold
from digest.latex import readable
from digest.model import Link, LinkRel, Paper

_ARXIV_NEW: Final = r"(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})"
# The archives there were before April 2007 (https://arxiv.org/archive), those that were merged into
# others too: elsewhere, ``item/1234567`` is anything.
_ARXIV_OLD: Final = (
    r"(?P<archive>acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph"
    r"|cmp-lg|comp-gas|cond-mat|cs|dg-ga|funct-an|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|mtrl-th"
    r"|nlin|nucl-(?:ex|th)|patt-sol|physics|plasm-ph|q-(?:alg|bio)|quant-ph|solv-int|stat|supr-con)"
    r"(?:\.[a-z]{2})?/(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})"
)
_ARXIV_PLACE: Final = (
    r"(?:arxiv[:.]\s*"  # arXiv:…, oai:arXiv.org:…, 10.48550/arXiv.…
    r"|(?:arxiv|ar5iv|alphaxiv)\.org[:/](?:[a-z-]+/)?"  # …/abs/…, …/pdf/…, …/html/…
    r"|(?:huggingface\.co|hf\.co)/papers/)"
)
_ARXIV: Final = re.compile(
    rf"(?:^|{_ARXIV_PLACE})(?:{_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?(?![\w/-]|\.\d)", re.IGNORECASE
)
_ARXIV_DOI: Final = "10.48550/arxiv."
_DOI: Final = re.compile(
    r"^(?:doi:\s*)?(10\.\d{4,9}/[^\s\"<>\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,400})$", re.IGNORECASE
)  # the longest registered have some 200 characters, and a database must index them
_DOI_HOSTS: Final = ("doi.org", "dx.doi.org", "www.doi.org")
_LONGEST_NAME: Final = 500  # characters; consortia have some 100
_FORUM: Final = re.compile(r"\bopenreview\.net/[a-z]+\?(?:[^\s#]*&)?id=([\w-]+)", re.IGNORECASE)
_HIGHEST: Final = 1_000_000_000  # votes or comments; more than that is no count
_FORUM_ID: Final = re.compile(r"[\w.~-]{1,100}")
_Value = TypeVar("_Value")
_OPENING: Final = 80  # letters of an abstract that tell works of one title apart


def fold_title(title: str) -> str:
    """Return the letters and digits of ``title``, readable, compatible (NFKC) and case-folded."""
    folded = unicodedata.normalize("NFKC", readable(title)).casefold()
    # Case folding can undo the normal form (İ), so it is restored (UAX #15, toNFKC_Casefold).
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", folded)))


def arxiv_id(text: str) -> str | None:
    """Return the version-less arXiv id that ``text`` is or names as an address, if any.

    Knows both styles (``2508.13426``, ``math/0309136`` with or without subject class), bare, after
    ``arXiv:``, in addresses, in OAI ids and in arXiv's own DOIs
    (https://info.arxiv.org/help/arxiv_identifier.html).
    """
    found = _ARXIV.search(text.strip())
    if found is None:
        return None
    return found["new"] or f"{found['archive'].lower()}/{found['number']}"


def doi(text: str) -> str | None:
    """Return the DOI that ``text`` is, in lower case: bare, after ``doi:`` or at doi.org."""
    found = _DOI.match(_without_resolver(text.strip()))
    return found[1].rstrip(".,;").lower() if found else None


def keys_of(text: str) -> tuple[str, ...]:
    """Return the keys of the paper that ``text`` names, strongest first: an arXiv id or a DOI in
    any form ``arxiv_id()`` and ``doi()`` read, a page of OpenReview, and in any case a title."""
    forum = _FORUM.search(text)
    named = make_paper(
        title=text,
        abstract="",
        arxiv_id=text,
        doi=text,
        openreview_id=forum[1] if forum else None,
    )
    return named.keys


def make_paper(
    *,
    title: str,
    abstract: str,
    arxiv_id: str | None = None,
    doi: str | None = None,
    other_dois: Iterable[str] = (),
    openreview_id: str | None = None,
    authors: Sequence[str] = (),
    author_count: int | None = None,
    submitted_on: date | None = None,
    categories: Sequence[str] = (),
    venue: str | None = None,
    tldr: str | None = None,
    comments: int | None = None,
    upvotes: int | None = None,
    links: Sequence[Link] = (),
) -> Paper:
    """Return the paper a listing describes, under every name we have for it.

    ``arxiv_id`` and ``doi`` may be given in any form ``arxiv_id()`` and ``doi()`` read; arXiv's own
    DOI (``10.48550/arXiv.…``) is the arXiv id; ``other_dois`` are those of other versions of the
    same work, on the source's word; ``openreview_id`` is that of a forum. Links that follow from
    the names are added, and given ones are kept when they are http(s).
    """
    arxiv, registered, others = _names(arxiv_id, doi, other_dois)
    forum = openreview_id if openreview_id and _FORUM_ID.fullmatch(openreview_id) else None
    one_line, prose = fold(title), fold(abstract)
    lines = (fold(author[:_LONGEST_NAME]) for author in authors)
    named = tuple(name for name in map(readable, lines) if name)
    dois = (registered, *others)
    names = (
        arxiv and f"arxiv:{arxiv}",
        *(each and f"doi:{each}" for each in dois),
        forum and f"openreview:{forum}",
        *_described(one_line, prose, named),
    )
    keys = tuple(dict.fromkeys(name for name in names if name))
    return Paper(
        id=keys[0],
        keys=keys,
        title=one_line,
        readable_title=readable(one_line),
        abstract=prose,
        readable_abstract=readable(prose),
        authors=named,
        author_count=len(named) if named else _count(author_count),
        submitted_on=submitted_on,
        categories=tuple(dict.fromkeys(filter(None, map(fold, categories)))),
        venue=(fold(venue) or None) if venue else None,
        tldr=(readable(fold(tldr)) or None) if tldr else None,
        comments=_count(comments),
        upvotes=_count(upvotes),
        links=_links(arxiv, dois, forum, links),
    )


def merge(known: Paper, learned: Paper) -> Paper:
    """Return ``known`` with what ``learned`` adds: blanks are filled in, nothing is erased.

    The id stays; keys, categories and links are united; the longer list of authors, the larger
    counts and the earlier dates win. The words stay as first known, except that a missing or
    truncated abstract is completed by one that continues it.
    """
    words = learned if _completes(known.abstract, learned.abstract) else known
    titled = known if known.title else learned
    return replace(
        known,
        keys=_union(known.keys, learned.keys),
        title=titled.title,
        readable_title=titled.readable_title,
        abstract=words.abstract,
        readable_abstract=words.readable_abstract,
        authors=max(known.authors, learned.authors, key=len),
        author_count=_most(known.author_count, learned.author_count),
        submitted_on=_earliest(known.submitted_on, learned.submitted_on),
        categories=_union(known.categories, learned.categories),
        venue=known.venue or learned.venue,
        tldr=known.tldr or learned.tldr,
        comments=_most(known.comments, learned.comments),
        upvotes=_most(known.upvotes, learned.upvotes),
        links=_union(known.links, learned.links),
        announced_on=_earliest(known.announced_on, learned.announced_on),
    )


def _count(said: int | None) -> int | None:
    return said if said is not None and said <= _HIGHEST else None


def _names(
    arxiv: str | None, registered: str | None, others: Iterable[str]
) -> tuple[str | None, str | None, list[str]]:
    name = doi(registered) if registered else None
    more = [other for other in map(doi, others) if other]
    ours = [each for each in (name, *more) if each and each.startswith(_ARXIV_DOI)]
    known = [arxiv_id(each) for each in (arxiv, *ours) if each]
    return (
        next(filter(None, known), None),
        None if name in ours else name,
        [other for other in more if other not in ours],
    )


def _described(title: str, abstract: str, authors: Sequence[str]) -> Iterator[str]:
    """Yield the keys of a work that nobody gave a name."""
    # A title without a letter or a digit is told apart by its signs.
    folded = fold_title(title) or title
    opening = "" if authors and likeness.tells(title) else _opening(abstract)
    if told := f"{likeness.byline(authors[0]) if authors else ''}{opening}":
        yield f"work:{_hash(f'{folded} {told}')}"
    yield f"title:{_hash(folded)}"


def _opening(abstract: str) -> str:
    return "".join(islice(filter(str.isalnum, abstract[:1000].casefold()), _OPENING))


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _without_resolver(text: str) -> str:
    if "//" not in text:
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return unquote(parts.path.lstrip("/")) if parts.hostname in _DOI_HOSTS else ""


def _links(
    arxiv: str | None, registered: Iterable[str | None], forum: str | None, given: Iterable[Link]
) -> tuple[Link, ...]:
    said = (link for link in given if _is_web(link.url))
    links = (
        *_derived(arxiv, registered, forum),
        *(link for link in said if not _is_derived(link.url, arxiv, registered)),
    )
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]


def _derived(
    arxiv: str | None, registered: Iterable[str | None], forum: str | None
) -> Iterator[Link]:
    if arxiv:
        yield Link(rel=LinkRel.ABSTRACT, url=f"https://arxiv.org/abs/{arxiv}")
        yield Link(rel=LinkRel.PDF, url=f"https://arxiv.org/pdf/{arxiv}")
    pages = [f"https://doi.org/{quote(each, safe='/:;()')}" for each in registered if each]
    if forum:
        pages.append(f"https://openreview.net/forum?id={quote(forum, safe='')}")
    for page in pages:
        first = page == pages[0] and not arxiv
        yield Link(rel=LinkRel.ABSTRACT if first else LinkRel.PAGE, url=page)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and url == "".join(fold(url).split())
    )


def _is_derived(url: str, arxiv: str | None, registered: Iterable[str | None]) -> bool:
    """The same page under another address: http, a version, a mirror's host name, capitals."""
    if name := doi(url):
        return name in registered
    host = urlsplit(url).hostname or ""
    return f".{host}".endswith(".arxiv.org") and arxiv is not None and arxiv_id(url) == arxiv


def _completes(known: str, learned: str) -> bool:
    return len(learned) > len(known) and learned.startswith(known.rstrip(" .…"))


def _most(known: int | None, learned: int | None) -> int | None:
    return max((count for count in (known, learned) if count is not None), default=None)


def _earliest(known: date | None, learned: date | None) -> date | None:
    return min((day for day in (known, learned) if day is not None), default=None)


def _union(known: tuple[_Value, ...], learned: tuple[_Value, ...]) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys((*known, *learned)))
