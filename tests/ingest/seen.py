"""What a parser saw, as data files beside the samples write it down."""

from typing import Any

from digest.model import Announcement


def describe(announcement: Announcement) -> dict[str, Any]:
    paper = announcement.paper
    return {
        "kind": announcement.kind,
        "line": announcement.line,
        "names": [key for key in paper.keys if key.startswith(("arxiv:", "doi:"))],
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "submitted_on": paper.submitted_on.isoformat() if paper.submitted_on else None,
        "venue": paper.venue,
        "abstract": paper.abstract,
    }
