"""A down-sampled series: equal buckets of time with how many, least, greatest and mean. Pure.

A value that a meter gave as "less than" or "more than" counts at its bound: leaving it out would hide the extreme.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple

MOST_BUCKETS = 1_000


DAY = timedelta(days=1)
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Span:
    """The time from an instant up to, not including, another, cut into at most so many equal buckets.

    Buckets of a day or more are of whole days (UTC), for which summaries are kept: the first begins at the midnight
    before the span does, and holds what the span has of it. So they may be one more than asked for.
    """

    from_at: datetime
    until_at: datetime
    buckets: int
    least_seconds: int = 1

    @property
    def bucket_seconds(self) -> int:
        """Return the width of a bucket in whole seconds, at least one; from a day on in whole days."""
        width = max(self.least_seconds, ceil((self.until_at - self.from_at) / timedelta(seconds=self.buckets)))
        return width if width < _DAY_SECONDS else _DAY_SECONDS * ceil(width / _DAY_SECONDS)

    @property
    def is_of_days(self) -> bool:
        """Return whether its buckets are of whole days."""
        return self.bucket_seconds >= _DAY_SECONDS

    def in_days(self) -> Span:
        """Return the same in buckets of whole days: as they are, or of one day each."""
        return replace(self, least_seconds=_DAY_SECONDS)


def midnight_before(at: datetime) -> datetime:
    """Return the beginning of the day (UTC) that an instant lies in."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


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
