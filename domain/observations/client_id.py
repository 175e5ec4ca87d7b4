"""A sender's own id for a reading, as it is stored, and the reading's id that follows from it. Pure.

Most are UUIDs, and those take 17 bytes instead of 36. Whatever it was, it comes back letter by letter: only the one
spelling that a UUID is written back in is packed.
"""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# No sender's id begins with it: they are of visible characters.
_PACKED = b"\x00"
_PACKED_BYTES = 17
_WITH_TIME = 7
_BITS_AFTER_TIME = 80
_AFTER_TIME = (1 << _BITS_AFTER_TIME) - 1
_VERSION_AND_VARIANT = 8 << 76 | 8 << 60
_FREE = ~(0xF << 76 | 0xF << 60)


def packed(client_id: str) -> bytes:
    """Return what is stored for an id of visible ASCII characters; two ids are never stored alike."""
    if _UUID.fullmatch(client_id):
        return _PACKED + UUID(client_id).bytes
    return client_id.encode("ascii")


def unpacked(stored: bytes) -> str:
    """Return the id as it was sent."""
    if stored.startswith(_PACKED):
        return str(UUID(bytes=stored[1:]))
    return stored.decode("ascii")


def observation_id(patient_id: UUID, stored: bytes) -> UUID:
    """Return the id of the reading of this patient that its sender calls so: the same for every repeat of it.

    A version 8 UUID (RFC 9562) of the first bits of a SHA-256. The time within a sender's version 7 UUID stays in
    front, so that what is sent together stands together; 74 bits of the hash are left then, so that after some 2^36
    tries a sender finds two ids of their own that make the same one. The second of them is refused as a conflict.
    """
    number = int.from_bytes(hashlib.sha256(patient_id.bytes + stored).digest()[:16])
    if len(stored) == _PACKED_BYTES and stored.startswith(_PACKED) and stored[7] >> 4 == _WITH_TIME:
        number = int.from_bytes(stored[1:7]) << _BITS_AFTER_TIME | number & _AFTER_TIME
    return UUID(int=number & _FREE | _VERSION_AND_VARIANT)
