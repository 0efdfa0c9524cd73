"""Made-up issues for benchmarks: ten papers with abstracts of about 150 words, chosen for wishes
that many readers share."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime

from digest.model import (
    Interest,
    Issue,
    Link,
    LinkRel,
    Links,
    Match,
    Paper,
    Profile,
    Reason,
    ReasonKind,
    Selection,
    Sender,
    Subscriber,
    SubscriberState,
    Wishes,
)

PAPERS = 100  # a day of a listing page
SIZE = 10
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_WORDS = """
sparse expert routing token graph retrieval policy agent diffusion image video language model
training inference memory cache kernel attention context benchmark evaluation safety alignment
reward preference robot planning tool code proof theorem sampling gradient optimizer scaling data
synthetic label noise speech audio translation embedding index query compression quantization
pruning distillation adapter prompt reasoning chain search tree
"""
_TOPICS = tuple(_WORDS.split())
_PLAIN = ("the", "of", "and", "a", "to", "in", "we", "that", "for", "with", "on", "it", "by", "as")
SENDER = Sender(
    name="Paper Digest",
    address="digest@example.org",
    domain="example.org",
    bounces="bounces@example.org",
    postal="1 Library Lane, Bookham",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One reader's issue, ready to be composed."""

    issue: Issue
    subscriber: Subscriber
    links: Links


def paper(n: int, chance: random.Random) -> Paper:
    """Return the n-th paper."""
    title = " ".join(chance.choices(_TOPICS, k=9)).title()
    abstract = " ".join(_sentence(chance) for _ in range(9))
    return Paper(
        id=f"arxiv:2611.{n:05}",
        keys=(f"arxiv:2611.{n:05}",),
        title=title,
        readable_title=title,
        abstract=abstract,
        readable_abstract=abstract,
        authors=tuple(f"Ada{n} Lovelace{k}" for k in range(chance.randint(1, 12))),
        submitted_on=date(2026, 11, 18),
        links=(
            Link(rel=LinkRel.ABSTRACT, url=f"https://arxiv.org/abs/2611.{n:05}"),
            Link(rel=LinkRel.PDF, url=f"https://arxiv.org/pdf/2611.{n:05}"),
        ),
        announced_on=date(2026, 11, 19),
    )


def _sentence(chance: random.Random) -> str:
    """Return 16 words, half of them of the kind that every sentence has."""
    pairs = zip(chance.choices(_PLAIN, k=8), chance.choices(_TOPICS, k=8), strict=True)
    return " ".join(f"{plain} {topic}" for plain, topic in pairs).capitalize() + "."


def wish(papers: list[Paper], chance: random.Random) -> list[Match]:
    """Return an interest of four words as the papers that hold most of them."""
    wish = chance.sample(_TOPICS, 4)
    matches = [_match(paper, " ".join(wish), wish) for paper in papers]
    return sorted(matches, key=lambda match: -len(match.reasons[0].words))


def matches_of(wishes: list[list[Match]], chance: random.Random) -> tuple[Match, ...]:
    """Return what a reader gets who chose three wishes: ten papers, none of them twice."""
    frequencies = [1 / rank for rank in range(1, len(wishes) + 1)]
    chosen: dict[str, Match] = {}
    for wish, room in zip(chance.choices(wishes, frequencies, k=3), (4, 7, SIZE), strict=True):
        fresh = [match for match in wish if match.paper.id not in chosen]
        chosen |= {match.paper.id: match for match in fresh[: room - len(chosen)]}
    return tuple(chosen.values())


def unlike(papers: list[Paper], chance: random.Random) -> tuple[Match, ...]:
    """Return ten papers with words that hardly another reader is shown."""
    wishes = [" ".join(chance.sample(_TOPICS, 2)) for _ in range(3)]
    return tuple(
        _match(paper, wishes[n * 3 // SIZE], chance.sample(_TOPICS, 8))
        for n, paper in enumerate(chance.sample(papers, SIZE))
    )


def _match(paper: Paper, interest: str, wanted: list[str]) -> Match:
    stands = set(paper.abstract.lower().replace(".", "").split())
    words = tuple(word for word in wanted if word in stands)
    reason = Reason(kind=ReasonKind.TERMS, words=words)
    return Match(paper=paper, interest=interest, score=0.5, reasons=(reason,))


def job(n: int, matches: tuple[Match, ...], chance: random.Random) -> Job:
    """Return the issue of the n-th reader."""
    interests = list(dict.fromkeys(match.interest for match in matches))
    issue = Issue(
        id=f"i{n:05}",
        subscriber_id=f"s{n}",
        date=NOON.date(),
        selection=Selection(matches=matches, candidates=PAPERS, above_floor=40),
        created_at=NOON,
        next_due_at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    )
    profile = Profile(interests=tuple(Interest(name=name, text=name) for name in interests))
    subscriber = Subscriber(
        id=f"s{n}",
        email=f"reader{n}@example.org",
        state=SubscriberState.ACTIVE,
        wishes=Wishes(profile=profile),
        created_at=NOON,
        due_at=NOON,
    )
    token = f"{chance.getrandbits(200):x}"
    links = Links(
        unsubscribe=f"https://example.org/u/{token}", view=f"https://example.org/i/{token}"
    )
    return Job(issue=issue, subscriber=subscriber, links=links)
