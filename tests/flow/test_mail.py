"""Mail as a source: every message once, nobody else disturbed, on both databases."""

import fcntl
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from digest import flow, ingest
from tests.flow.world import GRAPHS, World, dump, open_world
from tests.ingest.letterbox import ARXIV, DUMP, HUGGING_FACE, mail, plain

LISTING = mail(ARXIV, subject="owls daily").as_bytes()
DAILY = mail("Daily papers", html=HUGGING_FACE, subject="Daily papers").as_bytes()
PAPERS = plain(dump(), date="Thu, 19 Nov 2026 09:00:00 +0000")
SPAM = mail("You have won. Please confirm your subscription.", subject="Dear Ada").as_bytes()
BROKEN = b'From: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="\n\n--\n\xff\x00'
BIG = mail("See the film.", subject="Film").as_bytes() + b"\r\nx" * 7_500_000  # 22 MB
FROM = b"From no-reply@example.org Thu Nov 19 21:00:00 2026\n"


def put(folder: Path, **messages: bytes) -> None:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, content in messages.items():
        (folder / "new" / f"1795000000.{name}.host").write_bytes(content)


def lying(folder: Path, name: str) -> list[str]:
    return sorted(path.name.split(".")[1] + path.name[-4:] for path in (folder / name).iterdir())


@contextmanager
def subscribed_to(database: str, tmp_path: Path, **place: Path) -> Iterator[World]:
    source = {**place, "name": "mail"}
    with open_world(database, tmp_path, sources=[source]) as world:
        yield world


def test_every_message_of_a_maildir_is_read_once(database: str, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    put(box, a=LISTING, b=DAILY, c=PAPERS, d=SPAM, e=BROKEN, f=BIG)
    with subscribed_to(database, tmp_path, maildir=box) as world:
        world.subscribe("ada@example.org", GRAPHS)
        done = flow.ingest_listings(world.app)
        assert [(each.listing, each.papers) for each in done if not each.error] == [
            ("owls daily (2026-11-19)", 5),
            ("Daily papers (2026-11-19)", 3),
            ("Owls (2026-11-19)", 5),
        ]
        errors = [each.error or "" for each in done if each.error]
        assert [error.split(":")[0] for error in errors] == [
            f"1795000000.{name}.host" for name in "def"
        ]
        assert not any("Ada" in error for error in errors), "the log names nobody"
        assert lying(box, "new") == []
        assert lying(box, "cur") == ["a:2,S", "b:2,S", "c:2,S", "d:2,F", "e:2,F", "f:2,F"]
        assert flow.ingest_listings(world.app) == ()
        world.run()
        assert len(world.mails("ada@example.org")) == 1
        assert len(flow.papers(world.app)) == 10, "three of them were announced twice"


def test_a_mail_its_owner_moved_or_read_is_read_all_the_same(database: str, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    put(box, a=LISTING, b=DAILY, c=PAPERS, d=SPAM)
    (box / "new" / "1795000000.a.host").rename(box / "cur" / "1795000000.a.host:2,")
    (box / "new" / "1795000000.b.host").rename(box / "cur" / "1795000000.b.host:2,RS")
    (box / "new" / "1795000000.d.host").rename(box / "cur" / "1795000000.d.host:2,ST")
    with subscribed_to(database, tmp_path, maildir=box) as world:
        assert sorted(each.papers for each in flow.ingest_listings(world.app)) == [3, 5, 5]
        (box / "cur" / "1795000000.a.host:2,S").rename(box / "cur" / "1795000000.a.host:2,FRS")
        assert flow.ingest_listings(world.app) == ()
        for path in (box / "cur").iterdir():
            path.unlink()
        assert flow.ingest_listings(world.app) == ()
        put(box, a=LISTING)
        (again,) = flow.ingest_listings(world.app)
        assert (again.papers, again.new) == (5, 0), "what is gone is forgotten"


def test_a_mail_that_vanishes_while_we_read_is_no_error(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = tmp_path / "Maildir"
    put(box, a=LISTING, b=PAPERS)
    gone = box / "new" / "1795000000.a.host"
    listed = ingest.messages(box)
    monkeypatch.setattr(ingest, "messages", lambda _: listed)
    gone.unlink()
    with subscribed_to(database, tmp_path, maildir=box) as world:
        assert [each.papers for each in flow.ingest_listings(world.app)] == [5]
        monkeypatch.undo()
        put(box, c=DAILY)
        moved = box / "new" / "1795000000.c.host"
        monkeypatch.setattr(ingest, "settle", lambda path, flag: _lost(path, flag, moved))
        assert [each.error for each in flow.ingest_listings(world.app)] == [None]


_settle = ingest.settle


def _lost(path: Path, flag: str, moved: Path) -> None:
    moved.unlink()
    _settle(path, flag)


@pytest.mark.parametrize("moment", ["settle", "message_key"])
def test_killed_between_reading_and_moving_nothing_is_lost_or_doubled(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    box = tmp_path / "Maildir"
    put(box, a=PAPERS, b=LISTING)
    with subscribed_to(database, tmp_path, maildir=box) as world:

        def killed(*_: object) -> str:
            if moment == "settle" or len(flow.papers(world.app)) > 0:
                raise KeyboardInterrupt
            return "a key"

        monkeypatch.setattr(ingest, moment, killed)
        with pytest.raises(KeyboardInterrupt):
            flow.ingest_listings(world.app)
        assert len(flow.papers(world.app)) == 5
        monkeypatch.undo()
        done = flow.ingest_listings(world.app)
        assert sorted((each.papers, each.new) for each in done) == [(5, 0), (5, 5)]
        assert len(flow.status(world.app).listings) == 2
        assert lying(box, "cur") == ["a:2,S", "b:2,S"]
        assert flow.ingest_listings(world.app) == ()


def test_a_maildir_that_is_none_is_told_and_steps_aside(database: str, tmp_path: Path) -> None:
    box = tmp_path / "Maildir"
    with subscribed_to(database, tmp_path, maildir=box) as world:
        (told,) = flow.ingest_listings(world.app)
        assert told.error is not None
        assert "should hold the folders new and cur" in told.error
        (record,) = flow.status(world.app).sources
        assert record.error == told.error
        assert flow.ingest_listings(world.app, patient=True) == ()
        put(box)
        assert flow.ingest_listings(world.app) == ()
        (record,) = flow.status(world.app).sources
        assert record.error is None


def test_a_maildir_in_which_we_may_not_move_is_read_once_and_told(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = tmp_path / "Maildir"
    put(box, a=PAPERS)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rename", refused)
    with subscribed_to(database, tmp_path, maildir=box) as world:
        (done,) = flow.ingest_listings(world.app)
        assert done.new == 5
        assert "cannot be moved to cur: Permission denied" in done.problems[-1].message
        assert flow.ingest_listings(world.app) == ()


def mbox(*messages: bytes) -> bytes:
    return b"".join(FROM + each.replace(b"\r\n", b"\n") + b"\n\n" for each in messages)


def test_an_mbox_is_read_where_it_grew_and_never_changed(database: str, tmp_path: Path) -> None:
    box = tmp_path / "papers.mbox"
    box.write_bytes(mbox(LISTING, SPAM))
    with subscribed_to(database, tmp_path, mbox=box) as world:
        first, spam = flow.ingest_listings(world.app)
        assert (first.papers, first.listing) == (5, "owls daily (2026-11-19)")
        assert (spam.error or "").startswith(f"papers.mbox, mail at byte {len(mbox(LISTING)):,}: ")
        assert flow.ingest_listings(world.app) == ()
        with box.open("ab") as file:
            file.write(mbox(PAPERS))
        whole = box.read_bytes()
        (grown,) = flow.ingest_listings(world.app)
        assert grown.new == 5
        assert flow.ingest_listings(world.app) == ()
        assert box.read_bytes() == whole


def test_an_mbox_that_a_mail_program_wrote_anew_tells_nothing_twice(
    database: str, tmp_path: Path
) -> None:
    box = tmp_path / "papers.mbox"
    box.write_bytes(mbox(SPAM, LISTING, PAPERS))
    with subscribed_to(database, tmp_path, mbox=box) as world:
        assert len(flow.ingest_listings(world.app)) == 3
        noted = box.read_bytes().replace(b"\nSubject:", b"\nStatus: RO\nX-Status: A\nSubject:")
        box.write_bytes(noted)
        assert flow.ingest_listings(world.app) == ()
        box.write_bytes(mbox(PAPERS, DAILY))
        assert [each.papers for each in flow.ingest_listings(world.app)] == [3]
        box.unlink()
        assert flow.ingest_listings(world.app) == (), "mail programs remove an empty one"


def test_an_mbox_somebody_writes_to_waits(database: str, tmp_path: Path) -> None:
    box = tmp_path / "papers.mbox"
    box.write_bytes(mbox(PAPERS))
    lock = tmp_path / "papers.mbox.lock"
    with subscribed_to(database, tmp_path, mbox=box) as world:
        with box.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            assert flow.ingest_listings(world.app) == ()
        lock.touch()
        assert flow.ingest_listings(world.app) == ()
        dead = time.time() - 3600
        os.utime(lock, (dead, dead))
        assert [each.new for each in flow.ingest_listings(world.app)] == [5]


def test_a_message_still_being_written_is_read_when_it_is_whole(
    database: str, tmp_path: Path
) -> None:
    box = tmp_path / "papers.mbox"
    whole = mbox(LISTING, PAPERS)
    box.write_bytes(whole[:-300])
    with subscribed_to(database, tmp_path, mbox=box) as world:
        assert len(flow.ingest_listings(world.app)) == 2
        box.write_bytes(whole)
        (again,) = flow.ingest_listings(world.app)
        assert again.papers == 5
        assert len(flow.papers(world.app)) == 10


def test_an_mbox_that_is_missing_is_told(database: str, tmp_path: Path) -> None:
    with subscribed_to(database, tmp_path, mbox=tmp_path / "no.mbox") as world:
        (told,) = flow.ingest_listings(world.app)
        assert (told.error or "").endswith("no.mbox cannot be read: No such file or directory.")


def test_a_person_may_name_mail_of_any_kind(world: World, tmp_path: Path) -> None:
    box, file, one = tmp_path / "Maildir", tmp_path / "all", tmp_path / "one.eml"
    put(box, a=LISTING, b=SPAM)
    file.write_bytes(mbox(DAILY, SPAM))
    one.write_bytes(PAPERS)
    done = flow.ingest_given(world.app, [str(box), str(file), str(one)], on=date(2026, 11, 1))
    assert [each.papers for each in done] == [5, 0, 3, 0, 5]
    assert {each.date for each in done if not each.error} == {date(2026, 11, 1)}
    assert lying(box, "new") == ["ahost", "bhost"], "they stay"
    assert one.exists()
    assert file.exists()


def test_an_mbox_dropped_into_a_folder_is_taken_apart(world: World) -> None:
    world.inbox.mkdir()
    (world.inbox / "mails").write_bytes(mbox(LISTING, SPAM))
    (world.inbox / "spam").write_bytes(mbox(SPAM, SPAM))
    done = flow.ingest_listings(world.app)
    assert sorted(each.papers for each in done) == [0, 0, 0, 5]
    assert (world.inbox / "ingested" / "mails").exists()
    reason = (world.inbox / "rejected" / "spam.reason").read_text(encoding="utf-8")
    assert reason.count("this mail is no listing") == 2


@pytest.mark.parametrize(
    ("piped", "papers"),
    [
        (LISTING, [5]),
        (FROM + LISTING, [5]),
        (mbox(LISTING, SPAM, PAPERS), [5, 0, 5]),
        (DUMP.encode(), [2]),
        (SPAM, [0]),
        (b"", [0]),
        (FROM, [0]),
    ],
)
def test_what_is_piped_is_read(world: World, piped: bytes, papers: list[int]) -> None:
    done = flow.ingest_given(world.app, ["-"], stdin=io.BytesIO(piped))
    assert [each.papers for each in done] == papers
    assert all((each.error is None) == bool(each.papers) for each in done)
    assert all("standard input" in (each.error or "standard input") for each in done)


def test_mail_is_checked_by_its_last_messages_and_stays(database: str, tmp_path: Path) -> None:
    box, file = tmp_path / "Maildir", tmp_path / "papers.mbox"
    put(box, a=LISTING, b=SPAM)
    file.write_bytes(mbox(SPAM, PAPERS))
    sources = [{"maildir": box}, {"mbox": file}]
    with open_world(database, tmp_path, sources=sources) as world:
        done = flow.check_sources(world.app, world.app.sources)
        assert [(each.kind, each.papers) for each in done] == [
            ("mail", 5),
            (None, 0),
            (None, 0),
            ("mail", 5),
        ]
        assert [each.place for each in flow.known_sources(world.app)] == [str(box), str(file)]
        assert flow.papers(world.app) == ()
        assert len(flow.ingest_listings(world.app)) == 4


def test_a_place_is_told_by_what_is_in_it(tmp_path: Path) -> None:
    box, file, one = tmp_path / "Maildir", tmp_path / "all", tmp_path / "one.eml"
    put(box)
    file.write_bytes(mbox(DAILY))
    one.write_bytes(PAPERS)
    kinds = [flow.kind_of_place(path) for path in (box, file, one, tmp_path)]
    assert kinds == ["maildir", "mbox", "file", "folder"]
