"""Asking name servers, with an end to our patience."""

from collections.abc import Callable, Sequence
from typing import Any

import dns.exception
import dns.resolver

from digest.errors import DnsError

# (name, type of record) → what the records say, as text; nothing where there are none. Types are A,
# AAAA, MX (the hosts alone) and TXT (the strings of each record put together). Raises DnsError.
Resolve = Callable[[str, str], tuple[str, ...]]


def open_resolver(*, timeout: float, servers: Sequence[str] = (), port: int = 53) -> Resolve:
    """Return what asks ``servers`` (default: the system's), for ``timeout`` seconds at most."""

    def resolve(name: str, kind: str) -> tuple[str, ...]:
        try:
            resolver = dns.resolver.Resolver(configure=not servers)
            if servers:
                resolver.nameservers, resolver.port = list(servers), port
            answer = resolver.resolve(name, kind, lifetime=timeout, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise DnsError(
                f"The name servers do not tell the {kind} records of {name}"
                f" ({type(error).__name__}): check this machine's resolver."
            ) from error
        return tuple(_text(kind, each) for each in answer)

    return resolve


def _text(kind: str, record: Any) -> str:
    if kind == "TXT":
        return b"".join(record.strings).decode("utf-8", "replace")
    return str(record.exchange).rstrip(".") if kind == "MX" else str(record.address)
