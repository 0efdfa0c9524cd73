"""A mail that came back → what it says of each recipient. Pure, and never raises.

::

    Amazon's JSON → a complaint (RFC 5965) → a reply → a report (RFC 3464) → prose → none of these

Replies that people or their programs write are no bounces, whatever words they hold.
"""

from digest.bounce import ses
from digest.bounce.complaints import complaints
from digest.bounce.origin import message_ids, return_paths
from digest.bounce.parts import Parts, split
from digest.bounce.recognise import is_reply, is_report
from digest.bounce.reports import reported, told
from digest.model import Bounce, BounceKind, BounceReason, Returned


def read(content: bytes) -> Returned:
    """Return what a mail that came back says; at least one ``Bounce``, of no kind if need be."""
    notice = ses.notice(content)
    if notice is not None:
        return notice
    parts = split(content)
    notice = ses.notice(parts.text.encode("utf-8", "replace"))
    if notice is not None:
        return notice
    return Returned(
        bounces=_bounces(parts),
        return_paths=tuple(return_paths(parts)),
        message_ids=tuple(message_ids(parts)),
    )


def _bounces(parts: Parts) -> tuple[Bounce, ...]:
    complained = complaints(parts)
    if complained:
        return complained
    if is_reply(parts):
        return (_nothing(BounceReason.VACATION),)
    found = tuple(reported(parts))
    if not found and is_report(parts):
        found = tuple(told(parts))
    return found or (_nothing(BounceReason.OTHER),)


def _nothing(reason: BounceReason) -> Bounce:
    return Bounce(recipient="", kind=BounceKind.NONE, reason=reason)
