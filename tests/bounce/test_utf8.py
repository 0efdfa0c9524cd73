"""Reports about addresses that are not ASCII before the @ (RFC 6533)."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import bounce
from digest.bounce.origin import address_in
from digest.model import BounceKind, BounceReason
from tests.bounce.samples import ORIGINAL, complaint, mail, parted, report

JÜRGEN = "jürgen@example.net"
FIELDS = """\
Reporting-MTA: dns; mx.example.net

Final-Recipient: utf-8; {0}
Original-Recipient: utf-8;{0}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{0}>: kein Postfach für ihn
"""


def of_kind(kind: str, fields: str, *, encoding: str = "8bit") -> bytes:
    return parted(
        "multipart/report; report-type=delivery-status",
        ("text/plain; charset=utf-8", "Leider."),
        (f"{kind}\nContent-Transfer-Encoding: {encoding}", fields),
        ("message/global", ORIGINAL.replace("ada@example.net", JÜRGEN)),
    )


@pytest.mark.parametrize("kind", ["message/global-delivery-status", "message/delivery-status"])
@pytest.mark.parametrize("spelt", [JÜRGEN, r"j\x{FC}rgen@example.net", "ju\u0308rgen@example.net"])
def test_the_recipient_is_read_however_it_is_spelt(kind: str, spelt: str) -> None:
    (found,) = bounce.read(of_kind(kind, FIELDS.format(spelt))).bounces
    assert (found.recipient, found.kind) == (JÜRGEN, BounceKind.HARD)
    assert (found.reason, found.status) == (BounceReason.NO_MAILBOX, "5.1.1")
    assert found.words.endswith("kein Postfach für ihn")
    assert found.aliases == ()


def test_fields_may_be_encoded() -> None:
    fields = b64encode(FIELDS.format(JÜRGEN).encode()).decode()
    content = of_kind("message/global-delivery-status", fields, encoding="base64")
    assert [each.recipient for each in bounce.read(content).bounces] == [JÜRGEN]


def test_a_server_on_the_way_that_takes_ascii_only_makes_no_address_vanish() -> None:
    said = "SMTPUTF8 is required, but was not offered by host mx.example.net"
    fields = FIELDS.format(JÜRGEN).replace("5.1.1", "5.6.7").partition("Diagnostic")[0]
    content = of_kind("message/global-delivery-status", f"{fields}Diagnostic-Code: X; {said}\n")
    (found,) = bounce.read(content).bounces
    assert (found.recipient, found.kind, found.status) == (JÜRGEN, BounceKind.SOFT, "5.6.7")


def test_a_complaint_names_its_reader() -> None:
    (found,) = bounce.read(complaint(JÜRGEN)).bounces
    assert (found.recipient, found.kind) == (JÜRGEN, BounceKind.COMPLAINT)
    (found,) = bounce.read(complaint(original=ORIGINAL.replace("ada@example.net", JÜRGEN))).bounces
    assert found.recipient == JÜRGEN


def test_words_before_an_address_in_prose_are_no_part_of_it() -> None:
    content = mail("宛先ada@example.netは存在しません\n550 5.1.1 user unknown")
    assert "宛先" not in bounce.read(content).bounces[0].recipient
    raw = report(prose="受信者<ada@example.net>は存在しません。550 5.1.1 user unknown")
    assert bounce.read(raw).bounces[0].recipient == "ada@example.net"


@pytest.mark.parametrize(
    ("field", "address"),
    [
        (r"utf-8; \x{7528}\x{6237}@example.net", "用户@example.net"),
        ("utf-8; <用户@例子.example>", "用户@xn--fsqu00a.example"),
        ("rfc822; Ada@example.net", "Ada@example.net"),
        ('"Jürgen" <ada@example.net>', "ada@example.net"),
        (r"utf-8; j\x{D800}rgen@example.net", "rgen@example.net"),
        (r"utf-8; j\x{0A}ürgen@example.net", "ürgen@example.net"),
        (r"utf-8; \x{FFFFFF}", ""),
        ("utf-8; niemand", ""),
    ],
)
def test_an_address_in_a_field(field: str, address: str) -> None:
    assert address_in(field) == address


@given(st.text(st.sampled_from(r"\x{}0DFC89aü@.;<> ") | st.characters(), max_size=60))
def test_what_is_read_from_a_field_can_be_looked_up(field: str) -> None:
    found = address_in(field)
    assert not set(found.encode()) & set(b"\r\n\0 <>")


@given(st.binary(max_size=200))
def test_no_bytes_in_its_fields_hurt(data: bytes) -> None:
    content = of_kind("message/global-delivery-status", "FIELDS").replace(b"FIELDS", data)
    for each in bounce.read(content).bounces:
        each.recipient.encode()
        each.words.encode()
