"""Device tokens: what a browser or phone sends back at its next sign-in, so that strangers' guesses do not lock it out.

Pure. OWASP's "device cookies": signed for one sign-in name, opaque, and good for nothing but an allowance of one's own.
It is no second factor; but it tells whether one was shown when it was given, or whoever has a password alone could
collect allowances of guesses at the codes. Refuses to know what the allowance is.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

PURPOSE = "device_token"
GOOD_FOR = timedelta(days=180)
GREATEST_LENGTH = 96

_NONCE_BYTES, _TIME_BYTES, _MAC_BYTES = 16, 8, 32
# Behind the time, where a second factor was shown: tokens without it are those of before, and say nothing of one.
_WITH_FACTOR = b"\x01"


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device on which somebody has signed in, and whether they have shown a second factor on it."""

    name: bytes
    has_shown_factor: bool


def new_device_token(key: bytes, email: str, *, at: datetime, with_factor: bool = False) -> str:
    """Return a fresh token for the device on which this address has just signed in."""
    head = secrets.token_bytes(_NONCE_BYTES) + int(at.timestamp()).to_bytes(_TIME_BYTES)
    head += _WITH_FACTOR if with_factor else b""
    return base64.urlsafe_b64encode(head + _mac(key, email, head)).rstrip(b"=").decode()


def device_of(
    token: str | None, keys: Sequence[bytes], email: str, *, at: datetime, not_before: datetime | None
) -> KnownDevice | None:
    """Return which device a token is of, or None when it is not one we gave to this address, or is too old.

    `not_before`: when the password was last changed, for whoever knew the old one may have signed in with it.
    """
    if token is None or len(token) > GREATEST_LENGTH:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    nonce, issued, kind = head[:_NONCE_BYTES], head[_NONCE_BYTES:][:_TIME_BYTES], head[_NONCE_BYTES + _TIME_BYTES :]
    if len(issued) < _TIME_BYTES or not any(hmac.compare_digest(mac, _mac(key, email, head)) for key in keys):
        return None
    issued_at = datetime.fromtimestamp(int.from_bytes(issued), UTC)
    is_stale = not_before is not None and issued_at < not_before.replace(microsecond=0)
    return None if is_stale or at - issued_at > GOOD_FOR else KnownDevice(nonce, kind == _WITH_FACTOR)


def _mac(key: bytes, email: str, head: bytes) -> bytes:
    return hmac.digest(key, head + email.strip().lower().encode("utf-8", "surrogatepass"), sha256)
