"""Library files: what a reference manager exports, and what nobody should upload."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest.library import LARGEST, MOST, Library, parse_library
from digest.model import Payload

DATA = Path(__file__).parent / "data" / "library"


def read(content: bytes | str, name: str = "library") -> Library:
    given = content.encode() if isinstance(content, str) else content
    return parse_library(Payload(name=name, content=given))


@pytest.mark.parametrize("name", ["zotero.bib", "manager.ris", "items.json", "zotero.csv"])
def test_exports_of_reference_managers_are_read(name: str) -> None:
    found = read((DATA / name).read_bytes(), name)
    expected = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    papers = [[each.id, each.readable_title, each.readable_abstract] for each in found.papers]
    assert {"held": found.held, "unread": found.unread, "papers": papers} == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_ending_will_do(encoding: str, ending: str) -> None:
    for text in ("@misc{a,\n title={Über Öfen}\n}\n", "TY  - JOUR\nTI  - Über Öfen\nER  - \n"):
        (paper,) = read(text.replace("\n", ending).encode(encoding)).papers
        assert paper.readable_title == "Über Öfen"


def test_the_newest_are_kept() -> None:
    entries = [f"@misc{{k{n}, title={{Paper {n}}}, year={1900 + n}}}" for n in range(100)]
    found = read("\n".join(entries))
    assert (found.held, found.unread) == (100, 0)
    assert [each.title for each in found.papers] == [f"Paper {99 - n}" for n in range(MOST)]


def test_the_day_it_was_added_counts_before_the_year() -> None:
    found = read(
        "@misc{a, title={Old}, year=2020, date-added={2026-01-01}}\n"
        "@misc{b, title={New}, year=2025, date-added={2025-02-01}}\n"
    )
    assert [each.title for each in found.papers] == ["Old", "New"]


def test_the_same_paper_twice_is_one() -> None:
    found = read("@misc{a, title={The Same}}\n@misc{a, title={The same.}}\n")
    assert [each.title for each in found.papers] == ["The Same"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this is no text"),
        (b"%PDF-1.7 ...", "this is no text"),
        (b"\x00\x01\x02", "this is no text"),
        (b"Dear Sir or Madam", "line 1: this is no library we can read"),
        (b'[{"title":\n oops}]', "line 2: broken JSON"),
        (b"[" * 100_000, "cannot be read"),
        (b"[" * 400_000, "cannot be read"),
        (b"[1" + b"0" * 5000 + b"]", "cannot be read"),
        (b"{}", "no paper with a title"),
        (b"@misc{a, year=2024}", "no paper with a title"),
        (b"Title\n" + b"x" * 200_000, "cannot be read"),
        (b"@" * (LARGEST + 1), "5.0 MB, and 5 MB are the most we read"),
    ],
)
def test_what_is_no_library_is_told_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(ParseError, match=f"library.*{sentence}.*: export"):
        read(content)


_TRAPS = {
    "at": "@",
    "open": "{",
    "closed": "@misc{a, title={x}}\n}",
    "blocks": "@a{",
    "blocks on lines": "\n@a{",
    "round blocks": "\n@a(k",
    "endless field": "@a{k,a={",
    "fields": "@a{k,a=b,",
    "strings": "\n@string{a = a # a}",
    "titles": "\n@misc{a, title={A}}",
    "dates": "@a{k, year year = ",
    "records": "TY  - JOUR\n",
    "lines of a record": "TY  - JOUR\nAB  - x\n" + "x\n" * 100_000,
    "entities": '[{"title":"<i <i "},',
    "quotes": '"Title"\n"',
}


@pytest.mark.parametrize("trap", _TRAPS)
def test_traps_are_left_in_time(trap: str) -> None:
    text = _TRAPS[trap]
    content = (text * (LARGEST // len(text) + 1)).encode()[:LARGEST]
    began = time.process_time()
    with suppress(ParseError):
        read(content)
    assert time.process_time() - began < 4, "2 s here, and machines are shared"


_pieces = st.sampled_from(
    ["@misc{", "a,", "title", "=", "{", "}", '"', "\\", "$", "\n", "TY  - ", "TI  - x", "ER  - ",
     "AB  - ", "[", "]", '"title":', ",", "Title", "year=2024", "é", "\x00", "@", "(", ")"]
)  # fmt: skip


@given(st.lists(_pieces | st.text(max_size=5)).map("".join) | st.binary())
def test_any_file_is_read_or_refused(content: str | bytes) -> None:
    given = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        found = read(given)
    except ParseError:
        return
    assert 1 <= len(found.papers) <= min(MOST, found.held)
    assert all(paper.readable_title for paper in found.papers)
