"""A clock that stands until it is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass
class StandingClock:
    """What a test says the time is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now
