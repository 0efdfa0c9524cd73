import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounce.verdict import code_in, kind_of, reason_of, weighed
from digest.model import BounceKind, BounceReason

R = BounceReason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.1.1 <ada@example.net>: User unknown in local recipient table", R.NO_MAILBOX),
        ("550 No such user here", R.NO_MAILBOX),
        ("550 5.4.1 Recipient address rejected: Access denied", R.NO_MAILBOX),
        ("550 Requested action not taken: mailbox unavailable", R.NO_MAILBOX),
        ("450 Requested mail action not taken: mailbox unavailable", R.TROUBLE),
        ("Host or domain name not found", R.NO_HOST),
        ("I couldn't find any host named nowhere.example. (#5.1.2)", R.NO_HOST),
        ("Host not found, try again", R.EXPIRED),
        ("556 5.1.10 Null MX", R.NO_MAIL),
        ("551 not our user", R.MOVED),
        ("550 5.1.1 mailbox over quota", R.FULL),
        ("552 5.2.2 The recipient's inbox is out of storage space", R.FULL),
        ("550 5.2.1 The account that you tried to reach is disabled", R.DISABLED),
        ("550 5.7.1 rejected, your IP is on a blocklist", R.REFUSED),
        ("550 5.1.1 ada@example.net: you sent to too many recipients this hour", R.REFUSED),
        ("550 5.7.26 does not pass DMARC", R.REFUSED),
        ("553 5.1.8 Domain of sender address does not exist", R.REFUSED),
        ("501 Sender unknown", R.REFUSED),
        ("450 4.7.1 Recipient address rejected: Greylisted", R.REFUSED),
        ("552 Message exceeds maximum fixed size", R.TOO_LARGE),
        ("4.4.7 Message expired", R.EXPIRED),
        ("554 5.3.5 system config error", R.TROUBLE),
        ("550 refused due to recipient preferences", R.FILTERED),
        ("550 address unknown", R.NO_MAILBOX),
        ("550 5.1.1 there is no such account here", R.NO_MAILBOX),
        ("550 not a local address", R.NO_MAILBOX),
        ("550 Nessun utente con questo nome", R.NO_MAILBOX),
        ("an MX or SRV record indicated no SMTP service", R.NO_MAIL),
        ("recipient rejected: temporarily inactive", R.DISABLED),
        ("550 BATV check failed for recipient", R.REFUSED),
        ("550 your address is unknown to us", R.REFUSED),
        ("550 5.1.6 recipient has moved", R.MOVED),
        ("551 5.5.4 Unsupported option", R.TROUBLE),
        ("521 5.3.2 System not accepting network messages", R.NO_MAIL),
        ("554 this host does not accept mail connections from your network", R.REFUSED),
        ("550 5.1.1 the address was removed from our system", R.NO_MAILBOX),
        ("550 <ada@example.net> unknown", R.NO_MAILBOX),
        ("550 onbekende gebruiker", R.NO_MAILBOX),
        ("the mailbox is over its allowed size", R.FULL),
        ("too many invalid users: slow down", R.REFUSED),
        ("550 cannot verify sender: no such user", R.REFUSED),
        ("550 Client host rejected: unknown host", R.REFUSED),
        ("the user may not be on holiday but is not on our whitelist", R.FILTERED),
        ("DNS Error: could not contact DNS servers", R.UNCLEAR),
        ("nothing of the kind", R.UNCLEAR),
    ],
)
def test_words_tell_why(words: str, reason: BounceReason) -> None:
    assert reason_of(words) is reason


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("550 5.1.1 %s", R.NO_MAILBOX),
        ("550 %s", R.NO_MAILBOX),
        ("550 5.4.1 %s: Access denied", R.NO_MAILBOX),
        ("554 5.7.1 %s: Access denied", R.REFUSED),
        ("550 5.7.8 %s: credentials invalid", R.REFUSED),
        ("550 5.2.1 %s", R.DISABLED),
        ("552 5.2.2 %s: it is full", R.FULL),
        ("550 5.1.2 %s: Host unknown", R.NO_HOST),
        ("550 5.1.8 %s: Bad sender's system address", R.REFUSED),
        ("550 5.5.1 %s: Invalid command", R.TROUBLE),
        ("550 5.0.0 %s: System error", R.TROUBLE),
        ("550 5.0.0 %s: On hold", R.DISABLED),
        ("450 4.1.1 %s: something", R.TROUBLE),
    ],
)
def test_a_recipient_rejected_is_rejected_for_what_follows(more: str, reason: BounceReason) -> None:
    assert reason_of(more % "<ada@example.net>: Recipient address rejected") is reason


RCPT = "(in reply to RCPT TO command)"


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        (f"550 no such user {RCPT}", "5.0.0", R.NO_MAILBOX),
        (f"550 no such user {RCPT}", "5.2.1", R.NO_MAILBOX),
        ("550 no such user", "5.1.1", R.NO_MAILBOX),
        ("550 no such user", "5.2.1", R.FILTERED),
        ("550 no such user", "5.7.1", R.FILTERED),
        ("550 no such user", "5.0.0", R.FILTERED),
        ("no such user", "", R.FILTERED),
        ("554 no such user", "5.0.0", R.NO_MAILBOX),
        ("550 <ada@example.net>... User unknown", "5.0.0", R.NO_MAILBOX),
        ("550 <ada@ezweb.ne.jp>: User unknown", "5.0.0", R.NO_MAILBOX),
        ("550 : User unknown", "5.0.0", R.FILTERED),
        ("the user is not listed in the directory", "", R.NO_MAILBOX),
        ("Unknown user: ada@example.net", "", R.NO_MAILBOX),
        ("192.0.2.1 does not like recipient. 550 no such user", "5.0.0", R.NO_MAILBOX),
        ("550 5.1.1 no such user (state 14)", "5.1.1", R.NO_MAILBOX),
        ("550 5.1.1 no such user (state 18)", "5.1.1", R.FILTERED),
        ("after end of data: 550 5.1.1 no such user", "5.1.1", R.FILTERED),
        ("failed after I sent the message. 550 no such user", "5.0.0", R.FILTERED),
        ("550 no such user [MAIL_FROM]", "5.0.0", R.REFUSED),
    ],
)
def test_no_such_user_is_weighed_by_what_it_answers(
    said: str, status: str, reason: BounceReason
) -> None:
    assert weighed(R.NO_MAILBOX, said, status) is reason


def test_an_address_or_a_link_is_no_reason() -> None:
    assert reason_of("<spam-full@expired.example>: https://example.org/user-unknown") is R.UNCLEAR


@pytest.mark.parametrize(
    ("status", "reason"),
    [("5.1.1", R.NO_MAILBOX), ("4.1.1", R.TROUBLE), ("5.2.2", R.FULL), ("5.7.1", R.REFUSED)],
)
def test_without_words_the_code_tells(status: str, reason: BounceReason) -> None:
    assert reason_of("", status) is reason


def test_a_name_server_may_have_been_away() -> None:
    assert kind_of(R.NO_HOST, "4.4.3") is BounceKind.SOFT
    assert kind_of(R.NO_HOST, "5.4.4") is BounceKind.HARD


def test_the_most_telling_code_counts() -> None:
    assert code_in("550 5.0.0 failed: 5.1.1 no such user") == "5.1.1"
    assert code_in("host 192.0.2.4.5 said 550 no") == "5.0.0"
    assert code_in("version 4.80.1.2") == ""


@given(st.text())
def test_silence_is_soft_and_no_words_raise(words: str) -> None:
    assert reason_of(words) in R
    assert kind_of(R.UNCLEAR) is BounceKind.SOFT
