"""What is arXiv's own: its listing mail, its API's pages, and how its fields are written.

Its feeds, the API's too, are read as any other in ``feed``.
"""

from digest.ingest.arxiv.api import next_page, without_errors
from digest.ingest.arxiv.fields import read_authors
from digest.ingest.arxiv.mail import looks_like_mail, parse_mail

__all__ = ["looks_like_mail", "next_page", "parse_mail", "read_authors", "without_errors"]
