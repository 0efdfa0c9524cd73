"""Which addresses we write to, and which of them reach one mailbox."""

import email
import email.policy

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from digest import addresses, deliver
from digest.addresses import is_address
from tests.deliver.test_envelope import message


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada+papers@Example.org", "ada@example.org"),
        ("a.da+x+y@example.org", "a.da@example.org"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("A.da@GoogleMail.com", "ada@gmail.com"),
        ("+x@example.org", "+x@example.org"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("JÜRGEN+papers@Example.org", "jürgen@example.org"),
        ("用户+x@xn--fsqu00a.example", "用户@xn--fsqu00a.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one(address: str, mailbox: str) -> None:
    assert addresses.mailbox(address) == mailbox
    assert addresses.mailbox(mailbox) == mailbox


letters = st.characters() | st.sampled_from(
    'aü用.+@<>()[],;:\\" \t\r\n\0\x7f\x85\xa0\u2028\u2029\u3000\ufeff\ud800'
)


@given(st.text(letters, min_size=1, max_size=40), st.sampled_from(["example.org", "x-y.example"]))
@example("ü" * 32, "example.org")
@example("ü\u202e", "example.org")
def test_no_address_can_break_out_of_the_command_or_the_header(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assume(is_address(address))
    for line in (f"RCPT TO:<{address}>", f"To: {address}"):
        assert line.splitlines() == [line]
        assert line.split() == line.split(" ")
        assert len(line.split(" ")) == 2
    octets = address.encode()
    assert not set(octets) & (set(b'<>()[],;:\\"') | set(range(0x21)) | {0x7F})
    assert octets.count(b"@") == 1
    assert len(octets) <= 254
    head = deliver.seal(message(recipient=address)).content.partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")
    assert lines.count(b"To: " + octets) == 1
    assert b"".join(line for line in lines if line != b"To: " + octets).isascii()
    mail = email.message_from_bytes(head, policy=email.policy.compat32)
    assert mail.keys().count("To") == 1


@given(
    st.text(letters),
    st.sampled_from('<>()[],;:\\"@ \t\r\n\0\x7f\x85\xa0\u2028\ud800'),
    st.text(letters),
)
def test_an_address_with_what_breaks_out_is_none(before: str, odd: str, after: str) -> None:
    assert not is_address(f"{before}{odd}{after}@example.org")
    assert not is_address(f"ü@exam{odd}ple.org")


@pytest.mark.parametrize("odd", ["\u202e", "\u200b", "＠", "＞", "≮"])
def test_nothing_unseen_or_alike_what_ends_an_address_is_sent(odd: str) -> None:
    assert not is_address(f"jürgen{odd}x@example.org")


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("ü" * 32 + "@example.org", True),
        ("ü" * 32 + "a@example.org", False),
        ("ü@" + ".".join(["a" * 63] * 3) + ".example", True),
        ("ü" * 31 + "@" + ".".join(["a" * 63] * 3), True),
        ("ü" * 32 + "@" + ".".join(["a" * 63] * 3), False),
    ],
)
def test_lengths_are_counted_in_octets(address: str, fits: bool) -> None:
    assert is_address(address) is fits
