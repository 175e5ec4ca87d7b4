"""The numbers by which figures are withheld or rounded, the policy in words, and a figure as it may be shown.

Pure: it is handed one count at a time. What may be shown together is decided in `disclosure.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Policy:
    """A named and versioned set of numbers by which figures are withheld or rounded."""

    name: str
    text: str
    suppress_up_to: int
    round_counts_to: int
    round_days_to: int
    figures: int
    homes_at_least: int

    def count(self, exact: int) -> Figure:
        """Return a count as it may be shown: zero as it is, small numbers withheld, the rest rounded."""
        if self.is_small(exact):
            return Figure(None, Release.suppressed, Why.small_number)
        return Figure(nearest(exact, self.round_counts_to), Release.released, None)

    def is_small(self, exact: int) -> bool:
        """Return whether the count is above zero and too small to show."""
        return 0 < exact <= self.suppress_up_to

    def days(self, exact: int) -> Figure:
        """Return person-days as they may be shown: rounded."""
        return Figure(nearest(exact, self.round_days_to), Release.released, None)


class Release(StrEnum):
    """Whether a figure is shown."""

    released = "released"
    suppressed = "suppressed"
    not_estimable = "not_estimable"


class Why(StrEnum):
    """Why a figure is not shown, besides the statistical reasons in `rates.Reason`."""

    small_number = "small_number"
    fewer_than_eight_people = "fewer_than_eight_people"
    too_few_care_homes = "too_few_care_homes"
    nobody_enrolled = "nobody_enrolled"
    too_close_to_another = "too_close_to_another"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that may be shown, or the reason for there being none."""

    value: float | None
    status: Release
    reason: str | None
    low: float | None = None
    high: float | None = None
    method: str | None = None


def nearest(number: int, step: int) -> int:
    """Return the nearest multiple, halves upwards."""
    return (2 * number + step) // (2 * step) * step


HES_2018 = Policy(
    name="hes-2018",
    text=(
        "Counts of 1 to 7 are suppressed, others rounded to the nearest 5, zero stays zero (NHS Digital, HES and ECDS,"
        " from September 2018). Person-days are rounded to the nearest 50. Rates, ratio and intervals are computed from"
        " the rounded figures: rates to two significant figures, ratios to two decimals, and the change in per cent"
        " from the ratio as shown. A comparison needs at least 8 events on both sides. Only"
        " people with days in both windows count. Fewer than 8 of them, or in either window one or two care homes with"
        " fewer than 8 people besides, release nothing. Once a measure has been shown in a calendar month, its people,"
        " days, events (zeros too) and cautions are held together: they move together and only once in the month, when"
        " 8 or more people or records differ and no count of the measure differs by 1 to 7; otherwise they wait for the"
        " next month. Until a pathway has figures to show it says only why there are none. One whose people differ by 1"
        " to 7 from those of another pathway already shown that month releases nothing."
    ),
    suppress_up_to=7,
    round_counts_to=5,
    round_days_to=50,
    figures=2,
    homes_at_least=3,
)
