"""Key pairs as values: making one, naming one, showing one. Pure.

ES256 (ECDSA on P-256, RFC 7518) for what we sign for ourselves. RS512 (RSA, 2048 bits) for what shows that it is us
to an identity provider: NHS login takes no other. Refuses to know what is signed with them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_COORDINATE_BYTES = 32
_RSA_BITS, _RSA_EXPONENT = 2048, 65537  # NHS login, interface specification for federation: "a 2048-bit RSA keypair"


class Purpose(StrEnum):
    """What a key signs; a key of one purpose is never used for another."""

    access_token = "access_token"
    audit_checkpoint = "audit_checkpoint"
    oidc_client = "oidc_client"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh key pair; `kid` is the RFC 7638 thumbprint of its public half."""

    kid: str
    public_pem: str
    private_pem: str = field(repr=False)


def new_key_pair(purpose: Purpose = Purpose.access_token) -> KeyPair:
    """Return a fresh key pair of the purpose's kind, whose name a command line does not take for an option."""
    pair = _drawn(purpose)
    while pair.kid.startswith("-"):
        pair = _drawn(purpose)
    return pair


def _drawn(purpose: Purpose) -> KeyPair:
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if purpose is Purpose.oidc_client:
        private = rsa.generate_private_key(_RSA_EXPONENT, _RSA_BITS)
    else:
        private = ec.generate_private_key(ec.SECP256R1())
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(thumbprint(public_pem.decode()), public_pem.decode(), private_pem.decode())


def public_members(public_pem: str) -> dict[str, str]:
    """Return the members of a public key as JWK (RFC 7517). Raises ValueError for anything but RSA and P-256."""
    public = serialization.load_pem_public_key(public_pem.encode())
    if isinstance(public, rsa.RSAPublicKey):
        of_rsa = public.public_numbers()
        return {"e": _base64url(_shortest(of_rsa.e)), "kty": "RSA", "n": _base64url(_shortest(of_rsa.n))}
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("neither an RSA nor a P-256 key")
    numbers = public.public_numbers()
    x, y = (_base64url(number.to_bytes(_COORDINATE_BYTES)) for number in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def thumbprint(public_pem: str) -> str:
    """Return the RFC 7638 thumbprint: the hash of the key's required JWK members, in order, without spaces."""
    members = json.dumps(public_members(public_pem), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(members.encode()).digest())


def _shortest(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
