"""Readers and papers of few words, and the sample files."""

from datetime import date, timedelta
from pathlib import Path

from digest.evaluate import Deed, Kind, Listed, Reader

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "relevance"
MONDAY = date(2026, 11, 16)


def listed(id: str, day: date = MONDAY, *, title: str = "", upvotes: int = 0) -> Listed:
    return Listed(id=id, title=title or f"On {id}", abstract="Dull.", day=day, upvotes=upvotes)


def reader(*papers: Listed, name: str = "ada", kind: Kind = Kind.AUTHORED) -> Reader:
    deeds = (Deed(paper=paper.id, kind=kind, day=paper.day) for paper in papers)
    return Reader(name=name, deeds=tuple(deeds))


def past(number: int = 3) -> list[Listed]:
    """Papers of the weeks before, one a week, oldest first."""
    days = (MONDAY - timedelta(weeks=number - each) for each in range(number))
    return [listed(f"past-{each}", day) for each, day in enumerate(days)]


def week(number: int = 20, day: date = MONDAY) -> list[Listed]:
    """Papers listed on one day."""
    return [listed(f"new-{each:02}", day) for each in range(number)]
