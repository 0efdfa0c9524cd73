"""The use cases: the only place where rooms meet.

::

    ingest_listings → prepare_issues → deliver_issues
    sources → papers   due → issues     queue → mailboxes

Each may run twice, at any moment, in any number of processes: what it does is decided by
conditional updates in the store, never by who came first.
"""

from digest.flow.deliver import Delivered, anything_waits, deliver_issues
from digest.flow.ingest import Ingested, ingest_given, ingest_listings
from digest.flow.prepare import Prepared, prepare_issues
from digest.flow.subscribe import (
    Subscribed,
    find_by_email,
    find_by_token,
    follow_config,
    subscribe,
    unsubscribe,
)
from digest.flow.tell import Preview, Status, Why, papers, preview, status, subscribers, view, why

__all__ = [
    "Delivered",
    "Ingested",
    "Prepared",
    "Preview",
    "Status",
    "Subscribed",
    "Why",
    "anything_waits",
    "deliver_issues",
    "find_by_email",
    "find_by_token",
    "follow_config",
    "ingest_given",
    "ingest_listings",
    "papers",
    "prepare_issues",
    "preview",
    "status",
    "subscribe",
    "subscribers",
    "unsubscribe",
    "view",
    "why",
]
