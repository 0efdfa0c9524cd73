"""Mail: what a message carries, and the places where messages lie.

::

    bytes of one message → head and body → its tree of parts → texts      → one listing
                           heads           parts               prose        listing
"""

from digest.ingest.mail.heads import is_message
from digest.ingest.mail.listing import parse_message
from digest.ingest.mail.parts import HTML

__all__ = ["HTML", "is_message", "parse_message"]
