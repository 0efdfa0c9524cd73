"""The real data some tests run on when it lies beside the checkout; a fresh clone has none."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """Return the path below ``../shared``, or skip the test and say why."""
    found = SHARED.joinpath(*parts)
    if not found.exists():
        pytest.skip(f"the real data are not here: ../shared/{'/'.join(parts)}")
    return found
