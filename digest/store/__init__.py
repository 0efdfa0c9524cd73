"""The only room that speaks SQL: functions on a connection, grouped by noun.

``store.papers``, ``store.sources``, ``store.source_days``, ``store.subscribers``, ``store.issues``,
``store.deliveries``, ``store.upkeep``, ``store.owners`` and ``store.health``; the caller
owns the transaction (``with store.writing(engine) as connection: …``).
"""

from digest.store import (
    attempts,
    backup,
    bounces,
    deliveries,
    health,
    hosts,
    issues,
    jobs,
    joins,
    letters,
    mails,
    measures,
    owners,
    pace,
    papers,
    recovery,
    source_days,
    sources,
    subscribers,
    upkeep,
    votes,
)
from digest.store.engine import open_engine, reading, writing
from digest.store.migrate import require_migrated, upgrade

__all__ = [
    "attempts",
    "backup",
    "bounces",
    "deliveries",
    "health",
    "hosts",
    "issues",
    "jobs",
    "joins",
    "letters",
    "mails",
    "measures",
    "open_engine",
    "owners",
    "pace",
    "papers",
    "reading",
    "recovery",
    "require_migrated",
    "source_days",
    "sources",
    "subscribers",
    "upgrade",
    "upkeep",
    "votes",
    "writing",
]
