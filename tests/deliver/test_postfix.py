"""A real Postfix takes our signed mail and puts it into a mailbox; a judge that we did not write
believes the signatures there."""

from pathlib import Path
from typing import Any

import dkim

from digest import deliver
from tests import postfix
from tests.deliver.servers import HOST
from tests.flow.world import GRAPHS, open_world

READER = "ada@example.net"


def test_signatures_hold_in_the_mailbox_that_postfix_fills(database: str, tmp_path: Path) -> None:
    keys = {}
    for kind in ("rsa", "ed25519"):
        path = tmp_path / f"{kind}.pem"
        path.write_bytes(deliver.make_key(kind))
        keys[kind] = deliver.read_key(path.read_bytes(), domain="example.org", selector=kind)
    records = {f"{key.name}.".encode(): key.record.encode() for key in keys.values()}
    with postfix.running(READER) as server:
        settings: dict[str, Any] = {
            "transport": "smtp",
            "smtp": {"host": HOST, "port": server.port, "security": "none"},
            "sender": {"address": "digest@example.org"},
            "dkim": [{"selector": kind, "key_file": tmp_path / f"{kind}.pem"} for kind in keys],
        }
        with open_world(database, tmp_path, **settings) as world:
            world.drop_papers()
            world.subscribe(READER, GRAPHS)
            assert world.run().sent == 1
        server.mails(READER)
        (content,) = (each.read_bytes() for each in (server.maildir(READER) / "new").iterdir())
    judge = dkim.DKIM(content)
    believed = [judge.verify(idx=n, dnsfunc=lambda name, timeout=5: records[name]) for n in (0, 1)]
    assert believed == [True, True]
    assert content.count(b"DKIM-Signature:") == 2
    assert content.startswith(b"Return-Path: <digest@example.org>")
