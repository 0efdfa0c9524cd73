"""DKIM signatures (RFC 6376; Ed25519: RFC 8463), relaxed/simple. Pure, given the keys.

Headers are hashed as servers may fold them anew; bodies as they are: ours are short lines of ASCII
without white space at their ends, which nobody has a reason to change. ``dkimpy`` verifies in the
tests what is signed here; as a signer it takes ten times as long.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from digest.addresses import DOMAIN
from digest.errors import InputError
from digest.model import Envelope

RSA_BITS = 2048
Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

# What is covered where it stands in a message; From twice, so that nobody can add another
# (RFC 6376 section 8.15). Both unsubscribe headers have to be (RFC 8058 section 4).
_COVERED = (
    "From",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
)
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,60}[A-Za-z0-9])?")
_SPACES = re.compile(rb"[ \t]+")
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r]|\r\n[ \t])*)\r\n")
_RECORD_PART = 250  # bytes of one string in a TXT record hold at most 255


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A private key, and where its public half stands: ``selector._domainkey.domain``."""

    domain: str
    selector: str
    key: Key = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the DNS record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The content of the DNS record (TXT)."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            public = self.key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return f"v=DKIM1; k=rsa; p={_base64(public)}"
        return f"v=DKIM1; k=ed25519; p={_base64(self.key.public_key().public_bytes_raw())}"

    @property
    def record_strings(self) -> tuple[str, ...]:
        """The record in the strings it has to be cut into."""
        record = self.record
        return tuple(
            record[start : start + _RECORD_PART] for start in range(0, len(record), _RECORD_PART)
        )


def make_key(kind: str) -> bytes:
    """Return a new private key of ``kind`` rsa or ed25519, as PEM."""
    made: Key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    )
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def read_key(pem: bytes, *, domain: str, selector: str) -> DkimKey:
    """Return the key in ``pem``. Raises InputError when it is none that DKIM knows, or too short,
    and when the selector cannot be a name."""
    if not _SELECTOR.fullmatch(selector) or not DOMAIN.fullmatch(domain):
        raise InputError(f"The DKIM selector {selector!r} of {domain!r} is no name: correct it.")
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"The DKIM key of {selector} is no private key in PEM without a password: make one with"
            " `digest dkim-key`."
        ) from error
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return DkimKey(domain=domain, selector=selector, key=key)
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 1024:
        return DkimKey(domain=domain, selector=selector, key=key)
    raise InputError(
        f"The DKIM key of {selector} is neither RSA of at least 1024 bits nor Ed25519: make one"
        " with `digest dkim-key`."
    )


def sign(envelope: Envelope, keys: Sequence[DkimKey], *, at: datetime) -> Envelope:
    """Return the envelope with one DKIM-Signature for each of ``keys`` on top."""
    if not keys:
        return envelope
    head, _, body = envelope.content.partition(b"\r\n\r\n")
    body_hash = _base64(hashlib.sha256(_canonical_body(body)).digest())
    covered = _covered(head + b"\r\n")
    signatures = b"".join(_signature(key, covered, body_hash, at) for key in keys)
    return replace(envelope, content=signatures + envelope.content)


def _signature(
    key: DkimKey, covered: Sequence[tuple[str, bytes]], body_hash: str, at: datetime
) -> bytes:
    algorithm = "rsa" if isinstance(key.key, rsa.RSAPrivateKey) else "ed25519"
    names = ":".join(name for name, _ in covered)
    value = (
        f"v=1; a={algorithm}-sha256; c=relaxed/simple; d={key.domain};\r\n"
        f" s={key.selector}; t={int(at.timestamp())};\r\n"
        f" h={names};\r\n bh={body_hash};\r\n b="
    )
    own = b"dkim-signature:" + _canonical_value(value.encode("ascii"))
    signed = b"".join(canonical for _, canonical in covered) + own
    signature = _base64(_signed(key.key, signed))
    return f"DKIM-Signature: {value}{_folded(signature)}\r\n".encode("ascii")


def _signed(key: Key, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(data).digest())


def _covered(head: bytes) -> list[tuple[str, bytes]]:
    """Return what is signed: names, and headers as they are hashed (section 3.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in _HEADER.findall(head):
        found.setdefault(name.lower(), []).append(value)
    return list(_chosen(found))


def _chosen(found: dict[bytes, list[bytes]]) -> Iterator[tuple[str, bytes]]:
    for name in _COVERED:
        key = name.lower().encode("ascii")
        if found.get(key):
            yield name, key + b":" + _canonical_value(found[key].pop()) + b"\r\n"
        elif name == "From":
            yield name, b""  # that there is no other


def _canonical_value(value: bytes) -> bytes:
    return _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _canonical_body(body: bytes) -> bytes:
    """Return a body as it is hashed: with one line break at its end (section 3.4.3)."""
    return body.rstrip(b"\r\n") + b"\r\n"


def _folded(signature: str) -> str:
    return "\r\n ".join(signature[start : start + 72] for start in range(0, len(signature), 72))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
