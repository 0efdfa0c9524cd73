"""What is arXiv's own: its listing mail, the pages of its lists and of its API, its fields.

Its feeds, the API's too, are read as any other in ``feed``.
"""

from digest.ingest.arxiv.api import next_page, without_errors
from digest.ingest.arxiv.fields import read_authors
from digest.ingest.arxiv.mail import looks_like_mail, parse_mail
from digest.ingest.arxiv.pages import looks_like_page, parse_page

__all__ = [
    "looks_like_mail",
    "looks_like_page",
    "next_page",
    "parse_mail",
    "parse_page",
    "read_authors",
    "without_errors",
]
