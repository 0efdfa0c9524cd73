"""Made-up records, in place of name servers."""

from collections.abc import Mapping

from digest.errors import DnsError
from digest.records import Resolve

Zone = Mapping[tuple[str, str], tuple[str, ...] | None]


def serving(zone: Zone) -> Resolve:
    """Return what answers from ``zone``; None there means that nobody answers."""

    def resolve(name: str, kind: str) -> tuple[str, ...]:
        found = zone.get((name, kind), ())
        if found is None:
            raise DnsError(f"The name servers do not tell the {kind} records of {name}.")
        return found

    return resolve


def texts(**records: str) -> dict[tuple[str, str], tuple[str, ...] | None]:
    """Return a zone of TXT records; ``__`` in a name is a dot."""
    return {(name.replace("__", "."), "TXT"): (text,) for name, text in records.items()}
