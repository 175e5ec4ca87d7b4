"""Secrets at rest: sealed with AES-256-GCM, so that a copy of the database alone opens none of them. Pure.

Each purpose has a key of its own, derived (HKDF, RFC 5869) from the installation's encryption secret; purpose and row
are authenticated with the text, so that what was sealed for one row does not open in another. Refuses to know where
the sealed bytes are kept, and where the secret comes from.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM = b"\x01"  # the first byte says how the rest was made, should that ever change
_NONCE_BYTES = 12  # 96 random bits (NIST SP 800-38D): for a few thousand secrets, far from a repeat
_KEY_BYTES = 32


class CannotUnseal(Exception):
    """What was sealed does not open: another encryption secret, another row or purpose, or damage."""

    def __init__(self, what: str = "A stored secret does not open") -> None:
        super().__init__(f"{what}: TENDWELL_ENCRYPTION_KEY is not the one it was sealed with.")


@dataclass(frozen=True, slots=True)
class Sealing:
    """The installation's encryption secrets: the first one seals, all of them unseal."""

    secrets: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Sealing:
        """Return what the setting's text stands for: one secret, or several separated by white space, newest first."""
        return cls(tuple(secret.encode() for secret in text.split()))

    def mac_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Return keys for message authentication (HMAC): the first makes, all check."""
        return tuple(_derived(secret, b"tendwell mac\0" + purpose.encode()) for secret in self.secrets)

    def seal(self, plain: bytes, *, purpose: str, row_id: UUID) -> bytes:
        """Return the sealed bytes to store in this row for this purpose ('totp_secret', 'access_token', …)."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORM + nonce + _cipher(self.secrets[0], purpose).encrypt(nonce, plain, _context(purpose, row_id))

    def unseal(self, sealed: bytes, *, purpose: str, row_id: UUID) -> bytes:
        """Return what was sealed for this row and purpose. Raises CannotUnseal in every other case."""
        form, nonce, text = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if form != _FORM or len(nonce) < _NONCE_BYTES:
            raise CannotUnseal
        for secret in self.secrets:
            try:
                return _cipher(secret, purpose).decrypt(nonce, text, _context(purpose, row_id))
            except InvalidTag:
                continue
        raise CannotUnseal

    def opens(self, sealed: bytes, *, purpose: str, row_id: UUID) -> bool:
        """Return whether any of the secrets opens what is sealed."""
        try:
            self.unseal(sealed, purpose=purpose, row_id=row_id)
        except CannotUnseal:
            return False
        return True

    def sealed_anew(self, sealed: bytes, *, purpose: str, row_id: UUID) -> bytes | None:
        """Return the same sealed with the newest secret; None when it is already. Raises CannotUnseal."""
        if Sealing(self.secrets[:1]).opens(sealed, purpose=purpose, row_id=row_id):
            return None
        return self.seal(self.unseal(sealed, purpose=purpose, row_id=row_id), purpose=purpose, row_id=row_id)


def _context(purpose: str, row_id: UUID) -> bytes:
    return purpose.encode() + b"\0" + row_id.bytes


@lru_cache(maxsize=32)
def _cipher(secret: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derived(secret, b"tendwell seal\0" + purpose.encode()))


@lru_cache(maxsize=32)
def _derived(secret: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=info).derive(secret)
