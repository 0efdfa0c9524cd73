"""``digest …`` in a folder and an environment of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text

from digest.cli import main
from tests.cli.shell import Answer, Shell, environment


class _InProcess(Shell):
    """Runs ``main`` here: all of it but the interpreter's start, which takes a second."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder)
        self._monkeypatch = monkeypatch

    def __call__(self, *words: object, **more: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with self._monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["digest", *map(str, words)])
            for name in os.environ.keys() - environment(more).keys():
                patch.delenv(name)
            for name, text in environment(more).items():
                patch.setenv(name, text)
            with pytest.raises(SystemExit) as exit_:
                main()
        return Answer(int(exit_.value.code or 0), out.getvalue(), err.getvalue())


class _Subprocess(Shell):
    """Runs ``python -m digest``: what a shell sees."""

    def __call__(self, *words: object, **more: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "digest", *map(str, words)],
            cwd=self.folder,
            env=environment(more),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """The command line, in this process."""
    yield _InProcess(tmp_path, monkeypatch)
    structlog.reset_defaults()


@pytest.fixture
def python_m_digest(tmp_path: Path) -> Shell:
    """The command line, in a process of its own."""
    return _Subprocess(tmp_path)


@pytest.fixture
def empty_postgresql(postgresql: str) -> Iterator[str]:
    """The URL of a database on a real server in which there is nothing yet."""
    server = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE empty"))
        yield make_url(postgresql).set(database="empty").render_as_string(hide_password=False)
        connection.execute(text("DROP DATABASE empty"))  # refused while a command is connected
    server.dispose()
