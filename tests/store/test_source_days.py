"""The days of sources on both databases."""

from datetime import date, timedelta

from sqlalchemy import Engine

from digest import store
from digest.model import Announcement, Freshness, Listing, Paper, SourceDay
from tests.build import NOON, paper

FRIDAY = NOON.date()
MIDNIGHT = NOON.replace(hour=0)


def day(
    freshness: Freshness = Freshness.FRESH, *, source: str = "arXiv", on: date = FRIDAY
) -> SourceDay:
    return SourceDay(
        source=source, date=on, freshness=freshness, reason="So.", papers=3, checked_at=NOON
    )


def list_papers(
    engine: Engine, papers: list[Paper], *, ago: timedelta, source: str = "arXiv", digest: str = "d"
) -> None:
    """Record a listing of these papers, ingested so long before noon."""
    listing = Listing(
        name="listing",
        date=(NOON - ago).date(),
        announcements=tuple(Announcement(paper=each) for each in papers),
    )
    with store.writing(engine) as connection:
        known = store.papers.find(connection, [key for each in papers for key in each.keys])
        new = [each for each in papers if each.id not in known]
        store.papers.add(connection, new, on=listing.date, seen_at=NOON - ago)
        store.papers.record(
            connection,
            listing,
            source=source,
            digest=f"{source} {digest} {ago}",
            ids=[each.id for each in papers],
            now=NOON - ago,
        )


def test_a_day_is_kept_and_replaced(engine: Engine) -> None:
    with store.writing(engine) as connection:
        assert store.source_days.get(connection, "arXiv", FRIDAY) is None
        store.source_days.save(connection, day(Freshness.LATE))
        store.source_days.save(connection, day())
        assert store.source_days.get(connection, "arXiv", FRIDAY) == day()
        store.source_days.forget(connection, "arXiv", FRIDAY)
        assert store.source_days.get(connection, "arXiv", FRIDAY) is None


def test_the_last_day_of_each_source_and_its_last_fresh_one(engine: Engine) -> None:
    thursday = FRIDAY - timedelta(days=1)
    days = (
        day(on=thursday),
        day(Freshness.BROKEN),
        day(Freshness.EMPTY, source="journal", on=thursday),
    )
    with store.writing(engine) as connection:
        for each in days:
            store.source_days.save(connection, each)
        last = store.source_days.latest(connection)
        fresh = store.source_days.latest(connection, [Freshness.FRESH])
        since = store.source_days.since(connection, FRIDAY)
    assert last == {"arXiv": days[1], "journal": days[2]}
    assert fresh == {"arXiv": days[0]}
    assert since == (days[1],)


def test_what_a_source_announced_before_is_not_new_whoever_else_did(engine: Engine) -> None:
    old, known_elsewhere, new = (paper(title) for title in ("Old", "Known Elsewhere", "New"))
    list_papers(engine, [old], ago=timedelta(days=1))
    list_papers(engine, [known_elsewhere], ago=timedelta(days=1), source="journal")
    list_papers(engine, [old, known_elsewhere, new], ago=timedelta(hours=3))
    list_papers(engine, [new], ago=timedelta(hours=1), digest="again")
    with store.reading(engine) as connection:
        assert store.source_days.count_new(connection, "arXiv", since=MIDNIGHT) == 2
        assert store.source_days.count_new(connection, "journal", since=MIDNIGHT) == 0


def test_the_same_bytes_are_known_again(engine: Engine) -> None:
    list_papers(engine, [paper()], ago=timedelta(days=1))
    name = f"arXiv d {timedelta(days=1)}"
    with store.reading(engine) as connection:
        assert store.source_days.had_before(connection, "arXiv", name, since=MIDNIGHT)
        assert not store.source_days.had_before(
            connection, "arXiv", name, since=MIDNIGHT - timedelta(days=2)
        )
        assert not store.source_days.had_before(connection, "journal", name, since=MIDNIGHT)
