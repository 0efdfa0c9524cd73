"""What an interest demands besides its words: must, exclude, categories, followed authors."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce

import numpy as np

from digest.match import author
from digest.match.acronym import Acronyms
from digest.match.author import Name
from digest.match.text import Word, pairs, singles, words
from digest.model import Interest, Paper

Columns = np.ndarray[tuple[int], np.dtype[np.int32]]
Postings = Callable[[str], Columns]  # term → the columns of the papers that say it
Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Conditions:
    """The papers of a window, ready to be asked what they contain, who wrote them and where.

    Every answer is a mask over the papers, in their order. All stems of the window stand in one
    array, sorted once, so that a phrase costs a look at the places of its first word.
    """

    def __init__(self, papers: Sequence[Paper], acronyms: Acronyms, say: Postings) -> None:
        self._papers = papers
        self._acronyms = acronyms
        self._say = say
        self._answers: dict[str, Mask] = {}
        self._numbers: dict[str, int] = {}
        self._read([words(f"{p.readable_title} . {p.readable_abstract} .") for p in papers])
        self._names: defaultdict[str, list[tuple[Name, str, int]]] = defaultdict(list)
        for column, paper in enumerate(papers):
            for written in paper.authors:
                name = author.parse(written)
                self._names[name.surname].append((name, written, column))

    def _read(self, said: Sequence[Sequence[Word]]) -> None:
        number = self._numbers
        flat = [number.setdefault(w.stem, len(number)) for one in said for w in one]
        lengths = np.array([len(one) for one in said], dtype=np.int64)
        self._stems = np.array(flat, dtype=np.int64)
        self._paper = np.repeat(np.arange(len(said)), lengths)
        self._order = np.argsort(self._stems, kind="stable")
        self._sorted = self._stems[self._order]

    def admitted(self, interest: Interest) -> Mask:
        """Return which papers meet ``must`` and ``categories`` and contain nothing excluded."""
        demands = [self._any(wish.split("|")) for wish in interest.must]
        if interest.categories:
            demands.append(self._placed(interest.categories) | self._unplaced())
        return reduce(np.logical_and, demands, ~self.excluded(interest))

    def suffices(self, interest: Interest) -> Mask:
        """Return which papers match an interest without words: by its conditions alone."""
        if interest.must:
            return self.admitted(interest)
        return self._placed(interest.categories) & self.admitted(interest)

    def written_by(self, interest: Interest) -> Integers:
        """Return the columns of the papers by a followed author, but those excluded."""
        excluded = self.excluded(interest)
        columns = sorted(self.written(interest.authors))
        return np.array([c for c in columns if not excluded[c]], dtype=np.int64)

    def excluded(self, interest: Interest) -> Mask:
        """Return which papers contain a word that the interest excludes."""
        return self._any(part for wish in interest.exclude for part in wish.split("|"))

    def written(self, authors: Iterable[str]) -> dict[int, str]:
        """Return the papers by any of ``authors``: column → the name as it stands in the paper."""
        wanted = [author.parse(name) for name in authors]
        return {
            column: written
            for wish in wanted
            if wish.surname
            for name, written, column in self._names.get(wish.surname, ())
            if author.same(wish, name)
        }

    def _placed(self, categories: Sequence[str]) -> Mask:
        """Return which papers stand in any of ``categories`` (``cs.LG``, ``cs.*`` or ``cs``)."""
        return np.array([bool(category(p, categories)) for p in self._papers], dtype=bool)

    def _unplaced(self) -> Mask:
        return np.array([not paper.categories for paper in self._papers], dtype=bool)

    def _any(self, phrases: Iterable[str]) -> Mask:
        nothing = np.zeros(len(self._papers), dtype=bool)
        return reduce(np.logical_or, map(self.containing, phrases), nothing)

    def containing(self, phrase: str) -> Mask:
        """Return which papers contain a word or phrase, in whatever way it may be written."""
        if phrase not in self._answers:
            self._answers[phrase] = self._containing(words(phrase))
        return self._answers[phrase]

    def _containing(self, phrase: Sequence[Word]) -> Mask:
        said = [w for w in phrase if w.stem]
        found = self._adjacent([w.stem for w in said])
        for term in self._terms(said):
            found[self._say(term)] = True
        return found

    def _terms(self, said: Sequence[Word]) -> Iterator[str]:
        """Yield the terms that say the same as the words: ``finetuning``, an acronym."""
        if len(said) <= 2:
            yield from singles(said) if len(said) == 1 else pairs(said)
        if short := self._acronyms.whole(said):
            yield short

    def _adjacent(self, stems: Sequence[str]) -> Mask:
        """Return which papers say these stems one after the other."""
        found = np.zeros(len(self._papers), dtype=bool)
        numbers = [self._numbers.get(stem, -1) for stem in stems]
        if numbers and -1 not in numbers:
            begin, end = np.searchsorted(self._sorted, [numbers[0], numbers[0] + 1])
            at = self._order[begin:end]
            at = at[at + len(numbers) <= len(self._stems)]
            for step, number in enumerate(numbers):
                at = at[self._stems[at + step] == number]
            found[self._paper[at]] = True
        return found


def demanding(interest: Interest) -> bool:
    """Tell whether an interest is more than words."""
    return bool(interest.must or interest.exclude or interest.authors or interest.categories)


def category(paper: Paper, wanted: Iterable[str]) -> str:
    """Return the first category of a paper that is wanted, or ``""``."""
    for place in paper.categories:
        if any(_within(place.casefold(), wish.strip().casefold()) for wish in wanted):
            return place
    return ""


def _within(place: str, wish: str) -> bool:
    archive = wish.removesuffix("*").removesuffix(".")
    return place == archive or place.startswith(f"{archive}.")
