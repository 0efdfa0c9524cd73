"""Builders of model values with dull defaults: a test names only what it is about."""

from datetime import UTC, date, datetime

from digest.model import (
    Amount,
    Cadence,
    Interest,
    Issue,
    Link,
    LinkRel,
    Match,
    Paper,
    Profile,
    Reason,
    ReasonKind,
    Schedule,
    Selection,
    Sender,
    Slot,
    Subscriber,
    SubscriberState,
    WhenEmpty,
    Wishes,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def paper(
    title: str = "A Dull Title",
    abstract: str = "We study a dull problem. It stays dull.",
    *,
    id: str = "",
    keys: tuple[str, ...] = (),
    authors: tuple[str, ...] = (),
    author_count: int | None = None,
    submitted_on: date | None = None,
    categories: tuple[str, ...] = (),
    comments: int | None = None,
    upvotes: int | None = None,
    links: tuple[Link, ...] = (),
    announced_on: date | None = date(2026, 11, 19),
) -> Paper:
    known = keys or (id or f"title:{title.casefold()}",)
    return Paper(
        id=id or known[0],
        keys=known,
        title=title,
        readable_title=title,
        abstract=abstract,
        readable_abstract=abstract,
        authors=authors,
        author_count=author_count,
        submitted_on=submitted_on,
        categories=categories,
        comments=comments,
        upvotes=upvotes,
        links=links,
        announced_on=announced_on,
    )


def arxiv_paper(number: str, title: str = "A Dull Title", abstract: str = "Dull.") -> Paper:
    return paper(
        title,
        abstract,
        id=f"arxiv:{number}",
        links=(
            Link(rel=LinkRel.ABSTRACT, url=f"https://arxiv.org/abs/{number}"),
            Link(rel=LinkRel.PDF, url=f"https://arxiv.org/pdf/{number}"),
        ),
    )


def interest(text: str = "dull problems", *, name: str = "", **wishes: object) -> Interest:
    return Interest(name=name or text, text=text, **wishes)  # type: ignore[arg-type]


def profile(*interests: Interest) -> Profile:
    return Profile(interests=interests or (interest(),))


def schedule(
    cadence: Cadence = Cadence.DAILY,
    *,
    weekdays: tuple[int, ...] = (0,),
    hour: int = 7,
    timezone: str = "UTC",
) -> Schedule:
    return Schedule(cadence=cadence, weekdays=weekdays, hour=hour, timezone=timezone)


def wishes(
    *interests: Interest,
    schedule: Schedule | None = None,
    size: int = 10,
    when_empty: WhenEmpty = WhenEmpty.SKIP,
    language: str = "en",
    amount: Amount = Amount.NORMAL,
    slots: tuple[Slot, ...] = (),
) -> Wishes:
    return Wishes(
        profile=profile(*interests),
        schedule=schedule or Schedule(cadence=Cadence.DAILY),
        size=size,
        when_empty=when_empty,
        language=language,
        amount=amount,
        slots=slots,
    )


def subscriber(
    email: str = "ada@example.org",
    *,
    id: str = "s1",
    wishes: Wishes | None = None,
    state: SubscriberState = SubscriberState.ACTIVE,
    due_at: datetime = NOON,
) -> Subscriber:
    return Subscriber(
        id=id,
        email=email,
        state=state,
        wishes=wishes or Wishes(profile=profile()),
        created_at=NOON,
        due_at=due_at,
    )


def match(
    of: Paper | None = None,
    *,
    interest: str = "dull problems",
    words: tuple[str, ...] = ("dull",),
    score: float = 0.5,
) -> Match:
    return Match(
        paper=of or paper(),
        interest=interest,
        score=score,
        reasons=(Reason(kind=ReasonKind.TERMS, words=words),),
    )


def issue(
    *matches: Match,
    id: str = "i1",
    subscriber_id: str = "s1",
    candidates: int = 214,
    near_miss: Match | None = None,
) -> Issue:
    return Issue(
        id=id,
        subscriber_id=subscriber_id,
        date=NOON.date(),
        selection=Selection(
            matches=matches,
            candidates=candidates,
            above_floor=len(matches),
            near_miss=near_miss,
        ),
        created_at=NOON,
        next_due_at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    )


def sender() -> Sender:
    return Sender(name="Paper Digest", address="digest@example.org", domain="example.org")
