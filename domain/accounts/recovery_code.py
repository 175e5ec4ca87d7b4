"""Recovery codes as values: making them, reading what was typed, hashing one. Pure.

Each holds 80 random bits. That is why SHA-256 is enough where a password needs argon2: a slow hash protects what people
choose, of which there are few; 80 random bits nobody tries out, at whatever speed, and the account's id in the hash
keeps one search from serving all accounts.
"""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

CODES = 10
# Crockford's base 32: 5 bits a character, without I, L, O and U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS, _GROUP = 16, 4
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "–": None})


def new_code() -> str:
    """Return a fresh code, as it is shown: four groups of four characters."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))
    return "-".join(drawn[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))


def code_hash(account_id: UUID, typed: str) -> bytes:
    """Return what is stored of a code; small letters, spaces and what is easily misread come to the same."""
    plain = typed.upper().translate(_MISREAD)
    return hashlib.sha256(account_id.bytes + plain.encode("utf-8", "surrogatepass")).digest()
