"""A notice as Web Push has it: encrypted for one browser (RFC 8291, RFC 8188), and signed by us (VAPID, RFC 8292).

The library for this, pywebpush, sends by itself and not asynchronously; what it would do for us is forty lines over
`cryptography`, which RFC 8291's own example proves.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.notifications.words import TITLE, NoticeKind
from integrations.notifications.notice import Notice
from integrations.notifications.tokens import Claims, base64url, from_base64url, signed_es256

_POINT_BYTES, _AUTH_BYTES, _SALT_BYTES = 65, 16, 16
_RECORD_BYTES = 4096
_LAST_RECORD = b"\x02"
# RFC 8292 lets a token last a day; a browser's maker whose clock is ahead must not refuse one that was just made.
TOKEN_SECONDS = 12 * 60 * 60
_URGENCY = {NoticeKind.message: "high", NoticeKind.try_out: "high"}
# No browser's maker keeps a notice longer, and some refuse a longer wish.
_LONGEST_TTL_SECONDS = 28 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser can be told something, and with which keys, as its PushSubscription says (base64url)."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are to the browsers' makers: a P-256 key, and where to write (mailto: or https:)."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    contact: str

    @property
    def public_key(self) -> str:
        """Return the key that a page gives its browser to subscribe with (`applicationServerKey`)."""
        return base64url(_point(self.key.public_key()))


def told(notice: Notice) -> bytes:
    """Return what the browser's worker is given: a kind, an id and a sentence, about nobody."""
    shown = {"title": TITLE, "text": notice.text, "language": notice.language}
    return orjson.dumps({"id": str(notice.id), "kind": notice.kind, **shown})


def headers(notice: Notice, sender: Sender, endpoint: str, now_seconds: int) -> dict[str, str]:
    """Return the headers of one attempt at an instant (seconds since 1970)."""
    parts = urlsplit(endpoint)
    claims: Claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": now_seconds + TOKEN_SECONDS,
        "sub": sender.contact,
    }
    return {
        "authorization": f"vapid t={signed_es256(claims, sender.key)}, k={sender.public_key}",
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "ttl": str(min(notice.lasts_seconds, _LONGEST_TTL_SECONDS)),
        "topic": base64url(notice.id.bytes),  # a repeat that finds the first one waiting takes its place
        "urgency": _URGENCY.get(notice.kind, "normal"),
    }


def encrypted(text: bytes, subscription: Subscription) -> bytes:
    """Return a text for one browser alone, with a key and a salt that are used this once. Raises ValueError."""
    return encrypted_with(text, subscription, ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(_SALT_BYTES))


def encrypted_with(text: bytes, to: Subscription, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the same with this key and salt, neither of which may ever be used again. Raises ValueError."""
    theirs, auth = from_base64url(to.p256dh), from_base64url(to.auth)
    if len(theirs) != _POINT_BYTES or len(auth) != _AUTH_BYTES:
        raise ValueError("not a browser's keys")
    if len(text) > _RECORD_BYTES - _POINT_BYTES - 21 - 17:
        raise ValueError("too long for one record")
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    ours = _point(own.public_key())
    keyed = _derived(auth, shared, b"WebPush: info\0" + theirs + ours, 32)
    key = _derived(salt, keyed, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, keyed, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD_BYTES.to_bytes(4) + bytes([_POINT_BYTES]) + ours
    return head + AESGCM(key).encrypt(nonce, text + _LAST_RECORD, None)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """Return one block of HKDF (RFC 5869) with SHA-256, cut to a length."""
    drawn = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(drawn, info + b"\x01", hashlib.sha256)[:length]


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
