"""Hosts that want less of us, or later: when they are left alone, and when no longer."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest import deliver, store
from digest.app import App
from digest.store.hosts import RELAY, Host

_SKEW = timedelta(minutes=1)  # by how much the clocks of two workers may differ


@dataclass(slots=True)
class Hosts:
    """What a run knows of the hosts, and what it learned that is not recorded yet."""

    known: dict[str, Host] = field(default_factory=dict)
    slow: dict[str, str] = field(default_factory=dict)  # why each wants to be left alone
    fine: set[str] = field(default_factory=set)  # known ones that took a message

    def resting(self, name: str, now: datetime) -> Host | None:
        """Return the host if it is left alone at this time; not for longer than its pause, if the
        clock was ahead when that began."""
        host = self.known.get(name)
        return host if host and now < host.paused_until <= now + host.pause + _SKEW else None

    def took(self, domain: str) -> None:
        """Hear that a message for ``domain`` was taken."""
        self.fine.update(self.known.keys() & {domain, RELAY})


def domain_of(address: str) -> str:
    """Return the host that an address is for."""
    return address.rpartition("@")[2].casefold()


def record(connection: Connection, hosts: Hosts, now: datetime) -> None:
    """Lengthen the pauses of those that were slow, shorten those of others."""
    if not hosts.slow and not hosts.fine:
        return
    hosts.known = store.hosts.load(connection)
    for name, reason in hosts.slow.items():
        if not hosts.resting(name, now):  # what was under way when it asked asks no second time
            before = hosts.known.get(name)
            pause = deliver.longer(before.pause if before else timedelta())
            hosts.known[name] = Host(
                name=name, paused_until=now + pause, pause=pause, reason=reason
            )
            store.hosts.put(connection, hosts.known[name])
    fine = hosts.fine - hosts.slow.keys()
    _shorten(connection, hosts, [name for name in fine if not hosts.resting(name, now)])
    hosts.slow, hosts.fine = {}, set()


def _shorten(connection: Connection, hosts: Hosts, names: Iterable[str]) -> None:
    for name in names:
        host = hosts.known.pop(name, None)
        if host is None:
            continue
        pause = deliver.shorter(host.pause)
        if pause:
            hosts.known[name] = replace(host, pause=pause)
            store.hosts.put(connection, hosts.known[name])
        else:
            store.hosts.forget(connection, [name])


def resume(app: App) -> int:
    """Leave nobody alone any longer; returns how many hosts that were."""
    with store.writing(app.engine) as connection:
        return store.hosts.forget(connection, store.hosts.load(connection).keys())
