"""Peak flow and a person's own best: what the best is, and how the day's reading compares with it. Pure; L/min.

Source: H K Reddel et al., "When can personal best peak flow be determined for asthma action plans?", Thorax
2004;59:922-924: plans by personal best improve outcomes, plans by predicted values do not; guidelines have it measured
over two to three weeks of good control, twice daily. Breathe 2015;11:98 (ERS): once treatment is right and peak flow is
stable; brought up to date every few years in adults.

A best that somebody set stands, as they know when the person was well. Without one the highest reading of a year is
taken, and only if it holds two weeks' worth of days with two readings among 28 days in a row. A year, not the last two
weeks: a best that sinks with the person would keep the percentage up while they get worse. [proposal]

Without a best nothing is told of a reading: "not evaluable" is never green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from uuid import UUID

from domain.instant import seen_until
from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Measured
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LocalDays

WINDOW = timedelta(days=365)
LEAST_DAYS = 14
WITHIN_DAYS = 28
READINGS_A_DAY = 2


class BestSource(StrEnum):
    """Where a personal best comes from."""

    stated = "stated"
    measured = "measured"


@dataclass(frozen=True, slots=True)
class PersonalBest:
    """The peak flow (L/min) that a person's readings are held against.

    `source_id` is of the reading, or of what was stated; `at` is when it was measured or stated.
    """

    value: Decimal
    source: BestSource
    source_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class MeasuredBest:
    """The best that readings show, None while they are too few; `days` are those with two readings, of the 14 needed.

    `count` readings were looked at, from `from_at` to `until_at`.
    """

    best: PersonalBest | None
    days: int
    count: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class PeakFlow:
    """The latest reading as a share of the personal best, in whole per cent rounded down; None unless `data` is enough.

    Rounded down: 79.6 % must not read as 80, where a plan's zone begins.
    """

    data: Sufficiency
    latest: Measured | None
    best: PersonalBest | None
    percent: int | None


def measured_best(readings: Iterable[Measured], *, as_of: datetime, days: LocalDays) -> MeasuredBest:
    """Return the best of the readings (L/min, any order) of the 365 days up to `as_of`. Source: see the module."""
    from_at, until = as_of - WINDOW, seen_until(as_of)
    known = [each for each in readings if from_at < each.at <= until and each.bound is None]
    a_day = Counter(days.day_of(each.at) for each in known)
    together = _days_together(sorted(day for day, number in a_day.items() if number >= READINGS_A_DAY))
    best = None
    if together >= LEAST_DAYS:
        highest = max(known, key=lambda each: (each.value, each.at))
        best = PersonalBest(highest.value, BestSource.measured, highest.observation_id, highest.at)
    return MeasuredBest(best, min(together, LEAST_DAYS), len(known), from_at, as_of)


def _days_together(days: Sequence[date]) -> int:
    """Return how many of these ascending days lie within some 28 days in a row, at the most."""
    most, first = 0, 0
    for place, day in enumerate(days):
        while day - days[first] >= timedelta(days=WITHIN_DAYS):
            first += 1
        most = max(most, place - first + 1)
    return most


def against_best(latest: Measured | None, best: PersonalBest | None, *, as_of: datetime) -> PeakFlow:
    """Return how the latest reading (L/min) compares with the best at an instant. Source: see the module."""
    if latest is None:
        return PeakFlow(Sufficiency.none, None, best, None)
    if best is None or latest.bound is not None:
        return PeakFlow(Sufficiency.not_enough, latest, best, None)
    if as_of - latest.at > CATALOGUE["peak_expiratory_flow"].stale_after:
        return PeakFlow(Sufficiency.stale, latest, best, None)
    percent = floor(Fraction(latest.value) * 100 / Fraction(best.value))
    return PeakFlow(Sufficiency.enough, latest, best, percent)
