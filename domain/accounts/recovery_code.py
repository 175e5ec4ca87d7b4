"""Recovery codes as values: how many there are, and what is stored of one. Pure.

The account's id in the hash keeps one search from serving all accounts. Those made before, of 80 bits, stay good.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from domain.readable_code import as_meant

CODES = 10


def code_hash(account_id: UUID, typed: str) -> bytes:
    """Return what is stored of a code, however it is typed."""
    return hashlib.sha256(account_id.bytes + as_meant(typed).encode("utf-8", "surrogatepass")).digest()
