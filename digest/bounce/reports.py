"""A mail server's report → what it says of each recipient: fields (RFC 3464), or prose. Pure."""

import re
from collections.abc import Iterator

from digest.bounce.origin import CAME_TO, address_in, original_to
from digest.bounce.parts import Parts, header
from digest.bounce.prose import ADDRESS, recipients, said_of
from digest.bounce.verdict import code_in, kind_of, names_reason, reason_of, weighed
from digest.model import Bounce, BounceKind, BounceReason

_MOST = 50  # recipients of one report
_WORDS = 300  # characters of a server's words that are kept
_DELIVERED = frozenset({"delivered", "relayed", "expanded"})
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})")  # a comment may follow
_PREFIX = re.compile(r"^\s*[\w-]+\s*;\s*")  # "smtp; …"
_STILL_TRYING = re.compile(
    r"(?i)will be retried|attempts will continue|being retried|warning message only"
    r"|only a temporary"
)
# Amazon's receipt rules answer what their owner wrote there, of mail that was taken.
_RULE = re.compile(r"(?i)inbound-smtp\.[\w.-]+\.amazonaws\.com")
_MILDER = frozenset({BounceReason.FULL, BounceReason.DISABLED})
_CODED_LINE = re.compile(r"(?m)^[ \t<]*[45]\d\d[ -].*$")


def reported(parts: Parts) -> Iterator[Bounce]:
    """Yield what the fields of a report say, each recipient once."""
    seen: set[str] = set()
    for block in (dict(reversed(each)) for each in parts.groups[:_MOST]):
        if not {"final-recipient", "original-recipient", "action"} & block.keys():
            continue
        first = address_in(block.get("original-recipient", ""))
        final = address_in(block.get("final-recipient", "")) or first
        recipient = final or next(iter(_candidates(parts)), "")
        if recipient.casefold() not in seen:
            seen.add(recipient.casefold())
            yield _judged(parts, block, recipient, first)


def told(parts: Parts) -> Iterator[Bounce]:
    """Yield what the prose of a report says; of nobody in particular if it names no recipient."""
    found = _candidates(parts)
    said = said_of(parts.text, found)
    for recipient in found or original_to(parts)[:1] or ("",):
        own = said.get(recipient, "")
        whole = own if len(found) > 1 else f"{parts.text}\n{header(parts.head, 'subject')}"
        coded = _CODED_LINE.search(own)
        status = code_in(own) or code_in(whole)
        line = coded.group() if coded else ""
        reason = _first_reason((line, own), (whole,), code_in(line) or code_in(own))
        reason = _milder(parts, weighed(reason, whole, status), alone=len(found) < 2)
        final = not _STILL_TRYING.search(parts.text)
        yield Bounce(
            recipient=recipient,
            kind=kind_of(reason, status) if final else BounceKind.SOFT,
            reason=reason,
            status=status,
            words=_line(own or whole),
            final=final,
        )


def _judged(parts: Parts, block: dict[str, str], recipient: str, first: str) -> Bounce:
    action = block.get("action", "").casefold().split(" ")[0]
    code = _STATUS.match(block.get("status", ""))
    status = code.group(1) if code else ""
    words = _PREFIX.sub("", block.get("diagnostic-code", "")).strip()
    prose = said_of(parts.text, (recipient,))[recipient] if recipient else parts.text
    if action in _DELIVERED or status.startswith("2"):
        kind, reason = BounceKind.NONE, BounceReason.DELIVERED
    else:
        note = block.get("status", "").partition("(")[2]
        status = _telling(status) or _telling(code_in(words)) or _telling(code_in(prose)) or status
        reason = _first_reason((words, f"{note} {prose}"), (parts.text,), status)
        reason = weighed(reason, f"{words} {prose}", status, accepted=_by_rule(parts))
        reason = _milder(parts, reason, alone=_recipients(parts) < 2)
        kind = BounceKind.SOFT if action == "delayed" else kind_of(reason, status)
    return Bounce(
        recipient=recipient,
        kind=kind,
        reason=reason,
        status=status,
        words=_line(words or prose),
        final=action != "delayed",
        aliases=(first,) if first.casefold() not in ("", recipient.casefold()) else (),
    )


def _milder(parts: Parts, reason: BounceReason, *, alone: bool) -> BounceReason:
    """Believe a report that says in so many words that the mailbox is full or closed for now, and
    lets a code say that there is none; ``alone`` if it is about one recipient."""
    if reason is not BounceReason.NO_MAILBOX or not alone:
        return reason
    said = reason_of(parts.text)
    return said if said in _MILDER else reason


def _by_rule(parts: Parts) -> bool:
    return any(
        name == "reporting-mta" and _RULE.search(value)
        for block in parts.groups[:1]
        for name, value in block
    )


def _recipients(parts: Parts) -> int:
    return sum(any(name == "final-recipient" for name, _ in block) for block in parts.groups)


def _telling(status: str) -> str:
    return "" if status.endswith(".0.0") else status


def _first_reason(own: tuple[str, ...], rest: tuple[str, ...], status: str) -> BounceReason:
    """Return the first reason in what is said of a recipient, in a code that names one, in the
    ``rest`` of the report (which may be said of whatever failed), or in the kind of code."""
    coded = status if names_reason(status) else ""
    for said, code in (*((each, "") for each in own), ("", coded), *((each, "") for each in rest)):
        reason = reason_of(said, code)
        if reason is not BounceReason.UNCLEAR:
            return reason
    return reason_of("", status)


def _candidates(parts: Parts) -> tuple[str, ...]:
    """Return whom a report may be about."""
    failed = ADDRESS.findall(header(parts.head, "x-failed-recipients"))
    if failed:
        return tuple(dict.fromkeys(failed))
    never = " ".join(header(parts.head, name) for name in (*CAME_TO, "from"))
    return recipients(parts.text, never=ADDRESS.findall(never))


def _line(words: str) -> str:
    return " ".join(words.split())[:_WORDS]
