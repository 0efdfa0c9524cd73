"""Dumps that were cut, damaged, or never were dumps: what is readable is kept, the loss is told."""

import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest.dump import parse_dump
from digest.model import Listing, Payload

TODAY = date(2026, 11, 20)
SAMPLES = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[2] / "samples" / "listings").iterdir())
]
HEAD = "Get trending papers in your email inbox!\n\nSubscribe\n\nNov 19\n\n"
ABSTRACT = (
    "We present an owl that routes by night. It is compared with three other owls on two "
    "forests, where it finds more mice at the same cost. The owl is available on request."
)


def read(content: bytes) -> Listing:
    return parse_dump(Payload(name="page.txt", content=content), today=TODAY)


def read_or_refuse(content: bytes) -> Listing | None:
    try:
        return read(content)
    except ParseError:
        return None


def problems(text: str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.message) for problem in read(text.encode()).problems]


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\x00\x01\x02Subscribe", b"%PDF-1.7 x"])
def test_empty_and_binary_files_are_refused(content: bytes) -> None:
    with pytest.raises(ParseError, match=r"^page\.txt, line 1: "):
        read(content)


def test_head_without_papers_is_refused() -> None:
    with pytest.raises(ParseError, match="no paper follows"):
        read(HEAD.encode())


def test_only_a_title_is_refused_at_its_line() -> None:
    with pytest.raises(ParseError, match="line 7: the page ends after the title “Sparse Owls”"):
        read(f"{HEAD}Sparse Owls\n".encode())


def test_title_without_an_abstract_in_the_middle() -> None:
    page = f"{HEAD}Sparse Owls\n\nDense Owls\n\n{ABSTRACT}\n"
    listing = read(page.encode())
    assert [each.paper.title for each in listing.announcements] == ["Dense Owls"]
    ((line, message),) = problems(page)
    assert line == 7
    assert "“Sparse Owls” has no abstract" in message


def test_title_without_an_abstract_but_with_facts() -> None:
    page = f"{HEAD}Sparse Owls\n\n• 3 authors\n·\nMay 2\n\nDense Owls\n\n{ABSTRACT}\n"
    assert [line for line, _ in problems(page)] == [7]


def test_heading_without_an_abstract() -> None:
    page = f"# Daily Papers\n\n### Sparse Owls\n\n### Dense Owls\n\n{ABSTRACT}\n"
    assert [line for line, _ in problems(page)] == [3]


def test_abstract_without_a_title() -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\n{ABSTRACT}\n\nDense Owls\n\n{ABSTRACT}\n"
    listing = read(page.encode())
    assert [each.paper.title for each in listing.announcements] == ["Sparse Owls", "Dense Owls"]
    ((line, message),) = problems(page)
    assert line == 11
    assert "has no title" in message


def test_title_at_the_end() -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\nDense Ow"
    ((line, message),) = problems(page)
    assert line == 11
    assert "ends after the title “Dense Ow”" in message


@pytest.mark.parametrize("kept", [70, 100, 140, 160])
def test_abstract_cut_within_a_sentence_is_kept_and_told(kept: int) -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\nDense Owls\n\n{ABSTRACT[:kept]}"
    listing = read(page.encode())
    assert listing.announcements[1].paper.abstract == ABSTRACT[:kept].strip()
    ((line, message),) = problems(page)
    assert line == 13
    assert "within this paper's abstract" in message


def test_stump_of_an_abstract_is_left_out() -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\nDense Owls\n\nWe present an"
    assert len(read(page.encode()).announcements) == 1
    assert problems(page)


@pytest.mark.parametrize(
    "end", ["Code: https://github.com/example-lab/owls", "It works (see below).", "Is it an owl?"]
)
def test_complete_abstract_at_the_end_is_no_problem(end: str) -> None:
    assert problems(f"{HEAD}Sparse Owls\n\n{ABSTRACT} {end}") == []


def test_abstract_without_a_full_stop_above_others_is_no_problem() -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT * 2} on mice\n\nDense Owls\n\n{ABSTRACT}\n"
    assert problems(page) == []


@pytest.mark.parametrize(
    "rest",
    ["  • 7 au", "  • 7", "  • 7 authors", "  • 7 authors\n·\nJu", "• 7 authors\n·\nJun 29, 20"],
)
def test_facts_cut_at_the_end_are_told(rest: str) -> None:
    page = f"{HEAD}Sparse Owls\n\n{ABSTRACT}\n\n{rest}"
    assert len(read(page.encode()).announcements) == 1
    ((_, message),) = problems(page)
    assert "authors or date" in message


def test_page_cut_after_the_votes_of_the_next_paper() -> None:
    address = "https://huggingface.co/papers/2611.90001"
    vote = "[5](https://huggingface.co/login?next=%2Fpapers%2F2611.90002)"
    page = f"# Daily Papers\n\n### [Sparse Owls]({address})\n\n[{ABSTRACT}]({address})\n\n{vote}\n"
    assert [line for line, _ in problems(page)] == [7]


@pytest.mark.parametrize("below", ["", "\nhttps://huggingface.co/pap", "\n\nhttps://huggingf"])
def test_page_cut_within_the_title_below_its_votes(below: str) -> None:
    vote = "[-] 5\n\nhttps://huggingface.co/login?next=%2Fpapers%2F2611.9000"
    page = (
        f"Daily Papers\n\n{vote}1\n\nSparse Owls\n\nhttps://huggingface.co/papers/2611.90001\n\n"
        f"{ABSTRACT}\n\nhttps://huggingface.co/papers/2611.90001\n\n{vote}2\n\nDense O{below}"
    )
    ((line, message),) = problems(page)
    assert line == 19
    assert message.startswith("the page ends after the title “Dense O”, which was left out;")


def test_page_complete_with_a_number_and_words_at_its_foot() -> None:
    address = "https://huggingface.co/papers/2611.90001"
    page = f"### [Sparse Owls]({address})\n\n[{ABSTRACT}]({address})\n\n2\n\nof nine pages\n"
    assert problems(page) == []


def complete_before(cut: int, content: bytes) -> list[str]:
    """Return the titles of papers behind which another paper's title still stands whole."""
    announcements = read(content).announcements
    lines = content[:cut].count(b"\n")
    following = pairwise(announcements)
    return [each.paper.title for each, after in following if (after.line or 0) + 1 < lines]


@settings(max_examples=150)
@given(data=st.data())
def test_every_paper_complete_before_a_cut_survives(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES))
    cut = data.draw(st.integers(0, len(content)))
    survivors = complete_before(cut, content)
    listing = read_or_refuse(content[:cut])
    found = [each.paper.title for each in listing.announcements] if listing else []
    assert found[: len(survivors)] == survivors


@settings(max_examples=200)
@given(data=st.data())
def test_a_cut_leaves_no_debris_in_what_is_kept(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES))
    whole = {each.paper.title: each.paper.abstract for each in read(content).announcements}
    listing = read_or_refuse(content[: data.draw(st.integers(0, len(content)))])
    for each in listing.announcements if listing else ():
        assert whole[each.paper.title].startswith(each.paper.abstract)


@pytest.mark.parametrize(
    "end", ["]", "](", "](https://huggingface.co/pa", "][", "][3", "\n\nh", "\n\nhttps:/",
            "](https://x.org/1)\n\n![own", "](https://x.org/1)\n\n[[图片：owl"],
)  # fmt: skip
def test_page_cut_within_a_link(end: str) -> None:
    page = "# Daily Papers\n\n### [Sparse Owls](https://huggingface.co/papers/2611.90001)\n\n"
    listing = read(f"{page}[{ABSTRACT}{end}".encode())
    assert [each.paper.abstract for each in listing.announcements] == [ABSTRACT]
    ((_, message),) = problems(f"{page}[{ABSTRACT}{end}")
    assert message == "the page ends within a link; copy the page again to its end"


def test_page_cut_before_the_facts_that_all_others_have() -> None:
    paper = f"{{}} Owls\n\n{ABSTRACT}\n\n  • 7 authors\n·\nMay 2\n\n"
    page = HEAD + paper.format("Sparse") + paper.format("Dense") + f"Flat Owls\n\n{ABSTRACT}\n"
    ((_, message),) = problems(page)
    assert "authors or date" in message


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_samples_give_a_listing_or_a_parse_error(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    filling = data.draw(st.binary(max_size=30) | st.sampled_from(SAMPLES).map(lambda s: s[:500]))
    read_or_refuse(content[:start] + filling + content[end:])


@settings(max_examples=200)
@given(st.binary() | st.text().map(str.encode))
def test_arbitrary_bytes_give_a_listing_or_a_parse_error(content: bytes) -> None:
    read_or_refuse(content)
    read_or_refuse(HEAD.encode() + content)


WORDS = (
    "### ", "[", "]", "](", "](https://huggingface.co/papers/2611.90001)", "][7]", "\n", "\n\n",
    "·", "- 3 authors", "Nov 18", "Nov 18 2", "[-] 5", "Subscribe", "Upvote", "Sparse Owls",
    "https://huggingface.co/login?next=%2Fpapers%2F2611.90002", ABSTRACT, "\\", "![x](y)", "  ",
    "https://huggingface.co/papers/2611.90003", "Feb 30", "\u200b", "[7]: https://example.org",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
def test_any_mixture_of_marks_gives_a_listing_or_a_parse_error(text: str) -> None:
    listing = read_or_refuse((HEAD + text).encode())
    for announcement in listing.announcements if listing else ():
        assert announcement.paper.title
        assert announcement.paper.abstract


@pytest.mark.parametrize(
    "part",
    [*SAMPLES, b"\n", b"[", b"](", b"[a](", b"a ", b"A\n\n", b"### a\n", b"- 3 authors\n", b". A"],
    ids=lambda part: str(part[:12]),
)
def test_five_megabytes_take_seconds_at_most(part: bytes) -> None:
    content = HEAD.encode() + part * (5_000_000 // len(part))
    started = time.process_time()
    read_or_refuse(content)
    assert time.process_time() - started < 40  # 0.3 to 2 s on a quiet machine; else minutes
