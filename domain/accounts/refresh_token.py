"""Refresh tokens as values: making one, hashing one, deriving its successor. Pure.

The successor is derived (HMAC) rather than drawn, so that a phone whose reply was lost can be given the very
same successor again without any token being stored in the clear.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta

# For a lost reply: RFC 9700 asks for rotation with reuse detection, FAPI 2.0 for a way to retry.
LOST_REPLY_GRACE = timedelta(seconds=30)
LIVE_TICKET_LIFETIME = timedelta(seconds=30)


def new_token() -> str:
    """Return a fresh opaque token of 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return what is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def successor_of(token: str, secret: bytes) -> str:
    """Return the one token that may follow this one."""
    digest = hmac.new(secret, b"tendwell refresh successor\0" + token.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
