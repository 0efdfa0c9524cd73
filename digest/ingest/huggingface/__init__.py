"""Hugging Face's daily papers: what its API, its page and its mail say.

::

    API, or a file of it       → parcel → rows   → listing
    HTML of the page → its JSON ↗
    the daily mail, text or HTML                 → listing (titles and votes only)

Forms of the JSON that are in use: an array of rows; ``{"status", "date", "count", "data": rows}``;
``{"dailyPapers": rows, "dateString", …}`` (the page); one row. A row is ``{"paper": {…}, "title",
"numComments", …}``, the inner object alone, or either of them written as Python writes a ``dict``.

The day of a row is ``submittedOnDailyAt``. The row's outer ``publishedAt`` is not used: until 2025
it was the day of listing, since then that of the paper. Hidden authors are authors: their names
are hidden on the page because they are linked to a wrong account, not because they did not write.
``ai_summary`` is the paper's ``tldr``. ``organization`` is who submitted, and no venue;
``ai_keywords`` and ``discussionId`` have no place in a ``Paper``.
"""

from digest.ingest.huggingface.daily import is_daily, read_daily
from digest.ingest.huggingface.mail import looks_like_mail, parse_mail
from digest.ingest.huggingface.page import looks_like_page, parse_page

__all__ = [
    "is_daily",
    "looks_like_mail",
    "looks_like_page",
    "parse_mail",
    "parse_page",
    "read_daily",
]
