"""A text message as the bytes of its websocket frame, as a server sends it: whole, and not masked (RFC 6455 §5.2).

Made once for all who are told the same: the library's own way costs each of them as much again. Pure.
"""

from __future__ import annotations

_WHOLE_TEXT = 0x81
_LONGEST_IN_ONE_BYTE = 125
_TWO_BYTES, _EIGHT_BYTES = 126, 127


def text_frame(text: str) -> bytes:
    """Return the frame of this text."""
    payload = text.encode()
    length = len(payload)
    if length <= _LONGEST_IN_ONE_BYTE:
        return bytes((_WHOLE_TEXT, length)) + payload
    if length < 1 << 16:
        return bytes((_WHOLE_TEXT, _TWO_BYTES)) + length.to_bytes(2, "big") + payload
    return bytes((_WHOLE_TEXT, _EIGHT_BYTES)) + length.to_bytes(8, "big") + payload
