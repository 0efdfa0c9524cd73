"""Papers and listings in the store."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from digest import store
from digest.model import Announcement, Link, LinkRel, Listing, Paper, Problem
from tests.build import NOON, paper

DAY = date(2026, 11, 19)

FULL = Paper(
    id="arxiv:2611.00001",
    keys=("arxiv:2611.00001", "doi:10.1/x", "title:full"),
    title=r"A $\pi$ Title",
    readable_title="A π Title",
    abstract=r"About $\pi$.",
    readable_abstract="About π.",
    authors=("Ada Lovelace", "Émilie du Châtelet"),
    author_count=2,
    submitted_on=date(2026, 11, 1),
    categories=("cs.LG", "stat.ML"),
    venue="arXiv",
    comments=3,
    upvotes=17,
    links=(Link(rel=LinkRel.ABSTRACT, url="https://arxiv.org/abs/2611.00001"),),
    announced_on=DAY,
)


def _add(engine: Engine, *papers: Paper, on: date = DAY) -> None:
    with store.writing(engine) as connection:
        store.papers.add(connection, papers, on=on, seen_at=NOON)


def _record(engine: Engine, *papers: Paper, on: date, digest: str) -> None:
    listing = Listing(
        name="dump.txt",
        date=on,
        announcements=tuple(Announcement(paper=each) for each in papers),
        problems=(Problem(message="cut short", line=7),),
    )
    with store.writing(engine) as connection:
        ids = [each.id for each in papers]
        store.papers.record(connection, listing, source="f", digest=digest, ids=ids, now=NOON)


def test_a_paper_comes_back_as_it_was(engine: Engine) -> None:
    _add(engine, FULL)
    with store.reading(engine) as connection:
        (loaded,) = store.papers.load(connection, [FULL.id])
    assert loaded == FULL


def test_a_paper_is_found_by_any_of_its_keys(engine: Engine) -> None:
    _add(engine, FULL, paper("Other"))
    with store.reading(engine) as connection:
        found = store.papers.find(connection, ["title:full", "doi:10.1/x", "doi:10.1/unknown"])
    assert found == {"title:full": FULL, "doi:10.1/x": FULL}


def test_more_keys_than_a_statement_takes(engine: Engine) -> None:
    _add(engine, *(paper(f"Paper {number}") for number in range(1200)))
    with store.reading(engine) as connection:
        found = store.papers.find(connection, [f"title:paper {n}" for n in range(2000)])
    assert len(found) == 1200


def test_what_is_learned_is_kept(engine: Engine) -> None:
    _add(engine, paper("Other", id="title:full", announced_on=DAY))
    learned = paper("Other", id="title:full", keys=("title:full", "arxiv:1"), comments=4)
    with store.writing(engine) as connection:
        store.papers.change(connection, [learned])
    with store.reading(engine) as connection:
        found = store.papers.find(connection, ["arxiv:1"])["arxiv:1"]
    assert (found.id, found.comments, set(found.keys)) == ("title:full", 4, set(learned.keys))


def test_the_same_listing_is_recorded_once(engine: Engine) -> None:
    _add(engine, FULL)
    for _ in range(2):
        _record(engine, FULL, FULL, on=DAY, digest="d1")
    with store.reading(engine) as connection:
        (listing,) = store.papers.recent_listings(connection, limit=9)
    assert (listing.papers, listing.problems) == (1, ("line 7: cut short",))


def test_the_earliest_listing_dates_a_paper(engine: Engine) -> None:
    _add(engine, FULL)
    _record(engine, FULL, on=DAY + timedelta(days=3), digest="later")
    _record(engine, FULL, on=DAY - timedelta(days=3), digest="earlier")
    with store.reading(engine) as connection:
        (loaded,) = store.papers.load(connection, [FULL.id])
    assert loaded.announced_on == DAY - timedelta(days=3)


def test_the_window_and_the_background_go_by_when_a_paper_was_seen(engine: Engine) -> None:
    with store.writing(engine) as connection:
        for days in range(5):
            old = paper(f"Seen {days} days ago")
            seen_at = NOON - timedelta(days=days)
            store.papers.add(connection, [old], on=DAY, seen_at=seen_at)
    with store.reading(engine) as connection:
        since = NOON - timedelta(days=2)
        window = store.papers.window(connection, since=since)
        background = store.papers.background(connection, since=since, limit=2)
    assert [each.title for each, _ in window] == [f"Seen {days} days ago" for days in (2, 1, 0)]
    assert next(seen_at for _, seen_at in window) == since
    assert [each.title for each in background] == ["Seen 0 days ago", "Seen 1 days ago"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["Graphs of Worlds", "50% of All_Edges"]),
        (("graph",), ["Graphs of Worlds"]),
        (("GRAPHS", "node"), ["Graphs of Worlds"]),
        (("graphs", "edges"), []),
        (("rl",), []),  # begins no word, though it stands in "worlds"
        (("world",), ["Graphs of Worlds"]),
        (("paren",), ["Graphs of Worlds"]),
        (("50%",), ["50% of All_Edges"]),
        (("5%",), []),
        (("all_edges",), ["50% of All_Edges"]),
        (("all.edges",), []),
        (("a%s",), []),
        (("'; --",), []),
        (("\\",), []),
    ],
)
def test_a_search_finds_where_all_words_begin(
    engine: Engine, words: tuple[str, ...], found: list[str]
) -> None:
    with store.writing(engine) as connection:
        store.papers.add(
            connection, [paper("50% of All_Edges")], on=date(2026, 11, 18), seen_at=NOON
        )
        store.papers.add(
            connection,
            [paper("Graphs of Worlds", "Nodes (parenthesised) meet.")],
            on=date(2026, 11, 19),
            seen_at=NOON,
        )
        shown = store.papers.search(connection, words, limit=9)
        assert [each.title for each in shown] == found
        assert store.papers.search(connection, words, limit=9, offset=1) == shown[1:]


def test_papers_are_counted_by_day(engine: Engine) -> None:
    with store.writing(engine) as connection:
        for day, titles in ((17, "a"), (18, "bc"), (19, "d")):
            store.papers.add(
                connection,
                [paper(title) for title in titles],
                on=date(2026, 11, day),
                seen_at=NOON,
            )
        counted = store.papers.count_by_day(connection, since=date(2026, 11, 18))
    assert counted == {date(2026, 11, 18): 2, date(2026, 11, 19): 1}
