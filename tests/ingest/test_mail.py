"""Mail as a listing: whatever the programs on its way did to it."""

import json
from datetime import date
from email.message import EmailMessage

import pytest

from digest.errors import ParseError
from digest.ingest import parse
from digest.ingest.mail import is_message
from digest.model import Listing, Payload
from tests.ingest.letterbox import ARXIV, DATA, DUMP, HUGGING_FACE, mail, plain

TODAY = date(2026, 11, 20)
OWLS = ["Sparse Owls: Routing by Night", "Dense Bats"]
LINES = ARXIV.splitlines()


def read(content: bytes | EmailMessage, today: date = TODAY, on: date | None = None) -> Listing:
    sent = content if isinstance(content, bytes) else content.as_bytes()
    return parse(Payload(name="17.mail", content=sent), today=today, on=on)


def titles(listing: Listing) -> list[str]:
    return [each.paper.title for each in listing.announcements]


def refusal(content: bytes | EmailMessage) -> str:
    with pytest.raises(ParseError) as told:
        read(content)
    return str(told.value)


def arxiv() -> list[str]:
    return titles(parse(Payload(name="a", content=ARXIV.encode()), today=TODAY))


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_a_listing_mail_is_read_in_any_encoding(encoding: str, charset: str) -> None:
    accented = ARXIV.replace("Ada Owl (1)", "Adà Øwl (1)")
    listing = read(mail(accented, encoding=encoding, charset=charset))
    assert titles(listing) == arxiv()
    assert listing.announcements[0].paper.authors[0] == "Adà Øwl"
    assert listing.name == "owls daily Subj-class mailing 1 (2026-11-19)"
    assert listing.date == date(2026, 11, 19)


@pytest.mark.parametrize(
    "charset", ["", "; charset=x-unknown", "; charset=punycode", "; charset=us-ascii"]
)
def test_a_charset_that_is_wrong_or_missing_is_guessed(charset: str) -> None:
    accented = ARXIV.replace("Ada Owl (1)", "Adà Øwl (1)")
    listing = read(plain(accented, f"Content-Type: text/plain{charset}"))
    assert listing.announcements[0].paper.authors[0] == "Adà Øwl"


def test_lines_are_those_of_the_mail_where_it_is_written_plainly() -> None:
    content = mail(ARXIV).as_bytes()
    sent = content.decode().splitlines()
    first = read(content).announcements[0]
    assert first.line is not None
    assert sent[first.line - 1].startswith("Title: Sparse Owls")
    encoded = read(mail(ARXIV, encoding="base64")).announcements[0]
    assert encoded.line is None, "it has no such line"


def test_lines_are_those_of_the_mail_in_its_parts_too() -> None:
    content = mail(ARXIV, html="<p>See the text.</p>").as_bytes()
    first = read(content).announcements[0]
    assert first.line is not None
    assert content.decode().splitlines()[first.line - 1].startswith("Title: Sparse Owls")


def test_the_mail_of_hugging_face_is_html_alone() -> None:
    listing = read(mail(html=HUGGING_FACE, subject="Daily papers"))
    expected = json.loads((DATA / "huggingface" / "mail.html.expected.json").read_text())
    assert titles(listing) == [paper["title"] for paper in expected["papers"]]
    assert listing.date == date(2026, 11, 17)


def test_html_is_read_where_the_text_beside_it_says_nothing() -> None:
    assert len(titles(read(mail("Your mail program shows no HTML.", html=HUGGING_FACE)))) == 3


def test_a_listing_mail_is_read_from_html_if_it_must() -> None:
    laid_out = ARXIV.replace("&", "&amp;").replace("\n", "<br>\n").replace("  ", "&nbsp; ")
    listing = read(mail(html=f"<html><body><div>{laid_out}</div></body></html>"))
    assert titles(listing) == arxiv()
    preserved = read(mail(html=f"<head><title>T</title></head><pre>{ARXIV}</pre>"))
    assert titles(preserved) == arxiv()


def test_a_page_copied_into_a_mail_keeps_its_titles_and_links() -> None:
    place = "https://huggingface.co/papers/2611.9000"
    page = "<h1>Daily Papers</h1>" + "".join(
        f'<h3><a class="x" href="{place}{number}">{title}</a></h3><p>We present it. It works.</p>'
        for number, title in enumerate(OWLS)
    )
    listing = read(mail(html=page))
    assert titles(listing) == OWLS
    assert listing.announcements[1].paper.id == "arxiv:2611.90001"
    assert listing.announcements[0].paper.abstract == "We present it. It works."


def test_lines_that_flow_are_joined() -> None:
    flowed = ARXIV.replace("over a Forest That No Other Bird Has\n  Crossed", "over a \nForest")
    listing = read(plain(flowed, "Content-Type: text/plain; format=flowed"))
    assert titles(listing)[0] == "Sparse Owls: Routing by Night over a Forest"
    narrow = flowed.replace("over a \nForest", "over a For \nest")
    joined = read(plain(narrow, "Content-Type: text/plain; format=flowed; delsp=yes"))
    assert titles(joined)[0] == "Sparse Owls: Routing by Night over a Forest"


@pytest.mark.parametrize("how", ["message", "file", "quoted"])
def test_a_forward_is_read(how: str) -> None:
    sent = mail(ARXIV, subject="owls daily", date="Thu, 19 Nov 2026 03:00:00 +0000")
    forward = mail("Have a look at this.", subject="Fwd: owls", date="Fri, 20 Nov 2026 09:00 +0000")
    if how == "message":
        forward.add_attachment(sent)
    elif how == "file":
        forward.add_attachment(sent.as_bytes(), "application", "octet-stream", filename="a.eml")
    else:
        forward.set_content("Look:\n\n" + "".join(f"> {line}\n" for line in LINES))
    listing = read(forward)
    assert titles(listing) == arxiv()
    assert (listing.name, listing.date) == ("Fwd: owls (2026-11-20)", date(2026, 11, 19))


def test_files_with_a_mail_are_listings_too() -> None:
    made = mail("Two listings for you.", subject="Papers", date="Fri, 20 Nov 2026 09:00:00 +0000")
    feed = (DATA / "feed" / "journal.rss").read_bytes()
    day = (DATA / "huggingface" / "day.json").read_bytes()
    made.add_attachment(feed, "application", "octet-stream", filename="journal.rss")
    made.add_attachment(day, "application", "json", filename="day.json")
    made.add_attachment(b"\x89PNG", "image", "png", filename="logo.png")
    made.add_attachment("owls", filename="notes.txt")
    made.add_attachment("@article{owl, title={Owls}}", filename="owls.bib")
    listing = read(made)
    alone = [
        parse(Payload(name=name, content=content), today=TODAY)
        for name, content in (("journal.rss", feed), ("day.json", day))
    ]
    assert titles(listing) == [title for each in alone for title in titles(each)]
    assert listing.date == max(each.date for each in alone)
    on = [each.on for each in listing.announcements]
    assert on == [each.on or one.date for one in alone for each in one.announcements]
    messages = [problem.message for problem in listing.problems]
    assert messages[-1] == "notes.txt, which came with it, is no listing."


def test_a_dump_without_a_day_is_of_the_day_its_mail_was_written() -> None:
    made = mail(DUMP, date="Mon, 2 Nov 2026 09:00:00 +0000")
    assert (titles(read(made)), read(made).date) == (OWLS, date(2026, 11, 2))
    assert read(made, on=date(2026, 10, 31)).date == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Fri, 20 Nov 2026 23:59:00 +0000", TODAY),
        ("Sat, 21 Nov 2026 09:00:00 +0000", TODAY),
        ("Thu, 1 Jan 1970 00:00:00 +0000", TODAY),
        ("soon", TODAY),
        ("Thu, 99 Nov 2026 00:00:00 +0000", TODAY),
        (None, TODAY),
        ("Wed, 18 Nov 2026 12:00:00 -0000", date(2026, 11, 18)),
    ],
)
def test_a_clock_that_is_wrong_is_not_believed(said: str | None, day: date) -> None:
    assert read(plain(DUMP, date=said)).date == day


def test_a_day_without_a_year_is_of_the_year_of_the_mail() -> None:
    said = DUMP.replace("community\n", "community\n\nNov 18\n")
    old = mail(said, date="Mon, 18 Nov 2024 09:00:00 +0000")
    assert read(old).date == date(2024, 11, 18)
    elsewhere = mail(said, date="Sun, 17 Nov 2024 23:00:00 +0000")
    assert read(elsewhere).date == date(2024, 11, 18), "where it was written it was the 18th"


def test_it_is_called_by_its_subject_or_by_its_id() -> None:
    assert read(mail(DUMP, subject="Größe – 論文")).name == "Größe – 論文 (2026-11-19)"
    assert read(plain(DUMP, "Subject: ignored")).name == "Owls (2026-11-19)"
    nameless = b"From: a@example.org\nMessage-ID: <7@x>\n\n" + DUMP.encode()
    assert read(nameless).name == "<7@x>"
    broken = b"From: a@example.org\nSubject: Owls =?bad?q?=\n\n" + DUMP.encode()
    assert read(broken).name == "Owls =?bad?q?="


SPAM = "Congratulations! You have been chosen.\n\nSubscribe\n\n" + "\n\n".join(
    f"Offer {number}\n\n" + "We give you a prize, and then we give you another prize. " * 8
    for number in range(5)
)


@pytest.mark.parametrize(
    "content",
    [
        mail("Please confirm that you want to subscribe to owls.").as_bytes(),
        mail(SPAM).as_bytes(),
        mail(SPAM, html=f"<p>{SPAM}</p>").as_bytes(),
        plain("I am away.", "Auto-Submitted: auto-replied"),
        plain("{}", "Content-Type: text/plain"),
    ],
)
def test_what_is_no_listing_is_told_in_one_sentence(content: bytes) -> None:
    assert refusal(content).startswith("17.mail: this mail is no listing paper-digest can read: ")


@pytest.mark.parametrize(
    "content",
    [
        plain(""),
        plain("x", "Content-Type: image/png"),
        plain("--b\n\ntext\n--b--\n", "Content-Type: multipart/report; boundary=b"),
        plain("--b\nContent-Type: application/pgp\n\nx", 'Content-Type: multipart/x; boundary="b"'),
    ],
)
def test_a_mail_without_text_says_so(content: bytes) -> None:
    assert refusal(content).startswith("17.mail: this mail carries nothing that could be a listing")


def test_a_file_that_is_broken_is_told_by_name() -> None:
    made = mail("See the file.")
    made.add_attachment(b'[{"title": "Ow', "application", "json", filename="day.json")
    assert refusal(made).startswith("17.mail: day.json: the JSON breaks off or is broken")
    made.add_attachment(DUMP, filename="dump.txt")
    listing = read(made)
    assert titles(listing) == OWLS
    (problem,) = listing.problems
    assert problem.message.startswith("line 1 of day.json: the JSON breaks off")


def test_a_problem_says_where_it_is_in_the_mail_or_in_its_text() -> None:
    cut = ARXIV[: ARXIV.index("\\\\ ( https://arxiv.org/abs/2611.90003")]
    (*_, shown) = read(mail(cut)).problems
    assert shown.line is not None
    (*_, hidden) = read(mail(cut, encoding="base64")).problems
    assert hidden.line is None
    assert hidden.message.startswith("line ")
    assert " of its text: the mail breaks off here" in hidden.message


@pytest.mark.parametrize(
    "content",
    [
        plain(ARXIV, "Content-Type: multipart/mixed; boundary=nowhere"),
        plain(ARXIV, "Content-Type: multipart/mixed"),
        plain(ARXIV, "Content-Transfer-Encoding: base64"),
        plain(ARXIV, "Content-Transfer-Encoding: x-unknown"),
        plain(ARXIV, "Content-Type: text/plain; charset"),
        plain(ARXIV, 'Content-Type: "'),
        plain(f"--b\nContent-Type: text/plain\n\n{ARXIV}", "Content-Type: multipart/x; boundary=b"),
        plain(f"preamble\n--b\n{ARXIV}\n--b--\nepilogue", "Content-Type: multipart/x; boundary=b"),
        plain(f"--b\n--b\n\n{ARXIV}\n--b", "Content-Type: multipart/x; boundary=b"),
        b"From a@example.org Thu Nov 19 21:00:00 2026\n" + plain(ARXIV),
        b"\n\r\n" + plain(ARXIV).replace(b"\n", b"\r\n"),
        plain(ARXIV).replace(b"Subject: Owls", b"Subject: Owls\nthis is no field"),
    ],
)
def test_broken_mails_are_read_as_far_as_they_go(content: bytes) -> None:
    assert titles(read(content)) == arxiv()


def test_base64_is_read_up_to_where_it_was_cut_and_above_a_footer() -> None:
    whole = mail(ARXIV, encoding="base64").as_bytes()
    cut = read(whole[: len(whole) // 2])
    assert titles(cut)[:1] == arxiv()[:1]
    assert any("breaks off" in problem.message for problem in cut.problems)
    assert titles(read(whole + b"\r\n_____\r\nowls mailing list\r\n")) == arxiv()


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (ARXIV.encode(), False),
        (DUMP.encode(), False),
        (b"", False),
        (b"Title: Owls\nAuthors: Ada\n\nFrom: me\nTo: you\n", False),
        (b"From the beginning on: this is\nno mail.\n\n", False),
        (b"<?xml version='1.0'?>", False),
        (b"From: a\nSubject: b", True),
        (b"From a@b Thu Nov 19 21:00:00 2026\nReceived: by c\nX-Mailer: d\nDate: e\n\nf", True),
    ],
)
def test_a_mail_is_known_by_its_head(content: bytes, is_one: bool) -> None:
    assert is_message(content) is is_one
