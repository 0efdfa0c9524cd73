"""May two papers be one work? What they say of themselves decides, never their title alone.

Different works share a title more often than one thinks: editorials and replies, the many papers
called "Deep Reinforcement Learning", two groups with one pun. Everything here is pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from digest.model import Paper

# Abstracts of one work (a preprint and its journal version) share most of their longer words; of
# 20,000 pairs of different papers on machine learning the likest shared 42 %, 999 of 1,000 less
# than a third.
SAME_WORDS: Final = 0.4
_ENOUGH_WORDS: Final = 20  # different ones, in each abstract, to tell anything
_TELLING_TITLE: Final = (
    16  # letters: "Introduction" tells nothing, "Attention Is All You Need" does
)
_LONGER_WORD: Final = re.compile(r"[^\W\d_]{5,}")
_WORD: Final = re.compile(r"[^\W\d_]+")
_INITIALS: Final = re.compile(r"(?<![\w.-])[A-Z]{2,3}(?![\w-])")
_NICKNAME: Final = 4  # letters
# Müller is written Mueller and Muller, Bjørn Bjorn, Łukasz Lukasz.
_UMLAUT: Final = re.compile(r"([aou])e")
_PLAIN: Final = str.maketrans("øłđıæœ", "oldiao")
_BODIES: Final = frozenset(("the", "collaboration", "consortium", "group", "team", "network"))

# DOIs that name a preprint, which gets another DOI once it is published: bioRxiv and medRxiv,
# Research Square, SSRN, ChemRxiv, OSF, Preprints.org, TechRxiv, Authorea
# (https://www.crossref.org/documentation/research-nexus/posted-content-includes-preprints/).
_PREPRINTS: Final = (
    "doi:10.1101/",
    "doi:10.64898/",
    "doi:10.21203/",
    "doi:10.2139/",
    "doi:10.26434/",
    "doi:10.31219/",
    "doi:10.31234/",
    "doi:10.20944/",
    "doi:10.36227/",
    "doi:10.22541/",
)


def are_one(one: Paper, other: Paper) -> bool:
    """Whether two papers that share a folded title can be one work.

    Not when their names contradict each other: two arXiv ids are two works, and so are two DOIs
    (unless one is a preprint's) and two OpenReview forums (unless the authors are the same: papers
    are submitted again). Nor when neither's first author is an author of the other. Abstracts that
    can be compared must agree, unless the authors and a telling title do; where there is neither,
    a title that could be anybody's does not join two named works.
    """
    same_authors = share_author(one, other)
    if same_authors is False or contradict(one, other):
        return False
    alike, telling = same_abstract(one, other), tells(one.readable_title)
    if same_authors or alike is not None:
        return alike is not False or bool(same_authors and telling)
    return telling or not (_named(one) and _named(other))


def are_versions(one: Paper, other: Paper) -> bool:
    """Whether two papers of different titles can be the one that a source says they are: titles
    change before publication, but authors give wrong DOIs, too. So everything else must agree."""
    return (
        share_author(one, other) is True
        and same_abstract(one, other) is True
        and not contradict(one, other)
    )


def contradict(one: Paper, other: Paper) -> bool:
    """Whether the names that were given to two papers cannot be those of one work."""
    if _disjoint(one, other, "arxiv"):
        return True
    same_authors = share_author(one, other) is True
    if _disjoint(one, other, "doi"):
        return not (same_authors and _is_preprint(one) != _is_preprint(other))
    return _disjoint(one, other, "openreview") and not same_authors


def share_author(one: Paper, other: Paper) -> bool | None:
    """Whether the first author of either is an author of the other; None when one names nobody.

    Names agree whichever way round they are written, and with initials for given names.
    """
    if not one.authors or not other.authors:
        return None
    return _is_among(one.authors[0], other.authors) or _is_among(other.authors[0], one.authors)


def byline(author: str) -> str:
    """Return the words of a name, folded and in alphabetical order: Wei Wang is Wang Wei and
    WANG, Wei, but not W. Wang, who may be another."""
    return " ".join(sorted(_words(author)))


def tells(title: str) -> bool:
    """Whether few works would have this title: it is no "Introduction"."""
    return sum(map(str.isalpha, title)) >= _TELLING_TITLE


def same_abstract(one: Paper, other: Paper) -> bool | None:
    """Whether the abstracts agree; None when one is missing or too short to tell."""
    ours, theirs = (
        set(_LONGER_WORD.findall(paper.readable_abstract.casefold())) for paper in (one, other)
    )
    fewer = min(len(ours), len(theirs))
    return len(ours & theirs) >= SAME_WORDS * fewer if fewer >= _ENOUGH_WORDS else None


def _is_among(author: str, authors: Iterable[str]) -> bool:
    name = _words(author)
    return any(_is_name(name, _words(other)) for other in authors)


def _is_name(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two names are spelt alike, or share a word and what is left of them agrees:
    Wei Wang is W. Wang and Wang Wei, but neither Wen Wang nor Wei Wu."""
    if sorted(one) == sorted(other):
        return True
    rest = [word for word in one if word not in other]
    others = [word for word in other if word not in one]
    shared = any(len(word) > 1 and word not in _BODIES for word in one if word in other)
    return shared and (
        not rest
        or not others
        or "".join(rest) == "".join(others)  # Jun-Jie, Junjie
        or any(_abbreviates(a, b) or _abbreviates(b, a) for a in rest for b in others)
    )


def _abbreviates(short: str, word: str) -> bool:
    """``A`` and ``Alex`` for Alexander; but Yan is not Yang."""
    return word.startswith(short) and (len(short) == 1 or len(short) >= _NICKNAME)


def _words(name: str) -> list[str]:
    """Return the words of a name, plain: without accents, ``AB`` as two initials."""
    apart = name if name.isupper() else _INITIALS.sub(lambda found: " ".join(found[0]), name)
    folded = apart.casefold()
    letters = _UMLAUT.sub(r"\1", folded if folded.isascii() else _unaccented(folded))
    return _WORD.findall(letters) or [letters.strip()]


def _unaccented(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return "".join(char for char in plain if not unicodedata.combining(char))


def _disjoint(one: Paper, other: Paper, scheme: str) -> bool:
    """Both have names of the scheme, and none in common."""
    ours, theirs = set(_of(one, scheme)), set(_of(other, scheme))
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _of(paper: Paper, scheme: str) -> Iterator[str]:
    return (key for key in paper.keys if key.startswith(f"{scheme}:"))


def _is_preprint(paper: Paper) -> bool:
    return all(name.startswith(_PREPRINTS) for name in _of(paper, "doi"))


def _named(paper: Paper) -> bool:
    return any(key.startswith(("arxiv:", "doi:", "openreview:")) for key in paper.keys)
