"""Text that a person wrote → a checked value, or an InputError that says what to write instead."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import ip_network
from textwrap import shorten
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

from digest.addresses import is_address, is_too_long
from digest.errors import InputError
from digest.model import LANGUAGES

LONGEST_NAME = 60  # characters
# Letters, marks and symbols that show nothing: Default_Ignorable_Code_Point of Unicode, and the
# blank of Braille. The other characters of that kind are no letters: email-validator refuses them.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def email_address(text: str) -> str:
    """Return the address in the form we store and write to: what stands before the "@" in NFC,
    ASCII or not (RFC 6531), and the domain in lower case and ASCII (IDNA).

    Strict on purpose: a quoted local part can smuggle a second recipient past a mail library, and
    what cannot be seen makes one address look like another. Raises InputError.
    """
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise _no_address(text, str(error)) from error
    address = f"{checked.local_part}@{checked.ascii_domain}"
    if flaw := _flaw(address):
        raise _no_address(text, flaw)
    return address


def own_address(text: str) -> str:
    """Return an address of ours, ASCII throughout. Raises InputError."""
    address = email_address(text)
    if not address.isascii():
        raise InputError(
            f"“{address}” is not ASCII before the @, and not every mail server takes that: an"
            " address of your own has to be; readers' need not."
        )
    return address


def domain(text: str) -> str:
    """Return the name of a domain in ASCII (IDNA). Raises InputError."""
    return text if text.isascii() else email_address(f"postmaster@{text}").rpartition("@")[2]


def _flaw(address: str) -> str | None:
    """Return what the syntax of an address allows, and we do not."""
    if is_too_long(address):
        return "It is too long for any mail server."
    if unseen := _UNSEEN.search(address):
        return f"It holds U+{ord(unseen.group()):04X}, which nobody can see: type it anew."
    for char in (char for char in address if not char.isascii()):
        plain = unicodedata.normalize("NFKC", char)
        if any(map(str.isascii, plain)):
            return f"It holds “{char}”, which only looks like “{plain}”: type that."
        if not is_address(f"{char}@example.org"):
            return f"It holds “{char}”, which some mail programs take for the end of an address."
    return None


def _no_address(text: str, why: str) -> InputError:
    shown = "".join(char if char.isprintable() else "�" for char in text.strip())
    return InputError(f"“{shown}” is not an e-mail address we can write to. {why}")


def time_zone(text: str) -> str:
    """Return the IANA name of a time zone. Raises InputError and names the nearest known one."""
    name = text.strip()
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        near = nearest(name, available_timezones()) or "; write one such as Europe/Berlin."
        raise InputError(f"“{text}” is not an IANA time zone{near}") from error


def language(text: str) -> str:
    """Return the language (BCP 47) dates are to be written in. Raises InputError."""
    folded = {known.casefold(): known for known in LANGUAGES}
    found = folded.get(text.strip().casefold())
    if found is None:
        raise InputError(f"We write no dates in “{text}”; choose one of {' '.join(LANGUAGES)}.")
    return found


def weekday(text: str) -> int:
    """Return the weekday (Monday = 0) that ``text`` names in full or short. Raises InputError."""
    name = text.strip().casefold()
    found = [day for day, full in enumerate(WEEKDAYS) if len(name) > 2 and full.startswith(name)]
    if not found:
        raise InputError(f"“{text}” is not a weekday; write one of mon tue wed thu fri sat sun.")
    return found[0]


def network(text: str) -> str:
    """Return the network (one address: only that) in its usual form. Raises InputError."""
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise InputError(
            f"“{text}” is neither an address nor a network; write one such as 10.1.2.3 or "
            f"10.1.2.0/24 ({error})."
        ) from error


def interest_name(text: str) -> str:
    """Return what an interest is called that has no name: what it looks for, on one printable
    line of at most ``LONGEST_NAME`` characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    name = shorten(line, LONGEST_NAME, placeholder="…")
    return name if name != "…" else line[: LONGEST_NAME - 1] + "…"  # one word that is too long


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Return “; did you mean …” for the known name closest to ``name``, or nothing."""
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, n=1)
    return f"; did you mean {prefix}{folded[near[0]]}?" if near else ""
