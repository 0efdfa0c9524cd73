"""A library file → its newest papers: BibTeX, RIS, CSL JSON and Zotero's CSV, known by content.

Anybody may upload one, so every step is bounded: a file is cut into entries in linear time, the
entries are put in order by the date they state, and only as many as are kept are really parsed.
"""

import csv
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple

import rispy
from bibtexparser.entrypoint import parse_string

from digest.errors import ParseError
from digest.ingest.identity import arxiv_id, doi, make_paper
from digest.ingest.text import decode
from digest.latex import readable
from digest.model import Paper, Payload

LARGEST: Final = 5_000_000  # bytes of a library file
MOST: Final = 40  # papers kept of one file

_TITLE: Final = 1000  # characters
_ABSTRACT: Final = 6000
_ENTRIES: Final = 20_000  # in one file
_TRIED: Final = 200  # entries of which to keep MOST
_LONGEST: Final = 50_000  # characters of one entry
_ALL: Final = 500_000  # characters parsed of one file
_BLOCKS: Final = 50  # what looks like the beginning of an entry inside one
_LINES: Final = 1000  # of an entry
_VALUES: Final = 300_000  # lists and objects in one file

_BIBTEX: Final = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", re.MULTILINE)
_NO_ENTRY: Final = ("comment", "string", "preamble")
_BLOCK: Final = re.compile(r"@\w*[ \t]*[{(]")
_RIS: Final = re.compile(r"^TY  -", re.MULTILINE)
_ADDED: Final = re.compile(
    r"\b(?:date-?added|timestamp)\s*+=\s*+[\"{]?\s*+(\d{4}[-\d]*)", re.IGNORECASE
)
_DATED: Final = re.compile(r"\b(?:year|date)\s*+=\s*+[\"{]*\s*+(\d{4}[-\d]*)", re.IGNORECASE)
_RIS_DATED: Final = re.compile(r"^(?:PY|Y1|DA)  - *(\d{4}[-/\d]*)", re.MULTILINE)
_MARKUP: Final = re.compile(
    r"</?(?:jats:)?(?:i|b|em|strong|sub|sup|sc|span|p|italic|bold|title|sec)"
    r"(?:\s[^<>=]*+=[^<>]*+)?\s*+/?>",
    re.IGNORECASE,
)
_WHAT_TO_DO: Final = "export it as BibTeX, RIS, CSL JSON or CSV and choose that file"

# It warns of every entry it cannot read, in the entry's own words: those are nobody's business.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The newest papers of a library file, and how many entries it ``held`` altogether;
    ``unread`` are those that were to be kept and have no title, or are broken."""

    papers: tuple[Paper, ...]
    held: int
    unread: int


class _Said(NamedTuple):
    """What an entry says: a title and an abstract as typed, and strings that may be its names."""

    title: str
    abstract: str
    names: tuple[str, ...]


class _Entry(NamedTuple):
    """An entry not read yet; ``when`` it was added or published sorts as text."""

    when: str
    size: int
    read: Callable[[], _Said | None]


def parse_library(payload: Payload) -> Library:
    """Return the newest papers of a library file, at most ``MOST``: by the day they were added to
    the library, or else the day they were published. Entries without a title are left out.

    Raises ParseError when the file is too large, or is no library.
    """
    if len(payload.content) > LARGEST:
        raise ParseError(
            payload.name,
            f"the file has {len(payload.content) / 1e6:.1f} MB, and {LARGEST / 1e6:.0f} MB are the "
            "most we read: export fewer papers.",
        )
    entries = _entries(payload)
    if len(entries) > _ENTRIES:
        raise ParseError(
            payload.name,
            f"the file has more than {_ENTRIES:,} entries: export fewer papers.",
        )
    library = _newest(sorted(entries, key=lambda entry: entry.when, reverse=True))
    if not library.papers:
        raise ParseError(payload.name, f"no paper with a title was found: {_WHAT_TO_DO}.")
    return library


def _entries(payload: Payload) -> list[_Entry]:
    try:
        text = decode(payload).replace("\r\n", "\n").replace("\r", "\n")
    except ParseError as error:
        raise ParseError(payload.name, f"this is no text: {_WHAT_TO_DO}.") from error
    try:
        return list(islice(_reader(payload.name, text)(text), _ENTRIES + 1))
    except json.JSONDecodeError as error:
        raise ParseError(payload.name, f"broken JSON: {_WHAT_TO_DO}.", error.lineno) from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise ParseError(payload.name, f"the file cannot be read: {_WHAT_TO_DO}.") from error


def _reader(name: str, text: str) -> Callable[[str], Iterable[_Entry]]:
    head = text.lstrip()
    if head.startswith(("[", "{")):
        return _csl
    if _RIS.search(text):
        return _ris
    if _BIBTEX.search(text):
        return _bibtex
    if "Title" in head.partition("\n")[0].replace('"', "").split(","):
        return _zotero
    raise ParseError(name, f"this is no library we can read: {_WHAT_TO_DO}.", 1)


def _newest(entries: Sequence[_Entry]) -> Library:
    """Read entries in their order until there are enough."""
    unread, left = 0, _ALL
    papers: dict[str, Paper] = {}
    for entry in entries[:_TRIED]:
        if len(papers) == MOST or left <= 0:
            break
        left -= entry.size
        said = entry.read() if entry.size <= _LONGEST else None
        paper = _paper(said) if said else None
        if paper is None:
            unread += 1
        else:
            papers.setdefault(paper.id, paper)
    return Library(papers=tuple(papers.values()), held=len(entries), unread=unread)


def _paper(said: _Said) -> Paper | None:
    paper = make_paper(
        title=_MARKUP.sub("", said.title[:_TITLE]),
        abstract=_MARKUP.sub("", said.abstract[:_ABSTRACT]),
        arxiv_id=next(filter(None, map(arxiv_id, said.names)), None),
        doi=next(filter(None, map(doi, said.names)), None),
    )
    return paper if paper.readable_title else None


def _bibtex(text: str) -> Iterator[_Entry]:
    for start, following in pairwise(chain(_BIBTEX.finditer(text), (None,))):
        if start and start[1].lower() not in _NO_ENTRY:
            entry = text[start.start() : following.start() if following else None].strip()
            dated = _ADDED.search(entry) or _DATED.search(entry)
            yield _Entry(dated[1] if dated else "", len(entry), _reading(_read_bibtex, entry))


def _read_bibtex(entry: str) -> _Said | None:
    if len(_BLOCK.findall(entry)) > _BLOCKS:
        return None
    found = parse_string(entry).entries[:1]
    for one in found:
        fields = {field.key.lower(): str(field.value) for field in one.fields}
        names = ("eprint", "arxiv", "doi", "url", "journal", "howpublished", "note")
        said = _said(fields, "title", "abstract", names)
        return said and said._replace(
            title=_unbraced(said.title[:_TITLE]), abstract=_unbraced(said.abstract[:_ABSTRACT])
        )
    return None


def _unbraced(text: str) -> str:
    """Read TeX; the braces that are left only told BibTeX which capitals to keep."""
    return readable(text).replace("{", "").replace("}", "")


def _ris(text: str) -> Iterator[_Entry]:
    for entry in _RIS.split(text)[1:]:
        dated = _RIS_DATED.search(entry)
        yield _Entry(dated[1] if dated else "", len(entry), _reading(_read_ris, f"TY  -{entry}"))


def _read_ris(entry: str) -> _Said | None:
    if entry.count("\n") > _LINES:
        return None
    try:
        found = rispy.loads(f"{entry.partition('ER  -')[0].rstrip()}\nER  - \n")
    except (LookupError, AttributeError, TypeError):  # what it makes of a broken record
        return None
    for one in found[:1]:
        fields = {
            name: value[0] if isinstance(value, list) and value else value
            for name, value in one.items()
        }
        fields["title"] = fields.get("title") or fields.get("primary_title") or ""
        fields["abstract"] = fields.get("abstract") or fields.get("notes_abstract") or ""
        return _said(fields, "title", "abstract", ("doi", "urls", "url", "number"))
    return None


def _csl(text: str) -> Iterator[_Entry]:
    if text.count("[") + text.count("{") > _VALUES:
        raise ValueError("more lists than any library has")
    held = json.loads(text)
    items = held.get("items") if isinstance(held, dict) else held
    for item in items if isinstance(items, list) else ():
        fields = item if isinstance(item, dict) else {}
        names = ("DOI", "URL", "number", "archive_location", "note")
        yield _Entry(_issued(fields), 0, _reading(_read_csl, fields, names))


def _read_csl(fields: Mapping[str, Any], names: tuple[str, ...]) -> _Said | None:
    return _said(fields, "title", "abstract", names)


def _issued(fields: Mapping[str, Any]) -> str:
    """The date of a CSL item: numbers or strings in ``date-parts``, or ``raw``."""
    issued = fields.get("issued")
    if not isinstance(issued, dict):
        return ""
    parts = issued.get("date-parts")
    days = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(days, list):
        return "-".join(str(part)[:4].zfill(2) for part in days[:3])
    return str(issued.get("raw") or "")[:10]


def _zotero(text: str) -> Iterator[_Entry]:
    for row in csv.DictReader(StringIO(text)):
        fields = {name: value for name, value in row.items() if isinstance(value, str)}
        when = fields.get("Date Added") or fields.get("Publication Year") or ""
        yield _Entry(when, 0, _reading(_read_zotero, fields))


def _read_zotero(fields: Mapping[str, str]) -> _Said | None:
    return _said(fields, "Title", "Abstract Note", ("DOI", "Url", "Archive ID", "Extra"))


def _reading(read: Callable[..., _Said | None], *given: Any) -> Callable[[], _Said | None]:
    return lambda: read(*given)


def _said(
    fields: Mapping[str, Any], title: str, abstract: str, names: tuple[str, ...]
) -> _Said | None:
    named = tuple(filter(None, (_text(fields, name)[:500] for name in names)))
    said = _text(fields, title)
    return _Said(said, _text(fields, abstract), named) if said.strip() else None


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
