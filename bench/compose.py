"""How fast an issue becomes bytes: ``python -m bench.compose`` prints a Markdown table.

One message is an issue of 10 papers with abstracts of about 150 words, as text and HTML, with all
headers, ready for the wire. As in production the papers are shared by all readers, and popular
wishes by many; a row of its own has readers of whom no two are shown the same words. No message is
measured twice by ``compose + seal``. All rows are measured in the same run, in turns.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from statistics import median
from time import perf_counter
from typing import TypeVar

from digest import assets
from digest.compose import Composer, open_composer
from digest.deliver.envelope import seal
from digest.model import (
    Interest,
    Issue,
    Link,
    LinkRel,
    Links,
    Match,
    Message,
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

READERS = 2000
TURN = 300  # messages
TURNS = 3
WISHES = 400  # that readers choose from, the k-th with a frequency of 1/k
PAPERS = 100  # a day of a listing page
SIZE = 10
OURS = "compose + seal"
T = TypeVar("T")
_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_WORDS = """
sparse expert routing token graph retrieval policy agent diffusion image video language model
training inference memory cache kernel attention context benchmark evaluation safety alignment
reward preference robot planning tool code proof theorem sampling gradient optimizer scaling data
synthetic label noise speech audio translation embedding index query compression quantization
pruning distillation adapter prompt reasoning chain search tree
"""
_TOPICS = tuple(_WORDS.split())
_PLAIN = ("the", "of", "and", "a", "to", "in", "we", "that", "for", "with", "on", "it", "by", "as")
_SENDER = Sender(
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


def main() -> None:
    """Measure and print the table."""
    composer = open_composer(assets.path("templates"))
    chance = random.Random(11)
    papers = [_paper(n, chance) for n in range(PAPERS)]
    wishes = [_wish(papers, chance) for _ in range(WISHES)]
    jobs = [_job(n, _matches(wishes, chance), chance) for n in range(READERS)]
    strangers = [_job(n, _unlike(papers, chance), chance) for n in range(READERS)]
    measured = TURN * TURNS
    for job in jobs[:-measured] + strangers[:-measured]:  # the readers before them
        seal(_compose(composer, job))
    times: dict[str, list[float]] = {}
    for turn in range(-measured, 0, TURN):
        group = slice(turn, turn + TURN or None)
        for way, seconds in _turn(composer, jobs[group], strangers[group]):
            times.setdefault(way, []).extend(seconds)
    size = len(seal(_compose(composer, jobs[-1])).content)
    _print({way: median(seconds) for way, seconds in times.items()}, size)


def _turn(
    composer: Composer, jobs: list[Job], strangers: list[Job]
) -> Iterator[tuple[str, list[float]]]:
    """Yield each way with the seconds it took for each message."""

    def ours(job: Job) -> object:
        return seal(_compose(composer, job))

    def both(job: Job) -> object:
        return _email_message(_compose(composer, job))

    yield OURS, [_seconds(ours, job) for job in jobs]
    yield "the same, no two readers' words alike", [_seconds(ours, job) for job in strangers]
    messages = [_compose(composer, job) for job in jobs]
    yield "seal alone", [_seconds(seal, message) for message in messages]
    yield "(a) EmailMessage alone", [_seconds(_email_message, message) for message in messages]
    yield "(b) compose + EmailMessage", [_seconds(both, job) for job in jobs]


def _print(times: dict[str, float], size: int) -> None:
    print(f"One message: {SIZE} papers, {size / 1000:.0f} kB; {TURN * TURNS} messages a row.\n")
    print("| way | median ms a message | times ours |")
    print("|---|---:|---:|")
    for way, seconds in times.items():
        print(f"| {way} | {seconds * 1000:.3f} | {seconds / times[OURS]:.1f} |")


def _seconds(way: Callable[[T], object], given: T) -> float:
    started = perf_counter()
    way(given)
    return perf_counter() - started


def _compose(composer: Composer, job: Job) -> Message:
    return composer.compose(job.issue, job.subscriber, _SENDER, job.links)


def _email_message(message: Message) -> bytes:
    """Build what ``seal`` builds, the way most programs would."""
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(message.composed_at)
    mail["From"] = f"{message.sender.name} <{message.sender.address}>"
    mail["List-Id"] = f"{message.sender.name} <digest.{message.sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = "en"
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Message-ID"] = f"<{message.id}@{message.sender.domain}>"
    mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Feedback-ID"] = f"20261120:{message.sender.domain}:issue:paper-digest"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes(policy=SMTP)


def _paper(n: int, chance: random.Random) -> Paper:
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


def _wish(papers: list[Paper], chance: random.Random) -> list[Match]:
    """Return an interest of four words as the papers that hold most of them."""
    wish = chance.sample(_TOPICS, 4)
    matches = [_match(paper, " ".join(wish), wish) for paper in papers]
    return sorted(matches, key=lambda match: -len(match.reasons[0].words))


def _matches(wishes: list[list[Match]], chance: random.Random) -> tuple[Match, ...]:
    """Return what a reader gets who chose three wishes: ten papers, none of them twice."""
    frequencies = [1 / rank for rank in range(1, len(wishes) + 1)]
    chosen: dict[str, Match] = {}
    for wish, room in zip(chance.choices(wishes, frequencies, k=3), (4, 7, SIZE), strict=True):
        fresh = [match for match in wish if match.paper.id not in chosen]
        chosen |= {match.paper.id: match for match in fresh[: room - len(chosen)]}
    return tuple(chosen.values())


def _unlike(papers: list[Paper], chance: random.Random) -> tuple[Match, ...]:
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


def _job(n: int, matches: tuple[Match, ...], chance: random.Random) -> Job:
    interests = list(dict.fromkeys(match.interest for match in matches))
    issue = Issue(
        id=f"i{n:05}",
        subscriber_id=f"s{n}",
        date=_NOON.date(),
        selection=Selection(matches=matches, candidates=PAPERS, above_floor=40),
        created_at=_NOON,
        next_due_at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    )
    profile = Profile(interests=tuple(Interest(name=name, text=name) for name in interests))
    subscriber = Subscriber(
        id=f"s{n}",
        email=f"reader{n}@example.org",
        state=SubscriberState.ACTIVE,
        wishes=Wishes(profile=profile),
        created_at=_NOON,
        due_at=_NOON,
    )
    token = f"{chance.getrandbits(200):x}"
    links = Links(
        unsubscribe=f"https://example.org/u/{token}", view=f"https://example.org/i/{token}"
    )
    return Job(issue=issue, subscriber=subscriber, links=links)


if __name__ == "__main__":
    main()
