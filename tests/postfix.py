"""A real Postfix (Debian's) on a loopback port, with configuration, queue and log of its own.

Whoever is known gets a maildir; mail for anybody else in our domains is taken and then comes back:
Postfix writes the report itself. It needs root, as Postfix does.
"""

import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.deliver.servers import HOST, free_port, require

PATIENCE = 60.0  # seconds until what should happen has to have happened

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = {host}
inet_protocols = ipv4
myhostname = mx.example.net
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_peername_lookup = no
disable_dns_lookups = yes
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = {mailboxes}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = {transports}
{more}
"""
_MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix: its port, and its folder."""

    port: int
    folder: Path

    def maildir(self, address: str) -> Path:
        """Return the maildir of a known address."""
        return self.folder / "mail" / address

    def mails(self, address: str, *, count: int = 1) -> list[EmailMessage]:
        """Return what came for a known address, as soon as ``count`` have; fails if none comes."""
        new = self.maildir(address) / "new"
        self.wait(lambda: new.is_dir() and len(list(new.iterdir())) >= count)
        found = [message_from_bytes(each.read_bytes(), policy=default) for each in new.iterdir()]
        return [each for each in found if isinstance(each, EmailMessage)]

    def wait(self, done: Callable[[], object]) -> None:
        """Return as soon as something is so; fails, with Postfix's log, if it does not come."""
        until = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > until:
                pytest.fail(f"Postfix did not do it:\n{self.log()}")
            time.sleep(0.05)

    def log(self) -> str:
        """Return what Postfix says it did."""
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""


@contextmanager
def running(
    *known: str, transports: Mapping[str, str] | None = None, settings: Sequence[str] = ()
) -> Iterator[Postfix]:
    """Run one until the end of the block, with a maildir for each ``known`` address.

    Each address in ``transports`` is handed on as the value says (``lmtp:inet:127.0.0.1:2424``);
    ``settings`` are more lines of main.cf.
    """
    program = require("postfix", "postfix")
    if os.getuid() != 0:
        pytest.skip("Postfix starts only as root")
    with tempfile.TemporaryDirectory(prefix="postfix-", dir="/tmp") as name:
        folder = Path(name)
        port = free_port()
        _configure(folder, port, known, transports or {}, settings)
        command = [program, "-c", str(folder / "conf")]
        _must([*command, "start"], folder)
        try:
            _await_greeting(port, folder)
            yield Postfix(port, folder)
        finally:
            subprocess.run([*command, "stop"], capture_output=True, check=False)


def _configure(
    folder: Path,
    port: int,
    known: Sequence[str],
    transports: Mapping[str, str],
    settings: Sequence[str],
) -> None:
    folder.chmod(0o755)  # Postfix's own user has to get in
    owner, reader = pwd.getpwnam("postfix"), pwd.getpwnam("mail")
    for part in ("conf", "queue", "data", "mail"):
        (folder / part).mkdir()
    os.chown(folder / "data", owner.pw_uid, 0)
    os.chown(folder / "mail", reader.pw_uid, reader.pw_gid)
    values = {
        "folder": folder,
        "daemons": "/usr/lib/postfix/sbin",
        "host": HOST,
        "domains": " ".join(sorted({each.partition("@")[2] for each in known})),
        "mailboxes": _inline({each: f"{each}/" for each in known}),
        "transports": _inline(transports),
        "uid": reader.pw_uid,
        "gid": reader.pw_gid,
        "more": "\n".join(settings),
    }
    (folder / "conf" / "main.cf").write_text(_MAIN.format(**values))
    (folder / "conf" / "master.cf").write_text(_MASTER.format(port=port))


def _inline(table: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{{ {key} = {value} }}" for key, value in table.items())
    return f"inline:{{ {pairs} }}" if table else ""


def _must(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        log = folder / "log"
        pytest.fail(f"{done.stderr}\n{log.read_text() if log.exists() else ''}")


def _await_greeting(port: int, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with socket.create_connection((HOST, port), 1) as connection:
                if connection.recv(4).startswith(b"220"):
                    return
        except OSError:
            time.sleep(0.05)
    sys.stderr.write((folder / "log").read_text())
    pytest.fail("Postfix does not answer")
