"""How fast an issue becomes bytes: ``python -m bench.compose`` prints a Markdown table.

One message is an issue of 10 papers with abstracts of about 150 words, as text and HTML, with all
headers, ready for the wire. As in production the papers are shared by all readers, and each reader
has words of their own. All rows are measured in the same run,
in turns of 300 messages.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from itertools import count
from statistics import median
from time import perf_counter

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
MEASURED = 300
ROUNDS = 3
PAPERS = 100  # a day of a listing page
SIZE = 10
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
    jobs = _jobs(random.Random(11))
    for job in jobs[:-MEASURED]:  # the readers before them: the papers are known by now
        seal(_compose(composer, job))
    ways: dict[str, Callable[[Job], object]] = {
        "compose + seal": lambda job: seal(_compose(composer, job)),
        "compose alone": lambda job: _compose(composer, job),
    }
    messages = {job.issue.id: _compose(composer, job) for job in jobs[-MEASURED:]}
    ways["seal alone"] = lambda job: seal(messages[job.issue.id])
    ways["(a) EmailMessage alone, text and HTML given"] = lambda job: _email_message(
        messages[job.issue.id]
    )
    ways["(b) compose + EmailMessage"] = lambda job: _email_message(_compose(composer, job))
    times = _medians(ways, jobs[-MEASURED:])
    _print(times, messages[jobs[-1].issue.id])


def _print(times: dict[str, float], sample: Message) -> None:
    ours = times["compose + seal"]
    size = len(seal(sample).content) / 1000
    print(f"One message: {SIZE} papers, {size:.0f} kB; the last {MEASURED} of {READERS} readers.\n")
    print("| way | median ms a message | times ours |")
    print("|---|---:|---:|")
    for way, seconds in times.items():
        print(f"| {way} | {seconds * 1000:.3f} | {seconds / ours:.1f} |")


def _medians(ways: dict[str, Callable[[Job], object]], jobs: list[Job]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name] += [_seconds(way, job) for job in jobs]
    return {name: median(seconds) for name, seconds in taken.items()}


def _seconds(way: Callable[[Job], object], job: Job) -> float:
    started = perf_counter()
    way(job)
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
    mail["Message-ID"] = f"<{message.issue_id}@{message.sender.domain}>"
    mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Feedback-ID"] = f"20261120:{message.sender.domain}:issue:paper-digest"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail.as_bytes(policy=SMTP)


def _jobs(chance: random.Random) -> list[Job]:
    papers = [_paper(n, chance) for n in range(PAPERS)]
    return [_job(n, papers, chance) for n in range(READERS)]


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


def _job(n: int, papers: list[Paper], chance: random.Random) -> Job:
    interests = [" ".join(chance.sample(_TOPICS, 6)) for _ in range(3)]
    numbers = count()
    matches = tuple(
        _match(paper, interests[next(numbers) * 3 // SIZE], chance)
        for paper in chance.sample(papers, SIZE)
    )
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


def _match(paper: Paper, interest: str, chance: random.Random) -> Match:
    """Return a match on the words of the interest that stand in the paper, in any order."""
    stands = set(paper.abstract.lower().replace(".", "").split())
    words = [word for word in interest.split() if word in stands]
    reason = Reason(kind=ReasonKind.TERMS, words=tuple(chance.sample(words, len(words))))
    return Match(paper=paper, interest=interest, score=0.5, reasons=(reason,))


if __name__ == "__main__":
    main()
