"""Near-twins: the same work under two ids, or an abstract announced twice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from digest.match.text import fold
from digest.model import Paper

ALIKE = 0.7  # Jaccard overlap of terms; two papers on one subject stay below 0.3
LEAST = 20  # shared terms; a line or two prove nothing
RARE = 50  # papers; a term in more of them tells no twin apart, and costs the square


def twins(papers: Sequence[Paper], weights: csr_array) -> Mapping[int, frozenset[int]]:
    """Return the near-twins of each paper (column) that has any: same folded title, or nearly
    the same terms. ``weights`` is the index's matrix (terms × papers)."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in (*_same_title(papers), *_same_terms(weights)):
        found[one].add(other)
        found[other].add(one)
    return {column: frozenset(others) for column, others in found.items()}


def _same_title(papers: Sequence[Paper]) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    pairs = []
    for column, paper in enumerate(papers):
        title = "".join(filter(str.isalnum, fold(paper.readable_title)))
        if first.setdefault(title, column) != column:
            pairs.append((first[title], column))
    return pairs


def _same_terms(weights: csr_array) -> list[tuple[int, int]]:
    """Return the pairs of papers whose rare terms overlap by ``ALIKE`` or more."""
    shared = np.diff(weights.indptr)
    rare = weights[np.flatnonzero(shared <= RARE)]
    said = csr_array((np.ones(len(rare.data)), rare.indices, rare.indptr), shape=rare.shape)
    common = (said.T @ said).tocoo()
    sizes = np.bincount(rare.indices, minlength=weights.shape[1])
    either = sizes[common.row] + sizes[common.col] - common.data
    alike = (common.row < common.col) & (common.data >= np.maximum(ALIKE * either, LEAST))
    return list(zip(common.row[alike].tolist(), common.col[alike].tolist(), strict=True))
