"""Complaints: RFC 5965, Microsoft's own form, and Apple's wish to be taken off a list. Pure."""

import re
from collections.abc import Iterator

from digest.bounce.origin import address_in, original_to
from digest.bounce.parts import Parts, header
from digest.model import Bounce, BounceKind, BounceReason

_UNSUBSCRIBED = re.compile(r"(?i)sent this e?-?mail to unsubscribe")


def complaints(parts: Parts) -> tuple[Bounce, ...]:
    """Return what a mail says as a complaint; nothing if it is none."""
    if parts.feedback:
        return tuple(_feedback(parts))
    if _is_microsofts(parts) or _UNSUBSCRIBED.search(parts.text):
        to = original_to(parts) or ("",)
        return (_complaint(to[0], BounceReason.FEEDBACK),)
    return ()


def _feedback(parts: Parts) -> Iterator[Bounce]:
    said = [pair for block in parts.feedback for pair in block]
    to = _named(said, "original-rcpt-to") or _named(said, "removal-recipient")
    for each in dict.fromkeys(to or original_to(parts)[:1] or ("",)):
        yield _complaint(each, _reason(said))


def _reason(said: list[tuple[str, str]]) -> BounceReason:
    kinds = {value.casefold() for name, value in said if name == "feedback-type"}
    if kinds & {"auth-failure", "dmarc"}:
        return BounceReason.AUTH_FAILURE
    return BounceReason.NOT_SPAM if "not-spam" in kinds else BounceReason.FEEDBACK


def _named(said: list[tuple[str, str]], wanted: str) -> list[str]:
    found = (address_in(value) for name, value in said if name == wanted)
    return [address for address in found if address]


def _is_microsofts(parts: Parts) -> bool:
    """Tell the form of Microsoft's junk mail reporting: it has the mail, and says nothing."""
    return bool(parts.returned) and (
        header(parts.head, "subject").casefold().startswith("complaint about message from")
        or "x-hmxmroriginalrecipient:" in parts.original.casefold()
    )


def _complaint(recipient: str, reason: BounceReason) -> Bounce:
    return Bounce(recipient=recipient, kind=BounceKind.COMPLAINT, reason=reason)
