"""How fast matching is: ``python -m bench.match`` prints a Markdown table.

2,000 readers, each with a profile of 20 words from two papers, against the 589 papers of the real
listings in ``../shared/listings`` (or as many made-up ones); size 10, 30 papers delivered before.
Ours is all of ``select``: scores, floor, near-twins, reasons; or ``choose``, the same without
reasons, which is what bm25s does. rank_bm25 gets its words as stems, over the same terms, and only
scores. All rows are measured in the same run, in turns,
and the median of the rounds is told.

*Warm* means that an index still knows what it read in an earlier round: the readers' texts as
weighted terms, which is what rank_bm25 is given too, and the reasons of papers for the terms they
say. Scores, ranks and matches are made anew in every round. *Cold* forgets both first, as on the
first run of a day; the very first ``select`` also finds near-twins and turns to papers that no one
has looked at.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

import bm25s
import numpy as np
from rank_bm25 import BM25Okapi
from scipy.sparse import csr_array

from digest import ingest
from digest.match import Index, Request, build_index, choose, query, select, study
from digest.match.background import terms
from digest.match.text import Kind, words
from digest.model import Interest, Paper, Payload, Profile

PROFILES = 2000
WORDS = 20
PAPERS = 589
BACKGROUND = 5000
SIZE = 10
SAMPLED = 100  # profiles that the slow peer gets
ROUNDS = 7
LISTINGS = Path(__file__).resolve().parents[2] / "shared" / "listings"

Done = TypeVar("Done")
Way = tuple[Callable[[], object], int]  # what to do, for how many profiles


def main() -> None:
    """Measure and print the tables."""
    chance = random.Random(11)
    papers, origin = _papers(chance)
    _, studied = _timed(lambda: study(_many(papers, BACKGROUND, chance)))
    background = study(papers)
    index, built = _timed(lambda: build_index(papers, background))
    profiles = _profiles(index, chance)
    requests = _requests(index, profiles, chance)
    first, began = _timed(lambda: select(index, requests))
    taken = _medians(_ways(index, profiles, requests))
    chosen = sum(len(selection.matches) for selection in first)
    print(
        f"{len(papers)} papers ({origin}), {PROFILES} profiles of {WORDS} words, {ROUNDS} rounds;"
    )
    print(f"{chosen / PROFILES:.1f} papers chosen a profile, each with its reasons.\n")
    _print_ways(taken)
    print("\n| once a run | seconds |\n|---|---:|")
    print(f"| study {BACKGROUND} papers | {studied:.2f} |")
    print(f"| index {len(papers)} papers | {built:.2f} |")
    print(
        f"| first select for all {PROFILES}: profiles and papers never read before | {began:.2f} |"
    )


def _print_ways(taken: dict[str, float]) -> None:
    peer = next(iter(taken.values()))
    print("| way | median µs a profile | times faster than rank_bm25 |")
    print("|---|---:|---:|")
    for name, seconds in taken.items():
        print(f"| {name} | {seconds * 1e6:.1f} | {peer / seconds:.1f} |")


def _ways(
    index: Index, profiles: Sequence[Sequence[str]], requests: Sequence[Request]
) -> dict[str, Way]:
    corpus = [terms(paper, index.acronyms) for paper in index.papers]
    okapi = BM25Okapi(corpus)
    fast = bm25s.BM25(method="atire", k1=1.5, b=0.75, backend="numba")
    fast.index(corpus, show_progress=False)
    tokens = [list(profile) for profile in profiles]
    asked, said = _matrices(index, profiles)

    whole = [list(_weights(index, request)) for request in requests[:SAMPLED]]

    def read_anew() -> object:
        index.ask.cache_clear()
        return select(index, requests)

    def cold() -> object:
        for wording in index.wordings:
            wording.clear()
        return read_anew()

    return {
        "rank_bm25: get_scores alone, no top 10": (
            lambda: [okapi.get_scores(one) for one in tokens[:SAMPLED]],
            SAMPLED,
        ),
        "rank_bm25, all the terms of our query (neighbours too)": (
            lambda: [okapi.get_scores(one) for one in whole],
            SAMPLED,
        ),
        "ours, warm: top 10, no reasons": (lambda: choose(index, requests), PROFILES),
        "ours, warm: select with reasons": (lambda: select(index, requests), PROFILES),
        "ours, and every profile's text read anew": (read_anew, PROFILES),
        "ours, cold: every text and every reason anew": (cold, PROFILES),
        "bm25s with numba: top 10, no reasons": (
            lambda: fast.retrieve(tokens, k=SIZE, show_progress=False),
            PROFILES,
        ),
        "bare csr @ dense: scores only": (lambda: asked @ said, PROFILES),
    }


def _weights(index: Index, request: Request) -> Mapping[str, float]:
    interest = request.profile.interests[0]
    return query.ask(interest, index.ground).weights


def _matrices(index: Index, profiles: Sequence[Sequence[str]]) -> tuple[csr_array, np.ndarray]:
    rows = [[index.rows[term] for term in profile] for profile in profiles]
    used, inverse = np.unique([row for one in rows for row in one], return_inverse=True)
    begins = np.cumsum([0, *map(len, rows)])
    asked = csr_array((np.ones(len(inverse)), inverse, begins), shape=(len(rows), len(used)))
    return asked, index.weights[used].toarray()


def _medians(ways: dict[str, Way]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS + 1):
        for name, (way, profiles) in ways.items():
            taken[name].append(_timed(way)[1] / profiles)
    return {name: median(seconds[1:]) for name, seconds in taken.items()}  # the first warms up


def _timed(work: Callable[[], Done]) -> tuple[Done, float]:
    started = perf_counter()
    done = work()
    return done, perf_counter() - started


def _profiles(index: Index, chance: random.Random) -> list[list[str]]:
    """Return for each reader 20 stems: ten telling words of each of two papers."""
    said = [sorted(_stems(paper) & index.rows.keys()) for paper in index.papers]
    return [
        [stem for of in chance.sample(said, 2) for stem in chance.sample(of, WORDS // 2)]
        for _ in range(PROFILES)
    ]


def _stems(paper: Paper) -> set[str]:
    text = f"{paper.readable_title}. {paper.readable_abstract}"
    return {word.stem for word in words(text) if word.kind is Kind.TELLING}


def _requests(
    index: Index, profiles: Sequence[Sequence[str]], chance: random.Random
) -> list[Request]:
    ids = [paper.id for paper in index.papers]
    return [
        Request(
            profile=Profile(interests=(Interest(name="bench", text=" ".join(profile)),)),
            size=SIZE,
            delivered=frozenset(chance.sample(ids, 30)),
        )
        for profile in profiles
    ]


def _papers(chance: random.Random) -> tuple[list[Paper], str]:
    files = sorted(LISTINGS.glob("*.txt"))
    if not files:
        return [_made_up(n, chance) for n in range(PAPERS)], "made up"
    today = datetime.now(UTC).date()
    listings = [
        ingest.parse(Payload(name=file.name, content=file.read_bytes()), today=today)
        for file in files
    ]
    found = {
        announcement.paper.id: announcement.paper
        for listing in listings
        for announcement in listing.announcements
    }
    return list(found.values()), "the real listings"


def _many(papers: Sequence[Paper], count: int, chance: random.Random) -> list[Paper]:
    """Return a long background: the papers at hand and made-up ones of the same length."""
    return [*papers, *(_made_up(n, chance) for n in range(count - len(papers)))]


def _made_up(n: int, chance: random.Random) -> Paper:
    """Return a paper of words as frequent as in any language (Zipf), half of them stop words."""
    ranks = (int(chance.paretovariate(0.9)) for _ in range(190))
    said = [("the" if rank % 2 else f"word{_letters(rank)}") for rank in ranks]
    title, abstract = " ".join(said[:10]), " ".join(said[10:])
    return Paper(
        id=f"made-up:{n}",
        keys=(f"made-up:{n}",),
        title=title,
        readable_title=title,
        abstract=abstract,
        readable_abstract=abstract,
        announced_on=date(2026, 11, 19),
    )


def _letters(rank: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(rank % 30_000))


if __name__ == "__main__":
    main()
