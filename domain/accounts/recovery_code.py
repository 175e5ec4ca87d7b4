"""Recovery codes as values: making them, reading what was typed, hashing one. Pure.

Each holds 140 random bits (OWASP ASVS 5.0, 6.5.2 and 11.5.1: from 112 on a plain hash will do, and 128 nobody guesses).
That is why SHA-256 is enough where a password needs argon2: a slow hash protects what people choose, of which there are
few. The account's id in the hash keeps one search from serving all accounts. Those made before, of 80 bits, stay good.
"""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

CODES = 10
# Crockford's base 32: 5 bits a character, without I, L, O and U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARACTERS, _GROUP = 28, 4
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None, "–": None})


def new_code() -> str:
    """Return a fresh code, as it is shown: seven groups of four characters."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS))
    return "-".join(drawn[start : start + _GROUP] for start in range(0, _CHARACTERS, _GROUP))


def code_hash(account_id: UUID, typed: str) -> bytes:
    """Return what is stored of a code; small letters, spaces and what is easily misread come to the same."""
    plain = typed.upper().translate(_MISREAD)
    return hashlib.sha256(account_id.bytes + plain.encode("utf-8", "surrogatepass")).digest()
