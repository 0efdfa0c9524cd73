"""How like its examples a paper is, in standard deviations.

All the words as written, stop words too, their neighbours and our own terms make a vector: BM25
with idf from a long background, brought to unit length. The cosine of two papers is then measured
against what is usual for each of them: a paper whose words everybody uses is like everything, and
one of rare words like nothing. That correction for hubs is the local scaling of Schnitzer et al.
("Local and global scaling reduce hubs in space", JMLR 13, 2012), with mean and deviation taken
from the background, and not wholly believed. What was measured to choose it: docs/relevance.md.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from digest.match.meaning import Meaning, sight
from digest.match.sight import Halves, Mask, Sight, Usual, usual
from digest.match.text import plain
from digest.model import Example, Paper, VoteKind

K1, B = 2.0, 0.75  # of BM25
TOLD = 0.35  # deviations of a reader's taste in a window that one of the community's votes is worth
MOST = 2.0  # deviations: a paper loved by all is still a paper on its subject
TYPICAL = 0.01  # cosine of two papers, and its deviation
MEANT = 0.1  # of a likeness is what a model of embeddings says, where there is one
BLAME = 0.5  # of a likeness to disliked examples is taken from that to liked ones
CLEAR = 1.0  # deviations: a paper as like its examples as this is worth showing
WORTH = 0.36  # and it then gains so much of what is needed, which is just enough (1 - exp(-x))
AT_ONCE = 128  # interests as one dense matrix
BEND = 2.0  # below that the gain soon fades; above, it grows evenly

_WORD = re.compile(r"\w\w+")
_STEM = 1 << 32  # apart from words as written
_PAIR = 0x9E3779B97F4A7C15  # an odd number: keys of two words spread over 64 bits

Keys = np.ndarray[tuple[int], np.dtype[np.uint64]]
Integers = np.ndarray[tuple[int], np.dtype[np.int64]]


class Usage(NamedTuple):
    """What a background says, and how often: ``keys`` (sorted) with their ``idf``, that of one
    never said, the average number of keys in a paper, and its papers as unit vectors (keys ×
    papers)."""

    keys: Keys
    idf: Halves
    unseen: float
    average: float
    papers: csr_array


@lru_cache(maxsize=1 << 13)  # a background, of which are the window and most examples too
def keys(title: str, text: str) -> Keys:
    """Return the keys of a paper, each as often as it is said."""
    return np.concatenate([_keys(title), _keys(text)])


def _keys(text: str) -> Keys:
    written = _WORD.findall(text.casefold())
    found = [*written, *plain(text)[1]]
    hashed = np.fromiter(map(_hashed, found), dtype=np.uint64, count=len(found))
    alone = hashed[: len(written)]
    hashed[len(written) :] += np.uint64(_STEM)
    return np.concatenate([hashed, alone[:-1] * np.uint64(_PAIR) + alone[1:]])


@lru_cache(maxsize=1 << 17)
def _hashed(term: str) -> int:
    return zlib.crc32(term.encode()) + 1


def study(said: Sequence[Keys], enough: int) -> Usage:
    """Return what a background says, from the keys of its papers; fewer than ``enough`` papers
    are taken as a sample of so many."""
    known, counts = _counted(said)
    papers_with = np.bincount(counts.indices, minlength=len(known))
    size = max(len(said), enough)
    usage = Usage(
        keys=known,
        idf=_idf(papers_with, size),
        unseen=float(_idf(np.zeros(1), size)[0]),
        average=float(counts.sum()) / max(1, len(said)) or 1.0,
        papers=_unit(counts[:0], np.zeros(len(known), dtype=np.float32), 1.0),
    )
    return usage._replace(papers=_unit(counts, usage.idf, usage.average).T.tocsr())


def _idf(papers_with: np.ndarray, size: int) -> Halves:
    idf: Halves = np.log((size + 0.5) / (papers_with + 0.5)).astype(np.float32)
    return np.maximum(idf, 0)


def _counted(said: Sequence[Keys]) -> tuple[Keys, csr_array]:
    """Return the distinct keys, sorted, and how often each text says each (texts × keys)."""
    flat = np.concatenate([np.empty(0, np.uint64), *said])
    known, places = np.unique(flat, return_inverse=True)
    rows = np.repeat(np.arange(len(said)), [len(one) for one in said])
    ones = np.ones(len(flat), dtype=np.float32)
    counts = csr_array((ones, (rows, places)), shape=(len(said), len(known)))
    counts.sum_duplicates()
    return known, counts


def _unit(counts: csr_array, idf: Halves, average: float) -> csr_array:
    """Return texts as vectors of unit length."""
    vectors = csr_array(counts, copy=True)
    sizes = np.diff(vectors.indptr)
    damping = K1 * (1 - B + B * np.asarray(counts.sum(axis=1)).ravel() / average)
    vectors.data = vectors.data * (K1 + 1) / (vectors.data + np.repeat(damping, sizes))
    vectors.data = (vectors.data * idf[vectors.indices]).astype(np.float32)
    lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    vectors.data /= np.repeat(np.where(lengths > 0, lengths, 1), sizes).astype(np.float32)
    return vectors


def _place(wanted: Keys, known: Keys) -> tuple[Integers, np.ndarray]:
    """Return where keys stand among others that are sorted, and which of them do."""
    places = np.searchsorted(known, wanted)
    held = places < len(known)
    held[held] = known[places[held]] == wanted[held]
    return np.where(held, places, 0), held


class Resemblance:
    """A window of papers, ready to be compared with examples."""

    def __init__(
        self, papers: Sequence[Paper], usage: Usage, meaning: Meaning | None = None
    ) -> None:
        self._usage = usage
        said = [keys(paper.readable_title, paper.readable_abstract) for paper in papers]
        self._keys, counts = _counted(said)
        vectors = _unit(counts, self._idf(self._keys), usage.average)
        self._papers = vectors.T.tocsr()
        self._words = Sight(self._usual(self._keys, vectors), self._see)
        self._meant = sight(papers, meaning) if papers and meaning else None
        self._votes = _standard(np.log1p([paper.upvotes or 0 for paper in papers]))

    def read(self, examples: Iterable[Example]) -> None:
        """Compare examples with the window, as ``gains`` would do when it meets them."""
        some = tuple(examples)
        for way in filter(None, (self._words, self._meant)):
            way.read(some)

    def gains(self, taught: Sequence[Sequence[Example]]) -> Halves:
        """Return what each paper gains by the examples of each interest, as a share of what is
        needed (interests × papers)."""
        gains = np.zeros((len(taught), len(self._votes)), dtype=np.float32)
        for first in range(0, len(taught) if len(self._votes) else 0, AT_ONCE):
            some = slice(first, first + AT_ONCE)
            gains[some] = self._gains(taught[some])
        return gains

    def _gains(self, taught: Sequence[Sequence[Example]]) -> Halves:
        liked, known = self._likeness([_of(VoteKind.MORE, one) for one in taught])
        disliked, _ = self._likeness([_of(VoteKind.LESS, one) for one in taught])
        taste = np.minimum(liked.std(axis=1, keepdims=True), CLEAR)  # votes alone are not enough
        like = liked + TOLD * taste * self._votes - BLAME * np.maximum(disliked, 0)
        share = np.logaddexp(0, BEND * like) / np.logaddexp(0, BEND * CLEAR)
        gains: Halves = np.where(known[:, None], WORTH * share, 0).astype(np.float32)
        return gains

    def nearest(
        self, examples: Sequence[Example], columns: Sequence[int]
    ) -> list[tuple[int, float]]:
        """Return for each of some papers which of the examples it is most like, and how like, in
        deviations; -inf where the window knows no word of any."""
        seen, usual = self._words.read(examples), self._words.usual
        cosines = np.array([seen[one][columns] for one in examples]).reshape(-1, len(columns))
        if not cosines.any():
            return [(0, -np.inf)] * len(columns)
        best = cosines.argmax(axis=0)
        like = (cosines.max(axis=0) - usual.mean[columns]) / usual.deviation[columns]
        return list(zip(best.tolist(), like.tolist(), strict=True))

    def _likeness(self, examples: Sequence[Sequence[Example]]) -> tuple[Halves, Mask]:
        """Return the likeness of each paper to each group of examples, and which groups have any
        that something can be said of."""
        said, known = self._words.likeness(examples)
        if not self._meant:
            return said, known
        meant, also = self._meant.likeness(examples)
        return (1 - MEANT) * said + MEANT * meant, known | also

    def _see(self, examples: Sequence[Example]) -> Halves:
        own, counts = _counted([keys(one.title, one.text) for one in examples])
        vectors = _unit(counts, self._idf(own), self._usage.average)
        places, held = _place(own, self._keys)
        cosines: Halves = (vectors[:, np.flatnonzero(held)] @ self._papers[places[held]]).toarray()
        return cosines

    def _idf(self, wanted: Keys) -> Halves:
        places, held = _place(wanted, self._usage.keys)
        idf = np.full(len(wanted), self._usage.unseen, dtype=np.float32)
        idf[held] = self._usage.idf[places[held]]
        return idf

    def _usual(self, own: Keys, vectors: csr_array) -> Usual:
        """Return what is usual for some vectors over keys of their own."""
        places, held = _place(own, self._usage.keys)
        cosines = vectors[:, np.flatnonzero(held)] @ self._usage.papers[places[held]]
        return usual(cosines.toarray(), mean=TYPICAL, deviation=TYPICAL)


def _of(kind: VoteKind, examples: Iterable[Example]) -> list[Example]:
    return [one for one in examples if one.kind is kind]


def _standard(values: np.ndarray) -> Halves:
    """Return values as deviations from their mean, ``MOST`` at most."""
    if not len(values):
        return values.astype(np.float32)
    spread: Halves = ((values - values.mean()) / (values.std() or 1)).astype(np.float32)
    return spread.clip(-MOST, MOST)
