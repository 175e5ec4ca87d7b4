"""Others' public keys, as they publish them (JSON Web Key, RFC 7517), read for one way of signing. Pure.

Refuses what is too short, of another kind, on another curve, or for another use, rather than to guess.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

_LEAST_RSA_BITS = 2048
_CURVES: Mapping[str, tuple[str, ec.EllipticCurve]] = {
    "ES256": ("P-256", ec.SECP256R1()),
    "ES384": ("P-384", ec.SECP384R1()),
    "ES512": ("P-521", ec.SECP521R1()),
}


def pem_of(key: Mapping[str, Any], algorithm: str) -> str | None:
    """Return the key (PEM) if it verifies signatures of this algorithm (RS… or ES…), and is long enough; else None."""
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return None
    try:
        if "verify" not in key.get("key_ops", ["verify"]):
            return None
        public = _rsa_key(key) if algorithm.startswith("RS") else _ec_key(key, *_CURVES[algorithm])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return None if public is None else public.public_bytes(encoding, form).decode()


def _rsa_key(key: Mapping[str, Any]) -> rsa.RSAPublicKey | None:
    if key["kty"] != "RSA":
        return None
    public = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    return public if public.key_size >= _LEAST_RSA_BITS else None


def _ec_key(key: Mapping[str, Any], name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey | None:
    if key["kty"] != "EC" or key["crv"] != name:
        return None
    return ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), curve).public_key()


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
