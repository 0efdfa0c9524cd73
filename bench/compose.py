"""How fast an issue becomes bytes: ``python -m bench.compose`` prints a Markdown table.

One message is an issue of 10 papers with abstracts of about 150 words, as text and HTML, with all
headers, ready for the wire. As in production the papers are shared by all readers, and popular
wishes by many; a row of its own has readers of whom no two are shown the same words. No message is
measured twice by ``compose + seal``. All rows are measured in the same run, in turns.
"""

import random
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from statistics import median
from time import perf_counter
from typing import TypeVar

from bench._issues import PAPERS, SENDER, SIZE, Job, job, matches_of, paper, unlike, wish
from digest import assets
from digest.compose import Composer, open_composer
from digest.deliver.envelope import seal
from digest.model import Message

READERS = 2000
TURN = 300  # messages
TURNS = 3
WISHES = 400  # that readers choose from, the k-th with a frequency of 1/k
OURS = "compose + seal"
T = TypeVar("T")


def main() -> None:
    """Measure and print the table."""
    composer = open_composer(assets.path("templates"))
    chance = random.Random(11)
    papers = [paper(n, chance) for n in range(PAPERS)]
    wishes = [wish(papers, chance) for _ in range(WISHES)]
    jobs = [job(n, matches_of(wishes, chance), chance) for n in range(READERS)]
    strangers = [job(n, unlike(papers, chance), chance) for n in range(READERS)]
    measured = TURN * TURNS
    for each in jobs[:-measured] + strangers[:-measured]:  # the readers before them
        seal(_compose(composer, each))
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
        return email_message(_compose(composer, job))

    yield OURS, [_seconds(ours, job) for job in jobs]
    yield "the same, no two readers' words alike", [_seconds(ours, job) for job in strangers]
    messages = [_compose(composer, job) for job in jobs]
    yield "seal alone", [_seconds(seal, message) for message in messages]
    yield "(a) EmailMessage alone", [_seconds(email_message, message) for message in messages]
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
    return composer.compose(job.issue, job.subscriber, SENDER, job.links)


def email_message(message: Message) -> bytes:
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


if __name__ == "__main__":
    main()
