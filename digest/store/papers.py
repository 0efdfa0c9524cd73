"""Papers, the keys they are known by, and the listings they stood in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)

from digest.model import Link, LinkRel, Listing, Paper
from digest.store import upsert
from digest.store.schema import announcements, listings, paper_keys, papers

_CHUNK = 500  # bound values per statement, far below every database's limit
_BEFORE_A_WORD = " -(/\"'“‘$"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRecord:
    """One listing as it was ingested: its source, its date, and what could not be read."""

    source: str
    name: str
    date: date
    papers: int
    problems: tuple[str, ...]
    ingested_at: datetime


def lock(connection: Connection) -> None:
    """Make this transaction the only one that adds papers, so that a work is added once.

    SQLite's write transactions are alone anyway; PostgreSQL is told.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE paper_keys IN SHARE ROW EXCLUSIVE MODE"))


def find(connection: Connection, keys: Iterable[str]) -> dict[str, Paper]:
    """Return the stored paper for each of ``keys`` that is known."""
    wanted = sorted(set(keys))
    owners: dict[str, str] = {}
    for chunk in _chunks(wanted):
        rows = connection.execute(
            select(paper_keys.c.key, paper_keys.c.paper_id).where(paper_keys.c.key.in_(chunk))
        )
        owners.update((row.key, row.paper_id) for row in rows)
    known = {paper.id: paper for paper in load(connection, owners.values())}
    return {key: known[paper_id] for key, paper_id in owners.items()}


def load(connection: Connection, ids: Iterable[str]) -> tuple[Paper, ...]:
    """Return the papers with these ids, in no particular order; unknown ids are left out."""
    found: list[Paper] = []
    for chunk in _chunks(sorted(set(ids))):
        found += _read(connection, select(papers).where(papers.c.id.in_(chunk)))
    return tuple(found)


def add(connection: Connection, new: Sequence[Paper], *, on: date, seen_at: datetime) -> None:
    """Store works not known before; ``on`` is the date of the listing that brought them."""
    if not new:
        return
    connection.execute(
        insert(papers),
        [{**_values(paper), "announced_on": on, "seen_at": seen_at} for paper in new],
    )
    _add_keys(connection, new)


def change(connection: Connection, changed: Sequence[Paper]) -> None:
    """Store what was learned about works known before."""
    if not changed:
        return
    fields = [name for name in _values(changed[0]) if name != "id"]
    connection.execute(
        update(papers)
        .where(papers.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in fields}),
        [{f"b_{name}": value for name, value in _values(paper).items()} for paper in changed],
    )
    _add_keys(connection, changed)


def record(
    connection: Connection,
    listing: Listing,
    *,
    source: str,
    digest: str,
    ids: Sequence[str],
    now: datetime,
) -> None:
    """Remember that ``listing`` announced the works ``ids`` (one for each announcement).

    The same bytes under the same date are the same listing: recording them again changes nothing.
    """
    listing_id = _listing_id(connection, listing, source, digest, now)
    if listing_id is None:
        return
    rows = {
        paper_id: {
            "listing_id": listing_id,
            "paper_id": paper_id,
            "kind": announcement.kind,
            "position": position,
        }
        for position, (announcement, paper_id) in reversed(
            list(enumerate(zip(listing.announcements, ids, strict=True), start=1))
        )
    }
    if rows:
        connection.execute(insert(announcements), list(rows.values()))
    days: dict[date, list[str]] = {}
    for announcement, paper_id in zip(listing.announcements, ids, strict=True):
        days.setdefault(announcement.on or listing.date, []).append(paper_id)
    for day, announced in days.items():
        _announced_by(connection, announced, day)


def window(connection: Connection, *, since: datetime) -> tuple[tuple[Paper, datetime], ...]:
    """Return the papers first seen at or after ``since``, each with that moment, oldest first."""
    query = select(papers).where(papers.c.seen_at >= since).order_by(papers.c.seen_at, papers.c.id)
    rows = connection.execute(query).all()
    return tuple((_paper(row), row.seen_at) for row in rows)


def background(connection: Connection, *, since: datetime, limit: int) -> tuple[Paper, ...]:
    """Return at most ``limit`` of the newest papers seen since ``since``, for term statistics."""
    query = (
        select(papers)
        .where(papers.c.seen_at >= since)
        .order_by(papers.c.seen_at.desc(), papers.c.id)
        .limit(limit)
    )
    return _read(connection, query)


def newest(connection: Connection, *, limit: int | None = None) -> tuple[Paper, ...]:
    """Return the papers, newest announcement first."""
    query = select(papers).order_by(papers.c.announced_on.desc(), papers.c.title).limit(limit)
    return _read(connection, query)


def day_of(connection: Connection, place: int) -> date | None:
    """Return when the paper in this place (from 0, the newest) was announced; None if none is."""
    newest_first = select(papers.c.announced_on).order_by(papers.c.announced_on.desc())
    return connection.execute(newest_first.offset(place).limit(1)).scalar()


def search(
    connection: Connection,
    words: Sequence[str],
    *,
    since: date | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Paper, ...]:
    """Return the papers whose title or abstract holds all of ``words``, newest announcement first,
    those announced before ``since`` left out.

    A word is found where one begins with it: ``graph`` finds graphs, ``rl`` does not find world.
    Case is ignored (SQLite: of the letters a to z). No word finds every paper.
    """
    title = func.coalesce(papers.c.readable_title, papers.c.title)
    abstract = func.coalesce(papers.c.readable_abstract, papers.c.abstract)
    said = literal(" ") + title + " " + abstract
    query = (
        select(papers.c.id)
        .where(*(_says(said, word) for word in words))
        .where(true() if since is None else papers.c.announced_on >= since)
        .order_by(papers.c.announced_on.desc(), title, papers.c.id)
        .limit(limit)
        .offset(offset)
    )
    ids = connection.execute(query).scalars().all()
    known = {paper.id: paper for paper in load(connection, ids)}
    return tuple(known[paper_id] for paper_id in ids)


def _says(said: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether a text says a word; the first look spares most texts the closer ones."""
    starts = (said.icontains(mark + word, autoescape=True) for mark in _BEFORE_A_WORD)
    return and_(said.icontains(word, autoescape=True), or_(*starts))


def count_by_day(connection: Connection, *, since: date) -> dict[date, int]:
    """Return how many papers were announced on each day since ``since``."""
    query = (
        select(papers.c.announced_on, func.count())
        .where(papers.c.announced_on >= since)
        .group_by(papers.c.announced_on)
    )
    return {day: number for day, number in connection.execute(query)}


def count(connection: Connection) -> int:
    """Return how many distinct works are known."""
    return connection.execute(select(func.count()).select_from(papers)).scalar_one()


def last_seen(connection: Connection) -> datetime | None:
    """Return when a paper was last seen for the first time."""
    return connection.execute(select(func.max(papers.c.seen_at))).scalar()


def recent_listings(connection: Connection, *, limit: int) -> tuple[ListingRecord, ...]:
    """Return the last ``limit`` listings, newest first."""
    size = (
        select(func.count())
        .where(announcements.c.listing_id == listings.c.id)
        .scalar_subquery()
        .label("papers")
    )
    query = select(listings, size).order_by(listings.c.id.desc()).limit(limit)
    return tuple(_listing_record(row) for row in connection.execute(query))


def last_listed(connection: Connection) -> dict[str, datetime]:
    """Return when each source last brought a listing not known before."""
    query = select(listings.c.source, func.max(listings.c.ingested_at)).group_by(listings.c.source)
    return {source: moment for source, moment in connection.execute(query)}


def _listing_id(
    connection: Connection, listing: Listing, source: str, digest: str, now: datetime
) -> int | None:
    """Insert the listing; None when it was recorded before."""
    return connection.execute(
        upsert.insert(connection, listings)
        .values(
            source=source,
            name=listing.name,
            date=listing.date,
            digest=digest,
            problems=[_problem(problem.message, problem.line) for problem in listing.problems],
            ingested_at=now,
        )
        .on_conflict_do_nothing()
        .returning(listings.c.id)
    ).scalar_one_or_none()


def _announced_by(connection: Connection, ids: Sequence[str], day: date) -> None:
    """Note that the works ``ids`` were announced on ``day`` at the latest."""
    for chunk in _chunks(sorted(set(ids))):
        connection.execute(
            update(papers)
            .where(papers.c.id.in_(chunk), papers.c.announced_on > day)
            .values(announced_on=day)
        )


def _problem(message: str, line: int | None) -> str:
    return message if line is None else f"line {line}: {message}"


def _add_keys(connection: Connection, owners: Sequence[Paper]) -> None:
    connection.execute(
        upsert.insert(connection, paper_keys).on_conflict_do_nothing(),
        [{"key": key, "paper_id": paper.id} for paper in owners for key in paper.keys],
    )


def _read(connection: Connection, query: Any) -> tuple[Paper, ...]:
    return tuple(_paper(row) for row in connection.execute(query))


def _paper(row: Row[Any]) -> Paper:
    return Paper(
        id=row.id,
        keys=tuple(row.keys),
        title=row.title,
        readable_title=row.readable_title or row.title,
        abstract=row.abstract,
        readable_abstract=row.readable_abstract or row.abstract,
        authors=tuple(row.authors),
        author_count=row.author_count,
        submitted_on=row.submitted_on,
        categories=tuple(row.categories),
        venue=row.venue,
        tldr=row.tldr,
        comments=row.comments,
        upvotes=row.upvotes,
        links=tuple(Link(rel=LinkRel(rel), url=url) for rel, url in row.links),
        announced_on=row.announced_on,
    )


def _values(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "keys": list(paper.keys),
        "title": paper.title,
        "readable_title": _if_other(paper.readable_title, paper.title),
        "abstract": paper.abstract,
        "readable_abstract": _if_other(paper.readable_abstract, paper.abstract),
        "authors": list(paper.authors),
        "author_count": paper.author_count,
        "submitted_on": paper.submitted_on,
        "categories": list(paper.categories),
        "venue": paper.venue,
        "tldr": paper.tldr,
        "comments": paper.comments,
        "upvotes": paper.upvotes,
        "links": [[link.rel, link.url] for link in paper.links],
    }


def _if_other(readable: str, original: str) -> str | None:
    return None if readable == original else readable


def _listing_record(row: Row[Any]) -> ListingRecord:
    return ListingRecord(
        source=row.source,
        name=row.name,
        date=row.date,
        papers=row.papers,
        problems=tuple(row.problems),
        ingested_at=row.ingested_at,
    )


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
