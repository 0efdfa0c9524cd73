import os
import time
from pathlib import Path

import pytest

from digest.errors import RetrieveError
from digest.ingest.retrieve import accept, read_file, reject, waiting
from digest.model import Payload


def test_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    file.write_bytes(b"owls")
    assert read_file(file, limit=4) == Payload(name="owls.txt", content=b"owls")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    with pytest.raises(RetrieveError, match=r"owls\.txt cannot be read: No such file"):
        read_file(file)
    with pytest.raises(RetrieveError, match="is no file: give a file"):
        read_file(tmp_path)
    file.write_bytes(b"owls!")
    with pytest.raises(RetrieveError, match=r"is larger than .*: split it"):
        read_file(file, limit=4)


def drop(folder: Path, name: str, content: str = "owls", age: float = 0) -> Path:
    path = folder / name
    path.write_text(content)
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_files_wait_oldest_first(tmp_path: Path) -> None:
    young, same, old = (
        drop(tmp_path, "a.txt"),
        drop(tmp_path, "b.txt"),
        drop(tmp_path, "c.txt", age=60),
    )
    for name in (".hidden", "half.part", "half.tmp"):
        drop(tmp_path, name)
    (tmp_path / "folder").mkdir()
    assert waiting(tmp_path) == (old, young, same)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RetrieveError, match=r"folder .*owls cannot be read: No such file"):
        waiting(tmp_path / "owls")


def test_accepted_files_move_and_overwrite_nothing(tmp_path: Path) -> None:
    places = [accept(drop(tmp_path, "owls.txt", content)) for content in ("one", "two", "three")]
    assert [place and (place.parent.name, place.name, place.read_text()) for place in places] == [
        ("ingested", "owls.txt", "one"),
        ("ingested", "owls (2).txt", "two"),
        ("ingested", "owls (3).txt", "three"),
    ]
    assert waiting(tmp_path) == ()


def test_rejected_files_lie_beside_the_reason(tmp_path: Path) -> None:
    one = reject(drop(tmp_path, "owls.txt", "bats"), "owls.txt: no listing.")
    two = reject(drop(tmp_path, "owls.txt", "moths"), "owls.txt, line 3: cut.")
    assert one == tmp_path / "rejected" / "owls.txt"
    assert two == tmp_path / "rejected" / "owls (2).txt"
    assert {path.name: path.read_text() for path in (tmp_path / "rejected").iterdir()} == {
        "owls.txt": "bats",
        "owls.txt.reason": "owls.txt: no listing.\n",
        "owls (2).txt": "moths",
        "owls (2).txt.reason": "owls.txt, line 3: cut.\n",
    }


def test_a_reason_never_overwrites_a_file_of_that_name(tmp_path: Path) -> None:
    reject(drop(tmp_path, "owls.txt.reason", "mine"), "no listing")
    place = reject(drop(tmp_path, "owls.txt"), "no listing")
    assert place == tmp_path / "rejected" / "owls (2).txt"
    assert (tmp_path / "rejected" / "owls.txt.reason").read_text() == "mine"


def test_a_file_another_process_took_is_none_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert accept(tmp_path / "gone.txt") is None
    assert reject(tmp_path / "gone.txt", "no listing") is None
    assert [*(tmp_path / "ingested").iterdir(), *(tmp_path / "rejected").iterdir()] == []


def test_a_folder_that_takes_no_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "ingested").write_text("a file where the folder should be")
    with pytest.raises(RetrieveError, match="cannot be moved to"):
        accept(drop(tmp_path, "owls.txt"))


def test_a_file_from_the_first_second_of_1970_waits_like_any_other(tmp_path: Path) -> None:
    old = drop(tmp_path, "owls.txt", age=1_700_000_000)
    assert waiting(tmp_path) == (old,)


def test_a_file_that_was_just_written_to_may_be_left_alone(tmp_path: Path) -> None:
    old, new, early = (drop(tmp_path, name) for name in ("old.txt", "new.txt", "early.txt"))
    os.utime(new)
    os.utime(early, (time.time() + 9999, time.time() + 9999))
    assert waiting(tmp_path, quiet=600) == (old, early), "a clock that is wrong holds nothing up"
    assert waiting(tmp_path) == (old, new, early)


def test_a_reason_that_cannot_be_written_is_said_and_the_file_stays(tmp_path: Path) -> None:
    path, long = drop(tmp_path, "owls.txt"), drop(tmp_path, f"{'o' * 250}.txt")
    (tmp_path / "rejected").mkdir()
    (tmp_path / "rejected" / "owls.txt.reason").symlink_to("nowhere/reason")
    with pytest.raises(RetrieveError, match="reason cannot be written: No such file"):
        reject(path, "no listing")
    with pytest.raises(RetrieveError, match=r"cannot be moved to .*: File name too long"):
        reject(long, "no listing")
    assert waiting(tmp_path) == (long, path)
    assert list((tmp_path / "rejected").iterdir()) == []
