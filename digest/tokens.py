"""Signed tokens for the links in mails: text that nobody but us can have written.

A token is ``value.signature``, both base64url (RFC 4648 section 5, no padding), signed with
HMAC-SHA-256 by a key derived from the secret and the purpose. It depends on nothing but what it
says, so composing an issue again gives the same links, and it never expires.

Return addresses have room for 64 characters and may come back in capitals: there a token is the
value itself and a short signature (``sign_short``).
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import itsdangerous
from itsdangerous import BadData
from itsdangerous.encoding import base64_decode, base64_encode

_SALT = "paper-digest"
SHORT = 13  # characters that ``sign_short`` adds
_SHORT_BYTES = 10  # as many as those are made of, and are encoded without padding


class Purpose(StrEnum):
    """What a token allows; a token for one purpose is nothing for any other."""

    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"
    CONFIRM = "confirm"
    PROFILE = "profile"
    VOTE = "vote"
    FEED = "feed"
    ADMIN = "admin"
    BOUNCE = "bounce"


class Signer:
    """Signs with the newest secret and accepts all of them, so that old links outlive a rotation.

    ``secrets`` come newest first; one string is one secret.
    """

    def __init__(self, secrets: str | Sequence[str]) -> None:
        ring = [secrets] if isinstance(secrets, str) else list(reversed(secrets))
        if not all(ring) or not ring:
            raise ValueError("tokens need a secret")
        self._signers = {purpose: _signer(ring, purpose) for purpose in Purpose}
        self._keys = {purpose: signer.derive_key() for purpose, signer in self._signers.items()}
        self._ring = tuple(ring)

    def sign(self, purpose: Purpose, value: str) -> str:
        """Return a token that says ``value`` (any text), safe in a URL.

        The same as ``itsdangerous`` makes, which reads it; that derives the key again each time.
        """
        said = base64_encode(value)
        signature = base64_encode(hmac.digest(self._keys[purpose], said, "sha256"))
        return f"{said.decode('ascii')}.{signature.decode('ascii')}"

    def read(self, purpose: Purpose, token: str) -> str | None:
        """Return what a token says, or None when it is not ours or not for this.

        Signatures are compared in constant time.
        """
        try:
            sealed = token.encode("ascii")
            value = self._signers[purpose].unsign(sealed)
            _decoded(sealed.rpartition(b".")[2])
            return _decoded(value).decode()
        except (BadData, UnicodeEncodeError):
            return None

    def sign_until(self, purpose: Purpose, value: str, until: datetime) -> str:
        """Return a token that says ``value`` until a moment (aware, to the second)."""
        return self.sign(purpose, f"{int(until.timestamp())} {value}")

    def read_until(self, purpose: Purpose, token: str, now: datetime) -> str | None:
        """Return what a token of ``sign_until`` says; None also when its time is over."""
        said = self.read(purpose, token)
        until, _, value = (said or "").partition(" ")
        return value if until.isdigit() and now.timestamp() < int(until) else None

    def sign_short(self, purpose: Purpose, value: str) -> str:
        """Return ``value-signature``, to stand in an address: ``value`` is lower case, as is the
        signature, whose 60 bits nobody can guess one mail at a time."""
        return f"{value}-{_short(self._ring[-1], purpose, value).decode('ascii')}"

    def read_short(self, purpose: Purpose, token: str) -> str | None:
        """Return what a token of ``sign_short`` says, in whatever case it comes back."""
        value, _, signature = token.lower().rpartition("-")
        good = [
            hmac.compare_digest(
                _short(secret, purpose, value), signature.encode("utf-8", "replace")
            )
            for secret in self._ring
        ]
        return value if any(good) else None

    def address_key(self, email: str) -> str:
        """Return the keyed hash (hexadecimal) by which a suppressed address is remembered.

        The oldest secret makes it, so that a suppression outlives a rotation. Case is ignored: a
        mailbox that wants no mail wants none in capitals either.
        """
        message = f"{_SALT} address {email.casefold()}".encode()
        return hmac.new(self._ring[0].encode(), message, sha256).hexdigest()


def _signer(ring: list[str], purpose: Purpose) -> itsdangerous.Signer:
    return itsdangerous.Signer(
        ring, salt=f"{_SALT} {purpose}", key_derivation="hmac", digest_method=sha256
    )


def _short(secret: str, purpose: Purpose, value: str) -> bytes:
    message = f"{_SALT} short {purpose} {value}".encode("utf-8", "replace")
    signature = hmac.digest(secret.encode(), message, "sha256")
    return b32encode(signature[:_SHORT_BYTES])[: SHORT - 1].lower()


def _decoded(part: bytes) -> bytes:
    """Decode one part. Its last character has spare bits: only one spelling of it is ours."""
    decoded = base64_decode(part)
    if base64_encode(decoded) != part:
        raise BadData("not the spelling we write")
    return decoded
