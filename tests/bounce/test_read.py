import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import bounce
from digest.model import Bounce, BounceKind, BounceReason
from tests.bounce import samples
from tests.bounce.samples import ORIGINAL, block, complaint, mail, parted, report

HARD, SOFT, COMPLAINT, NONE = BounceKind
FORMS = (
    samples.EXIM,
    samples.QMAIL,
    samples.EXCHANGE,
    samples.SENDMAIL_5,
    samples.OFFICE,
    samples.HTML,
    report(block()),
    complaint("ada@example.net"),
)


def said(content: bytes) -> list[tuple[str, BounceKind]]:
    return [(each.recipient, each.kind) for each in bounce.read(content).bounces]


def only(content: bytes) -> Bounce:
    (found,) = bounce.read(content).bounces
    return found


def test_a_report_tells_of_each_recipient() -> None:
    content = report(
        block("ada@example.net", "5.1.1", "550 5.1.1 User unknown in virtual table"),
        block("grace@example.net", "5.2.2", "552 5.2.2 Over quota"),
        block("alan@example.net", "2.0.0", action="delivered"),
        block("mary@example.net", "4.4.1", "Connection timed out", action="delayed"),
    )
    assert said(content) == [
        ("ada@example.net", HARD),
        ("grace@example.net", SOFT),
        ("alan@example.net", NONE),
        ("mary@example.net", SOFT),
    ]


def test_a_report_keeps_its_code_its_words_and_what_the_recipient_was_called_before() -> None:
    found = only(
        report(
            block("a@new.example", "5.1.1", "550 5.1.1\n no such\n user", first="ada@example.net")
        )
    )
    assert (found.status, found.words) == ("5.1.1", "550 5.1.1 no such user")
    assert (found.recipient, found.aliases) == ("a@new.example", ("ada@example.net",))


def test_a_report_says_what_it_is_about() -> None:
    returned = bounce.read(report(block(), To="bounces+i2-abcdefghijkl@example.org"))
    assert returned.message_ids == ("i1@example.org",)
    assert returned.return_paths == (
        "bounces+i2-abcdefghijkl@example.org",
        "bounces+i1-abcdefghijkl@example.org",
    )


def test_fields_that_nobody_should_have_encoded_are_read() -> None:
    fields = b64encode(f"Reporting-MTA: dns; x\n\n{block('ada@example.net', '5.1.1')}".encode())
    content = parted(
        "multipart/report; report-type=delivery-status",
        ("text/plain", "Sorry."),
        ("message/delivery-status\nContent-Transfer-Encoding: base64", fields.decode()),
    )
    assert said(content) == [("ada@example.net", HARD)]


def test_a_report_within_the_mail_that_came_back_is_not_read() -> None:
    inner = (
        report(block("grace@example.net", "5.1.1", "550 user unknown")).decode().replace("=b", "=c")
    )
    assert said(report(block(status="4.4.7"), original=inner)) == [("ada@example.net", SOFT)]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (samples.EXIM, [("ada@example.net", HARD)]),
        (samples.QMAIL, [("ada@example.net", HARD), ("grace@example.net", SOFT)]),
        (samples.EXCHANGE, [("ada@example.net", HARD)]),
        (samples.SENDMAIL_5, [("ada@example.net", HARD)]),
        (samples.OFFICE, [("ada@example.net", HARD)]),
        (samples.HTML, [("ada@example.net", HARD)]),
    ],
)
def test_reports_for_people_are_read_too(
    form: bytes, expected: list[tuple[str, BounceKind]]
) -> None:
    assert said(form) == expected


@pytest.mark.parametrize("form", [samples.EXIM, samples.QMAIL, samples.SENDMAIL_5, samples.OFFICE])
def test_reports_for_people_say_what_they_are_about(form: bytes) -> None:
    assert "i1@example.org" in bounce.read(form).message_ids


def test_no_such_user_said_of_the_whole_message_is_a_filter() -> None:
    prose = (
        "<ada@example.net>: host mx said: 550 Unknown user (in reply to end of DATA\n    command)"
    )
    found = only(report(block(said="550 Unknown user"), prose=prose))
    assert (found.kind, found.reason) == (SOFT, BounceReason.FILTERED)


@pytest.mark.parametrize(
    ("prose", "kind"),
    [
        ("The account of this user is disabled.\n\n<ada@example.net>: 550 no such user", SOFT),
        ("Your message was rejected:\nNot enough disk space", SOFT),
        ("<ada@example.net>: 550 5.1.1 no such user", HARD),
    ],
)
def test_a_report_is_believed_that_the_mailbox_is_there_whatever_its_code(
    prose: str, kind: BounceKind
) -> None:
    assert only(report(block(status="5.1.1", said="550 5.1.1 no such user"), prose=prose)).kind is (
        kind
    )


def test_that_one_mailbox_is_full_says_nothing_of_another() -> None:
    fields = (block("ada@example.net", "5.1.1", "no such user"), block("bob@example.net", "5.2.2"))
    prose = "<ada@example.net>: no such user\n<bob@example.net>: mailbox full"
    assert [kind for _, kind in said(report(*fields, prose=prose))] == [HARD, SOFT]


def test_an_owners_rule_may_answer_what_it_likes() -> None:
    content = report(block(status="5.1.1", said="550 5.1.1 Mailbox does not exist"))
    rule = content.replace(b"dns; mx.example.net", b"dns; inbound-smtp.eu-west-1.amazonaws.com")
    assert [only(each).kind for each in (content, rule)] == [HARD, SOFT]


def test_a_code_counts_before_what_a_server_says_of_whatever_failed() -> None:
    prose = "Delivery failed, we have given up, try again.\n\n<ada@example.net>: it went otherwise"
    assert only(report(block(status="5.1.1"), prose=prose)).kind is HARD
    assert only(report(block(status="5.0.0"), prose=prose)).kind is SOFT


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 <ada@elsewhere.example>: User unknown",
        "551 5.1.6 no longer here; please try ada@elsewhere.example",
    ],
)
def test_an_address_in_a_servers_answer_is_no_other_recipient(answer: str) -> None:
    content = samples.QMAIL.replace(b"550 5.1.1 <ada@example.net>: User unknown", answer.encode())
    assert said(content) == [("ada@example.net", HARD), ("grace@example.net", SOFT)]


def test_where_only_answers_name_anybody_it_is_them() -> None:
    content = mail("550 5.1.1 <ada@example.net>: User unknown\n552 5.2.2 <bob@example.net>: full")
    assert said(content) == [("ada@example.net", HARD), ("bob@example.net", SOFT)]


def test_a_server_that_goes_on_trying_has_not_failed_for_good() -> None:
    content = mail("ada@example.net: 550 5.1.1 no such user\n\nIt will be retried for two days.")
    assert (only(content).kind, only(content).final) == (SOFT, False)


def test_a_complaint_written_into_the_text_is_one() -> None:
    content = mail(
        """\
        Somebody complained.

        Feedback-Type: abuse
        User-Agent: Made-Up/1
        Version: 1
        Original-Rcpt-To: ada@example.net
        """,
        Subject="Complaint",
        From="feedback@example.com",
    )
    assert said(content) == [("ada@example.net", COMPLAINT)]


def test_a_complaint_names_who_complained() -> None:
    assert said(complaint("ada@example.net", "grace@example.net")) == [
        ("ada@example.net", COMPLAINT),
        ("grace@example.net", COMPLAINT),
    ]


def test_a_complaint_that_names_nobody_is_about_whom_we_wrote_to() -> None:
    returned = bounce.read(complaint())
    assert [each.recipient for each in returned.bounces] == ["ada@example.net"]
    assert returned.message_ids == ("i1@example.org",)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("abuse", BounceReason.FEEDBACK),
        ("opt-out", BounceReason.FEEDBACK),
        ("auth-failure", BounceReason.AUTH_FAILURE),
        ("not-spam", BounceReason.NOT_SPAM),
    ],
)
def test_a_complaint_says_of_what(kind: str, reason: BounceReason) -> None:
    assert only(complaint("ada@example.net", kind=kind)).reason is reason


def test_microsofts_complaints_are_the_mail_and_a_subject() -> None:
    content = parted(
        "multipart/mixed",
        ("message/rfc822", f"X-HmXmrOriginalRecipient: ada@example.net\n{ORIGINAL}"),
        Subject="complaint about message from 192.0.2.1",
        From="staff@example.com",
    )
    assert said(content) == [("ada@example.net", COMPLAINT)]


SES: dict[str, Any] = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {"emailAddress": "ada@example.net", "status": "5.1.1", "diagnosticCode": "no such user"}
        ],
    },
    "mail": {
        "source": "bounces+i1-abcdefghijkl@example.org",
        "commonHeaders": {"messageId": "<i1@example.org>"},
    },
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(SES).encode(),
        json.dumps({"Type": "Notification", "Message": json.dumps(SES)}).encode(),
        mail(json.dumps({"Message": json.dumps(SES)}), From="no-reply@sns.example.com"),
    ],
    ids=["bare", "in an envelope", "in a mail"],
)
def test_amazons_json_is_read(content: bytes) -> None:
    returned = bounce.read(content)
    assert [(each.recipient, each.kind) for each in returned.bounces] == [("ada@example.net", HARD)]
    assert returned.message_ids == ("i1@example.org",)
    assert returned.return_paths == ("bounces+i1-abcdefghijkl@example.org",)


def test_amazons_complaints_and_passing_failures() -> None:
    complained = {
        "eventType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.net"}]},
    }
    assert said(json.dumps(complained).encode()) == [("ada@example.net", COMPLAINT)]
    passing = SES | {"bounce": SES["bounce"] | {"bounceType": "Transient"}}
    assert said(json.dumps(passing).encode()) == [("ada@example.net", SOFT)]


REPLIES = [
    mail("I am away.", From="ada@example.net", Auto_Submitted="auto-replied"),
    mail("Back on Monday.", From="ada@example.net", Subject="Automatic reply: 5 papers"),
    mail("Weg.", From="ada@example.net", Subject="Abwesenheit: 5 papers"),
    mail("Away.", From="ada@example.net", X_Autoreply="yes", Return_Path="<>"),
    mail("Out.", From="postmaster@example.net", Subject="Out of office: ada"),
    mail(
        "I left. This mailbox does not exist any more; ada@example.net is unknown.",
        From="ada@example.net",
        Auto_Submitted="auto-replied (vacation)",
    ),
    mail("ada@example.net: no such user", From="a@example.net", Subject="Away", Precedence="junk"),
    mail("550 5.1.1 no such user, ha ha", From="ada@example.net", Subject="Re: 5 papers"),
    mail(
        "ada@example.net is unknown to me",
        From="bob@example.net",
        Subject="Re: 2 papers · delivery failure of nanocarriers",
    ),
    mail(
        "ada@example.net no longer works here; the address does not exist any more",
        From="postmaster@example.net",
        Subject="5 papers",
        Auto_Submitted="auto-replied",
    ),
    parted(
        "multipart/report; report-type=disposition-notification",
        ("text/plain", "It was read."),
        ("message/disposition-notification", "Final-Recipient: rfc822; ada@example.net\n"),
        From="ada@example.net",
        Subject="Read: 5 papers",
    ),
]


@pytest.mark.parametrize("content", REPLIES)
def test_what_people_and_their_programs_reply_is_no_bounce(content: bytes) -> None:
    assert only(content).kind is NONE


@given(st.text(max_size=300))
def test_a_reply_is_no_bounce_whatever_it_says(words: str) -> None:
    content = mail(words, From="ada@example.net", Auto_Submitted="auto-replied")
    assert {each.kind for each in bounce.read(content).bounces} <= {NONE, COMPLAINT}


@given(st.binary(max_size=400))
def test_any_bytes_are_read(content: bytes) -> None:
    assert bounce.read(content).bounces


@given(st.sampled_from(FORMS), st.data())
def test_a_damaged_report_is_read(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, len(content)))
    other = data.draw(st.binary(max_size=20))
    assert bounce.read(content[:start] + other + content[stop:]).bounces
