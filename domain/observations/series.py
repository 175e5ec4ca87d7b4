"""A down-sampled series: equal buckets of time with how many, least, greatest and mean. Pure arithmetic, exact sums.

A value that a meter gave as "less than" or "more than" counts at its bound: leaving it out would hide the extreme.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from domain.observations.vital_sign import CONVERTED_DECIMALS, rounded_half_up

MOST_BUCKETS = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """The time from an instant up to, not including, another, cut into at most so many equal buckets."""

    from_at: datetime
    until_at: datetime
    buckets: int

    @property
    def bucket_seconds(self) -> int:
        """Return the width of a bucket in whole seconds, at least one."""
        return max(1, ceil((self.until_at - self.from_at) / timedelta(seconds=self.buckets)))


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket that holds something; empty buckets are absent, never zero. `at` is the bucket's beginning."""

    at: datetime
    count: int
    least: Decimal
    greatest: Decimal
    total: Decimal

    @property
    def mean(self) -> Decimal:
        """Return the mean, rounded half up to four decimals."""
        return rounded_half_up(Fraction(self.total) / self.count, CONVERTED_DECIMALS)


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of one sign in one unit, oldest first; for a pair, those of each part by its name."""

    sign: str
    unit: str
    span: Span
    points: tuple[Point, ...] | None
    parts: dict[str, tuple[Point, ...]] | None
