import gzip
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import InputError
from digest.evaluate import Deed, Kind, Listed, Reader, read_papers, read_readers

PAPER = '{"id": "p1", "title": "A Title", "abstract": "Of it.", "day": "2026-11-20", "upvotes": 3}'
READER = '{"reader": "r1", "papers": [{"paper": "p1", "kind": "author", "day": "2026-11-20"}]}'


def write(folder: Path, *lines: str) -> Path:
    path = folder / "file.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_line_is_a_paper(tmp_path: Path) -> None:
    (paper,) = read_papers(write(tmp_path, PAPER, ""))
    assert paper == Listed(
        id="p1", title="A Title", abstract="Of it.", day=date(2026, 11, 20), upvotes=3
    )


def test_a_line_is_a_reader(tmp_path: Path) -> None:
    (reader,) = read_readers(write(tmp_path, READER))
    deed = Deed(paper="p1", kind=Kind.AUTHORED, day=date(2026, 11, 20))
    assert reader == Reader(name="r1", deeds=(deed,))


def test_a_compressed_file_is_read_alike(tmp_path: Path) -> None:
    path = write(tmp_path, PAPER)
    plain = read_papers(path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_papers(path) == plain


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: Expecting property name"),
        ("[]", "line 2: an object with 'id' belongs here."),
        (PAPER, "line 2: p1 stood in an earlier line: keep one of the two."),
        (PAPER.replace("p1", " "), "line 2: 'id' is empty."),
        (PAPER.replace('"p1"', "1"), "line 2: 'id' is missing or not text."),
        (PAPER.replace('"title"', '"name"'), "line 2: 'title' is missing or not text."),
        (PAPER.replace(": 3", ": true"), "line 2: 'upvotes' is missing or not a whole number."),
        (PAPER.replace("11-20", "11-31"), "line 2: the day '2026-11-31' is none: write it as"),
        (PAPER.replace("2026", "9999"), "line 2: the day '9999-11-20' is none: write it as"),
        ("[" * 100_000, "line 2: this is nested too deeply."),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    path = write(tmp_path, PAPER, line)
    with pytest.raises(InputError) as error:
        read_papers(path)
    assert str(error.value).startswith(f"{path}, {told}")


def test_a_reader_did_one_of_two_things(tmp_path: Path) -> None:
    path = write(tmp_path, READER.replace("author", "saw"))
    with pytest.raises(InputError, match="line 1: the kind 'saw' is unknown: write author or"):
        read_readers(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty: give a file with one JSON object a line"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"\x1f\x8b\x00", "is a damaged gzip file"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-9], "is a damaged gzip file"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_papers(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl cannot be read: No such file"):
        read_papers(tmp_path / "none.jsonl")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused_in_a_sentence(content: bytes) -> None:
    class Held(type(Path())):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            return content

    for read in (read_papers, read_readers):
        with pytest.raises(InputError, match=r"^file\b"):
            read(Held("file"))
