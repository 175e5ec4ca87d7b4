"""A down-sampled series: equal buckets of time with how many, least, greatest and mean. Pure.

A value that a meter gave as "less than" or "more than" counts at its bound: leaving it out would hide the extreme.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple

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


class Point(NamedTuple):
    """One bucket that holds something; empty buckets are absent, never zero. `at` is the bucket's beginning.

    The mean is exact before it is rounded, half away from zero to four decimals. In floating point only now: there are
    a thousand to a chart, and nothing is worked out from them.
    """

    at: datetime
    number: int
    least: float
    greatest: float
    mean: float


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of one sign in one unit, oldest first; for a pair, those of each part by its name."""

    sign: str
    unit: str
    span: Span
    points: tuple[Point, ...] | None
    parts: dict[str, tuple[Point, ...]] | None
