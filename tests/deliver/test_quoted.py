import quopri
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.quoted import quoted

# What has a meaning of its own in quoted-printable, in SMTP, or at a line's end.
TELLING = st.sampled_from(
    [".", "=", " ", "\t", "\n", "\r", "\r\n", "x" * 74, "é", "𝒜", "\0", "From "]
)
PIECES = st.lists(st.text() | st.lists(TELLING).map("".join))


def joined(pieces: list[str]) -> bytes:
    return b"".join(map(quoted, pieces))


def meant(text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.encode("utf-8", "replace").replace(b"\n", b"\r\n")


@given(PIECES)
def test_joined_pieces_are_read_back_as_they_were_meant(pieces: list[str]) -> None:
    assert quopri.decodestring(joined(pieces)) == b"".join(map(meant, pieces))


@given(PIECES)
def test_every_line_goes_through_every_server_unchanged(pieces: list[str]) -> None:
    lines = (joined(pieces) + b"\r\n").split(b"\r\n")
    assert not [line for line in lines if len(line) > 76]  # RFC 2045 section 6.7 (5)
    assert not [line for line in lines if re.search(rb"[^ -~\t]|^\.|[ \t]$", line)]


@pytest.mark.parametrize("length", range(70, 80))
def test_a_piece_of_just_a_line_has_room_for_its_soft_break(length: int) -> None:
    assert max(map(len, quoted("x" * length).split(b"\r\n"))) <= 76
    assert quopri.decodestring(quoted("x" * length) + quoted("y")) == b"x" * length + b"y"


def test_a_piece_is_encoded_once() -> None:
    piece = "Sparse experts bid for tokens. " * 9
    assert quoted(piece) is quoted(piece)
    assert quoted("") == b""
    assert quoted("plain\n") == b"plain\r\n"


def test_a_lone_surrogate_becomes_a_question_mark() -> None:
    assert quoted("a\udcff") == b"a?=\r\n"
