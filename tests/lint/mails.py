"""One mail of every kind we send, composed and sealed as the product does, to be looked at."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from digest import assets, compose, deliver
from digest.flow.alarm import write
from digest.model import (
    Cadence,
    Envelope,
    Issue,
    Letter,
    LetterKind,
    Link,
    LinkRel,
    Links,
    Match,
    Message,
    Paper,
    Reason,
    ReasonKind,
    Sender,
    Slot,
    Subscriber,
)
from digest.tokens import Purpose, Signer
from tests import build

WEB = "https://papers.example.org"
SENDER = Sender(
    name="Paper Digest",
    address="digest@papers.example.org",
    domain="papers.example.org",
    reply_to="library@example.org",
    bounces="bounces@papers.example.org",
    postal="Institute of Made-up Studies, 12 Quill Street, 10115 Berlin",
)
MOST = 30  # papers of the largest issue
ISSUES = ("an issue of 30 papers", "an issue of 1 paper", "a quiet issue")
LETTERS = ("please confirm", "your link")
ALL = (*ISSUES, *LETTERS, "an alarm")
INTERESTS = ("Sparse experts", "Graph retrieval", "Robots & touch", "Proofs ∀ readers", "Tides")
ADDRESS = "ada.lovelace@mail.example.org"

_SIGNER = Signer("a secret of at least thirty-two characters")
_NEXT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 07:00 in Berlin
_ID = "0f8fad5bd9cb469fa16570867728950e"
_FIRST = ("Ada", "Emmy", "Grace", "Hypatia", "Sofja", "Maryam", "Søren", "José", "Wei")
_LAST = ("Lovelace", "Hopper", "Mirzakhani", "Oyelaran", "Þórsdóttir", "Castellanos-Ruiz", "Ng")
_TERMS = (
    "sparse experts", "tidal routing", "graph retrieval", "soft fruit", "two-fingered hands",
    "ℓ₁ penalties", "O(n log n) sketches", "PanGu-π decoders", "inland seas", "proof assistants",
)  # fmt: skip
_BACKGROUND = (
    "Large models spend most of their time on {a}, although few questions need them.",
    "It is well known that {a} fall behind {b} as soon as the weather changes.",
    "Work on {a} has so far treated {b} as if they were free, which holds in no laboratory.",
)
_CLAIMS = (
    "We propose a rule that lets {a} bid for a place among {b}, and show that it settles within "
    "a few steps wherever the bids are honest, however many of them arrive at the same moment.",
    "We present the first study of {a} that watches {b} for a whole year, by day and by night, "
    "with nothing but instruments that a school can afford.",
)
_RESULTS = (
    "It keeps 96 % of {a} busy at equal cost (p < 0.01) & needs no labels.",
    "Across twelve collections, {a} gain 4.2 points over {b}, and the gap grows with length.",
    "Code, checkpoints and a year of measurements of {b} are released for everyone to try.",
)
_TITLES = (
    "Tides of the Router: How {a} Learn to Wait for {b} in Very Large Models",
    "{a} Are Not Enough: A Year-Long Study of {b} Across Twelve Collections",
    "On {a}",
)


@dataclass(frozen=True)
class Mail:
    """A mail before and after sealing."""

    message: Message
    envelope: Envelope


@cache
def mails() -> Mapping[str, Mail]:
    """Return our mails by name: issues large, small and quiet, letters, and one to the operator."""
    quiet = replace(
        build.issue(candidates=214, near_miss=_match(random.Random(7), 0), id=_ID),
        notices=_NOTICES[:1],
        next_due_at=_NEXT,
    )
    issues = (_sealed(issue) for issue in (_issue(MOST), _issue(1), quiet))
    letters = (_mailed(_letter(kind)) for kind in (LetterKind.CONFIRM, LetterKind.PROFILE))
    alarm = write(SENDER, ADDRESS, "The server refuses us (550 5.7.1).", id=_ID, now=build.NOON)
    return dict(zip(ALL, (*issues, *letters, _envelope(alarm)), strict=True))


def largest(language: str) -> Message:
    """Return the issue of 30 papers with its dates in ``language``."""
    return _message(_issue(MOST), language)


_NOTICES = (
    "Papers of arXiv cs.LG and of OpenReview may be missing: they were late on Fri 20 Nov.",
    "A listing of bioRxiv was cut short: its last 12 papers come when it is whole.",
)


def _issue(size: int) -> Issue:
    chance = random.Random(size)
    matches = [_match(chance, number) for number in range(size)]
    issue = replace(build.issue(*matches, id=_ID), notices=_NOTICES, next_due_at=_NEXT)
    if size < MOST:
        return issue
    extras = (replace(_match(chance, size + number), slot=slot) for number, slot in enumerate(Slot))
    return replace(issue, selection=replace(issue.selection, extras=tuple(extras)))


def _match(chance: random.Random, number: int) -> Match:
    paper = _paper(chance, number)
    return Match(
        paper=paper,
        interest=INTERESTS[number * len(INTERESTS) // MOST % len(INTERESTS)],
        score=0.5,
        reasons=tuple(_reasons(paper, number)),
        also=(_paper(chance, MOST + number),) if number % 10 == 9 else (),
    )


def _reasons(paper: Paper, number: int) -> Iterator[Reason]:
    words = tuple(term for term in _TERMS if term in paper.abstract)[:4]
    if number % 3 != 1:
        yield Reason(kind=ReasonKind.TERMS, words=words)
    if number % 3 == 1:
        yield Reason(kind=ReasonKind.LIKE, words=("A Title You Liked: On Patience", *words))
    if number % 5 == 0:
        yield Reason(kind=ReasonKind.AUTHOR, words=paper.authors[:1])
    if number % 7 == 0:
        yield Reason(kind=ReasonKind.CATEGORY, words=paper.categories[:1])


def _paper(chance: random.Random, number: int) -> Paper:
    title = _sentence(chance, _TITLES)
    kinds = (_BACKGROUND, _BACKGROUND, _CLAIMS, _RESULTS, _RESULTS)
    abstract = " ".join(_sentence(chance, kind) for kind in kinds)
    names = [f"{chance.choice(_FIRST)} {chance.choice(_LAST)}" for _ in range(1 + number % 12)]
    return replace(
        build.paper(
            title[0].upper() + title[1:],
            abstract[0].upper() + abstract[1:],
            id=f"arxiv:2611.{number:05}",
            authors=tuple(names),
            submitted_on=date(2026, 11, 19) - timedelta(days=number) if number % 4 else None,
            categories=("cs.LG", "stat.ML"),
            comments=number % 3,
            upvotes=number * 7,
            links=tuple(_links(number)),
        ),
        venue=(None, "ICML 2026", "Journal of Made-up Studies")[number % 3],
        tldr=_sentence(chance, _RESULTS) if number % 2 else None,
    )


def _links(number: int) -> Iterator[Link]:
    yield Link(rel=LinkRel.ABSTRACT, url=f"https://arxiv.example/abs/2611.{number:05}")
    yield Link(rel=LinkRel.PDF, url=f"https://arxiv.example/pdf/2611.{number:05}")
    if number % 2:
        yield Link(rel=LinkRel.CODE, url=f"https://code.example/quill/paper-{number}?a=1&b=2")
    if number % 4 == 0:
        yield Link(rel=LinkRel.PAGE, url=f"https://quill.example/papers/{number}/")


def _sentence(chance: random.Random, patterns: tuple[str, ...]) -> str:
    first, second = chance.sample(_TERMS, 2)
    return chance.choice(patterns).format(a=first, b=second)


def _reader(language: str = "en") -> Subscriber:
    interests = [build.interest(name) for name in INTERESTS]
    schedule = build.schedule(Cadence.WEEKDAYS, timezone="Europe/Berlin")
    wishes = build.wishes(*interests, schedule=schedule, size=MOST, language=language)
    return build.subscriber(ADDRESS, id=_ID, wishes=wishes)


def _letter(kind: LetterKind) -> Letter:
    return Letter(id=_ID, kind=kind, subscriber_id=_ID, created_at=build.NOON)


def _sealed(issue: Issue) -> Mail:
    return _envelope(_message(issue, "en"))


def _message(issue: Issue, language: str) -> Message:
    links = Links(
        unsubscribe=f"{WEB}/unsubscribe/{_SIGNER.sign(Purpose.UNSUBSCRIBE, _ID)}",
        view=f"{WEB}/issues/{_SIGNER.sign(Purpose.VIEW, _ID)}",
        profile=f"{WEB}/profile/{_SIGNER.sign(Purpose.PROFILE, _ID)}",
        vote=f"{WEB}/vote/{_SIGNER.sign(Purpose.VOTE, _ID)}",
    )
    return _composer().compose(issue, _reader(language), SENDER, links)


def _mailed(letter: Letter) -> Mail:
    until = letter.created_at + timedelta(days=7)
    link = f"{WEB}/confirm/{_SIGNER.sign_until(Purpose.CONFIRM, letter.id, until)}"
    return _envelope(_composer().write(letter, ADDRESS, SENDER, link))


def _envelope(message: Message) -> Mail:
    assert SENDER.bounces is not None
    return_path = deliver.verp(SENDER.bounces, message.id, _SIGNER)
    return Mail(message, deliver.seal(message, return_path))


@cache
def _composer() -> compose.Composer:
    return compose.open_composer(assets.path("templates"))
