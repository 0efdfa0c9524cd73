"""Source → listing: retrieve bytes, parse them, decide which announcement is which work."""

from digest.ingest.boxes import (
    FLAGGED,
    LONGEST_LINE,
    SEEN,
    Boxed,
    Mark,
    is_maildir,
    is_mbox,
    mark,
    message_key,
    messages,
    read_mark,
    read_stream,
    resume,
    settle,
    split,
    starts_as_mbox,
    too_large,
    unlocked,
    unreadable,
)
from digest.ingest.dated import dated
from digest.ingest.fetch import fetch, open_client
from digest.ingest.freshness import Visit, announces, cut_by, day_of, judge, start_of
from digest.ingest.gaps import find_gap
from digest.ingest.identity import keys_of, make_paper
from digest.ingest.library import LARGEST, Library, parse_library
from digest.ingest.manners import Manners
from digest.ingest.paging import as_asked, follow, shown
from digest.ingest.parse import kind_of, parse
from digest.ingest.polling import may_ask
from digest.ingest.reconcile import Reconciled, reconcile
from digest.ingest.retrieve import (
    LIMIT,
    accept,
    read_file,
    reject,
    stamp_of,
    waiting,
)

__all__ = [
    "FLAGGED",
    "LARGEST",
    "LIMIT",
    "LONGEST_LINE",
    "SEEN",
    "Boxed",
    "Library",
    "Manners",
    "Mark",
    "Reconciled",
    "Visit",
    "accept",
    "announces",
    "as_asked",
    "cut_by",
    "dated",
    "day_of",
    "fetch",
    "find_gap",
    "follow",
    "is_maildir",
    "is_mbox",
    "judge",
    "keys_of",
    "kind_of",
    "make_paper",
    "mark",
    "may_ask",
    "message_key",
    "messages",
    "open_client",
    "parse",
    "parse_library",
    "read_file",
    "read_mark",
    "read_stream",
    "reconcile",
    "reject",
    "resume",
    "settle",
    "shown",
    "split",
    "stamp_of",
    "start_of",
    "starts_as_mbox",
    "too_large",
    "unlocked",
    "unreadable",
    "waiting",
]
