"""Source → listing: retrieve bytes, parse them, decide which announcement is which work."""

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
    "LARGEST",
    "LIMIT",
    "Library",
    "Manners",
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
    "judge",
    "keys_of",
    "kind_of",
    "make_paper",
    "may_ask",
    "open_client",
    "parse",
    "parse_library",
    "read_file",
    "reconcile",
    "reject",
    "shown",
    "stamp_of",
    "start_of",
    "waiting",
]
