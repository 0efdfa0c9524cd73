"""Mails that came back, made up: forms that mail servers use, words of our own where we may."""

from textwrap import dedent

ORIGINAL = """\
Return-Path: <bounces+i1-abcdefghijkl@example.org>
From: Paper Digest <digest@example.org>
To: ada@example.net
Subject: 5 papers
Message-ID: <i1@example.org>

Dear Ada
"""


def mail(body: str, **headers: str) -> bytes:
    """A mail with these headers (``_`` for ``-``) and this body; one that is "" is left out."""
    head = {
        "From": "MAILER-DAEMON@mx.example.net",
        "To": "bounces@example.org",
        "Subject": "Undelivered mail",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return ("\n".join(lines) + "\n\n" + dedent(body)).encode()


def parted(kind: str, *parts: tuple[str, str], **headers: str) -> bytes:
    """A multipart mail of (type, text)."""
    inside = "".join(f"--=b\nContent-Type: {each}\n\n{text}\n" for each, text in parts)
    return mail("", Content_Type=f'{kind}; boundary="=b"', **headers) + f"{inside}--=b--\n".encode()


def report(*blocks: str, prose: str = "Sorry.", original: str = ORIGINAL, **headers: str) -> bytes:
    """A report of RFC 3464 with a block of fields per recipient."""
    fields = "\n\n".join(
        ("Reporting-MTA: dns; mx.example.net", *(dedent(b).strip() for b in blocks))
    )
    return parted(
        "multipart/report; report-type=delivery-status",
        ("text/plain", prose),
        ("message/delivery-status", f"{fields}\n"),
        ("message/rfc822", original),
        **headers,
    )


def block(
    recipient: str = "ada@example.net",
    status: str = "5.0.0",
    said: str = "",
    *,
    action: str = "failed",
    first: str = "",
) -> str:
    """The fields of one recipient."""
    lines = [f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {status}"]
    lines += [f"Original-Recipient: rfc822;{first}"] if first else []
    lines += [f"Diagnostic-Code: smtp; {said}"] if said else []
    return "\n".join(lines)


def complaint(*recipients: str, kind: str = "abuse", original: str = ORIGINAL) -> bytes:
    """A complaint of RFC 5965."""
    to = "".join(f"Original-Rcpt-To: {each}\n" for each in recipients)
    return parted(
        "multipart/report; report-type=feedback-report",
        ("text/plain", "Somebody pressed a button."),
        (
            "message/feedback-report",
            f"Feedback-Type: {kind}\nUser-Agent: Made-Up/1\nVersion: 1\n{to}",
        ),
        ("message/rfc822", original),
        From="feedback@example.com",
    )


EXIM = mail(
    """\
    This message was created automatically by mail delivery software.

    A message that you sent could not be delivered. The following addresses failed:

      ada@example.net
        host mx.example.net [192.0.2.1]
        SMTP error from remote mail server after RCPT TO:<ada@example.net>:
        550 No such person at this address

    ------ This is a copy of the message, including all the headers. ------

    Return-path: <bounces+i1-abcdefghijkl@example.org>
    To: ada@example.net
    Message-ID: <i1@example.org>
    """,
    X_Failed_Recipients="ada@example.net",
    Auto_Submitted="auto-replied",
)
QMAIL = mail(
    """\
    Hi. This is the qmail-send program at mx.example.net.
    I'm afraid I wasn't able to deliver your message to the following addresses.

    <ada@example.net>:
    192.0.2.1 does not like recipient.
    Remote host said: 550 5.1.1 <ada@example.net>: User unknown
    Giving up on 192.0.2.1.

    <grace@example.net>:
    192.0.2.1 does not like recipient.
    Remote host said: 552 5.2.2 <grace@example.net>: Mailbox full
    Giving up on 192.0.2.1.

    --- Below this line is a copy of the message.

    Return-Path: <bounces+i1-abcdefghijkl@example.org>
    To: list@example.org
    Message-ID: <i1@example.org>
    """,
    Subject="failure notice",
)
EXCHANGE = mail(
    """\
    Your message

      To:      ada@example.net
      Subject: 5 papers

    did not reach the following recipient(s):

    ada@example.net on Fri, 20 Nov 2026 12:00:00 +0000
        The recipient name is not recognized
        MSEXCH:IMS:EXAMPLE 0 (000C05A6) Unknown Recipient
    """,
    From="postmaster@example.net",
    Subject="Undeliverable: 5 papers",
)
SENDMAIL_5 = mail(
    """\
       ----- Transcript of session follows -----
    While talking to mx.example.net:
    >>> RCPT To:<ada@example.net>
    <<< 550 <ada@example.net>... User unknown
    550 <ada@example.net>... User unknown

       ----- Unsent message follows -----
    Message-Id: <i1@example.org>
    To: ada@example.net
    """,
    Subject="Returned mail: User unknown",
)
OFFICE = mail(
    """\
    Delivery has failed to these recipients or groups:

    ada@example.net<mailto:ada@example.net>
    The email address you entered couldn't be found.

    Diagnostic information for administrators:
    ada@example.net
    Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'

    Original message headers:
    Message-ID: <i1@example.org>
    """,
    From="postmaster@example.onmicrosoft.com",
    Subject="Undeliverable: 5 papers",
)
HTML = parted(
    "multipart/mixed",
    (
        "text/html; charset=utf-8",
        "<style>p { color: red }</style><p>Your mail to <b>ada@example.net</b> was not delivered."
        "<br>550 5.1.1 There&#39;s no such user here</p>",
    ),
    Subject="Delivery failure",
)
