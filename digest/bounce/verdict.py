"""A mail server's words → why, and whether for good. Pure.

Words count before codes: servers say 5.1.1 for a full mailbox, and 5.7.1 for one that is not there.
Words about us (our address, our reputation) count before words about the recipient. What stays
unclear is soft: silence is never a reason to write to nobody again.
"""

import re
from functools import lru_cache

from digest.bounce.words import PERHAPS, REFUSED, RULES
from digest.model import BounceKind, BounceReason

R = BounceReason
_LONGEST = 8_000  # characters of a report that are weighed

HARD = frozenset({R.NO_MAILBOX, R.NO_HOST, R.MOVED, R.NO_MAIL})
# A name server may have been away: only a permanent failure makes these hard.
_BY_NAME_SERVER = frozenset({R.NO_HOST, R.NO_MAIL})

_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\w.])([45]\d\d)(?=[ \-]|$)")

_END_OF_DATA = re.compile(
    r"(?i)(?:in\s+reply\s+to|after)\s+(?:pipelined\s+)?end\s+of\s+data|after\s+I\s+sent\s+the\s+message"
    r"|\(state 1[78]\)"  # Google's number of that moment
)
_TO_SENDER = re.compile(
    r"(?i)(?:in\s+reply\s+to|after)\s+(?:MAIL\s+FROM|EHLO|HELO|initial\s+connection)|\[MAIL_FROM\]"
)
_TO_RECIPIENT = re.compile(r"(?i)\brcpt(?:[ _]to)?\b|does\s+not\s+like\s+recipient|\(state 14\)")
# Whatever else is missing, this tells of an address: its code, Sendmail's "<address>... " (it
# answers RCPT), and KDDI's mobile networks, which leave the address out where a filter refused.
_OF_ADDRESS = re.compile(
    r"(?i)5\.1\.\d|@\S+\.\.\.\s|@(?:ezweb\.ne\.jp|au\.com|uqmobile\.jp)>:\s+user\s+unknown"
)
# Said by the server that looked the name up itself, not by one that sums up what others answered.
_LOOKED_UP = re.compile(
    r"(?i)\bdirectory\b|address book|name is not recogni[sz]ed|\(0[0-9a-f]{7}\) unknown\s+recipient"
    r"|unknown (?:user:|local[- ]part)|userid|no (?:mailbox|one) here by|home directory"
)
# Cisco's relays, and Amazon's, put this before whatever another server said.
_IRONPORT = re.compile(r"(?i)\d\.\d\.\d - unknown address error(?= \d{3})")
# What qmail and Google say of whatever failed.
_ALWAYS = re.compile(
    r"(?i)I['’]ve given up|giving up on \S+|does not like recipient\.?"
    r"|it was rejected by the (?:server for the )?recipient domain"
)
_NOISE = re.compile(r"""(?i)https?://\S+|<?[^\s<>()\[\]"':;,]{1,100}@[^\s<>()\[\]"':;,]{1,100}>?""")

_BY_CODE = {
    (1, 1): R.NO_MAILBOX,
    (1, 2): R.NO_HOST,
    (1, 3): R.NO_MAILBOX,
    (1, 6): R.MOVED,
    (1, 7): R.REFUSED,
    (1, 8): R.REFUSED,
    (1, 9): R.TROUBLE,
    (1, 10): R.NO_MAIL,
    (2, 1): R.DISABLED,
    (2, 2): R.FULL,
    (2, 3): R.TOO_LARGE,
    (3, 4): R.TOO_LARGE,
    (4, 4): R.NO_HOST,
    (4, 7): R.EXPIRED,
}
# Said of addresses too: by Microsoft (5.4.1, 5.5.0), and by whoever means nothing by his code.
_PERHAPS_CODES = frozenset({(3, 0), (4, 1), (5, 0)})
_BY_SUBJECT = {2: R.FILTERED, 3: R.TROUBLE, 4: R.TROUBLE, 5: R.TROUBLE, 6: R.REFUSED, 7: R.REFUSED}


@lru_cache(maxsize=32)  # the same report is asked for each of its recipients
def reason_of(words: str, status: str = "") -> BounceReason:
    """Return why, going by a server's words, then by its status code (its own or the one in
    ``words``)."""
    words = words[:_LONGEST]
    told = _ALWAYS.sub("", _IRONPORT.sub("", words))
    said = " ".join(_NOISE.sub("@", told).split())
    more = PERHAPS.sub(" ", said)
    for reason, rule in RULES:
        if rule.search(more):
            return reason
    if more != said:
        return _perhaps(status or code_in(said))
    if REFUSED.search(said):
        return R.REFUSED
    return _by_code(status) or _by_code(code_in(words)) or R.UNCLEAR


def _perhaps(status: str) -> BounceReason:
    """Return what "recipient rejected" means where no reason follows: its code tells of what."""
    if status.startswith("4"):
        return R.TROUBLE
    code = _CODE.search(status)
    if code is None:
        return R.NO_MAILBOX
    kind = (int(code[2]), int(code[3]))
    of_address = kind not in _BY_CODE and (kind[0] < 2 or kind in _PERHAPS_CODES)
    return R.NO_MAILBOX if of_address else _by_code(status) or R.UNCLEAR


def weighed(
    reason: BounceReason, said: str, status: str, *, accepted: bool = False
) -> BounceReason:
    """Return ``reason`` after a second look at "no such mailbox": is that what was meant?

    A code 5.2.x means that there is one, 5.7.x that somebody decided, and what is said after the
    whole message was read is said of the message: filters say so too. So do some to hide; then a
    bare 550, or no code at all, is all they say. ``said`` is all that a report says of the
    recipient; ``accepted`` if it is from a server that had taken the message.
    """
    if reason in (R.NO_MAILBOX, R.NO_HOST) and _TO_SENDER.search(said):
        return reason if _TO_RECIPIENT.search(said) else R.REFUSED
    if reason is not R.NO_MAILBOX:
        return reason
    of_message = accepted or _END_OF_DATA.search(said)
    if _TO_RECIPIENT.search(said) and not of_message:
        return reason
    doubtful = of_message or status[1:3] in (".2", ".7") or _is_bare(said, status)
    return R.FILTERED if doubtful else reason


def _is_bare(said: str, status: str) -> bool:
    """Tell that nothing but the words says of what they are said."""
    if status not in ("", "5.0.0") or _OF_ADDRESS.search(said):
        return False
    codes = set(_REPLY.findall(said))
    return "550" in codes if codes else not _LOOKED_UP.search(said)


def kind_of(reason: BounceReason, status: str = "") -> BounceKind:
    """Return how much a reason weighs; ``status`` tells what may yet pass."""
    if reason in HARD:
        later = status.startswith("4") and reason in _BY_NAME_SERVER
        return BounceKind.SOFT if later else BounceKind.HARD
    return BounceKind.SOFT


def code_in(words: str) -> str:
    """Return the most telling enhanced status code in some words; what an SMTP reply code says in
    general where there is none; "" where there is neither."""
    codes = [match.group() for match in _CODE.finditer(words)]
    telling = next((code for code in codes if not code.endswith(".0.0")), None)
    reply = _REPLY.search(words)
    return telling or next(iter(codes), f"{reply.group(1)[0]}.0.0" if reply else "")


def names_reason(status: str) -> bool:
    """Tell whether a permanent code says more than in what part of a system something failed."""
    code = _CODE.match(status)
    return code is not None and code[1] == "5" and (int(code[2]), int(code[3])) in _BY_CODE


def _by_code(status: str) -> BounceReason | None:
    code = _CODE.search(status)
    if not code or code.group(1) == "2":
        return None
    subject, detail = int(code.group(2)), int(code.group(3))
    if code.group(1) == "4" and subject == 1:
        return R.TROUBLE
    return _BY_CODE.get((subject, detail)) or _BY_SUBJECT.get(subject)
