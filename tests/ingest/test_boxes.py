"""Mail, one message at a time: nothing is lost between two, and a box may be larger than memory."""

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import RetrieveError
from digest.ingest.boxes import (
    is_maildir,
    is_mbox,
    mark,
    messages,
    read_mark,
    read_stream,
    resume,
    split,
)

FROM = b"From ada@example.org Thu Nov 19 21:00:00 2026\n"


def contents(box: bytes, limit: int = 10_000) -> list[bytes | None]:
    return [each.content for each in split(io.BytesIO(box), limit=limit)]


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (FROM, True),
        (b"From - Tue Apr 23 11:41:52 2002", True),
        (b"From 1747@xxx Mon Nov 20 19:00:00 +0000 2026\r\n", True),
        (b"From MAILER-DAEMON Fri Jul  8 12:08:34 2011", True),
        (b"From here on we write it as 3:1 in 2026.", False),
        (b"From: ada@example.org", False),
        (b"", False),
    ],
)
def test_an_mbox_is_known_by_its_first_line(line: bytes, is_one: bool) -> None:
    assert is_mbox(line) is is_one


def test_messages_are_split_where_they_begin_and_nowhere_else() -> None:
    first = b"Subject: a\n\nIn the beginning.\nFrom ada@x Thu Nov 19 21:00:00 2026\n\nFrom us.\n"
    second = b"Subject: b\r\n\r\n>>From a quotation\r\n>From the start\r\n"
    box = FROM + first + b"\n" + FROM + second + b"\r\n" + FROM + b"\n"
    unquoted = second.replace(b">From", b"From")
    assert contents(box) == [first + b"\n", unquoted + b"\r\n"]


def test_what_programs_note_is_no_part_of_a_message() -> None:
    noted = b"Status: RO\nX-Mozilla-Status: 0001\nSubject: a\nContent-Length: 3\n\nStatus: x\n"
    assert contents(FROM + noted) == [b"Subject: a\n\nStatus: x\n"]
    internal = FROM + b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\nx\n"
    assert contents(internal) == []


def test_keys_tell_messages_apart_and_know_them_again() -> None:
    box = FROM + b"Subject: a\n\nx\n\n" + FROM + b"Subject: b\n\nx\n"
    there = [each.key for each in split(io.BytesIO(box))]
    noted = box.replace(b"Subject", b"X-Status: A\nSubject") + b"\n"
    assert [each.key for each in split(io.BytesIO(noted))] == there
    assert len(set(there)) == 2


def test_a_message_that_is_too_long_costs_only_itself() -> None:
    box = FROM + b"Subject: a\n\n" + b"x" * 200_000 + b"\n\n" + FROM + b"Subject: b\n\n"
    assert contents(box) == [None, b"Subject: b\n\n"]


def test_a_box_of_any_size_takes_the_memory_of_its_largest_message(tmp_path: Path) -> None:
    message = FROM + b"Subject: a\n\n" + (b"owl " * 24 + b"\n") * 10_000 + b"\n"
    box = tmp_path / "box"
    with box.open("wb") as file:
        for _ in range(40):
            file.write(message)
    tracemalloc.start()
    with box.open("rb") as file:
        number = sum(each.content is not None for each in split(file, limit=2_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 40
    assert peak < 10_000_000


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_split_and_none_are_lost(pieces: list[bytes]) -> None:
    box = b"\n".join(FROM + piece + b"\n" for piece in pieces)
    kept = b"".join(each or b"" for each in contents(box))
    words = b"".join(kept.split())
    said = b"".join(b"".join(pieces).split())
    assert len(words) <= len(said)


@given(st.binary(max_size=300))
def test_any_file_is_split(content: bytes) -> None:
    contents(content)
    contents(FROM + content)


def test_a_box_is_resumed_only_where_it_grew(tmp_path: Path) -> None:
    path = tmp_path / "box"
    path.write_bytes(FROM + b"Subject: a\n\nx\n")
    before = mark(path)
    assert read_mark(str(before)) == before
    for grown, start in (
        (b"\n" + FROM + b"Subject: b\n\n", before.size),
        (b"more of it\n", 0),
        (b"", 0),
    ):
        path.write_bytes(FROM + b"Subject: a\n\nx\n" + grown)
        with path.open("rb") as file:
            assert resume(file, before) == start == file.tell()
    path.write_bytes(FROM + b"Subject: b\n\nx\n\n" + FROM)
    with path.open("rb") as file:
        assert resume(file, before) == 0


@pytest.mark.parametrize("said", [None, "", "a-b-c", '"v1"', "1-2", "-1-2-3"])
def test_what_is_no_mark_is_none(said: str | None) -> None:
    assert read_mark(said) is None


def test_a_maildir_is_known_by_its_folders(tmp_path: Path) -> None:
    assert not is_maildir(tmp_path)
    with pytest.raises(RetrieveError, match="should hold the folders"):
        messages(tmp_path)
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / ".hidden").touch()
    (tmp_path / "cur" / "1.a:2,DS").touch()
    (tmp_path / "cur" / "2.b").touch()
    assert is_maildir(tmp_path)
    assert [path.name for path in messages(tmp_path)] == ["2.b"]


def test_a_pipe_has_its_limit() -> None:
    assert read_stream(io.BytesIO(b"b"), "pipe", limit=2, first=b"a").content == b"ab"
    with pytest.raises(RetrieveError, match="pipe is larger than"):
        read_stream(io.BytesIO(b"bc"), "pipe", limit=2, first=b"a")
