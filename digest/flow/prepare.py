"""Whoever is due gets an issue, or a recorded reason why not.

::

    due subscribers → their candidates → selections → issues, queued
    short reads                          no lock      one short transaction for a few

Think first, lock late: nobody owns a turn while it is thought about. The conditional UPDATE in
``take_turn`` decides who of several processes writes; the others' thinking is thrown away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection

from digest import compose, match, store
from digest.app import App
from digest.errors import StoreError
from digest.flow.fresh import Gaps, find_gaps
from digest.flow.order import put_in_order
from digest.flow.vote import learnt
from digest.model import Issue, Match, Paper, Selection, Subscriber, WhenEmpty, Wishes
from digest.store.subscribers import Due, TurnResult

STEP_ASIDE = timedelta(hours=1)  # how long a subscriber whose turn failed waits
LONGEST_LOOK_BACK = timedelta(days=31)
OVERLAP = timedelta(hours=1)  # a paper's moment is taken before it is stored, perhaps much before
_BATCH = 500  # subscribers thought about at once
_TURNS = 50  # taken in one commit: each commit waits for the disk

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """How the turns of one run went."""

    issues: int = 0
    notes: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: "Prepared") -> "Prepared":
        return Prepared(
            issues=self.issues + other.issues,
            notes=self.notes + other.notes,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The papers an issue may choose from, each with the moment it was first seen."""

    papers: tuple[tuple[Paper, datetime], ...]
    index: match.Index

    def before(self, moment: datetime) -> frozenset[str]:
        """Return the ids of the papers first seen before ``moment``."""
        return frozenset(paper.id for paper, seen_at in self.papers if seen_at < moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is decided about one turn, before anything is written."""

    result: TurnResult
    on: date
    why: str
    next_due_at: datetime
    selection: Selection
    notices: tuple[str, ...] = ()
    judged: bool = False  # all that was new was looked at, and nothing will be sent


def prepare_issues(app: App, *, told: Callable[[int], None] = lambda _: None) -> Prepared:
    """Take the turn of every subscriber who is due; ``told`` hears how many were done.

    One moment counts for the whole run: who is due at it has no issue left in the queue.
    """
    now = app.clock()
    put_in_order(app, now)
    prepared = Prepared()
    window: Window | None = None
    after_id = ""
    while True:
        with store.reading(app.engine) as connection:
            due = store.subscribers.due(connection, now=now, after_id=after_id, limit=_BATCH)
        if not due:
            return prepared
        after_id = due[-1].subscriber.id
        window = window or open_window(app, now, since=_earliest_start(app, now))
        prepared += _prepare(app, window, due, now)
        told(len(due))


def open_window(app: App, now: datetime, *, since: datetime) -> Window:
    """Read the papers first seen since ``since``, and index them."""
    with store.reading(app.engine) as connection:
        papers = store.papers.window(connection, since=since)
        background = store.papers.background(
            connection, since=now - app.background, limit=app.background_papers
        )
    studied = match.study(background, encode=app.encode)
    index = match.build_index([paper for paper, _ in papers], studied)
    return Window(papers=papers, index=index)


def think(app: App, window: Window, due: Sequence[Due], now: datetime) -> tuple[Selection, ...]:
    """Choose papers for each of ``due``, in their order; writes nothing."""
    ids = [each.subscriber.id for each in due]
    starts = [_start(app, each, now) for each in due]
    with store.reading(app.engine) as connection:
        had = store.issues.delivered(connection, ids, since=min(starts, default=now))
        examples = store.votes.examples(connection, ids)
    too_old = {start: window.before(start) for start in set(starts)}
    wishes = [learnt(each.subscriber.wishes, examples.get(each.subscriber.id, {})) for each in due]
    barred = [
        had[each.subscriber.id].union(
            window.index.twins_of(had[each.subscriber.id]), too_old[start]
        )
        for each, start in zip(due, starts, strict=True)
    ]
    return choose(app, window, wishes, barred)


def choose(
    app: App, window: Window, wishes: Sequence[Wishes], barred: Sequence[frozenset[str]]
) -> tuple[Selection, ...]:
    """Choose papers for readers by what they wish, none of which is ``barred`` (ids)."""
    requests = [
        match.Request(
            profile=each.profile,
            size=each.size,
            delivered=without,
            amount=each.amount,
            slots=each.slots,
        )
        for each, without in zip(wishes, barred, strict=True)
    ]
    floor = match.FLOOR if app.floor is None else app.floor
    return match.select(window.index, requests, floor=floor)


def _start(app: App, due: Due, now: datetime) -> datetime:
    """Return since when papers are candidates: not those that may have been sent before a backup
    was restored."""
    start = _window_start(app, due.covered_until, now)
    return max(start, due.fresh_from) if due.fresh_from else start


def _earliest_start(app: App, now: datetime) -> datetime:
    with store.reading(app.engine) as connection:
        covered_until = store.subscribers.longest_wait(connection, now=now)
    return _window_start(app, covered_until or now, now)


def _window_start(app: App, covered_until: datetime, now: datetime) -> datetime:
    """Look back on ``app.window``, or to what was covered if that is longer ago, so that an issue
    that is late, weekly, or follows a lost one misses nothing; but never on more than a month."""
    start = min(now - app.window, covered_until - OVERLAP)
    return max(start, now - max(app.window, LONGEST_LOOK_BACK))


def _prepare(app: App, window: Window, due: Sequence[Due], now: datetime) -> Prepared:
    waiting = _first_issue_waits(window, due)
    due = [each for each in due if each not in waiting]
    try:
        selections = think(app, window, due, now)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 -- one failure is one failure
        if len(due) > 1:  # find the one whose profile breaks the matching
            alone = (_prepare(app, window, [each], now) for each in due)
            return sum(alone, Prepared())
        return _step_aside(app, due[0].subscriber, now, error)
    thought = [(each.subscriber, chosen) for each, chosen in zip(due, selections, strict=True)]
    groups = (thought[start : start + _TURNS] for start in range(0, len(thought), _TURNS))
    return sum((_take_turns(app, group, now) for group in groups), Prepared())


def _first_issue_waits(window: Window, due: Sequence[Due]) -> Sequence[Due]:
    """Whoever was never sent or judged anything waits, still due, while there is no paper at all to
    choose from: the first issue comes with the first listing, not a day after it."""
    if window.papers:
        return ()
    return [each for each in due if each.covered_until < each.subscriber.created_at]


def _take_turns(
    app: App, thought: Sequence[tuple[Subscriber, Selection]], now: datetime
) -> Prepared:
    """Take turns in one transaction; where one of them fails, each in its own."""
    try:
        with store.writing(app.engine) as connection:
            sound = _without_joined(connection, thought)
            gaps = find_gaps(app, connection, now, [reader.id for reader, _ in thought])
            taken = (_take_turn(app, connection, gaps, *each) for each in sound)
            return sum(taken, Prepared())
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 -- one failure is one failure
        if len(thought) > 1:
            return sum((_take_turns(app, [each], now) for each in thought), Prepared())
        return _step_aside(app, thought[0][0], now, error)


def _without_joined(
    connection: Connection, thought: Sequence[tuple[Subscriber, Selection]]
) -> Iterator[tuple[Subscriber, Selection]]:
    """Leave out whose papers were found to be others while we thought: still due, they are thought
    about again at the next tick, when it is known whether they had those others."""
    ids = (match.paper.id for _, selection in thought for match in _shown(selection))
    gone = store.joins.missing(connection, ids)
    for subscriber, selection in thought:
        if gone.isdisjoint(match.paper.id for match in _shown(selection)):
            yield subscriber, selection


def _shown(selection: Selection) -> Sequence[Match]:
    near_miss = (selection.near_miss,) if selection.near_miss else ()
    return (*selection.shown, *near_miss)


def _take_turn(
    app: App, connection: Connection, gaps: Gaps, subscriber: Subscriber, selection: Selection
) -> Prepared:
    now = gaps.now
    on = compose.issue_date(subscriber.wishes.schedule, now)
    had_one = store.issues.exists(connection, subscriber.id, on)
    verdict = _decide(app, gaps, subscriber, selection, had_one=had_one)
    return _carry_out(app, connection, subscriber, verdict, now)


def _decide(
    app: App, gaps: Gaps, subscriber: Subscriber, selection: Selection, *, had_one: bool
) -> Verdict:
    """Decide what comes of a turn; ``had_one`` if there is an issue for this date already (the
    schedule was changed on the day of an issue): one a day is enough."""
    schedule, now = subscriber.wishes.schedule, gaps.now
    on = compose.issue_date(schedule, now)
    result = TurnResult.SKIPPED if had_one else _result(subscriber, selection)
    issue_on = None if result is TurnResult.SKIPPED else on
    next_due_at = compose.next_due(
        schedule, after=now, last_issue_on=issue_on or subscriber.last_issue_on
    )
    return Verdict(
        result=result,
        on=on,
        why=f"There was an issue of {on} already." if had_one else _why(app, result, selection),
        next_due_at=next_due_at,
        selection=selection,
        notices=gaps.notices_for(subscriber),
        judged=result is TurnResult.SKIPPED and not had_one,
    )


def _carry_out(
    app: App, connection: Connection, subscriber: Subscriber, verdict: Verdict, now: datetime
) -> Prepared:
    skipped = verdict.result is TurnResult.SKIPPED
    if not store.subscribers.take_turn(
        connection,
        subscriber,
        next_due_at=verdict.next_due_at,
        issue_on=None if skipped else verdict.on,
        covered_until=now if verdict.judged else None,
    ):
        return Prepared()
    _record(connection, subscriber, verdict, now)
    issue_id = None if skipped else app.new_id()
    _log.info("turn.taken", subscriber=subscriber.id, result=verdict.result, issue=issue_id)
    if issue_id is None:
        return Prepared(skipped=1)
    issue = Issue(
        id=issue_id,
        subscriber_id=subscriber.id,
        date=verdict.on,
        selection=verdict.selection,
        created_at=now,
        next_due_at=verdict.next_due_at,
        notices=verdict.notices,
    )
    store.issues.add(connection, issue, delivery_id=app.new_id())
    return Prepared(notes=1) if verdict.result is TurnResult.NOTE else Prepared(issues=1)


def _record(
    connection: Connection, subscriber: Subscriber, verdict: Verdict, now: datetime
) -> None:
    store.subscribers.record_turn(
        connection,
        subscriber.id,
        on=verdict.on,
        now=now,
        result=verdict.result,
        selection=verdict.selection,
        why=" ".join((verdict.why, *map(compose.plain, verdict.notices))),
    )


def _result(subscriber: Subscriber, selection: Selection) -> TurnResult:
    if selection.matches:
        return TurnResult.ISSUE
    if subscriber.wishes.when_empty is WhenEmpty.NOTE:
        return TurnResult.NOTE
    return TurnResult.SKIPPED


def _why(app: App, result: TurnResult, selection: Selection) -> str:
    if result is TurnResult.ISSUE:
        return (
            f"{len(selection.matches)} chosen of {selection.above_floor} close enough, "
            f"of {selection.candidates} new papers."
        )
    if selection.candidates:
        return f"None of {selection.candidates} new papers was close enough."
    return "There was no paper this reader had not been sent already."


def _step_aside(app: App, subscriber: Subscriber, now: datetime, error: Exception) -> Prepared:
    """Report a turn that failed; the subscriber is due again in an hour and blocks nobody."""
    _log.error("turn.failed", subscriber=subscriber.id, exc_info=error)
    until = now + STEP_ASIDE
    failed = Verdict(
        result=TurnResult.FAILED,
        on=now.date(),  # by UTC: it may be the schedule that cannot be used
        why=f"Something went wrong ({type(error).__name__}); tried again in an hour.",
        next_due_at=until,
        selection=Selection(matches=(), candidates=0, above_floor=0),
    )
    with store.writing(app.engine) as connection:
        store.subscribers.step_aside(connection, subscriber, until=until)
        _record(connection, subscriber, failed, now)
    return Prepared(failed=1)
