"""What we know of each source: its cache validators, when it was asked, and its last failure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from digest.model import Validators
from digest.store import upsert
from digest.store.schema import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One source's last visit. ``hold_until`` is set after a failure or by the operator: no visit
    before then."""

    name: str
    validators: Validators
    checked_at: datetime | None = None
    hold_until: datetime | None = None
    error: str | None = None


def get(connection: Connection, name: str) -> SourceRecord:
    """Return what is known of the source ``name``; a new one has never been asked."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    return _record(row) if row else SourceRecord(name=name, validators=Validators())


def everything(connection: Connection) -> tuple[SourceRecord, ...]:
    """Return every source ever asked, by name."""
    return tuple(_record(row) for row in connection.execute(select(sources).order_by("name")))


def read(connection: Connection, name: str, validators: Validators, *, now: datetime) -> None:
    """Record a visit that went well."""
    _save(
        connection,
        name,
        etag=validators.etag,
        last_modified=validators.last_modified,
        checked_at=now,
        hold_until=None,
        error=None,
    )


def visited(connection: Connection, name: str, *, now: datetime) -> None:
    """Record a visit that went well to a source that has no validators to renew."""
    _save(connection, name, checked_at=now, hold_until=None, error=None)


def failed(
    connection: Connection, name: str, error: str, *, now: datetime, hold_until: datetime
) -> None:
    """Record a visit that failed; the validators of the last good one stay."""
    _save(connection, name, checked_at=now, hold_until=hold_until, error=error)


def hold(connection: Connection, name: str, *, until: datetime | None) -> None:
    """Do not ask a source again before ``until``; None lets it be asked at once."""
    _save(connection, name, hold_until=until)


def _save(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(
        upsert.insert(connection, sources)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def _record(row: Any) -> SourceRecord:
    return SourceRecord(
        name=row.name,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        checked_at=row.checked_at,
        hold_until=row.hold_until,
        error=row.error,
    )
