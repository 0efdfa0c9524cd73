"""What a mail server's answers mean, phase by phase (RFC 5321, RFC 3463). Pure."""

import re
from enum import StrEnum

from digest.model import Outcome, OutcomeKind

LONGEST_REPLY = 16_384  # bytes; RFC 5321 allows 512 a line and says nothing of how many lines

_REPLY = re.compile(rb"(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*|\r)?\n")
_SLOW_DOWN = re.compile(r"4\.7\.\d{1,3}\b")  # RFC 3463: security or policy, for now
_ENHANCED = re.compile(r"5\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
_LOGIN_CODES = {530, 534, 535, 538}  # RFC 4954: authentication is missing, too weak or wrong
_OUR_ADDRESS = {("1", "7"), ("1", "8")}  # RFC 3463: the sender's address, not the recipient's
# What a server says that does not take the parameter SMTPUTF8, or such an address: RFC 6531
# section 3.5, RFC 5321 section 4.2.2 (504, 555), RFC 3463 (arguments, syntax of the mailbox).
_NO_UTF8 = {("6", "7"), ("6", "8"), ("6", "9"), ("6", "10"), ("5", "4"), ("1", "3")}
_NO_PARAMETER = {504, 555}
_TOO_LARGE = {("2", "3"), ("3", "4")}


class Phase(StrEnum):
    """What the server was asked. Only after ``DOT`` may the message be with it."""

    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "the final dot"


def take_reply(heard: bytearray) -> tuple[int, str] | None:
    """Take the first whole reply off what was ``heard``; ``None`` while it is not all there.

    Raises ValueError when it cannot become one.
    """
    found = _REPLY.match(heard)
    if found is None:
        if (b"\n" in heard and not _may_go_on(heard)) or len(heard) > LONGEST_REPLY:
            raise ValueError(f"{words(bytes(heard[:200]))!r} is no answer of a mail server")
        return None
    code = int(found[1])
    said = b"\n".join(line[4:] for line in found[0].split(b"\n"))
    del heard[: found.end()]
    return code, words(said)


def _may_go_on(heard: bytearray) -> bool:
    """Whether all whole lines so far say that another one follows."""
    *whole, _ = heard.split(b"\n")
    return all(line[:3].isdigit() and line[3:4] == b"-" for line in whole)


def words(reply: bytes | str) -> str:
    """Return a server's reply as one printable line of at most 500 characters."""
    said = reply if isinstance(reply, str) else reply.decode("utf-8", "replace")
    folded = " ".join(said.split())
    if folded.isprintable():
        return folded[:500]
    return "".join(character for character in folded if character.isprintable())[:500]


def judge(phase: Phase, code: int, reply: str, *, utf8: bool = False) -> Outcome:
    """Return what an answer to ``phase`` means; ``ACCEPTED`` before the dot means: go on.

    ``utf8`` says that the message needs SMTPUTF8: only then was there a parameter to refuse.
    """
    if code // 100 == (3 if phase is Phase.DATA else 2):
        kind = OutcomeKind.ACCEPTED
    elif code == 421:
        kind = OutcomeKind.BUSY
    elif code // 100 == 4:
        kind = _delay(phase, reply)
    elif code // 100 == 5:
        kind = _refusal(phase, code, reply, utf8=utf8)
    else:
        return lost(phase, f"{code} {reply} is no answer to it")
    return Outcome(kind=kind, reply=reply, code=code)


def lost(phase: Phase, why: str) -> Outcome:
    """Return what it means that the connection was lost before the answer to ``phase``, all of
    which had left."""
    if phase is not Phase.DOT:
        return unsent(phase, why)
    reply = f"no answer to {phase} ({why}): it may have arrived or not"
    return Outcome(kind=OutcomeKind.UNKNOWN, reply=reply)


def unsent(phase: Phase, why: str) -> Outcome:
    """Return what it means that the connection was lost before all of ``phase`` had left."""
    return Outcome(kind=OutcomeKind.DEFERRED, reply=f"connection lost at {phase}: {why}")


def _delay(phase: Phase, reply: str) -> OutcomeKind:
    if not _SLOW_DOWN.match(reply):
        return OutcomeKind.DEFERRED
    return OutcomeKind.BUSY if phase is Phase.MAIL else OutcomeKind.THROTTLED


def _refusal(phase: Phase, code: int, reply: str, *, utf8: bool) -> OutcomeKind:
    found = _ENHANCED.match(reply)
    subject, detail = found.groups() if found else ("", "")
    if utf8 and (code in _NO_PARAMETER or (subject, detail) in _NO_UTF8):
        return OutcomeKind.NO_UTF8
    if subject == "7" or code in _LOGIN_CODES or (subject, detail) in _OUR_ADDRESS:
        return OutcomeKind.POLICY
    if phase is Phase.MAIL and code != 552 and (subject, detail) not in _TOO_LARGE:
        return OutcomeKind.POLICY  # it has not heard of a recipient yet: it refuses our address
    if code == 503:
        return OutcomeKind.DEFERRED  # out of step with us: no word about the message
    if phase is Phase.RCPT and subject == "1":
        return OutcomeKind.NO_MAILBOX
    return OutcomeKind.REJECTED
