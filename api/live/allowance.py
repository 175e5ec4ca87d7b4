"""What a client may ask for: so much in any minute, not a minute's worth at once and as many again during it.

Messages cost little; the patients whom they name cost a snapshot and a line in the trail each.

Pure: it is told the time.
"""

from __future__ import annotations

from collections import deque

from api.live.protocol import MOST_PATIENTS, Close, Goodbye

MESSAGES_PER_MINUTE = 100
# Everybody on a full socket, and everybody once more. Five hundred a message were 50,000 a minute.
SNAPSHOTS_PER_MINUTE = 2 * MOST_PATIENTS
_MINUTE_SECONDS = 60.0


class Allowance:
    """What one socket may still say."""

    __slots__ = ("_asked", "_said_at")

    def __init__(self) -> None:
        self._said_at: deque[float] = deque(maxlen=MESSAGES_PER_MINUTE)
        self._asked: deque[tuple[float, int]] = deque()

    def spend(self, now: float) -> None:
        """Count a message at this time (seconds of a clock that only goes on). Raises Goodbye when it is too many."""
        if len(self._said_at) == MESSAGES_PER_MINUTE and now - self._said_at[0] < _MINUTE_SECONDS:
            raise Goodbye(Close.too_many, f"At most {MESSAGES_PER_MINUTE} messages a minute.")
        self._said_at.append(now)

    def ask(self, snapshots: int, now: float) -> None:
        """Count so many snapshots asked for at this time. Raises Goodbye when they are too many."""
        while self._asked and now - self._asked[0][0] >= _MINUTE_SECONDS:
            self._asked.popleft()
        self._asked.append((now, snapshots))
        if sum(asked for _, asked in self._asked) > SNAPSHOTS_PER_MINUTE:
            raise Goodbye(Close.too_many, f"At most {SNAPSHOTS_PER_MINUTE:,} patients named to be watched in a minute.")
