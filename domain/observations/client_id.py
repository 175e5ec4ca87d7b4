"""A sender's own id for a reading, as it is stored: most are UUIDs, and those take 17 bytes instead of 36. Pure.

Whatever it was, it comes back letter by letter: only the one spelling that a UUID is written back in is packed.
"""

from __future__ import annotations

import re
from uuid import UUID

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# No sender's id begins with it: they are of visible characters.
_PACKED = b"\x00"


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
