"""The signed tokens by which those who bring notices know us (RFC 7515, compact). Makes them, and reads none.

Whoever reads a stranger's token needs the checks of `api/authentication.py`; nothing is read here, so that no library
for tokens is needed: two parts, and one signature by `cryptography` or the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

Claims = Mapping[str, str | int]
_COORDINATE_BYTES = 32


def base64url(raw: bytes) -> str:
    """Return base64url without its padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return what base64url says, with its padding or without. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def elliptic_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key of a PEM. Raises ValueError for another one."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def new_elliptic_key() -> str:
    """Return a fresh P-256 key as a PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def rsa_key(pem: str) -> rsa.RSAPrivateKey:
    """Return the RSA key of a PEM. Raises ValueError for another one."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def signed_es256(claims: Claims, key: ec.EllipticCurvePrivateKey, *, key_id: str | None = None) -> str:
    """Return the claims, signed with ECDSA over P-256 (RFC 7518, 3.4: r and s, 32 bytes each)."""
    asked = _asked("ES256", claims, key_id)
    r, s = decode_dss_signature(key.sign(asked, ec.ECDSA(hashes.SHA256())))
    return _whole(asked, r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES))


def signed_rs256(claims: Claims, key: rsa.RSAPrivateKey, *, key_id: str | None = None) -> str:
    """Return the claims, signed with RSASSA-PKCS1-v1_5."""
    asked = _asked("RS256", claims, key_id)
    return _whole(asked, key.sign(asked, padding.PKCS1v15(), hashes.SHA256()))


def signed_hs256(claims: Claims, secret: bytes) -> str:
    """Return the claims with an HMAC of a shared secret."""
    asked = _asked("HS256", claims, None)
    return _whole(asked, hmac.digest(secret, asked, hashlib.sha256))


def _asked(algorithm: str, claims: Claims, key_id: str | None) -> bytes:
    header = {"typ": "JWT", "alg": algorithm} | ({} if key_id is None else {"kid": key_id})
    return f"{base64url(orjson.dumps(header))}.{base64url(orjson.dumps(dict(claims)))}".encode()


def _whole(asked: bytes, signature: bytes) -> str:
    return f"{asked.decode()}.{base64url(signature)}"
