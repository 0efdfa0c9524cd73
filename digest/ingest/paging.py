"""The page that continues a listing: its address, or a sentence on what is missing without it.

A listing from a file has no next page, and none is ever at another host than the page itself.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

from digest.model import Problem

_PORTS: Final = {"http": 80, "https": 443}
_LOGIN: Final = re.compile(r"(?<=://)[^/?#]*@")
_ADVICE: Final = "give its address in place of a file, or ask for fewer entries at once"

_Origin = tuple[str, str | None, int | None]


def asked(url: str) -> dict[str, str]:
    """Return the parameters in the query of ``url``."""
    parts = _web(url)
    return dict(parse_qsl(parts.query, keep_blank_values=True)) if parts else {}


def turn(url: str, **changed: str | int) -> str | None:
    """Return ``url`` with these parameters in its query; None if it is no http(s) address."""
    parts = _web(url)
    if parts is None:
        return None
    return parts._replace(query=urlencode({**asked(url), **changed}, errors="replace")).geturl()


def follow(url: str, link: str) -> str | None:
    """Return where ``link``, found on the page ``url``, leads, if it is another page of the same
    host (and no less safe to ask); else None."""
    here, there = _web(url), _web(_joined(url, link))
    if here is None or there is None or "@" in there.netloc:
        return None
    if _origin(there) not in (_origin(here), _secured(_origin(here))):
        return None
    target = there._replace(fragment="").geturl()
    return target if target != here._replace(fragment="").geturl() else None


def shown(url: str) -> str:
    """Return ``url`` without a login in it, to be told and stored."""
    return _LOGIN.sub("", url, count=1)


def as_asked(next: str, url: str) -> str:
    """Return ``next``, which continues ``url``, with the login that stands in ``url``."""
    login, at, _ = urlsplit(url).netloc.rpartition("@")
    parts = urlsplit(next)
    return parts._replace(netloc=f"{login}{at}{parts.netloc}").geturl()


def missing(
    seen: int, total: int | None, next: str | None, *, advice: str = _ADVICE
) -> Iterator[Problem]:
    """Yield the problem that a listing ends at entry ``seen`` of ``total`` with no next page."""
    if next is None and total is not None and seen < total:
        yield Problem(
            message=f"the listing ends at entry {seen:,} of {total:,} and does not say where it "
            f"goes on: {advice}.",
            cut=True,
        )


def _web(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _origin(parts)  # the port is only read now
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:
        return ""


def _origin(parts: SplitResult) -> _Origin:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _secured(origin: _Origin) -> _Origin:
    """The same host asked over TLS, where it was asked in the clear at the usual port."""
    scheme, host, port = origin
    return ("https", host, _PORTS["https"]) if port == _PORTS["http"] else (scheme, host, port)
