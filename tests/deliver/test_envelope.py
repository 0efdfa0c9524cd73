import email
import email.header
import email.message
import email.policy
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.deliver.envelope import seal
from digest.errors import InputError
from digest.model import Message, Sender
from tests.build import NOON, sender

LINK = "https://digest.example.org/u/eyJzIjoiczEifQ.x3Tk0mTt8cGk"


def message(
    *,
    id: str = "i1",
    of: Sender | None = None,
    recipient: str = "ada@example.org",
    subject: str = "5 papers · sparse MoE · Fri 20 Nov",
    text: str = "Dull.\n",
    html: str = "<p>Dull.</p>\n",
    composed_at: datetime = NOON,
    unsubscribe: str | None = None,
) -> Message:
    return Message(
        id=id,
        sender=of or sender(),
        recipient=recipient,
        subject=subject,
        text_pieces=(text,),
        html_pieces=(html,),
        composed_at=composed_at,
        unsubscribe=unsubscribe,
    )


def parsed(sealed: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(sealed, policy=email.policy.default)


def newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def body(mail: email.message.EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return newlines(str(part.get_content()))


def test_the_bytes_of_a_plain_message() -> None:
    sealed = seal(
        message(
            subject="1 paper",
            of=replace(sender(), reply_to="help@example.org"),
            unsubscribe=LINK,
        ),
        "bounces+i1@example.org",
    )
    assert sealed.sender == "bounces+i1@example.org"
    assert sealed.recipient == "ada@example.org"
    assert sealed.id == "i1"
    assert sealed.content.decode("ascii").split("\r\n") == [
        "Date: Fri, 20 Nov 2026 12:00:00 +0000",
        "From: Paper Digest <digest@example.org>",
        "Reply-To: help@example.org",
        "Auto-Submitted: auto-generated",
        "Content-Language: en",
        "MIME-Version: 1.0",
        "To: ada@example.org",
        "Subject: 1 paper",
        "Message-ID: <i1@example.org>",
        "List-Id: Paper Digest <digest.example.org>",
        f"List-Unsubscribe: <{LINK}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Feedback-ID: 20261120:example.org:issue:paper-digest",
        'Content-Type: multipart/alternative; boundary="=_i1"',
        "",
        "--=_i1",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Dull.",
        "",
        "--=_i1",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Dull.</p>",
        "",
        "--=_i1--",
        "",
    ]


def test_without_links_and_mailboxes_their_headers_are_absent() -> None:
    sealed = seal(message())
    mail = parsed(sealed.content)
    assert sealed.sender == "digest@example.org"
    for name in ("Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post"):
        assert mail[name] is None


def test_the_date_is_told_in_utc() -> None:
    elsewhere = datetime(2026, 11, 21, 2, 0, tzinfo=timezone(timedelta(hours=14)))
    mail = parsed(seal(message(composed_at=elsewhere)).content)
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"


def test_sealing_again_gives_the_same_bytes() -> None:
    assert seal(message(text="π" * 1000)) == seal(message(text="π" * 1000))


headline = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"))
prose = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000)


@given(headline, prose, prose)
@example("", "", "")
@example(" blanks  around ", ".\r.\r\n.\n..", "\r")
@example("=?utf-8?q?not_encoded?=", "--=_i1--\n", "x" * 5000)
@example("😀" * 40, "😀", "\u2028\x85\x0b")
@example("a" * 2000, "", "")
def test_the_standard_library_reads_back_what_was_meant(subject: str, text: str, html: str) -> None:
    sealed = seal(message(subject=subject, text=text, html=html)).content
    mail = parsed(sealed)
    assert mail["Subject"] == subject
    assert mail["From"] == "Paper Digest <digest@example.org>"
    assert mail["To"] == "ada@example.org"
    assert body(mail, "plain") == newlines(text)
    assert body(mail, "html") == newlines(html)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not mail.defects


@given(headline, prose)
def test_lines_are_short_and_end_in_crlf(subject: str, text: str) -> None:
    sealed = seal(message(subject=subject, text=text, unsubscribe=LINK)).content
    lines = sealed.split(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", sealed)
    assert sealed.isascii()
    assert max(map(len, lines)) <= 78
    assert not [line for line in lines if line.startswith(b".")]


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\r\n\0"), min_size=1
).filter(lambda name: name == " ".join(name.split()) and len(name.encode()) < 40)


@given(names)
@example('Papers, "Daily" \\ Co.')
@example("Überblick für Ærø")
@example("=?utf-8?q?x?=")
def test_any_display_name_is_read_back(name: str) -> None:
    mail = parsed(seal(message(of=replace(sender(), name=name))).content)
    (address,) = mail["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "digest@example.org")


def test_a_long_display_name_is_folded() -> None:
    # Python 3.11 keeps the blank between the encoded words of an address; RFC 2047 6.2 does not.
    name = "Ærø " * 30 + "Papers"
    sealed = seal(message(of=replace(sender(), name=name))).content
    raw = email.message_from_bytes(sealed, policy=email.policy.compat32)["From"]
    read = str(email.header.make_header(email.header.decode_header(raw)))
    assert read == f"{name} <digest@example.org>"


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\r\nBcc: eve@example.org", "a\0b"])
@pytest.mark.parametrize("field", ["subject", "recipient", "id", "unsubscribe"])
def test_no_value_can_add_a_header(field: str, bad: str) -> None:
    with pytest.raises(InputError, match=field.replace("_", " ")):
        seal(message(**{field: bad}))  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["a\rb", "a\n b", "x\0@example.org"])
@pytest.mark.parametrize("field", ["name", "address", "domain", "reply_to"])
def test_no_part_of_the_sender_can_add_a_header(field: str, bad: str) -> None:
    with pytest.raises(InputError):
        seal(message(of=replace(sender(), **{field: bad})))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@@example.org",
        "ada@example.org>",
        "ada lovelace@example.org",
        '"ada"@example.org',
        '"a\r\nRCPT TO:<eve@example.org>"@example.org',
        ".ada@example.org",
        "ada.@example.org",
        "a..b@example.org",
        "ada@-example.org",
        "ada@example..org",
        "ada@[127.0.0.1]",
        "ada@exämple.org",
        "ädä @example.org",
        "ä>dä@example.org",
        "ä\x85dä@example.org",
        "ä\u2028dä@example.org",
        "ä\u3000dä@example.org",
        "ä\ud800dä@example.org",
        "ä@@example.org",
        "ädä.@example.org",
        "ä" * 33 + "@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@example.org\n",
        "ada@example.org,eve@example.org",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="recipient"):
        seal(message(recipient=address))


@pytest.mark.parametrize(
    "address",
    [
        "ä" * 32 + "@b.co",
        "用户.名+x@b.co",
        "a@b.co",
        "first.last+tag@sub.example.org",
        "o'neil@localhost",
        "x_y-z@1.example",
    ],
)
def test_an_address_that_is_one_is_kept(address: str) -> None:
    assert str(parsed(seal(message(recipient=address)).content)["To"]) == address


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/u", "javascript:x", "https://e.org/a b", "https://e.org/>x", "", "/u"],
)
def test_an_unsubscribe_link_is_a_web_address(url: str) -> None:
    with pytest.raises(InputError, match="unsubscribe link"):
        seal(message(unsubscribe=url))


def test_only_the_header_of_a_recipient_beyond_ascii_is_not_ascii() -> None:
    here = seal(message(recipient="jürgen@example.org", subject="Über π", unsubscribe=LINK))
    there = seal(message(recipient="ada@example.org", subject="Über π", unsubscribe=LINK))
    assert there.content.isascii()
    assert here.content == there.content.replace(
        b"To: ada@example.org", "To: jürgen@example.org".encode()
    )
    assert (here.sender, here.recipient) == ("digest@example.org", "jürgen@example.org")
    assert here.needs_utf8
    assert not there.needs_utf8


def test_what_we_are_called_is_ascii() -> None:
    for field in ("address", "reply_to"):
        with pytest.raises(InputError):
            seal(message(of=replace(sender(), **{field: "jürgen@example.org"})))
    with pytest.raises(InputError, match="bounce address"):
        seal(message(), "jürgen@example.org")


def test_a_return_path_that_is_no_address_is_refused() -> None:
    with pytest.raises(InputError, match="bounce address"):
        seal(message(), "b" * 65 + "@example.org")


def test_a_lone_surrogate_does_not_stop_an_issue() -> None:
    mail = parsed(seal(message(subject="a\ud800b", text="c\udfffd")).content)
    assert (mail["Subject"], body(mail, "plain")) == ("a?b", "c?d")
