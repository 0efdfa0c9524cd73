"""Everything that can happen to an installation, in any order: the promises of the flows hold.

Hypothesis makes up lives: papers come, readers come, change and leave, time passes, mail servers
answer as they like, processes die in the middle or meet another one there. At the end all is well
again for ten days, and then nobody may have been forgotten.
"""

import contextlib
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from digest import deliver, flow, match, store
from digest.app import App
from digest.model import (
    Cadence,
    DeliveryState,
    Envelope,
    Interest,
    Outcome,
    OutcomeKind,
    Schedule,
    SubscriberState,
    Wishes,
)
from digest.store.schema import deliveries, issue_papers, issues, papers, subscribers
from tests.build import wishes
from tests.flow.world import open_world

HOPPER = "Grace Hopper"  # every paper is hers and everybody follows her: all papers match all
INTEREST = Interest(name="Hopper", authors=(HOPPER,))
ADDRESSES = ("ada@example.org", "bob@example.org")
MOST_PAPERS = 8  # as many as fit into one issue
LOOK_BACK = timedelta(days=20)  # of the 31, ten go by while the machine heals
_FINAL = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.FAILED)

_SCHEDULES = st.builds(
    Schedule,
    cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]),
    weekdays=st.integers(0, 6).map(lambda day: (day,)),
    hour=st.sampled_from([0, 7, 20]),
    timezone=st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Honolulu"]),
)
_ANSWERS = st.lists(st.sampled_from([*OutcomeKind, "crash", "bug"]), max_size=4)


class Death(BaseException):
    """kill -9: nothing catches it, and what locks the process held are gone."""


@dataclass
class Relay(deliver.OneByOne):
    """A mail server that answers as told, then accepts; ``meanwhile`` happens in mid-message."""

    answers: list[OutcomeKind | str]
    meanwhile: Callable[[], None]
    taken: list[str] = field(default_factory=list)  # issues that may have reached their reader

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, envelope: Envelope) -> Outcome:
        self.meanwhile()
        answer = self.answers.pop(0) if self.answers else OutcomeKind.ACCEPTED
        if answer in (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN, "crash", "bug"):
            self.taken.append(envelope.id)
        if answer == "crash":
            raise Death
        if answer == "bug":
            raise ZeroDivisionError("made to fail")
        return Outcome(kind=OutcomeKind(answer), reply="said so")


class Installation(RuleBasedStateMachine):
    """An installation on SQLite, and two processes that work on it."""

    pattern: ClassVar[Path]  # a migrated database

    def __init__(self) -> None:
        super().__init__()
        self._opened = contextlib.ExitStack()
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.pattern, folder / "digest.db")
        url = f"sqlite:///{folder / 'digest.db'}"
        world = self._opened.enter_context(open_world(url, folder))
        # Nothing is asked of the network, and certificates take longer to load than all the rest.
        self.app = replace(world.app, open_http=contextlib.nullcontext)  # type: ignore[arg-type]
        self.world = replace(world, app=self.app)
        second = self._opened.enter_context(open_world(url, folder))
        self.second = replace(second.app, clock=self.world.clock)
        self.relay = Relay([], lambda: None)
        self.papers = 0

    def teardown(self) -> None:
        try:
            self.heal()
        finally:
            self._opened.close()

    @initialize(schedule=_SCHEDULES)
    def begin(self, schedule: Schedule) -> None:
        self.subscribe(ADDRESSES[0], schedule)
        self.ingest()

    # What happens

    @precondition(lambda self: self.papers < MOST_PAPERS)
    @rule()
    def ingest(self) -> None:
        self.papers += 1
        self.world.drop(f"{self.papers}.rss", _feed(self.papers))
        (done,) = flow.ingest_listings(self.app)
        assert (done.error, done.new) == (None, 1)

    @rule(address=st.sampled_from(ADDRESSES), schedule=_SCHEDULES)
    def subscribe(self, address: str, schedule: Schedule) -> None:
        flow.subscribe(self.second, address, _wishes(schedule))

    @rule(address=st.sampled_from(ADDRESSES))
    def unsubscribe(self, address: str) -> None:
        for each in flow.subscribers(self.second):
            if each.email == address:
                flow.unsubscribe(self.second, each)

    @rule(schedules=st.dictionaries(st.just("cat@example.org"), _SCHEDULES))
    def configure(self, schedules: dict[str, Schedule]) -> None:
        wished = tuple((email, _wishes(schedule)) for email, schedule in schedules.items())
        flow.follow_config(replace(self.second, wished=wished))

    @rule(hours=st.sampled_from([0.1, 5, 24, 24, 70, 168]))
    def pass_time(self, hours: float) -> None:
        self.world.clock.move(hours=hours)

    @rule(answers=_ANSWERS)
    def do_all(self, answers: list[OutcomeKind | str]) -> None:
        flow.prepare_issues(self.app)
        self._deliver(self.app, answers, lambda: None)

    @rule(data=st.data(), hours=st.sampled_from([0, 0, 12]))
    def prepare_while_something_happens(self, data: st.DataObject, hours: float) -> None:
        """Another process works, or a reader decides, between the reading and the writing."""
        meanwhile = self._something(data)

        def happen() -> None:
            self.world.clock.move(hours=hours)
            meanwhile()

        with _in_the_middle_of_thinking(happen):
            flow.prepare_issues(self.app)

    @rule(calls=st.integers(1, 6))
    def prepare_and_die(self, calls: int) -> None:
        _until_death(lambda: flow.prepare_issues(_mortal(self.app, calls)))

    @rule(answers=_ANSWERS)
    def deliver(self, answers: list[OutcomeKind | str]) -> None:
        self._deliver(self.app, answers, lambda: None)

    @rule(calls=st.integers(1, 12))
    def deliver_and_die(self, calls: int) -> None:
        self._deliver(_mortal(self.app, calls), [], lambda: None)

    @rule(data=st.data(), answers=_ANSWERS)
    def deliver_while_something_happens(
        self, data: st.DataObject, answers: list[OutcomeKind | str]
    ) -> None:
        self._deliver(self.app, answers, self._something(data))

    def _something(self, data: st.DataObject) -> Callable[[], None]:
        address = data.draw(st.sampled_from(ADDRESSES))
        schedule = data.draw(_SCHEDULES)
        return data.draw(
            st.sampled_from(
                [
                    lambda: self.subscribe(address, schedule),
                    lambda: self.unsubscribe(address),
                    lambda: self._prepare_and_deliver(self.second),
                ]
            )
        )

    def _prepare_and_deliver(self, app: App) -> None:
        flow.prepare_issues(app)
        self._deliver(app, [], lambda: None)

    def _deliver(
        self,
        app: App,
        answers: list[OutcomeKind | str],
        meanwhile: Callable[[], None],
    ) -> None:
        relay = Relay(list(answers), meanwhile, self.relay.taken)
        through = replace(app, open_transport=lambda: relay, transport="smtp")
        _until_death(lambda: flow.deliver_issues(through))

    # What always holds

    @invariant()
    def nobody_is_sent_a_paper_twice(self) -> None:
        with store.reading(self.app.engine) as connection:
            sent = connection.execute(
                select(deliveries.c.subscriber_id, issue_papers.c.paper_id)
                .join(issue_papers, issue_papers.c.issue_id == deliveries.c.issue_id)
                .where(deliveries.c.state == DeliveryState.SENT, issue_papers.c.position > 0)
            ).all()
        assert len(sent) == len(set(sent))

    @invariant()
    def no_issue_goes_out_twice(self) -> None:
        assert not [issue for issue, copies in Counter(self.relay.taken).items() if copies > 1]

    @invariant()
    def there_is_one_issue_a_day(self) -> None:
        with store.reading(self.app.engine) as connection:
            days = connection.execute(select(issues.c.subscriber_id, issues.c.date)).all()
        assert len(days) == len(set(days))

    @invariant()
    def the_books_balance(self) -> None:
        assert flow.status(self.app).balanced

    # What holds in the end

    def heal(self) -> None:
        """All goes well for ten days, with one fresh paper at their beginning."""
        self.papers += 1
        self.world.drop("last.rss", _feed(self.papers))
        flow.ingest_listings(self.app)
        began = self.world.clock()
        for _ in range(10):
            self._prepare_and_deliver(self.app)
            self.world.clock.move(hours=24)
        books = flow.status(self.app).books
        assert not [state for state in books if books[state] and state not in _SETTLED]
        self.nobody_is_sent_a_paper_twice()
        self.no_issue_goes_out_twice()
        for subscriber_id, missing in self._missing(since=began - LOOK_BACK):
            assert not missing, f"{subscriber_id} never got {missing}"

    def _missing(self, *, since: object) -> Iterator[tuple[str, set[str]]]:
        """The papers each active reader was promised (they stood in an issue, or are fresh) and
        never got."""
        with store.reading(self.app.engine) as connection:
            fresh = connection.execute(
                select(papers.c.id).order_by(papers.c.seen_at.desc()).limit(1)
            ).scalar_one()
            rows = connection.execute(
                select(subscribers.c.id, issue_papers.c.paper_id, deliveries.c.state)
                .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
                .join(issue_papers, issue_papers.c.issue_id == deliveries.c.issue_id)
                .join(papers, papers.c.id == issue_papers.c.paper_id)
                .where(subscribers.c.state == SubscriberState.ACTIVE, papers.c.seen_at >= since)
            ).all()
            active = connection.execute(
                select(subscribers.c.id).where(subscribers.c.state == SubscriberState.ACTIVE)
            ).scalars()
            for reader in active:
                promised = {row.paper_id for row in rows if row.id == reader} | {fresh}
                got = {row.paper_id for row in rows if row.id == reader and row.state == "sent"}
                yield reader, promised - got


_SETTLED = (*_FINAL, DeliveryState.SUPPRESSED)


def _wishes(schedule: Schedule) -> Wishes:
    return wishes(INTEREST, schedule=schedule)


def _feed(number: int) -> str:
    words = [random.Random(number).randbytes(4).hex().translate(_LETTERS) for _ in range(12)]
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Feed</title><item><title>{' '.join(words[:4])}</title>"
        f"<dc:creator>{HOPPER}</dc:creator><link>https://example.org/{number}</link>"
        f"<description>{' '.join(words[4:])}.</description></item></channel></rss>"
    )


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def _until_death(life: Callable[[], object]) -> None:
    with contextlib.suppress(Death):
        life()


def _mortal(app: App, calls: int) -> App:
    """An app whose process dies when it asks for the time, or an id, for the ``calls``-th time."""
    left = iter(range(calls))

    def dying(asked: Callable[[], object]) -> Callable[[], object]:
        def ask() -> object:
            if next(left, None) is None:
                raise Death
            return asked()

        return ask

    return replace(app, clock=dying(app.clock), new_id=dying(app.new_id))  # type: ignore[arg-type]


@contextlib.contextmanager
def _in_the_middle_of_thinking(happen: Callable[[], None]) -> Iterator[None]:
    """Let something happen once, after the candidates were read and before a turn is taken."""
    once = iter([happen])
    with pytest.MonkeyPatch.context() as patch:
        choose = match.select

        def select_slowly(*given: object, **more: object) -> object:
            for each in once:
                each()
            return choose(*given, **more)  # type: ignore[arg-type]

        patch.setattr(match, "select", select_slowly)
        yield


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_whatever_happens_the_promises_hold(tmp_path: Path) -> None:
    Installation.pattern = tmp_path / "pattern.db"
    engine = store.open_engine(f"sqlite:///{Installation.pattern}")
    store.upgrade(engine)
    engine.dispose()
    machine = Installation.TestCase
    machine.settings = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    machine("runTest").runTest()
