"""kill -9 and races, in real processes: nobody gets two copies, nobody is forgotten."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from digest.settings.values import DeliverSettings
from tests.deliver.servers import Inbox, mail_server
from tests.flow.world import dump, read_mail

READERS = 24
KILLS = 4  # of whole commands; tests.chaos has many more, of what sends


def _environment(database: str, folder: Path, **more: str) -> Mapping[str, str]:
    readers = [
        {"email": f"r{number}@example.org", "interests": ["graph neural networks"]}
        for number in range(READERS)
    ]
    return {
        **os.environ,
        "DIGEST_DATABASE": database,
        "DIGEST_OUTBOX": str(folder / "outbox"),
        "DIGEST_SECRET": "a secret for the tests",
        "DIGEST_SOURCES": json.dumps([{"folder": str(folder / "inbox")}]),
        "DIGEST_SUBSCRIBERS": json.dumps(readers),
        **more,
    }


def _relay(port: int) -> dict[str, str]:
    return {
        "DIGEST_SMTP__HOST": "127.0.0.1",
        "DIGEST_SMTP__PORT": str(port),
        "DIGEST_SMTP__SECURITY": "none",
    }


def _once(environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "digest", "once", "--json"],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _finish(process: "subprocess.Popen[bytes]") -> None:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err


def _books(environment: Mapping[str, str], folder: Path) -> dict[str, int]:
    answer = subprocess.run(
        [sys.executable, "-m", "digest", "status", "--json"],
        env=environment,
        cwd=folder,
        capture_output=True,
        check=True,
    )
    status = json.loads(answer.stdout)
    assert status["balanced"]
    return {state: number for state, number in status["books"].items() if number}


def _drop(folder: Path) -> None:
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "dump.txt").write_text(dump(), encoding="utf-8")


def _kill_at_random(environment: Mapping[str, str], folder: Path) -> None:
    """Start ``digest once`` again and again, and kill each at a random moment of its life."""
    _drop(folder)
    chance = random.Random(20261120)
    for _ in range(KILLS):
        process = _once(environment, folder)
        time.sleep(chance.uniform(0.7, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()


def _copies(mails: list[bytes]) -> Counter[str]:
    return Counter(str(read_mail(mail)["To"]) for mail in mails)


def test_killed_at_any_moment_the_outbox_holds_one_mail_for_each(
    database: str, tmp_path: Path
) -> None:
    environment = _environment(database, tmp_path)
    _kill_at_random(environment, tmp_path)
    _finish(_once(environment, tmp_path))
    mails = [path.read_bytes() for path in (tmp_path / "outbox").glob("*.eml")]
    assert _copies(mails) == {f"r{number}@example.org": 1 for number in range(READERS)}
    assert _books(environment, tmp_path) == {"sent": READERS}


def test_killed_at_any_moment_smtp_doubles_nothing(database: str, tmp_path: Path) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        environment = _environment(database, tmp_path, **_relay(port))
        _kill_at_random(environment, tmp_path)
        _finish(_once(environment, tmp_path))
    copies = _copies([message.content for message in inbox.messages])
    books = _books(environment, tmp_path)
    uncertain = books.get("uncertain", 0)
    assert not [reader for reader, number in copies.items() if number > 1]
    assert books.get("sent", 0) + uncertain == READERS
    assert READERS - uncertain <= len(copies) <= READERS, "only the uncertain may be missing"
    in_flight = KILLS * DeliverSettings().connections
    assert uncertain <= in_flight, "at most what was in flight at each kill"


@pytest.mark.parametrize("processes", [4])
def test_processes_side_by_side_send_each_mail_once(
    database: str, tmp_path: Path, processes: int
) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        environment = _environment(database, tmp_path, DIGEST_DELIVER__CLAIM="3", **_relay(port))
        _drop(tmp_path)
        running = [_once(environment, tmp_path) for _ in range(processes)]
        for process in running:
            _finish(process)
        _finish(_once(environment, tmp_path))
    copies = _copies([message.content for message in inbox.messages])
    assert copies == {f"r{number}@example.org": 1 for number in range(READERS)}
    assert _books(environment, tmp_path) == {"sent": READERS}
