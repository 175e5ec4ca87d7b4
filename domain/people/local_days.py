"""Which days somebody lives by: in which time zone each of their calendar days is reckoned. Pure.

Each calendar day has one zone, the one that was chosen for it or London's. A new choice begins with the first day that
has begun neither where the person was nor where they are: today stays as it was, and no day is due twice or never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from domain.clock import LONDON
from domain.errors import Fault, Invalid

DEFAULT_ZONE = LONDON.key
LONGEST_NAME = 64
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ZoneFrom:
    """A time zone by its IANA name, and the first calendar day that is reckoned in it."""

    name: str
    from_on: date


@dataclass(frozen=True, slots=True)
class LocalDays:
    """A person's calendar days by the zones that were chosen for them, the latest choice last."""

    choices: tuple[ZoneFrom, ...] = ()

    def zone_name(self, day: date) -> str:
        """Return the IANA name of the zone in which a day is reckoned."""
        if not self.choices:
            return DEFAULT_ZONE
        chosen = (choice.name for choice in reversed(self.choices) if choice.from_on <= day)
        return next(chosen, DEFAULT_ZONE)

    def instant(self, day: date, at: time = time()) -> datetime:
        """Return the instant (UTC) of a day's time of day, its beginning if none is given.

        A time that the clocks skip is as much later as they skip; one that comes twice means the first (RFC 5545
        section 3.3.5), which is Python's `fold=0`. In UTC, because Python compares two datetimes of one zone by the
        hands of the clock, not by the instant.
        """
        return _instant(self.zone_name(day), day, at)

    def day_of(self, at: datetime) -> date:
        """Return the day that an instant is in: the last that has begun by then."""
        zones = {DEFAULT_ZONE, *(choice.name for choice in self.choices)}
        day = max(at.astimezone(ZoneInfo(name)).date() for name in zones) + _ONE_DAY
        while self.instant(day) > at:
            day -= _ONE_DAY
        return day

    def since(self, day: date) -> LocalDays:
        """Return the days from this one on, by the choices that they need: those before are reckoned otherwise."""
        begun = [place for place, choice in enumerate(self.choices) if choice.from_on <= day]
        needed = begun[-1:] + [place for place, choice in enumerate(self.choices) if choice.from_on > day]
        return LocalDays(tuple(self.choices[place] for place in sorted(needed)))

    def chosen(self, name: str, at: datetime) -> LocalDays:
        """Return the days with a zone chosen at an instant, from the first day on that has not begun in either zone."""
        there = at.astimezone(ZoneInfo(name)).date()
        begun = max(self.day_of(at), there)
        return LocalDays((*self.choices, ZoneFrom(name, begun + _ONE_DAY)))


LONDON_DAYS = LocalDays()


@lru_cache(maxsize=65_536)
def _instant(zone_name: str, day: date, at: time) -> datetime:
    """Return what is kept: the beginnings of the same days are asked for by everybody, for each goal and each plan."""
    return datetime.combine(day, at, ZoneInfo(zone_name)).astimezone(UTC)


@cache
def _known() -> frozenset[str]:
    """Return every name of a place's zone, and UTC: no abbreviations such as EST, whose summers nobody can tell."""
    return frozenset(name for name in available_timezones() if "/" in name) | {"UTC"}


def require_zone(name: str) -> None:
    """Raise Invalid unless a time zone is known by this IANA name."""
    if name not in _known():
        fault = Fault("/time_zone", "unknown_time_zone", "Give an IANA time zone, for example Europe/London.")
        raise Invalid("There is no such time zone.", [fault])
