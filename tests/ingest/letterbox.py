"""Mails as the programs of others write them, with dull heads."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

DATA = Path(__file__).parent / "data"
ARXIV = (DATA / "arxiv" / "daily.mail").read_text(encoding="utf-8")
HUGGING_FACE = (DATA / "huggingface" / "mail.html").read_text(encoding="utf-8")
SENT = "Thu, 19 Nov 2026 21:00:00 +0000"
DUMP = """Daily Papers

byAK and the research community

Sparse Owls: Routing by Night

We present an owl that routes messages by night. It finds its way where others need a light.

Dense Bats

We present a bat. It hangs, and while it hangs it computes what no owl has computed before it.
"""


def mail(
    text: str | None = None,
    *,
    html: str | None = None,
    subject: str = "owls daily Subj-class mailing 1",
    date: str | None = SENT,
    encoding: str = "8bit",
    charset: str = "utf-8",
) -> EmailMessage:
    """Return a mail with this text, and with this HTML as its alternative."""
    made = EmailMessage(policy=SMTP)
    made["From"] = "no-reply@example.org"
    made["To"] = "ada@example.org"
    made["Subject"] = subject
    made["Message-ID"] = "<1@example.org>"
    if date:
        made["Date"] = date
    if text is not None:
        made.set_content(text, cte=encoding, charset=charset)
    if html is not None:
        add = made.set_content if text is None else made.add_alternative
        add(html, subtype="html", cte=encoding)
    return made


def plain(body: str, *fields: str, date: str | None = SENT) -> bytes:
    """Return a mail written by hand, with more fields in its head."""
    dated = [f"Date: {date}"] if date else []
    head = ["From: no-reply@example.org", "Subject: Owls", *dated, *fields]
    return ("\n".join(head) + "\n\n" + body).encode()
