"""What Amazon SES tells over SNS: JSON, bare, in an envelope, or as the text of a mail. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from digest.bounce.verdict import code_in, kind_of, reason_of
from digest.model import Bounce, BounceKind, BounceReason, Returned

_SUBTYPES = {
    "noemail": BounceReason.NO_MAILBOX,
    "suppressed": BounceReason.NO_MAILBOX,
    "onaccountsuppressionlist": BounceReason.NO_MAILBOX,
    "mailboxfull": BounceReason.FULL,
    "messagetoolarge": BounceReason.TOO_LARGE,
    "contentrejected": BounceReason.REFUSED,
    "attachmentrejected": BounceReason.REFUSED,
}


def notice(content: bytes) -> Returned | None:
    """Return what a notification says; None when this is none."""
    said = _unwrapped(content)
    if said is None:
        return None
    kind = str(said.get("notificationType") or said.get("eventType") or "").casefold()
    readers = {"bounce": _bounced, "complaint": _complained, "delivery": _delivered}
    if kind not in readers:
        return None
    mail = _dict(said.get("mail"))
    found = tuple(readers[kind](_dict(said.get(kind))))
    return Returned(
        bounces=found or (Bounce(recipient="", kind=BounceKind.NONE, reason=BounceReason.OTHER),),
        return_paths=tuple(_texts(mail.get("source"))),
        message_ids=tuple(_message_ids(mail)),
    )


def _unwrapped(content: bytes) -> dict[str, Any] | None:
    start = content.lstrip()
    if not start.startswith(b"{"):
        return None
    try:
        said, _ = json.JSONDecoder(strict=False).raw_decode(start.decode("utf-8", "replace"))
        inner = said.get("Message")
        if isinstance(inner, str) and inner.lstrip().startswith("{"):
            said = json.loads(inner, strict=False)
    except (ValueError, AttributeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _bounced(bounce: dict[str, Any]) -> Iterator[Bounce]:
    for each in _dicts(bounce.get("bouncedRecipients")):
        words = " ".join(_texts(each.get("diagnosticCode")))
        status = code_in(str(each.get("status") or "")) or code_in(words)
        reason = reason_of(words, status)
        if reason is BounceReason.UNCLEAR:
            reason = _SUBTYPES.get(str(bounce.get("bounceSubType")).casefold(), reason)
        passing = str(bounce.get("bounceType")).casefold() == "transient"
        yield Bounce(
            recipient=str(each.get("emailAddress") or ""),
            kind=BounceKind.SOFT if passing else kind_of(reason, status),
            reason=reason,
            status=status,
            words=" ".join(words.split())[:300],
        )


def _complained(complaint: dict[str, Any]) -> Iterator[Bounce]:
    told = str(complaint.get("complaintFeedbackType") or "").casefold()
    reasons = {"auth-failure": BounceReason.AUTH_FAILURE, "not-spam": BounceReason.NOT_SPAM}
    for each in _dicts(complaint.get("complainedRecipients")):
        yield Bounce(
            recipient=str(each.get("emailAddress") or ""),
            kind=BounceKind.COMPLAINT,
            reason=reasons.get(told, BounceReason.FEEDBACK),
        )


def _delivered(delivery: dict[str, Any]) -> Iterator[Bounce]:
    for recipient in _texts(delivery.get("recipients")):
        words = " ".join(_texts(delivery.get("smtpResponse")))
        yield Bounce(
            recipient=recipient,
            kind=BounceKind.NONE,
            reason=BounceReason.DELIVERED,
            status=code_in(words),
            words=" ".join(words.split())[:300],
        )


def _message_ids(mail: dict[str, Any]) -> Iterator[str]:
    common = _dict(mail.get("commonHeaders"))
    heads = [each for each in _dicts(mail.get("headers"))]
    named = [
        each.get("value") for each in heads if str(each.get("name")).casefold() == "message-id"
    ]
    for value in (common.get("messageId"), *named):
        for text in _texts(value):
            yield text.strip(" <>")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
