"""The public key of a DKIM selector (RFC 6376 section 3.6.1)."""

from dataclasses import dataclass
from enum import StrEnum

from digest.records.resolver import Resolve
from digest.records.tags import read_tags


class DkimState(StrEnum):
    """What is so of the key that a selector names."""

    GOOD = "good"
    MISSING = "missing"
    TWICE = "twice"  # which one counts is undefined
    REVOKED = "revoked"  # an empty key says so
    OTHER = "other"  # it is not the one we sign with


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """The record at ``name``, and what is so of it; ``testing`` when it asks not to be believed."""

    name: str
    state: DkimState
    testing: bool = False


def check_dkim(resolve: Resolve, domain: str, selector: str, key: str | None = None) -> Dkim:
    """Return what is so of a selector's key; ``key`` is the public one we sign with, in Base64.
    Raises DnsError."""
    name = f"{selector}._domainkey.{domain}"
    found = [tags for tags in map(read_tags, resolve(name, "TXT")) if "p" in tags]
    testing = any("y" in tags.get("t", "").split(":") for tags in found)
    return Dkim(name=name, state=_state(found, key), testing=testing)


def _state(found: list[dict[str, str]], key: str | None) -> DkimState:
    if len(found) != 1:
        return DkimState.TWICE if found else DkimState.MISSING
    published = "".join(found[0]["p"].split())
    if not published:
        return DkimState.REVOKED
    return DkimState.GOOD if key in (None, published) else DkimState.OTHER
