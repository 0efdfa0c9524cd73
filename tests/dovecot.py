"""A real IMAP server (Debian's dovecot-imapd) with one mailbox, in a folder of its own."""

import grp
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deliver.servers import free_port, require

USER, PASSWORD = "bounces", "a-password"

_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server: its port, and the maildir behind it."""

    port: int
    maildir: Path


@contextmanager
def running() -> Iterator[Dovecot]:
    """Run one until the end of the block."""
    program = require("dovecot", "dovecot-imapd")
    # A short path: its sockets' names have a limit; and its own users have to reach it.
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("cur", "new", "tmp"):
            (folder / "mail" / part).mkdir(parents=True)
        port = free_port()
        login, mail = _users()
        for path in (folder / "mail", *(folder / "mail").iterdir()):
            os.chown(path, mail.pw_uid, mail.pw_gid)
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                user=login.pw_name,
                group=grp.getgrgid(login.pw_gid).gr_name,
                uid=mail.pw_uid,
                gid=mail.pw_gid,
                password=PASSWORD,
                port=port,
            )
        )
        process = subprocess.Popen([program, "-F", "-c", str(config)])
        try:
            _wait(port, folder / "log")
            yield Dovecot(port, folder / "mail")
        finally:
            process.terminate()
            process.wait(10)


def _users() -> tuple[pwd.struct_passwd, pwd.struct_passwd]:
    """Return who speaks with clients, and whose mail it is: Dovecot opens no mail of root's."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()), pwd.getpwuid(os.getuid())
    return pwd.getpwnam("dovenull"), pwd.getpwnam("mail")


def _wait(port: int, log: Path) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if connection.recv(10).startswith(b"* OK"):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    sys.stderr.write(log.read_text() if log.exists() else "dovecot wrote no log\n")
    raise AssertionError("dovecot does not answer")
