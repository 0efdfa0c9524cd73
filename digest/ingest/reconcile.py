"""Which announcement is which work, and which two works turn out to be one. Everything is pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.ingest.identity import fold_title, merge
from digest.ingest.likeness import are_one, are_versions, contradict
from digest.model import Announcement, Paper

_STRENGTH: Final = ("arxiv", "doi", "openreview", "work", "title")
_GIVEN: Final = ("arxiv:", "doi:", "openreview:")  # names that somebody gave the work


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A listing set against what is known: works to add, works to change, stored works to join
    (the id that goes, the id that stays), and for each announcement, in order, its work's id."""

    new: tuple[Paper, ...]
    changed: tuple[Paper, ...]
    joined: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]


def reconcile(known: Mapping[str, Paper], announcements: Sequence[Announcement]) -> Reconciled:
    """Decide which announcement is which work.

    ``known`` maps keys to stored papers: every key of the announcements that is stored. A name
    that somebody gave (arXiv id, DOI, OpenReview id) decides; a shared title does only where
    ``likeness`` does not object. Else the newcomer is a work of its own, without the keys that
    stay with the first. No key belongs to two works.

    An announcement that brings two stored works together (one known by its title, one by its
    arXiv id; a preprint and its journal version) joins them, unless likeness objects: then it
    counts for the one with the stronger name.
    """
    works = _Works(known)
    met = [works.settle(announcement.paper) for announcement in announcements]
    ids = tuple(works.now(id) for id in met)
    stored = {paper.id: paper for paper in known.values()}
    touched = [works.papers[id] for id in dict.fromkeys(ids)]
    return Reconciled(
        new=tuple(paper for paper in touched if paper.id not in stored),
        changed=tuple(paper for paper in touched if stored.get(paper.id, paper) != paper),
        joined=tuple((gone, works.now(gone)) for gone in works.joined if gone in stored),
        ids=ids,
    )


class _Works:
    """The works met so far, by id, which work owns which key, and which has become which."""

    def __init__(self, known: Mapping[str, Paper]) -> None:
        self.papers = {paper.id: paper for paper in known.values()}
        self.owners = {key: paper.id for paper in known.values() for key in paper.keys}
        self.joined: dict[str, str] = {}
        self._stored = frozenset(self.papers)

    def now(self, id: str) -> str:
        """Return the id of the work that ``id`` has become."""
        while id in self.joined:
            id = self.joined[id]
        return id

    def settle(self, paper: Paper) -> str:
        """Merge ``paper`` into the work it is, or add it as a new one; return the work's id."""
        owners = list(dict.fromkeys(self._owners(paper)))
        kept = self._keep(paper, owners[0] if owners else None)
        for other in owners[1:]:
            if _joins(paper, self.papers[kept], self.papers[other]):
                kept = self._join(kept, other)
        return kept

    def _owners(self, paper: Paper) -> Iterator[str]:
        """Yield the works that ``paper`` can be, by the strength of the key it shares with them."""
        # A paper without a given name has nothing surer than its work key to be known by again.
        sure = _GIVEN if any(key.startswith(_GIVEN) for key in paper.keys) else ("work:",)
        for key in sorted(paper.keys, key=_strength):
            owner = self.owners.get(key)
            if owner is not None and (key.startswith(sure) or are_one(paper, self.papers[owner])):
                yield owner

    def _keep(self, paper: Paper, owner: str | None) -> str:
        keys = tuple(key for key in paper.keys if self.owners.get(key, owner) == owner)
        if owner is None:
            work = replace(paper, id=keys[0], keys=keys)
        else:
            work = merge(self.papers[owner], replace(paper, keys=keys))
        self.papers[work.id] = work
        self.owners.update(dict.fromkeys(keys, work.id))
        return work.id

    def _join(self, one: str, other: str) -> str:
        """Make two works one; what is stored stays: issues and votes are about it."""
        gone, kept = (one, other) if self._is_new(one, other) else (other, one)
        work = merge(self.papers[kept], self.papers.pop(gone))
        self.papers[kept] = work
        self.owners.update(dict.fromkeys(work.keys, kept))
        self.joined[gone] = kept
        return kept

    def _is_new(self, one: str, other: str) -> bool:
        return one not in self._stored and other in self._stored


def _joins(paper: Paper, kept: Paper, other: Paper) -> bool:
    """Whether an announcement that is ``kept`` and has a key of ``other`` makes them one."""
    same_title = fold_title(paper.title) == fold_title(other.title)
    alike = are_one(paper, other) if same_title else are_versions(paper, other)
    return alike and not contradict(kept, other)


def _strength(key: str) -> int:
    return _STRENGTH.index(key.partition(":")[0])
