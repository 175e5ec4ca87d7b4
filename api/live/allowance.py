"""How many messages a client may send: so many in any minute, not a minute's worth at once and as many again during it.

Pure: it is told the time.
"""

from __future__ import annotations

from collections import deque

from api.live.protocol import Close, Goodbye

MESSAGES_PER_MINUTE = 100
_MINUTE_SECONDS = 60.0


class Allowance:
    """What one socket may still say."""

    __slots__ = ("_said_at",)

    def __init__(self) -> None:
        self._said_at: deque[float] = deque(maxlen=MESSAGES_PER_MINUTE)

    def spend(self, now: float) -> None:
        """Count a message at this time (seconds of a clock that only goes on). Raises Goodbye when it is too many."""
        if len(self._said_at) == MESSAGES_PER_MINUTE and now - self._said_at[0] < _MINUTE_SECONDS:
            raise Goodbye(Close.too_many, f"At most {MESSAGES_PER_MINUTE} messages a minute.")
        self._said_at.append(now)
