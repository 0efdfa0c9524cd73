"""Signatures that dkimpy, which we did not write, believes; and those it must not."""

from dataclasses import replace
from datetime import UTC

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import deliver
from digest.deliver.dkim import RSA_BITS
from digest.errors import InputError
from digest.model import Envelope, Message, Sender
from tests.build import NOON

KINDS = ("rsa", "ed25519")
KEYS = tuple(
    deliver.read_key(deliver.make_key(kind), domain="example.org", selector=kind) for kind in KINDS
)


def sealed(**more: object) -> Envelope:
    message = Message(
        id="i1",
        sender=Sender(
            name="Päper Digest",
            address="digest@example.org",
            domain="example.org",
            reply_to="a@b.org",
        ),
        recipient="ada@example.org",
        subject="Ten papers on graphs, which are long enough to be folded, and ö",
        text_pieces=("Hello\n\n.dots and  blanks \n\n\n",),
        html_pieces=("<p>Hello</p>\n",),
        composed_at=NOON,
        unsubscribe="https://digest.example.org/unsubscribe/abc",
    )
    return deliver.seal(replace(message, **more))  # type: ignore[arg-type]


def signed(envelope: Envelope, keys: tuple[deliver.DkimKey, ...] = KEYS) -> bytes:
    return deliver.sign(envelope, keys, at=NOON.astimezone(UTC)).content


def verdicts(content: bytes) -> list[bool]:
    records = {f"{key.name}.".encode(): key.record.encode() for key in KEYS}
    judge = dkim.DKIM(content)

    def believed(number: int) -> bool:
        try:
            return bool(judge.verify(idx=number, dnsfunc=lambda name, timeout=5: records[name]))
        except dkim.ValidationError:
            return False

    return [believed(number) for number in range(content.count(b"DKIM-Signature:"))]


def test_both_signatures_are_believed() -> None:
    assert verdicts(signed(sealed())) == [True, True]


def test_a_letter_without_list_headers_is_signed_too() -> None:
    assert verdicts(signed(sealed(listed=False, unsubscribe=None))) == [True, True]


def test_the_header_of_a_recipient_beyond_ascii_is_signed_as_it_is() -> None:
    content = signed(sealed(recipient="用户@xn--fsqu00a.example"))
    assert "\r\nTo: 用户@xn--fsqu00a.example\r\n".encode() in content
    assert verdicts(content) == [True, True]
    assert verdicts(content.replace("用".encode(), "川".encode())) == [False, False]


@given(st.text(st.sampled_from("a. \t\r\n"), max_size=80))
def test_any_body_is_signed_in_its_canonical_form(body: str) -> None:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    content = f"From: a@example.org\r\nSubject:  a \r\n\tb\r\n\r\n{lines}".encode()
    assert verdicts(signed(replace(sealed(), content=content), KEYS[:1])) == [True]


@pytest.mark.parametrize(
    "name",
    [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"List-Id",
        b"List-Unsubscribe",
        b"List-Unsubscribe-Post",
        b"Feedback-ID",
    ],
)
def test_a_changed_header_is_noticed(name: bytes) -> None:
    content = signed(sealed())
    assert b"\r\n" + name + b": " in content
    forged = content.replace(b"\r\n" + name + b": ", b"\r\n" + name + b": x", 1)
    assert verdicts(forged) == [False, False]


def test_a_second_from_is_noticed() -> None:
    assert verdicts(b"From: eve@example.com\r\n" + signed(sealed())) == [False, False]


def test_a_changed_body_is_noticed() -> None:
    content = signed(sealed())
    assert verdicts(content[:-40] + b"AAAA" + content[-36:]) == [False, False]


def test_without_keys_nothing_is_signed() -> None:
    assert signed(sealed(), ()) == sealed().content


def test_no_line_of_a_signed_message_is_long_or_begins_with_a_dot() -> None:
    lines = signed(sealed()).split(b"\r\n")
    assert max(map(len, lines)) <= 200
    assert not [line for line in lines if line.startswith(b".")]


def test_records_fit_into_strings_of_the_dns() -> None:
    rsa, ed25519 = KEYS
    assert max(map(len, rsa.record_strings)) <= 255
    assert "".join(rsa.record_strings) == rsa.record
    assert rsa.record.startswith("v=DKIM1; k=rsa; p=")
    assert rsa.key.key_size == RSA_BITS  # type: ignore[union-attr]
    assert ed25519.record.startswith("v=DKIM1; k=ed25519; p=")
    assert rsa.name == "rsa._domainkey.example.org"


def test_what_is_no_key_is_told() -> None:
    with pytest.raises(InputError, match="no private key in PEM"):
        deliver.read_key(b"nonsense", domain="example.org", selector="s")
    with pytest.raises(InputError, match="is no name"):
        deliver.read_key(deliver.make_key("ed25519"), domain="example.org", selector="a b")


def test_keys_are_not_shown() -> None:
    assert "PRIVATE" not in repr(KEYS[0])
    assert "key=" not in repr(KEYS[0])
