"""``digest bounce``: what mails that came back mean; it changes nothing."""

import io
from pathlib import Path

import pytest

from tests.bounce import samples
from tests.bounce.samples import block, complaint, report
from tests.cli.shell import INTERESTS, Shell
from tests.flow.world import read_mail

HARD = report(block("ada@example.net", "5.1.1", "550 5.1.1 no such user"))


def test_each_recipient_is_a_row(digest: Shell) -> None:
    (digest.folder / "a.eml").write_bytes(samples.QMAIL)
    answer = digest("bounce", "a.eml", "--json")
    assert answer.code == 0
    assert [{key: row[key] for key in list(row)[:5]} for row in answer.json] == [
        {
            "file": "a.eml",
            "recipient": "ada@example.net",
            "kind": "hard",
            "status": "5.1.1",
            "reason": "no-mailbox",
        },
        {
            "file": "a.eml",
            "recipient": "grace@example.net",
            "kind": "soft",
            "status": "5.2.2",
            "reason": "mailbox-full",
        },
    ]
    table = digest("bounce", "a.eml").out
    assert [line.split()[:5] for line in table.splitlines()[1:]] == [
        ["a.eml", "ada@example.net", "hard", "5.1.1", "no-mailbox"],
        ["a.eml", "grace@example.net", "soft", "5.2.2", "mailbox-full"],
    ]


def test_folders_mboxes_maildirs_and_pipes_are_read(digest: Shell) -> None:
    folder = digest.folder / "some"
    folder.mkdir()
    (folder / "1.eml").write_bytes(HARD)
    (folder / "2.eml").write_bytes(complaint("grace@example.net"))
    box = b"".join(b"From a@b.c Fri Nov 20 12:00:00 2026\n" + each + b"\n" for each in (HARD, HARD))
    (digest.folder / "box").write_bytes(box)
    maildir = digest.folder / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new" / "1.x").write_bytes(HARD)
    answer = digest("bounce", "some", "box", "Maildir", "--json")
    assert [row["kind"] for row in answer.json] == ["hard", "complaint", "hard", "hard", "hard"]
    assert (maildir / "new" / "1.x").exists(), "looking changes nothing"


def test_a_pipe_is_read(digest: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(HARD)))
    (row,) = digest("bounce", "-", "--json").json
    assert (row["file"], row["kind"]) == ("standard input", "hard")


def test_a_file_that_cannot_be_read_stops_no_other(digest: Shell) -> None:
    (digest.folder / "a.eml").write_bytes(HARD)
    answer = digest("bounce", "nowhere.eml", "a.eml", "--json")
    assert answer.code == 1
    assert answer.err == "nowhere.eml cannot be read: No such file or directory.\n"
    assert [row["file"] for row in answer.json] == ["a.eml"]


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"Subject: hello\n\nworld"])
def test_mail_that_says_nothing_is_none(digest: Shell, content: bytes) -> None:
    path: Path = digest.folder / "a.eml"
    path.write_bytes(content)
    (row,) = digest("bounce", "a.eml", "--json").json
    assert (row["kind"], row["reason"], row["recipient"]) == ("none", "other", "")


def test_once_reads_what_came_back_before_it_sends(digest: Shell) -> None:
    digest("subscribe", "ada@example.net", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest("once")
    (sent,) = (read_mail(each.read_bytes()) for each in (digest.folder / "outbox").glob("*.eml"))
    original = f"Message-ID: {sent['Message-ID']}\n"
    about = report(block("ada@example.net", "5.1.1", "550 no such user"), original=original)
    for name in ("cur", "new", "tmp"):
        (digest.folder / "returned" / name).mkdir(parents=True)
    (digest.folder / "returned" / "new" / "1.x").write_bytes(about)
    digest("once", DIGEST_BOUNCES__MAILDIR="returned")
    assert (digest.folder / "returned" / "cur" / "1.x:2,S").exists()
    assert "its mail came back" in digest("why", "ada@example.net").out


def test_what_follows_is_done_only_when_asked_for(digest: Shell) -> None:
    digest("subscribe", "ada@example.net", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest("once")
    (sent,) = (read_mail(each.read_bytes()) for each in (digest.folder / "outbox").glob("*.eml"))
    about = report(
        block("ada@example.net", "5.1.1", "550 no such user"),
        original=f"Message-ID: {sent['Message-ID']}\n",
    )
    (digest.folder / "a.eml").write_bytes(about)
    assert "followed" not in digest("bounce", "a.eml", "--json").json[0]
    assert digest("why", "ada@example.net", "--json").json["bounces"] == []
    (row,) = digest("bounce", "--record", "a.eml", "--json").json
    assert row["followed"] == "suppressed"
    assert "suppressed" not in digest("bounce", "--record", "a.eml").out, "it is known by now"
    answer = digest("why", "ada@example.net")
    assert "We must not write to this address: its mail came back (no-mailbox 5.1.1)." in answer.out
    assert "550 no such user" in answer.out
    assert digest("status", "--json").json["books"]["bounced"] == 1
    assert digest("status", "--json").json["returned"] == {"hard": 1}
    assert "Came back in 30 days: 1 hard." in digest("status").out
