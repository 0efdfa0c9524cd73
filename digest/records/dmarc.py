"""DMARC: the record that counts for a domain, found by walking up the tree of names, and whether
two domains are of one organization (RFC 9989 sections 4.10 and 4.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from digest.records.resolver import Resolve
from digest.records.tags import read_tags

_MOST_QUERIES = 8
_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """The record found at ``domain`` and the policy it asks for; ``error`` where it asks for none
    that is known."""

    domain: str
    tags: Mapping[str, str]
    policy: str
    error: str | None = None


def find_dmarc(resolve: Resolve, domain: str) -> Dmarc | None:
    """Return the record that counts for mail from ``domain``; None when there is none. Raises
    DnsError."""
    walked = dict(_walk(resolve, domain))
    top = _top(walked, domain)
    for name in (domain, top):
        if name in walked:
            return _read(name, walked[name], inherited=name != domain)
    return None


def organization(resolve: Resolve, domain: str) -> str:
    """Return the domain of the organization that ``domain`` belongs to. Raises DnsError."""
    return _top(dict(_walk(resolve, domain)), domain)


def is_aligned(resolve: Resolve, ours: str, theirs: str, *, strict: bool) -> bool:
    """Whether mail from ``theirs`` may be vouched for by ``ours``. Raises DnsError."""
    if ours.lower() == theirs.lower():
        return True
    return not strict and organization(resolve, ours) == organization(resolve, theirs)


def _walk(resolve: Resolve, domain: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each name with its record, upwards from ``domain``, where there is exactly one."""
    for name in islice(_upwards(domain), _MOST_QUERIES):
        found = [tags for tags in map(_tags, resolve(f"_dmarc.{name}", "TXT")) if tags]
        if len(found) == 1:
            yield name, found[0]
            if _ends(found[0], first=name == domain):
                return


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    yield domain
    for kept in range(min(len(labels), _MOST_QUERIES) - 1, 0, -1):
        yield ".".join(labels[-kept:])


def _ends(tags: Mapping[str, str], *, first: bool) -> bool:
    return tags.get("psd") == "n" or (tags.get("psd") == "y" and not first)


def _top(walked: Mapping[str, Mapping[str, str]], domain: str) -> str:
    """Return the organization's domain, given the records on the way up from ``domain``."""
    for name, tags in walked.items():
        if tags.get("psd") == "n":
            return name
        if tags.get("psd") == "y" and name != domain:
            labels = domain.split(".")
            return ".".join(labels[-(name.count(".") + 2) :])
    return min(walked, key=lambda name: name.count("."), default=domain)


def _tags(record: str) -> Mapping[str, str]:
    """Return the tags of a DMARC record, which begins with its version; none of any other."""
    first = record.partition(";")[0].replace(" ", "")
    return read_tags(record) if first == "v=DMARC1" else {}


def _read(name: str, tags: Mapping[str, str], *, inherited: bool) -> Dmarc:
    wanted = tags.get("p")
    policy = (tags.get("sp") or wanted) if inherited else wanted
    if policy in _POLICIES:
        return Dmarc(domain=name, tags=tags, policy=policy)
    error = f"p={policy} is no policy" if policy else "it has no p="
    return Dmarc(domain=name, tags=tags, policy="none", error=error)
