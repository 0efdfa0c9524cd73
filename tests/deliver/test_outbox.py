import os
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from digest.deliver import OutboxTransport, Transport, open_outbox, outbox, send
from digest.deliver.envelope import seal
from digest.errors import TransportError
from digest.model import Envelope, Outcome, OutcomeKind
from tests.build import NOON
from tests.deliver.test_envelope import message

HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><p>ℓ₁ &lt; PanGu-π</p></html>\n'
TEXT = "Five papers · ℓ₁\n\nNothing happened.\n"


def envelope(
    recipient: str = "ada@example.org",
    *,
    id: str = "i1",
    subject: str = "5 papers · sparse MoE",
    at: datetime = NOON,
    html: str | None = HTML,
) -> Envelope:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = "Paper Digest <digest@example.org>"
    message["To"] = recipient
    message["Date"] = at
    message.set_content(TEXT, cte="base64")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="base64")
        message.set_boundary("=")  # always the same bytes, as ours are
    return Envelope(
        id=id,
        sender="digest@example.org",
        recipient=recipient,
        content=message.as_bytes(),
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def page(folder: Path) -> str:
    return (folder / "index.html").read_text()


def test_a_message_becomes_three_files_a_person_can_open(tmp_path: Path) -> None:
    outcome = open_outbox(tmp_path).send(envelope("Ada.L+x@example.org", id="7F/a"))
    stem = "2026-11-20-ada-l-x-example-org-7F-a"
    assert outcome == Outcome(kind=OutcomeKind.ACCEPTED, reply=f"written to {tmp_path / stem}.eml")
    assert names(tmp_path) == [f"{stem}.eml", f"{stem}.html", f"{stem}.txt", "index.html"]
    assert (tmp_path / f"{stem}.eml").read_bytes() == envelope(
        "Ada.L+x@example.org", id="7F/a"
    ).content
    assert (tmp_path / f"{stem}.html").read_text() == HTML
    assert (tmp_path / f"{stem}.txt").read_bytes() == TEXT.encode()


def test_the_same_envelope_again_is_the_same_files(tmp_path: Path) -> None:
    transport: Transport = open_outbox(tmp_path)
    send(transport, envelope())
    before = {name: (tmp_path / name).read_bytes() for name in names(tmp_path)}
    send(transport, envelope())
    assert {name: (tmp_path / name).read_bytes() for name in names(tmp_path)} == before


@pytest.mark.parametrize("id", ["../../escape", "/etc/passwd", "..", "a\\b", "a\0b"])
def test_a_file_never_leaves_the_folder(id: str, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    open_outbox(folder).send(envelope("../x/@example.org", id=id))
    assert len(list(folder.glob("*.eml"))) == 1
    assert names(tmp_path) == ["outbox"]


def test_the_page_lists_messages_newest_first_by_day(tmp_path: Path) -> None:
    transport = open_outbox(tmp_path)
    transport.send(envelope(id="old", subject="Older", at=NOON - timedelta(days=3)))
    transport.send(envelope(id="new", subject="Newer", at=NOON))
    transport.send(envelope(id="mid", subject="Middle", at=NOON - timedelta(minutes=1)))
    transport.close()
    shown = page(tmp_path)
    found = re.findall(r"Newer|Middle|Older|Fri 20 Nov 2026|Tue 17 Nov 2026", _seen(shown))
    assert found == ["Fri 20 Nov 2026", "Newer", "Middle", "Tue 17 Nov 2026", "Older"]
    assert "3 messages" in shown
    assert "12:00&nbsp;UTC" in shown


def _seen(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def test_every_link_of_the_page_leads_to_a_file(tmp_path: Path) -> None:
    transport = open_outbox(tmp_path)
    transport.send(envelope())
    transport.send(envelope(id="i2", html=None))
    transport.close()
    links = re.findall(r'href="([^"]*)"', page(tmp_path))
    assert len(links) == 4 + 3
    assert all((tmp_path / link).is_file() for link in links)


def test_what_a_message_says_is_text_on_the_page(tmp_path: Path) -> None:
    transport = open_outbox(tmp_path)
    transport.send(envelope(subject="<script>alert(1)</script> & more"))
    transport.close()
    assert "<script>" not in page(tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page(tmp_path)


def test_the_page_needs_nothing_but_itself(tmp_path: Path) -> None:
    open_outbox(tmp_path).close()
    assert "No message yet" in page(tmp_path)
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", page(tmp_path))


def test_a_page_left_behind_by_a_crash_is_mended_when_the_outbox_is_opened(tmp_path: Path) -> None:
    OutboxTransport(tmp_path).send(envelope(subject="Before the crash"))
    assert not (tmp_path / "index.html").exists()
    open_outbox(tmp_path)
    assert "Before the crash" in page(tmp_path)


def test_the_page_lists_what_another_process_wrote(tmp_path: Path) -> None:
    one, other = open_outbox(tmp_path), open_outbox(tmp_path)
    one.send(envelope(id="i1", subject="From one"))
    other.send(envelope(id="i2", subject="From the other"))
    other.close()
    one.close()
    assert "From one" in page(tmp_path)
    assert "From the other" in page(tmp_path)


def test_the_page_follows_a_long_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "INDEX_EVERY", 3)
    transport = open_outbox(tmp_path)
    counts = []
    for number in range(7):
        transport.send(envelope(id=f"i{number}"))
        counts.append(page(tmp_path).count("<li>"))
    assert counts == [0, 0, 3, 3, 3, 6, 6]


def test_a_message_without_a_date_has_a_place_too(tmp_path: Path) -> None:
    content = b"Subject: dull\r\nTo: ada@example.org\r\nDate: whenever\r\n\r\nDull.\r\n"
    transport = open_outbox(tmp_path)
    for id, letter in (("i1", content), ("i2", content.replace(b"Date: whenever\r\n", b""))):
        transport.send(Envelope(id=id, sender="d@x.org", recipient="ada@x.org", content=letter))
    transport.close()
    assert "undated-ada-x-org-i1.eml" in names(tmp_path)
    assert "undated-ada-x-org-i2.eml" in names(tmp_path)
    assert "Undated" in page(tmp_path)


def test_days_are_told_in_utc(tmp_path: Path) -> None:
    late = datetime.fromisoformat("2026-11-21T08:30:00+13:00")
    open_outbox(tmp_path).send(envelope(at=late))
    assert (tmp_path / f"{late.astimezone(UTC):%Y-%m-%d}-ada-example-org-i1.eml").exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "outbox"
    taken.write_text("a file where the folder should be")
    with pytest.raises(TransportError, match=f"^The outbox {taken} cannot be used .*: make room"):
        open_outbox(taken)


def test_a_full_disk_leaves_no_half_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = open_outbox(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransportError, match="No space left on device"):
        transport.send(envelope())
    assert names(tmp_path) == ["index.html"]


def test_an_address_beyond_ascii_is_read_back_and_its_files_can_lie_anywhere(
    tmp_path: Path,
) -> None:
    transport = open_outbox(tmp_path)
    for id, recipient in (("i1", "用户@xn--fsqu00a.example"), ("i2", "朋友@xn--fsqu00a.example")):
        assert transport.send(seal(message(id=id, recipient=recipient))).kind == "accepted"
    transport.close()
    assert all(name.isascii() for name in names(tmp_path))
    assert sorted(path.stem for path in tmp_path.glob("*.eml")) == [
        "2026-11-20-xn-fsqu00a-example-i1",
        "2026-11-20-xn-fsqu00a-example-i2",
    ]
    assert "to 用户@xn--fsqu00a.example" in page(tmp_path)
    assert "to 朋友@xn--fsqu00a.example" in page(tmp_path)
