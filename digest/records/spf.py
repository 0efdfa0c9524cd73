"""Does a domain's SPF record let an address send its mail? (RFC 7208, ``check_host``.)

What depends on more than the address (macros, ``exists``, ``ptr``) is not told: ``UNKNOWN``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from digest.records.resolver import Resolve

Address = IPv4Address | IPv6Address

_MOST_LOOKUPS = 10  # section 4.6.4
_TERM = re.compile(r"([-+~?]?)([a-z0-9]+)([:/].*)?\Z", re.IGNORECASE)
_REDIRECT = "redirect="


class SpfResult(StrEnum):
    """What a record says of an address (section 2.6); ``UNKNOWN`` where we cannot tell."""

    NONE = "none"
    PASS = "pass"
    NEUTRAL = "neutral"
    SOFTFAIL = "softfail"
    FAIL = "fail"
    PERMERROR = "permerror"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spf:
    """What a domain's record says of an address; ``why`` explains an error."""

    result: SpfResult
    why: str = ""


class _PermanentError(Exception):
    """The record is wrong: a receiver takes it for none, or refuses."""


class _Unknowable(Exception):
    """The answer depends on more than the address."""


@dataclass(slots=True)
class _Question:
    resolve: Resolve
    address: Address
    lookups: int = field(default=0)

    def count(self) -> None:
        self.lookups += 1
        if self.lookups > _MOST_LOOKUPS:
            raise _PermanentError(f"it takes more than {_MOST_LOOKUPS} look-ups")


_QUALIFIERS = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


def check_spf(resolve: Resolve, domain: str, address: str) -> Spf:
    """Return what ``domain``'s record says of mail from ``address`` (IPv4 or IPv6). Raises
    DnsError."""
    try:
        return Spf(result=_check(_Question(resolve, ip_address(address)), domain))
    except _PermanentError as error:
        return Spf(result=SpfResult.PERMERROR, why=str(error))
    except _Unknowable as error:
        return Spf(result=SpfResult.UNKNOWN, why=str(error))


def _check(question: _Question, domain: str) -> SpfResult:
    record = _record(question.resolve, domain)
    if record is None:
        return SpfResult.NONE
    terms = record.split()[1:]
    for term in terms:
        if "=" not in term and (result := _judge(question, domain, term)):
            return result
    onward = [term[len(_REDIRECT) :] for term in terms if term.lower().startswith(_REDIRECT)]
    return _follow(question, onward[0]) if onward else SpfResult.NEUTRAL


def _record(resolve: Resolve, domain: str) -> str | None:
    found = [text for text in resolve(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    if len(found) > 1:
        raise _PermanentError(f"{domain} has {len(found)} SPF records")
    return found[0] if found else None


def _follow(question: _Question, domain: str) -> SpfResult:
    """Ask another domain's record in place of this one (``redirect=``, ``include:``)."""
    question.count()
    _require_plain(domain)
    result = _check(question, domain)
    if result is SpfResult.NONE:
        raise _PermanentError(f"{domain}, which it refers to, has no SPF record")
    return result


def _judge(question: _Question, domain: str, term: str) -> SpfResult | None:
    """Return what a mechanism says of the address; None when it does not match."""
    parts = _TERM.match(term)
    if parts is None:
        raise _PermanentError(f"“{term}” is no mechanism")
    qualifier, name, rest = parts.groups(default="")
    matches = _matches(question, domain, name.lower(), rest, term)
    return _QUALIFIERS[qualifier] if matches else None


def _matches(question: _Question, domain: str, name: str, rest: str, term: str) -> bool:
    if name == "all":
        return True
    if name in ("ip4", "ip6"):
        return _within(question.address, rest.removeprefix(":"), term)
    if name == "include":
        return _follow(question, rest.removeprefix(":")) is SpfResult.PASS
    if name in ("a", "mx"):
        return _is_host(question, domain, name, rest, term)
    if name in ("exists", "ptr"):
        raise _Unknowable(f"“{term}” depends on the message")
    raise _PermanentError(f"“{term}” is no mechanism")


def _is_host(question: _Question, domain: str, name: str, rest: str, term: str) -> bool:
    """Whether the address is one of a domain's own (``a``), or of its mail servers (``mx``)."""
    question.count()
    said, slash, bits = rest.partition("/")
    target = said.removeprefix(":") or domain
    _require_plain(target)
    found = _hosts(question, name, target)
    return any(_covers(each, slash + bits, question.address, term) for each in found)


def _require_plain(domain: str) -> None:
    if "%" in domain:
        raise _Unknowable(f"“{domain}” depends on the message")


def _hosts(question: _Question, name: str, target: str) -> Iterator[str]:
    kind = "A" if question.address.version == 4 else "AAAA"
    hosts: Sequence[str] = question.resolve(target, "MX") if name == "mx" else (target,)
    for host in hosts:
        yield from question.resolve(host, kind)


def _covers(host: str, prefix: str, address: Address, term: str) -> bool:
    """Whether the networks of two addresses are the same; ``prefix`` is ``/bits//bits6``."""
    four, _, six = prefix.partition("//")
    bits = four.lstrip("/") if address.version == 4 else six
    return _within(address, f"{host}/{bits}" if bits else host, term)


def _within(address: Address, network: str, term: str) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        raise _PermanentError(f"“{term}” names no network") from None
