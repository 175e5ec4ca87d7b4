"""The hours in which somebody is told nothing, as the clock on their own wall has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ONE_DAY = timedelta(days=1)
# An hour that comes twice, or is skipped, moves the end by no more than this; a clock that stands so is looked at anew.
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of day up to, not including, another; over midnight where the second is the earlier."""

    begin: time
    end: time

    def hold_at(self, at: datetime, zone: ZoneInfo) -> bool:
        """Return whether it is quiet at an instant, by the clock of this zone."""
        now = at.astimezone(zone).time()
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end

    def over_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first instant from this one on (UTC) at which it is not quiet.

        Where the clocks skip the end, as they go forward; where the end comes twice, when it comes first and the hours
        before it are over: between the two it is quiet again by the clock, and somebody may be told.
        """
        if not self.hold_at(at, zone):
            return at.astimezone(UTC)
        there = at.astimezone(zone)
        for days in (0, 1):
            ends = datetime.combine(there.date() + days * _ONE_DAY, self.end, zone).astimezone(UTC)
            if ends > at:
                return _when_over(self, ends, zone)
        return at.astimezone(UTC) + _ONE_DAY


def _when_over(quiet: QuietHours, ends: datetime, zone: ZoneInfo) -> datetime:
    for _ in range(12):
        if not quiet.hold_at(ends, zone):
            return ends
        ends += _STEP
    return ends
