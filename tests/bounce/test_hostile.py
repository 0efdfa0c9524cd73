"""Mails made to keep us busy or to break us: read all the same, and soon."""

import time

import pytest

from digest import bounce
from tests.bounce.samples import block, mail, parted, report

SIZE = 200_000
SOON = 20.0  # seconds; each takes less than two, and took minutes or for ever once
NESTED = "".join(
    f'Content-Type: multipart/mixed; boundary="b{depth}"\n\n--b{depth}\n' for depth in range(3000)
)
HTML = {"Subject": "Delivery failure"}

HOSTILE = {
    "blank lines": mail("\n" * SIZE),
    "open scripts": parted("multipart/mixed", ("text/html", "<script" * 30_000), **HTML),
    "open tags": parted("multipart/mixed", ("text/html", "<" * SIZE), **HTML),
    "a line of spaces": mail(f"from{' ' * SIZE}a@b.example"),
    "a line of addresses": mail(" ".join(f"a{number}@b.example" for number in range(15_000))),
    "one address again and again": mail("550 <a@b.example> " * 12_000),
    "lines of addresses": mail("\n".join(f"a{number}@b.example" for number in range(15_000))),
    "one word again and again": mail(f"a@b.example {'user ' * 40_000}"),
    "no space at all": mail(f"a@b.example {'x' * SIZE}"),
    "thousands of recipients": report(*(block(f"a{number}@b.example") for number in range(2000))),
    "dashes": mail("-" * SIZE),
    "a long subject": mail("x", Subject="=?utf-8?q?" * 20_000),
    "Message-IDs": mail(f"Message-ID: {'<a@b> ' * 30_000}"),
    "JSON without end": b'{"Message":' * 20_000,
    "mails within mails": NESTED.encode(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_soon(name: str) -> None:
    started = time.monotonic()
    assert bounce.read(HOSTILE[name]).bounces
    assert time.monotonic() - started < SOON
