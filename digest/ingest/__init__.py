"""Source → listing: retrieve bytes, parse them, decide which announcement is which work."""

from digest.ingest.identity import make_paper
from digest.ingest.parse import parse
from digest.ingest.reconcile import Reconciled, reconcile
from digest.ingest.retrieve import (
    LIMIT,
    accept,
    fetch,
    open_client,
    read_file,
    reject,
    waiting,
)

__all__ = [
    "LIMIT",
    "Reconciled",
    "accept",
    "fetch",
    "make_paper",
    "open_client",
    "parse",
    "read_file",
    "reconcile",
    "reject",
    "waiting",
]
