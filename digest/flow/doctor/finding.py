"""What a check finds: is it well, and if not, what to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Connection

from digest import records, store
from digest.errors import StoreError
from digest.settings import Settings

T = TypeVar("T")
PATIENCE = 10.0  # seconds for one answer of one server


class Condition(StrEnum):
    """How a check went: well, not as it should be, or so that mail fails."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found, in one sentence; unless it is good, that says what to do."""

    check: str
    condition: Condition
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined: the settings, and what the checks see the world with."""

    settings: Settings
    resolve: records.Resolve = field(
        default_factory=lambda: records.open_resolver(timeout=PATIENCE / 2)
    )
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def is_new(self) -> bool:
        """Whether there is no database yet: to open one would make it."""
        file = store.health.file_of(self.settings.database)
        return file is not None and not file.exists()


def ask(patient: Patient, question: Callable[[Connection], T]) -> T | None:
    """Return what the database answers; None where there is none yet, or it cannot be used: the
    check of the database tells why."""
    if patient.is_new:
        return None
    engine = store.open_engine(patient.settings.database)
    try:
        with store.reading(engine) as connection:
            return question(connection)
    except StoreError:
        return None
    finally:
        engine.dispose()


def good(said: str) -> tuple[Condition, str]:
    """Say that all is well."""
    return Condition.GOOD, said


def doubtful(said: str) -> tuple[Condition, str]:
    """Say what is not as it should be, and what to do."""
    return Condition.DOUBTFUL, said


def bad(said: str) -> tuple[Condition, str]:
    """Say what fails, and what to do."""
    return Condition.BAD, said
