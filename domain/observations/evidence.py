"""What the readings of a span show when they are held against a number: how many lie on which side, from when to when.

Pure, and neutral: which side is the good one, and how many readings are enough, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What to hold readings against: a value of one sign (or part of a pair) in a canonical unit, and from when.

    Both ends of the span are included. Readings kept in another unit are left out.
    """

    sign: str
    part: str | None
    unit: str
    value: Decimal
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Sides:
    """How many readings lie below, level with and above a value.

    `undecided` are those for which a meter showed only a limit ("less than 11") that leaves it open.
    """

    below: int = 0
    level: int = 0
    above: int = 0
    undecided: int = 0

    @property
    def decided(self) -> int:
        """Return of how many the side is known."""
        return self.below + self.level + self.above


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some readings: how many, their sum, from when to when, and the ids of the earliest.

    A reading beyond a meter's range counts with the limit that the meter showed.
    """

    count: int
    total: Decimal
    from_at: datetime
    until_at: datetime
    observation_ids: tuple[UUID, ...]
    sides: Sides

    @property
    def mean(self) -> Fraction:
        """Return the mean, exact."""
        return Fraction(self.total) / self.count


@dataclass(frozen=True, slots=True)
class Measured:
    """One reading: its value in the yardstick's unit; `bound` if a meter showed only a limit."""

    observation_id: UUID
    at: datetime
    value: Decimal
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found: all readings looked at, the first of them, those of the first days, the recent ones, the latest.

    All five are None when there are none. `complete` is False when the span holds more readings than are looked at.
    """

    every: Stretch | None
    first: Stretch | None
    first_days: Stretch | None
    recent: Stretch | None
    latest: Measured | None
    complete: bool
