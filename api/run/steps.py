"""What a start is doing just now and how long it has taken so far, told often enough that nobody takes it for dead.

Knows time and words; refuses to know what the steps do.
"""

from __future__ import annotations

import time
from collections.abc import Callable

TELL_EVERY_SECONDS = 8.0


class Steps:
    """The steps of one start, its seconds counted from here."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is told yet."""
        self._say, self._clock = say, clock
        self._began = self._told_at = clock()

    @property
    def seconds(self) -> float:
        """Return how long the start has taken so far."""
        return self._clock() - self._began

    def now(self, words: str) -> None:
        """Tell which step has begun."""
        self._say(f"{self.seconds:5.1f} s  {words}")
        self._told_at = self._clock()

    def still(self, words: str) -> None:
        """Tell what is waited for, if nothing was told for a while; call it often."""
        if self._clock() - self._told_at >= TELL_EVERY_SECONDS:
            self.now(words)

    def show(self, lines: list[str]) -> None:
        """Tell what a part itself says of its step."""
        for line in lines:
            self._say(f"         {line}")
            self._told_at = self._clock()
