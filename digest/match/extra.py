"""Papers beside those that matter, for readers who want them: one a little outside their interests,
and the one that the community read most. Which of those that may be it is decided here."""

from collections.abc import Collection, Sequence

import numpy as np

from digest.match.rank import Index

NEAR = 0.75  # of a reader's floor: further below, papers share a word by accident
RUNNERS_UP = 5  # the best below the floor, among which the most different is taken


def most_different(index: Index, runners_up: Sequence[int], sent: Sequence[int]) -> int:
    """Return the place among ``runners_up`` (columns, best first) of the paper whose words are
    least like those of any paper that is ``sent``; the first where nothing is."""
    if not sent:
        return 0
    papers = index.by_paper
    lengths = np.sqrt(np.asarray(papers.multiply(papers).sum(axis=0)).ravel())
    products = (papers[:, list(runners_up)].T @ papers[:, list(sent)]).toarray()
    cosines = products / np.maximum(np.outer(lengths[runners_up], lengths[sent]), 1e-9)
    return int(cosines.max(axis=1).argmin())


def most_read(index: Index, barred: Collection[int]) -> int | None:
    """Return the paper (its column) that has the most of the community's votes, if any paper that
    is not ``barred`` has one."""
    return next((column for column in index.by_votes if column not in barred), None)
