"""Sources that many people read, ready to be named in one line: where they are, and when they
announce.

Days in an address are those of ``digest/ingest/dated.py``; ``{of}`` is what an entry chooses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

_WEEKDAYS: Final = ["mon", "tue", "wed", "thu", "fri"]
# arXiv announces from Sunday to Thursday at 20:00, and its feeds and pages follow by midnight
# (https://info.arxiv.org/help/availability.html).
_ARXIV: Final = {"days": _WEEKDAYS, "by": 1, "timezone": "America/New_York", "deadline": 3}
_PREPRINTS: Final = {"days": _WEEKDAYS, "by": 8, "timezone": "America/New_York", "deadline": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A kind of source: its address, its name, what ``of`` chooses (an example of it; None: there
    is nothing to choose), and its calendar, as an entry of ``sources`` says it.

    ``whole`` is the address where ``of`` is left out; None: it must be given.
    """

    about: str
    url: str
    name: str
    of: str | None = None
    example: str | None = None
    whole: str | None = None
    calendar: Mapping[str, Any] = field(default_factory=dict)

    def url_for(self, of: str | None) -> str:
        """Return the address, of which days are still to be filled in."""
        if of is None:
            return self.whole or self.url
        return self.url.replace("{of}", quote(of, safe="/:+,.-_()"))

    def name_for(self, of: str | None) -> str:
        """Return what the source is called."""
        return self.name if of is None else f"{self.name} {of}"


def _preprints(server: str, name: str) -> Preset:
    place = f"https://api.biorxiv.org/details/{server}/{{yesterday}}/{{today}}/0/json"
    return Preset(
        about=f"the preprints of {name}, all or one subject's",
        url=place + "?category={of}",
        whole=place,
        name=name,
        of="subject",
        example="neuroscience",
        calendar=_PREPRINTS,
    )


PRESETS: Final[Mapping[str, Preset]] = {
    "hf-daily": Preset(
        about="Hugging Face's daily papers",
        url="https://huggingface.co/api/daily_papers?limit=100",
        name="Hugging Face",
        calendar={"days": _WEEKDAYS, "by": 8, "deadline": 6, "every": 30},
    ),
    "arxiv-rss": Preset(
        about="what arXiv announces each day: new, cross-listed and replaced papers",
        url="https://rss.arxiv.org/atom/{of}",
        name="arXiv",
        of="category",
        example="cs.CL",
        calendar=_ARXIV,
    ),
    "arxiv-list": Preset(
        about="the same, from the page arXiv shows to people",
        url="https://arxiv.org/list/{of}/new",
        name="arXiv's page of",
        of="category",
        example="cs.LG",
        calendar=_ARXIV,
    ),
    "arxiv-api": Preset(
        about="the newest papers that a query of arXiv's finds",
        url="https://export.arxiv.org/api/query?search_query={of}"
        "&sortBy=submittedDate&sortOrder=descending&max_results=100",
        name="arXiv:",
        of="query",
        example="abs:owl AND cat:q-bio.NC",
    ),
    "biorxiv": _preprints("biorxiv", "bioRxiv"),
    "medrxiv": _preprints("medrxiv", "medRxiv"),
    "openreview": Preset(
        about="the papers of a conference on OpenReview",
        url="https://api2.openreview.net/notes?content.venueid={of}&limit=1000",
        name="OpenReview",
        of="venue",
        example="ICLR.cc/2027/Conference",
    ),
    "crossref": Preset(
        about="what a journal registered with Crossref in the last week",
        url="https://api.crossref.org/journals/{of}/works"
        "?filter=from-created-date:{week_ago}&rows=1000&cursor=*",
        name="Crossref",
        of="ISSN",
        example="1476-4687",
    ),
    "semantic-scholar": Preset(
        about="what a search of Semantic Scholar finds in the papers of the last week",
        url="https://api.semanticscholar.org/graph/v1/paper/search/bulk?query={of}"
        "&publicationDateOrYear={week_ago}:"
        "&fields=title,abstract,authors,externalIds,publicationDate,venue",
        name="Semantic Scholar",
        of="search",
        example="speculative decoding",
    ),
    "nature": Preset(
        about="Nature, or a sister journal",
        url="https://www.nature.com/{of}.rss",
        whole="https://www.nature.com/nature.rss",
        name="Nature",
        of="journal",
        example="nmeth",
    ),
    "plos": Preset(
        about="a journal of PLOS",
        url="https://journals.plos.org/{of}/feed/atom",
        name="PLOS",
        of="journal",
        example="ploscompbiol",
    ),
    "pnas": Preset(
        about="the latest issue of PNAS",
        url="https://www.pnas.org/action/showFeed?type=etoc&feed=rss&jc=pnas",
        name="PNAS",
    ),
    "jmlr": Preset(
        about="the Journal of Machine Learning Research",
        url="https://www.jmlr.org/jmlr.xml",
        name="JMLR",
    ),
}
