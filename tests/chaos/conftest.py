"""Chance that can be repeated, and a place to note how things went."""

import logging
import os
import random
from collections.abc import Callable

import pytest

_log = logging.getLogger("chaos")  # pytest shows it when a test fails, or with -rP
Note = Callable[[str], None]


@pytest.fixture
def note() -> Note:
    """What to call with a figure."""
    return lambda said: _log.warning("%s", said)


@pytest.fixture
def chance(note: Note) -> random.Random:
    """Chance, another one each time; ``CHAOS_SEED`` repeats one."""
    seed = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10**6))
    note(f"CHAOS_SEED={seed}")
    return random.Random(seed)
