"""A sign's last week against the four weeks before it, in one word: higher, lower or about the same. Pure.

Neutral: whether higher is better is not known here. A difference is told only when it is more than what measuring the
same person twice makes; those least differences are this project's proposal, chosen at or above what the devices'
standards allow them to be wrong by (ISO 81060-2: 5 mmHg; ISO 80601-2-61: 2 to 4 %; ISO 80601-2-56: 0.3 °C;
ISO 15197: 0.83 mmol/L; ISO 23747: 10 L/min) or what a day's course makes. A clinical safety officer must approve them.

Weeks are of whole days in UTC, for which summaries are kept: today and the six days before it; and the 28 before those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from domain.observations.series import DAY, midnight_before
from domain.observations.sufficiency import Sufficiency

WEEK = timedelta(days=7)
FOUR_WEEKS = timedelta(days=28)
# Of each of the two: three readings, from two days. As few as a goal's progress is told from.
LEAST_READINGS = 3
LEAST_DAYS = 2

LEAST_DIFFERENCE: Mapping[str, Decimal] = MappingProxyType(
    {
        "heart_rate": Decimal(5),
        "respiratory_rate": Decimal(2),
        "oxygen_saturation": Decimal(2),
        "blood_pressure": Decimal(5),
        "body_temperature": Decimal("0.3"),
        "body_weight": Decimal(1),
        "bmi": Decimal("0.5"),
        "blood_glucose": Decimal("0.9"),
        "blood_ketones": Decimal("0.3"),
        "peak_expiratory_flow": Decimal(20),
        "pain_score": Decimal(1),
        "hba1c": Decimal(5),
    }
)
"""By sign, in its canonical unit. [proposal] No trend is told of other signs: of steps because what one reading counts
(an hour, a day so far, a day) is not known; of oxygen given because it is treatment; of scores, heights and codes."""


class Direction(StrEnum):
    """How the week's average lies to the four weeks' before it."""

    is_higher = "higher"
    is_lower = "lower"
    about_the_same = "about_the_same"


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to, not including, another."""

    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Heap:
    """Readings that are only counted: how many, from how many days, and their sum.

    A reading beyond a meter's range counts with the limit that it showed.
    """

    count: int = 0
    days: int = 0
    total: Decimal = Decimal(0)

    @property
    def mean(self) -> Fraction | None:
        """Return the mean, exact; None of nothing."""
        return Fraction(self.total) / self.count if self.count else None

    @property
    def carries(self) -> bool:
        """Return whether there are enough for an average to be compared."""
        return self.count >= LEAST_READINGS and self.days >= LEAST_DAYS


@dataclass(frozen=True, slots=True)
class Trend:
    """The week's average against the four weeks' before it.

    `direction` and `difference` (this week less before, exact) are None unless `data` is enough. Stale means that
    there was no reading this week.
    """

    data: Sufficiency
    week: Heap
    before: Heap
    difference: Fraction | None
    direction: Direction | None


def week_of(as_of: datetime) -> Span:
    """Return the week that ends with the day (UTC) that an instant lies in."""
    until_at = midnight_before(as_of) + DAY
    return Span(until_at - WEEK, until_at)


def weeks_before(as_of: datetime) -> Span:
    """Return the four weeks before that week."""
    until_at = week_of(as_of).from_at
    return Span(until_at - FOUR_WEEKS, until_at)


def trend(sign: str, week: Heap, before: Heap, *, ever: bool = True) -> Trend:
    """Return how a sign's week compares; `ever` is whether it was measured at all. Raises KeyError for a sign without.

    Of a sign in its canonical unit, or one part of a pair.
    """
    least = Fraction(LEAST_DIFFERENCE[sign])
    if not week.count:
        data = Sufficiency.stale if ever or before.count else Sufficiency.none
        return Trend(data, week, before, None, None)
    if not (week.carries and before.carries) or week.mean is None or before.mean is None:
        return Trend(Sufficiency.not_enough, week, before, None, None)
    difference = week.mean - before.mean
    direction = Direction.about_the_same
    if abs(difference) > least:
        direction = Direction.is_higher if difference > 0 else Direction.is_lower
    return Trend(Sufficiency.enough, week, before, difference, direction)
