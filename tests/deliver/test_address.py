"""Which addresses reach one mailbox."""

import pytest

from digest import deliver


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
    ],
)
def test_spellings_of_one_mailbox_are_one(address: str, mailbox: str) -> None:
    assert deliver.mailbox(address) == mailbox
    assert deliver.mailbox(mailbox) == mailbox
