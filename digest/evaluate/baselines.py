"""What others do, without training: chance, votes, and two ways to use BM25."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
from rank_bm25 import BM25Okapi

from digest.evaluate.protocol import Case, Floats, Ready, Week

K1, B = 1.2, 0.75  # Lucene's defaults
_TOKEN = re.compile(r"[a-z0-9-]+")
_PAUSE = re.compile(r"[^\w\s-]+")
_SMALL = """a an and are as at be but by can do does for from how in into is it its not of on or
    over than that the their through to toward towards under using via we what when where with
    without"""
_LINKS = frozenset(_SMALL.split())


def random(week: Week) -> Callable[[], Ready]:
    """Rank by chance alone: every paper is a tie."""
    return lambda: Ready(lambda: np.zeros((len(week.cases), len(week.listed))))


def upvotes(week: Week) -> Callable[[], Ready]:
    """Rank by the community's votes, for everybody alike."""
    votes = np.array([paper.upvotes for paper in week.listed], dtype=np.float64)
    return lambda: Ready(lambda: np.tile(votes, (len(week.cases), 1)))


def rank_bm25(week: Week) -> Callable[[], Ready]:
    """Rank as most would with rank-bm25: ``BM25Okapi`` over the week, asked for the words of the
    titles of the history, with repetitions; or for what was typed."""
    okapi = BM25Okapi([words(paper.text) for paper in week.listed])

    def learn() -> Ready:
        asked = [[w for text in case.asked for w in words(text)] for case in week.cases]
        return Ready(lambda: np.array([okapi.get_scores(query) for query in asked]))

    return learn


def arxivdigest(week: Week) -> Callable[[], Ready]:
    """Rank as arXivDigest's baseline does: BM25 for each of the reader's topics, summed.

    Its readers type topics, short phrases; without any they are the phrases of past titles.
    Lucene's BM25, with the statistics of all earlier papers.
    """
    idf, average = _statistics(week)
    counts = [Counter(words(paper.text)) for paper in week.listed]
    lengths = np.array([count.total() for count in counts], dtype=np.float64)
    damping = K1 * (1 - B + B * lengths / average)

    def of_word(word: str) -> Floats:
        said = np.array([count[word] for count in counts], dtype=np.float64)
        weighed: Floats = idf.get(word, idf[""]) * said * (K1 + 1) / (said + damping)
        return weighed

    def of_topics(asked: Sequence[str]) -> Floats:
        score: Floats = np.zeros(len(counts))
        return score + sum(of_word(word) for topic in asked for word in words(topic))

    def learn() -> Ready:
        asked = list(map(topics, week.cases))
        return Ready(lambda: np.array(list(map(of_topics, asked))))

    return learn


def topics(case: Case) -> Sequence[str]:
    """Return the phrases of past titles, cut at small words and punctuation, each once; or those
    that were typed."""
    return list(dict.fromkeys(topic for text in case.asked for topic in phrases(text)))


def phrases(title: str) -> Iterator[str]:
    """Yield the phrases of a text, cut at small words and punctuation, in small letters."""
    for part in _PAUSE.split(title.casefold()):
        phrase: list[str] = []
        for word in (*part.split(), ""):
            if word and word not in _LINKS:
                phrase.append(word)
            elif phrase:
                yield " ".join(phrase)
                phrase = []


@lru_cache(maxsize=1 << 14)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, hyphenated ones whole."""
    return tuple(_TOKEN.findall(text.casefold()))


def _statistics(week: Week) -> tuple[Mapping[str, float], float]:
    """Return the idf of each word of earlier papers (that of all others under ``""``), and the
    average length."""
    said = [words(paper.text) for paper in week.before]
    frequencies = Counter(word for one in said for word in set(one))
    frequencies[""] = 0
    size = len(said)
    idf = {
        word: math.log(1 + (size - count + 0.5) / (count + 0.5))
        for word, count in frequencies.items()
    }
    return idf, sum(map(len, said)) / size
