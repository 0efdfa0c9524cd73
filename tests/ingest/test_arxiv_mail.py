"""arXiv's listing mail: whole, cut, forwarded, re-encoded, and taken apart by hand."""

import json
import re
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.arxiv import looks_like_mail, parse_mail
from digest.ingest.text import fold
from digest.model import AnnouncementKind, Listing, Payload
from tests.ingest.seen import describe
from tests.shared import shared

TODAY = date(2026, 11, 20)
DATA = Path(__file__).parent / "data" / "arxiv"
MAIL = (DATA / "daily.mail").read_text()
RULE = "-" * 78
END = "%%%---" * 13


def read(text: str, *, on: date | None = None) -> Listing:
    return parse(Payload(name="owls.mail", content=text.encode()), today=TODAY, on=on)


def entry(id: str = "arXiv:2611.90009", title: str = "Owls", abstract: str = "Hoot.") -> str:
    return (
        f"\\\\\n{id}\nDate: Thu, 19 Nov 2026 02:49:53 GMT   (1kb)\n\nTitle: {title}\n"
        f"Authors: Ada Owl\nCategories: cs.OW\n\\\\\n  {abstract}\n"
        "\\\\ ( https://arxiv.org/abs/2611.90009 ,  1kb)"
    )


def mail(*entries: str, end: str = END, to: str = "Thu 19 Nov 26") -> str:
    head = (
        f"Submissions to:\nOwls\nreceived from  Wed 18 Nov 26 19:00:00 GMT  to  {to} 19:00:00 GMT"
    )
    return "\n".join([RULE, head, *(f"{RULE}\n{each}" for each in entries), end, ""])


def messages(listing: Listing) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.message) for problem in listing.problems]


def papers(listing: Listing) -> list[object]:
    """All that was understood, without the lines it stood on."""
    return [(each.kind, each.paper) for each in listing.announcements]


def test_reads_a_days_mail() -> None:
    listing = read(MAIL)
    expected = json.loads((DATA / "daily.json").read_text())
    assert listing.date.isoformat() == expected["date"]
    assert [describe(each) for each in listing.announcements] == expected["announcements"]
    assert listing.problems == ()


def test_a_line_is_where_its_title_stands() -> None:
    lines = MAIL.splitlines()
    for each in read(MAIL).announcements:
        assert each.line is not None
        assert lines[each.line - 1].startswith(f"Title: {each.paper.title[:20]}")


def quoted_printable(text: str) -> str:
    """As mail programs write it: no line longer than 76 characters (RFC 2045)."""
    encoded = "".join(c if c.isascii() and c != "=" else "".join(f"={b:02X}" for b in c.encode())
                      for c in text)  # fmt: skip
    return re.sub(r"(?m)^(.{75})(?=..)", r"\1=\n", encoded).replace(" \n", "=20\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("  ", "\xa0 ").replace(" \n", "\xa0\n"),
        lambda text: "".join(f"> {line}" for line in text.splitlines(keepends=True)),
        lambda text: "".join(
            f">> {line}".replace(">> \n", ">>\n") for line in text.splitlines(keepends=True)
        ),
        lambda text: quoted_printable(text.replace("and count.", "and count é = 2.")).replace(
            "count =C3=A9 =3D 2.", "count."
        ),
        lambda text: "From: no-reply@example.org\nSubject: cs daily\n\n" + text,
        lambda text: text.replace("\n  ", "\n"),  # a program that trims lines
        lambda text: text.replace(f"{RULE}\n\\\\\n", "\\\\\n"),  # rules lost
    ],
    ids=["crlf", "nbsp", "forwarded", "twice", "quoted", "head", "trimmed", "unruled"],
)
def test_what_mail_programs_do_to_a_mail_changes_nothing(change: Any) -> None:
    listing = read(change(MAIL))
    assert papers(listing) == papers(read(MAIL))
    assert (listing.date, listing.problems) == (date(2026, 11, 19), ())


def test_quoted_printable_letters_are_letters_and_lines_keep_their_numbers() -> None:
    text = mail(entry(title=f"Über = {'Owls ' * 20}ends"), entry("arXiv:2611.90010", "Bats"))
    encoded = quoted_printable(text)
    first, second = read(encoded).announcements
    assert first.paper.title == f"Über = {'Owls ' * 20}ends"
    assert second.line is not None
    assert encoded.splitlines()[second.line - 1] == "Title: Bats"


def test_equals_signs_in_a_plain_mail_are_not_quoted_printable() -> None:
    (only,) = read(mail(entry(abstract="Let k=20\n  and n=3D, where a=\n  b."))).announcements
    assert only.paper.abstract == "Let k=20 and n=3D, where a= b."


def test_reads_the_form_of_long_ago() -> None:
    text = mail(
        entry("Paper: hep-th/0401005").replace("GMT   (1kb)", "GMT (1kb)"),
        entry("Paper (*cross-listing*): math.OW/0401006").replace("arxiv.org/abs/2611.90009", "x"),
    )
    old, cross = read(text).announcements
    assert (old.paper.id, old.kind) == ("arxiv:hep-th/0401005", AnnouncementKind.NEW)
    assert (cross.paper.id, cross.kind) == ("arxiv:math/0401006", AnnouncementKind.CROSS)


@pytest.mark.parametrize(
    ("broken", "kept", "said"),
    [
        (entry(title=""), 1, (7, "entry 1 has no whole title and was left out.")),
        (entry(abstract=""), 2, (7, "entry 1 has no abstract.")),
        (
            re.sub(r"\\\\ \(.*", "", entry("arXiv:oops")),
            2,
            (7, "entry 1 has no arXiv id; it is known by its title alone."),
        ),
        (re.sub(r"\\\\ \(.*", "", entry()), 2, (7, "entry 1 has no line with its address")),
    ],
)
def test_a_broken_entry_costs_at_most_itself(broken: str, kept: int, said: tuple[int, str]) -> None:
    listing = read(mail(broken, entry("arXiv:2611.90010", "Bats")))
    assert len(listing.announcements) == kept
    assert listing.announcements[-1].paper.title == "Bats"
    line, message = messages(listing)[0]
    assert (line, message[: len(said[1])]) == said


def test_an_id_lost_at_the_head_is_found_at_the_end() -> None:
    listing = read(mail(entry("arXiv:oops"), re.sub("arXiv.*\n", "", entry(), count=1)))
    assert [each.paper.id for each in listing.announcements] == ["arxiv:2611.90009"] * 2
    assert listing.problems == ()


@given(st.integers(min_value=1200, max_value=len(MAIL)))
def test_a_mail_cut_anywhere_keeps_its_whole_entries_and_says_where_it_was_cut(cut: int) -> None:
    listing = read(MAIL[:cut])
    ends = [match.end() for match in re.finditer(r"(?m)^\\\\ \(.*", MAIL)]
    whole = sum(end <= cut for end in ends)
    assert papers(listing)[:whole] == papers(read(MAIL))[:whole]
    titles = {each.paper.title for each in read(MAIL).announcements}
    assert {each.paper.title for each in listing.announcements} <= titles
    if cut < MAIL.index(END) + 40:
        last = len(MAIL[:cut].rstrip().splitlines())
        assert any("breaks off here" in said and line in (last, last - 1, last - 2)
                   for line, said in messages(listing))  # fmt: skip
    else:
        assert listing.problems == ()


def test_a_file_of_more_entries_than_any_mail_has_is_refused() -> None:
    with pytest.raises(ParseError, match="more than 20,000 entries: give it in parts"):
        read(mail(entry()) * 20_001)


def test_a_mail_without_entries_is_an_empty_listing() -> None:
    listing = read(mail())
    assert (listing.date, listing.announcements, listing.problems) == (date(2026, 11, 19), (), ())


def test_several_mails_in_one_file_keep_their_days() -> None:
    monday = mail(entry("arXiv:2611.90010", "Bats"), to="Mon 16 Nov 26", end="")
    listing = read(monday + mail(entry()))
    assert [(each.on, each.paper.title) for each in listing.announcements] == [
        (date(2026, 11, 16), "Bats"),
        (date(2026, 11, 19), "Owls"),
    ]
    assert listing.date == date(2026, 11, 19)
    assert len(listing.problems) == 1  # Monday's has no end
    assert {each.on for each in read(monday + mail(entry()), on=TODAY).announcements} == {None}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (mail(entry(), to="Thu 19 Nov 99"), date(1999, 11, 19)),
        (mail(entry(), to="Thu 31 Feb 26"), date(2026, 11, 19)),  # the latest submission's
        (mail(entry(), to="Fri 20 Nov 76"), TODAY),
        (mail(re.sub("Date.*", "", entry()), to="some day"), TODAY),
    ],
)
def test_the_listing_has_the_day_the_mail_went_out(text: str, day: date) -> None:
    listing = parse_mail(Payload(name="owls.mail", content=text.encode()), today=TODAY)
    assert listing.date == day


def test_a_given_date_wins_but_is_never_after_today() -> None:
    assert read(MAIL, on=date(2026, 1, 2)).date == date(2026, 1, 2)
    assert read(MAIL, on=date(2030, 1, 2)).date == TODAY


@pytest.mark.parametrize("text", ["Dear owl,\n\nhoot.\n", "\\\\server\\share", RULE, "<rss/>"])
def test_what_is_no_listing_mail_is_refused(text: str) -> None:
    assert not looks_like_mail(text)
    with pytest.raises(ParseError, match=r"^owls, line 1: this is no listing mail"):
        parse_mail(Payload(name="owls", content=text.encode()), today=TODAY)


@pytest.mark.parametrize(
    "piece",
    [
        "\\\\\narXiv:2611.90001\n",
        f"{entry()}\n{RULE}\n",
        f"{RULE}\nreceived from  Wed 18 Nov 26 GMT  to  Thu 19 Nov 26 GMT\n",
        f"{RULE}=\n",
        "=\n",
        "> " * 40,
        f"{RULE}\n",
        "Title: ",
        "Title: a\n",
        "Authors: (((((",
        "(a) ",
        ", and ",
        "a\n\n",
        "\\\\\n",
        "%" * 41 + "\n",
    ],
)
def test_five_megabytes_of_anything_take_bounded_time(piece: str) -> None:
    content = (entry() + "\n" + piece * (5_000_000 // len(piece)) + "\n" + RULE + "=\n").encode()
    started = time.process_time()
    with suppress(ParseError):
        parse_mail(Payload(name="owls", content=content), today=TODAY)
    assert time.process_time() - started < 8


BITS = st.sampled_from(
    [*MAIL.splitlines(), "\\\\", "arXiv:", "Paper: ", "Title:", "Date: Thu, 99 Xxx 00", "=", "> ",
     "\xa0", END, "received from Wed 1 Nov 26 to Thu 99 Nov 26", "-" * 75 + "=", "%" * 60]
)  # fmt: skip


@given(
    st.lists(st.one_of(BITS, st.text(max_size=20)), max_size=40), st.sampled_from(["\n", "\r", ""])
)
def test_any_lines_give_a_listing_or_a_refusal(lines: list[str], between: str) -> None:
    content = between.join(lines).encode("utf-8", errors="surrogatepass")
    try:
        listing = parse_mail(Payload(name="owls", content=content), today=TODAY)
    except ParseError:
        return
    assert listing.date <= TODAY
    assert all(each.paper.title for each in listing.announcements)


def test_the_real_mails_agree_with_what_another_way_of_reading_finds() -> None:
    for name in ("arxiv_mail_2024-11-21_cs.txt", "arxiv_mail_2026-02-12_crosslist_replace.txt"):
        text = shared("formats", name).read_text()
        found = re.findall(
            r"^arXiv:(\S+).*?^Title: (.*?)\n(?=\S).*?^Categories: (.*?)\n.*?^\\\\ ?(.*?)\n"
            r"(?:  (.*?)\n\\\\ )?",
            text,
            re.MULTILINE | re.DOTALL,
        )
        listing = read(text)
        assert len(found) == text.count("\nTitle: ") > 1
        assert [
            (each.paper.id, each.paper.title, each.paper.categories, each.paper.abstract)
            for each in listing.announcements
        ] == [
            (f"arxiv:{id}", fold(title), tuple(said.split()), "" if closed else fold(abstract))
            for id, title, said, closed, abstract in found
        ]
        assert listing.date.isoformat() in name
        assert ["breaks off" in said for _, said in messages(listing)] == [True]
