"""Every mail keeps RFC 5322, 2369, 3834 and 8058, read by the standard library at its strictest."""

import email
import email.policy
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest

from digest.model import Envelope
from tests.lint.mails import ADDRESS, ALL, ISSUES, SENDER, WEB, mails

STRICT = email.policy.SMTP.clone(raise_on_defect=True)
LONGEST_LINE = 998  # octets, RFC 5322 section 2.1.1
ONCE = ("From", "To", "Date", "Subject", "Message-ID", "MIME-Version", "Content-Type")


def read(envelope: Envelope) -> EmailMessage:
    parsed = email.message_from_bytes(envelope.content, policy=STRICT)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize("name", ALL)
def test_a_strict_parser_finds_no_defect(name: str) -> None:
    mail = read(mails()[name].envelope)
    parts = list(mail.walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    for part in parts:
        assert part.defects == []
        assert [value.defects for value in part.values() if value.defects] == []
    for part in parts[1:]:
        part.get_content()  # raises where its encoding is broken
    assert [mail.get_all(header, []) for header in ONCE if len(mail.get_all(header, [])) != 1] == []


@pytest.mark.parametrize("name", ALL)
def test_every_byte_is_fit_for_the_wire(name: str) -> None:
    content = mails()[name].envelope.content
    assert content.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", content)
    assert max(map(len, content.split(b"\r\n"))) <= LONGEST_LINE
    head = content.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= LONGEST_LINE


@pytest.mark.parametrize("name", ALL)
def test_a_mail_says_who_sent_it_and_when(name: str) -> None:
    sent = mails()[name]
    mail = read(sent.envelope)
    (author,) = mail["From"].addresses
    assert (author.display_name, author.addr_spec) == (SENDER.name, SENDER.address)
    assert [each.addr_spec for each in mail["To"].addresses] == [ADDRESS]
    assert [each.addr_spec for each in mail["Reply-To"].addresses] == [SENDER.reply_to]
    assert parsedate_to_datetime(str(mail["Date"])) == sent.message.composed_at
    assert mail["Message-ID"] == f"<{sent.message.id}@{SENDER.domain}>"
    assert mail["Auto-Submitted"] == "auto-generated"  # RFC 3834: no auto-reply, please
    assert sent.envelope.sender.endswith(f"@{SENDER.domain}")


@pytest.mark.parametrize("name", ISSUES)
def test_one_click_leaves_the_list(name: str) -> None:
    mail = read(mails()[name].envelope)
    (leave,) = re.findall(r"<(https://[^<> ]+)>", mail["List-Unsubscribe"])
    assert mail["List-Unsubscribe"] == f"<{leave}>"  # RFC 8058: https; and no mailto beside it
    assert leave.startswith(f"{WEB}/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"].endswith(f"<digest.{SENDER.domain}>")
    assert mail["Feedback-ID"].count(":") == 3


@pytest.mark.parametrize("name", sorted({*ALL} - {*ISSUES}))
def test_a_letter_to_one_person_is_no_list(name: str) -> None:
    mail = read(mails()[name].envelope)
    assert [
        header for header in mail if header.startswith(("List-", "Feedback-", "Precedence"))
    ] == []
