"""Any bytes as a mail: a listing or a ParseError, soon, and never another exception."""

import random
import time
import tracemalloc
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse
from digest.model import Listing, Payload
from tests.ingest.letterbox import ARXIV, DUMP, HUGGING_FACE, mail

TODAY = date(2026, 11, 20)
SIZE = 5_000_000
MIB = 2**20

HEAD = b"From: a@example.org\nSubject: Owls\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"
FIELDS = [
    "Content-Type: multipart/mixed; boundary=b",
    "Content-Type: multipart/alternative; boundary=b",
    "Content-Type: message/rfc822",
    "Content-Type: text/html; charset=utf-7",
    "Content-Type: text/plain; format=flowed; delsp=yes; charset=idna",
    "Content-Type: text/plain; charset*0*=iso-2022-jp'x'%ff; charset*9999=x",
    "Content-Type: application/json; name*=x'",
    'Content-Disposition: attachment; filename*=punycode\'\'%80"; filename="a.json"',
    "Content-Disposition: attachment; filename=a.eml",
    "Content-Transfer-Encoding: base64",
    "Content-Transfer-Encoding: quoted-printable",
    "Date: Fri, 32 Nov 99999999 25:61:61 +9999",
    "Date: 1 Jan 0001 00:00:00 +2359",
    "Subject: =?utf-8?b?=?= =?x?q?=FF?=",
    "From: b",
    "From a@b Thu Nov 19 21:00:00 2026",
    "",
    "--b",
    "--b--",
    "=00=FF=",
    "T3dscw==",
    ">>> quoted ",
    '<a href="https://huggingface.co/papers/2611.90001">Owls</a><h3>',
    "\\\\",
    "arXiv:2611.90001",
    "Title: Owls",
    "Nov 18",
    '[{"paper": {"title": "Owls"}}]',
]


def read(content: bytes) -> Listing | None:
    try:
        return parse(Payload(name="mail", content=content), today=TODAY)
    except ParseError:
        return None


@given(st.binary(max_size=300))
def test_any_bytes_below_a_head_are_told(content: bytes) -> None:
    read(HEAD + content)
    read(HEAD + b"\n" + content)


@given(st.lists(st.one_of(st.sampled_from(FIELDS), st.text(max_size=9)), max_size=40))
def test_any_lines_of_mails_are_told(lines: list[str]) -> None:
    listing = read(HEAD + "\n".join(lines).encode("utf-8", errors="replace"))
    if listing is not None:
        assert listing.date <= TODAY


WHOLE = mail(ARXIV, html=HUGGING_FACE, encoding="quoted-printable").as_bytes()


@given(st.integers(0, len(WHOLE)), st.binary(max_size=4), st.integers(0, 400))
def test_a_mail_may_be_damaged_anywhere(at: int, bytes_: bytes, gone: int) -> None:
    read(WHOLE[:at] + bytes_ + WHOLE[at + gone :])


def nested(depth: int) -> bytes:
    content = b"Content-Type: text/plain\n\n" + DUMP.encode()
    for number in range(depth):
        content = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n" % (
            number,
            number,
            content,
            number,
        )
    return HEAD + content


def test_parts_within_parts_are_read_to_some_depth_and_no_deeper() -> None:
    assert read(nested(8)) is not None
    for depth in (10, 11, 12, 3000):
        read(nested(depth))


def spread(line: bytes) -> bytes:
    return (line * (SIZE // len(line) + 1))[:SIZE]


HOSTILE = {
    "boundaries": HEAD + MULTIPART + spread(b"--b\n"),
    "empty parts": HEAD + MULTIPART + spread(b"--b\nContent-Type: image/png\n\nx\n"),
    "small texts": HEAD + MULTIPART + spread(b"--b\n\nx\n"),
    "nested": nested(3000)[:SIZE],
    "same boundary": HEAD + MULTIPART + spread(b"--b\n" + MULTIPART),
    "forwards": HEAD + spread(b"Content-Type: message/rfc822\n\n"),
    "a head without end": HEAD + spread(b"X: y\n"),
    "a field without end": HEAD + b"Content-Type: " + spread(b'; a="\\"'),
    "folded": HEAD + b"Subject: " + spread(b"\n =?utf-8?q?a?="),
    "quotes": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + spread(b"> " * 40 + b"a \n"),
    "flow": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + spread(b"a \n"),
    "tags": HEAD + b"Content-Type: text/html\n\n" + spread(b"<a href=https://huggingface.co/"),
    "open tags": HEAD + b"Content-Type: text/html\n\n" + spread(b"<a "),
    "open comments": HEAD + b"Content-Type: text/html\n\n" + spread(b"<!--<script><style>"),
    "headings": HEAD + b"Content-Type: text/html\n\n" + spread(b"<h3><p>\n \n<br>"),
    "entities": HEAD + b"Content-Type: text/html\n\n" + spread(b"&amp;&#x10FFFF;&x"),
    "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + spread(b"QUJD\n"),
    "quoted": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + spread(b"=3D=\n"),
    "random": HEAD + b"\n" + random.Random(7).randbytes(SIZE),
    "blanks": HEAD + b"\n" + spread(b" "),
    "a big listing": mail(ARXIV.replace("Bats answer.", "Bats answer. " * 400_000)).as_bytes(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_five_megabytes_take_two_seconds_at_most(name: str) -> None:
    began = time.process_time()
    read(HOSTILE[name])
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", HOSTILE)
def test_five_megabytes_take_a_quarter_of_a_gigabyte_at_most(name: str) -> None:
    tracemalloc.start()
    read(HOSTILE[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 256 * MIB
