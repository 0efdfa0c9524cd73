import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest.text import decode, fold
from digest.model import Payload


def payload(content: bytes) -> Payload:
    return Payload(name="owls.txt", content=content)


@pytest.mark.parametrize(
    "content",
    [
        "Über π".encode(),
        codecs.BOM_UTF8 + "Über π".encode(),
        "Über π".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Über π".encode("utf-16-be"),
        "Über π".encode("utf-16-le"),
        "Über π".encode("utf-16-be"),
    ],
)
def test_reads_every_unicode_encoding(content: bytes) -> None:
    assert decode(payload(content)) == "Über π"


def test_reads_windows_1252_when_it_never_was_utf8() -> None:
    assert decode(payload("Über “Eulen” – naïve".encode("cp1252"))) == "Über “Eulen” – naïve"


def test_drops_half_a_character_at_the_cut() -> None:
    assert decode(payload("Über π".encode()[:-1])) == "Über "


def test_keeps_a_utf8_text_with_one_bad_byte() -> None:
    assert (
        decode(payload("Über π ".encode() + b"\xff" + " Größe".encode())) == "Über π \ufffd Größe"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"%PDF-1.7 ...", "a PDF file"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"text\x00text", "binary"),
        (b"\x01\x00\x02\x00t\x00e\x00x\x00t\x00", "binary"),
        (b"\xff\xfe\x00\x00broken"[2:], "binary"),
    ],
)
def test_refuses_what_is_no_text_and_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(
        ParseError, match=rf"^owls\.txt, line 1: .*{said}.*: (give|save) the listing"
    ):
        decode(payload(content))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \n\t b  ", "a b"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("trans\u200bfor\u00admer\ufeff", "transformer"),
        ("a \u200b b", "a b"),
        ("a\x00b\x1fc", "a b c"),
        ("half \ud800", "half \ufffd"),
        ("turned \u202earound", "turned around"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0646\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0646\u0645",
        ),
    ],
)
def test_folds_to_one_clean_line(text: str, line: str) -> None:
    assert fold(text) == line


@given(st.text())
def test_folding_is_idempotent_and_storable(text: str) -> None:
    line = fold(text)
    assert fold(line) == line
    assert "\x00" not in line
    assert len(line.splitlines()) <= 1
    line.encode()


@given(
    st.text("aü π\n€\U0001f989", min_size=1).filter(str.strip),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_as_unicode_is_read_back(text: str, encoding: str) -> None:
    assert decode(payload(text.encode(encoding))) == text


def test_names_the_line_that_is_binary() -> None:
    with pytest.raises(ParseError) as refused:
        decode(payload(b"Sparse Owls\n\nWe present\x00 an owl"))
    assert refused.value.line == 3
