"""Hosts that asked us to slow down, and until when they are left alone; shared by all workers.

A host is the domain of a recipient, or ``RELAY``: the mail server that takes all our mail.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from digest.store import upsert
from digest.store.schema import hosts

RELAY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host that is, or lately was, left alone: until when, for how long, and why."""

    name: str
    paused_until: datetime
    pause: timedelta
    reason: str


def load(connection: Connection) -> dict[str, Host]:
    """Return all hosts that were lately left alone, by name."""
    return {
        row.name: Host(
            name=row.name,
            paused_until=row.paused_until,
            pause=timedelta(seconds=row.pause),
            reason=row.reason,
        )
        for row in connection.execute(select(hosts))
    }


def put(connection: Connection, host: Host) -> None:
    """Remember how a host is to be treated."""
    values = {
        "paused_until": host.paused_until,
        "pause": round(host.pause.total_seconds()),
        "reason": host.reason,
    }
    connection.execute(
        upsert.insert(connection, hosts)
        .values(name=host.name, **values)
        .on_conflict_do_update(index_elements=[hosts.c.name], set_=values)
    )


def forget(connection: Connection, names: Collection[str]) -> int:
    """Treat hosts as if nothing had been; returns how many had been treated otherwise."""
    return connection.execute(delete(hosts).where(hosts.c.name.in_(names))).rowcount
