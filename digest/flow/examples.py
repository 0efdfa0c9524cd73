"""Papers a reader holds up as examples: named one by one, or all in a library file.

::

    a line: a number, a link, a title → ours, or else arXiv's → an example
    a library file                    → its newest papers     → examples
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from types import MappingProxyType

import httpx
import structlog

from digest import ingest, store
from digest.app import App
from digest.errors import RetrieveError, SourceError
from digest.flow.limits import admit_lookup
from digest.model import Example, Paper, Payload, Validators

LARGEST_LIBRARY = ingest.LARGEST  # bytes
LONGEST_TITLE = 300  # characters
LONGEST_TEXT = 1000  # characters of an abstract: its beginning says what it is about
LONGEST_LIBRARY_TEXT = 500  # the same where a library brings dozens
ASKED_AT_ONCE = 10  # papers in one question to arXiv
PATIENCE = 3.0  # seconds: somebody waits for the page
_MOST_BYTES = 1_000_000  # of arXiv's answer

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundExamples:
    """The examples that lines name, and for lines that name none what to do, in a sentence."""

    examples: Mapping[str, Example] = field(default_factory=lambda: MappingProxyType({}))
    troubles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


NOTHING_FOUND = FoundExamples()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLibrary:
    """The examples in a library file, how many entries it ``held``, and how many of those that
    were to be kept could not be read (``unread``)."""

    examples: tuple[Example, ...]
    held: int
    unread: int


def find_examples(app: App, lines: Iterable[str], *, network: str | None = None) -> FoundExamples:
    """Find the papers that lines name: by arXiv number, DOI, link or title.

    A title we do not hold is an example by its own words. A number we do not hold is looked up at
    arXiv when ``network`` says who asks; without, nothing outside is asked, and what is not held
    is left out without a word. Writes nothing but the count of who asked.
    """
    names = {line: ingest.keys_of(line)[0] for line in dict.fromkeys(lines)}
    if not names:
        return NOTHING_FOUND
    with store.reading(app.engine) as connection:
        held = store.papers.find(connection, names.values())
    found = {line: _example(held[key]) for line, key in names.items() if key in held}
    missing = {line: key for line, key in names.items() if key not in held}
    titles = {line: Example(title=line, text="") for line in missing if _is_title(line, names)}
    unknown = {line: key for line, key in missing.items() if line not in titles}
    if network is None or not unknown:
        return FoundExamples(examples=found | titles)
    looked_up, troubles = _look_up(app, unknown, network)
    return FoundExamples(examples=found | titles | looked_up, troubles=troubles)


def read_library(app: App, name: str, content: bytes) -> ReadLibrary:
    """Return the newest papers of a library file, with our abstracts where it has none.

    Raises ParseError when it is too large or no library.
    """
    library = ingest.parse_library(Payload(name=name, content=content))
    bare = [paper for paper in library.papers if not paper.readable_abstract]
    with store.reading(app.engine) as connection:
        held = store.papers.find(connection, (key for paper in bare for key in paper.keys))
    examples = (_of_library(paper, held, name) for paper in library.papers)
    return ReadLibrary(examples=tuple(examples), held=library.held, unread=library.unread)


def _of_library(paper: Paper, held: Mapping[str, Paper], name: str) -> Example:
    ours = next((held[key] for key in paper.keys if key in held), None)
    text = paper.readable_abstract or (ours.readable_abstract if ours else "")
    return Example(
        title=_cut(paper.readable_title, LONGEST_TITLE),
        text=_cut(text, LONGEST_LIBRARY_TEXT),
        library=name,
    )


def _example(paper: Paper) -> Example:
    return Example(
        title=_cut(paper.readable_title, LONGEST_TITLE),
        text=_cut(paper.readable_abstract, LONGEST_TEXT),
    )


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, up to the end of a word."""
    return text if len(text) <= most else text[:most].rpartition(" ")[0] or text[:most]


def _is_title(line: str, names: Mapping[str, str]) -> bool:
    return names[line].startswith("title:") and not _LINK.fullmatch(line)


def _look_up(
    app: App, unknown: Mapping[str, str], network: str
) -> tuple[dict[str, Example], dict[str, str]]:
    keys = [key for key in dict.fromkeys(unknown.values()) if key.startswith("arxiv:")]
    asked, rest = keys[:ASKED_AT_ONCE], keys[ASKED_AT_ONCE:]
    why = dict.fromkeys(rest, f"and look up only {ASKED_AT_ONCE} at once")
    try:
        papers = _ask_arxiv(app, [key.removeprefix("arxiv:") for key in asked], network)
        why |= dict.fromkeys(asked, "and arXiv knows no such paper")
    except SourceError as error:
        papers = {}
        why |= dict.fromkeys(asked, str(error))
    found = {line: _example(papers[key]) for line, key in unknown.items() if key in papers}
    troubles = {
        line: _trouble(line, why.get(key, "")) for line, key in unknown.items() if key not in papers
    }
    return found, troubles


def _trouble(line: str, why: str) -> str:
    named = " ".join(filter(None, ("we do not hold", shorten(line, 80, placeholder="…"), why)))
    return f"{named}: write the paper's title instead."


def _ask_arxiv(app: App, ids: Sequence[str], network: str) -> dict[str, Paper]:
    """Ask arXiv's API for papers, once; return them by their keys.

    Raises SourceError, in words that go on after "we do not hold it".
    """
    if not ids or app.lookup is None:
        raise RetrieveError("")
    if not admit_lookup(app, network):
        raise RetrieveError("and too much was looked up within the hour")
    url = httpx.URL(app.lookup).copy_merge_params(
        {"id_list": ",".join(ids), "max_results": len(ids)}
    )
    try:
        with app.open_http() as client:
            client.timeout = httpx.Timeout(PATIENCE)
            payload = ingest.fetch(
                client, str(url), Validators(), limit=_MOST_BYTES, attempts=1, patience=PATIENCE
            )
        assert payload is not None, "nothing was known of it"
        listing = ingest.parse(payload, today=app.clock().date())
    except Exception as error:
        _log.warning("lookup.failed", error=str(error))
        raise RetrieveError("and arXiv did not answer") from error
    return {key: each.paper for each in listing.announcements for key in each.paper.keys}
