"""Is this a report of a mail server, or what people and their programs reply? Pure."""

import re
from email.message import Message

from digest.bounce.parts import Parts, header


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_DAEMON = _any(r"mailer[-_. ]?daemon")  # no person's name, unlike postmaster
_SERVER = _any(
    r"mailer[-_. ]?daemon|post[-_. ]?master|mail ?deliver|mail administrator|bounce|^<?>?$",
    r"delivery (?:subsystem|system|service)|system administrator|mail (?:router|system)",
)
_FAILED = _any(
    r"undeliver|not delivered|could not be (?:delivered|sent)|blocked by our",
    r"deliver\w* (?:has )?(?:fail|status|notif|report|problem|error|delay|incomplete)",
    r"fail(?:ed|ure)\b.{0,20}(?:deliver|mail|message)|failure notice",
    r"mail (?:fail|error|system error)",
    r"return(?:ed mail|(?:ed|ing) (?:message )?to sender)|postmaster notify|delayed mail",
    r"error sending|warning: (?:message|could not)|are not (?:a )?member|non[- ]?deliver|\bNDN\b",
    r"nicht zugestellt|onbestelbaar|olevererbar|non recapit|não (?:foi )?entreg|niedostarcz",
    r"unzustellbar|notification d'échec|non remis|no entregado|недоставлен|не доставлено|配信",
)
_AUTOMATIC = _any(
    r"^\W*(?:(?:re|aw|fwd?):\s*)*auto(?:matic)?[- :]*(?:re(?:ply|sponse)|antwort)",
    r"^\W*(?:(?:re|aw|fwd?):\s*)*(?:automatisch|out of (?:the )?office|vacation|away from|abwesen)",
    r"^\W*(?:absence|réponse automatique|risposta automatica|respuesta automática)",
    r"^\W*(?:自動返信|自動応答|不在|автоответ|自动(?:回复|答复))",
)
_ANSWER = re.compile(r"(?i)^\s*(?:re|aw|antw|sv|rif|fwd?|wg)\s*:")
_REPLYING = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-vacation")


def is_reply(parts: Parts) -> bool:
    """Tell what people's programs answer: out of office, or a receipt (RFC 3834, RFC 8098)."""
    head = parts.head
    if parts.receipt:
        return True
    if parts.groups or head.get("x-failed-recipients"):
        return False
    if any(name in head for name in _REPLYING) or _AUTOMATIC.search(header(head, "subject")):
        return True
    if _DAEMON.search(header(head, "from")):
        return False
    if header(head, "auto-submitted").casefold().startswith("auto-replied"):
        return not (_is_server(head) and _says_it_failed(head))
    # The programs of old, which knew no better word (RFC 3834 section 3.1.8).
    programs = header(head, "precedence").casefold() in ("junk", "bulk", "auto_reply")
    return programs and not _is_server(head) and not _says_it_failed(head)


def _is_server(head: Message) -> bool:
    return "from" in head and _SERVER.search(header(head, "from")) is not None


def _says_it_failed(head: Message) -> bool:
    """Tell by the subject; one that answers says what our own subject said."""
    subject = header(head, "subject")
    return _FAILED.search(subject) is not None and not _ANSWER.match(subject)


def is_report(parts: Parts) -> bool:
    """Tell a mail server's report by who sends it, its subject, or what it returns to nobody."""
    head = parts.head
    return bool(
        head.get("x-failed-recipients")
        or head.get_content_type() == "multipart/report"
        or _is_server(head)
        or _says_it_failed(head)
        or (parts.returned and header(head, "return-path") == "<>")
    )
