"""Signed tokens for the links in mails: text that nobody but us can have written.

A token is ``value.signature`` or ``value.until.signature``, all parts base64url (RFC 4648
section 5, no padding), signed with HMAC-SHA-256 by a key derived from the secret and the purpose.
It depends on nothing but what it says, so composing an issue again gives the same links.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import itsdangerous
from itsdangerous import BadData
from itsdangerous.encoding import (
    base64_decode,
    base64_encode,
    bytes_to_int,
    int_to_bytes,
)


class Purpose(StrEnum):
    """What a token allows; a token for one purpose is nothing for any other."""

    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"


class Signer:
    """Signs with the newest secret and accepts all of them, so that old links outlive a rotation.

    ``secrets`` come newest first; one string is one secret.
    """

    def __init__(self, secrets: str | Sequence[str]) -> None:
        ring = [secrets] if isinstance(secrets, str) else list(reversed(secrets))
        if not all(ring) or not ring:
            raise ValueError("tokens need a secret")
        self._address_secret = ring[0].encode()
        self._signers = {purpose: _signer(ring, purpose) for purpose in Purpose}

    def sign(self, purpose: Purpose, value: str, until: datetime | None = None) -> str:
        """Return a token that says ``value`` (any text), for ever or until a moment (aware)."""
        parts = [value.encode()] + ([int_to_bytes(int(until.timestamp()))] if until else [])
        payload = b".".join(base64_encode(part) for part in parts)
        return self._signers[purpose].sign(payload).decode("ascii")

    def read(self, purpose: Purpose, token: str, now: datetime | None = None) -> str | None:
        """Return what a token says, or None when it is not ours, not for this, or too old.

        Signatures are compared in constant time. A token that expires needs ``now`` (aware).
        """
        try:
            payload = self._signers[purpose].unsign(token.encode("ascii"))
            value, *until = (_decoded(part) for part in payload.split(b"."))
            _decoded(token.encode("ascii").rpartition(b".")[2])
        except (BadData, UnicodeEncodeError):
            return None
        return value.decode() if _still(until, now) else None

    def address_key(self, email: str) -> str:
        """Return the keyed hash an address is suppressed under (hex).

        It outlives the subscriber and says nothing to whoever lacks the secret. The oldest secret
        makes it, so that a rotation forgets no suppression.
        """
        folded = email.strip().casefold().encode()
        return hmac.new(self._address_secret, b"address " + folded, sha256).hexdigest()


def _signer(ring: list[str], purpose: Purpose) -> itsdangerous.Signer:
    return itsdangerous.Signer(
        ring, salt=f"paper-digest {purpose}", key_derivation="hmac", digest_method=sha256
    )


def _decoded(part: bytes) -> bytes:
    """Decode one part. Its last character has spare bits: only one spelling of it is ours."""
    decoded = base64_decode(part)
    if base64_encode(decoded) != part:
        raise BadData("not the spelling we write")
    return decoded


def _still(until: list[bytes], now: datetime | None) -> bool:
    return not until or (now is not None and now.timestamp() < bytes_to_int(until[0]))
