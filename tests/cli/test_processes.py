"""The processes that stay: started as they are in production, ended as an operator ends them."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from digest.cli.processes import listen
from tests.cli.shell import Shell, environment
from tests.deliver.servers import HOST

READER = "subscribers: [{email: ada@example.org, interests: [graph neural networks]}]\n"

# ``digest`` with a shorter patience than a person's.
_QUICK = """
import sys
from digest import scheduler, worker
from digest.cli import main
scheduler.TICK_SECONDS, worker.WAIT_SECONDS = 0.3, 0.1
sys.argv[0] = "digest"
main()
"""

Process = subprocess.Popen[str]


@contextmanager
def running(shell: Shell, *words: str) -> Iterator[Process]:
    """Run ``digest`` with ``words``; what is left of it at the end of the block is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _QUICK, *words],
        cwd=shell.folder,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(process: Process, how: signal.Signals = signal.SIGTERM) -> str:
    """End a process as an operator does; it goes by itself, in order, and soon."""
    process.send_signal(how)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, ""), err
    assert "Traceback" not in err
    return err


def address(process: Process) -> str:
    """Read the line that tells where a process listens."""
    assert process.stderr is not None
    line = process.stderr.readline()
    while line.startswith("{"):  # the log: config.yaml's readers are subscribed first
        line = process.stderr.readline()
    found = re.fullmatch(r"Listening on (http://\S+)/ \(Ctrl-C stops\)\.\n", line)
    assert found, line
    return found[1]


def until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def drop(shell: Shell) -> None:
    """Drop a whole file into the inbox at once."""
    os.rename(shell.write("dump.txt"), shell.folder / "inbox" / "dump.txt")


def test_serve_does_all_of_it(python_m_digest: Shell) -> None:
    shell = python_m_digest
    shell.write("config.yaml", READER)
    with running(shell, "serve", "--port", "0") as process:
        url = address(process)
        until(lambda: (shell.folder / "inbox").is_dir())
        drop(shell)
        until(lambda: shell.mails() == ["ada@example.org"])
        assert httpx.get(f"{url}/readyz").json() == {"ok": True, "papers": 5, "problems": []}
        log = ended(process)
    assert '"event": "listing.ingested"' in log
    assert "ada@example.org" not in log, "no address at info level"


def test_the_three_processes_of_the_procfile_share_the_work(python_m_digest: Shell) -> None:
    shell = python_m_digest
    shell.write("config.yaml", READER)
    shell.write("inbox/dump.txt")
    assert shell("migrate").code == 0
    with (
        running(shell, "web", "--port", "0") as web,
        running(shell, "scheduler") as scheduler,
        running(shell, "worker") as worker,
    ):
        until(lambda: shell.mails() == ["ada@example.org"])
        assert httpx.get(f"{address(web)}/healthz").status_code == 200
        for process in (web, scheduler, worker):
            ended(process, signal.SIGINT if process is web else signal.SIGTERM)


@pytest.mark.parametrize("command", ["web", "serve"])
def test_an_occupied_port_is_one_sentence(python_m_digest: Shell, command: str) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        answer = python_m_digest(command, "--port", port)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        f"digest: Nothing can listen on {HOST}, port {port} (Address already in use): "
        "choose another with --host and --port.\n"
    )


def test_no_answer_waits_for_an_acknowledgement() -> None:
    """asyncio turns Nagle's algorithm off only where it is told that a socket is TCP."""
    delayed: list[bool] = []

    def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here: socket.socket = writer.get_extra_info("socket")
        delayed.append(not here.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def meet(listener: socket.socket) -> None:
        async with await asyncio.start_server(met, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            await reader.read()
            writer.close()
            await writer.wait_closed()

    with listen(HOST, 0) as listener:
        asyncio.run(meet(listener))
    assert delayed == [False]
