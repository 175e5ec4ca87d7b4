"""The Friends and Family Test: its answers, and the percentages that are published of them. Pure.

Positive are "very good" and "good", negative "poor" and "very poor", each of all answers, "don't know" among them.
Source: NHS England, guidance on the Friends and Family Test since April 2020.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from domain.outcomes.policy import HES_2018, Figure, Policy, Release


class Experience(StrEnum):
    """How somebody's experience of a service was."""

    very_good = "very_good"
    good = "good"
    neither = "neither"
    poor = "poor"
    very_poor = "very_poor"
    dont_know = "dont_know"


POSITIVE = (Experience.very_good, Experience.good)
NEGATIVE = (Experience.poor, Experience.very_poor)
_ONE_DECIMAL = Decimal("0.1")

Counts = Mapping[Experience, int]


def percentage(part: int, whole: int) -> Decimal | None:
    """Return a part of a whole in per cent, to one decimal, halves up; None of nothing."""
    return None if whole == 0 else (Decimal(100 * part) / whole).quantize(_ONE_DECIMAL, ROUND_HALF_UP)


def percent_positive(counts: Counts) -> Decimal | None:
    """Return the share of positive answers among all; None without any."""
    return percentage(_sum(counts, POSITIVE), sum(counts.values()))


def percent_negative(counts: Counts) -> Decimal | None:
    """Return the share of negative answers among all; None without any."""
    return percentage(_sum(counts, NEGATIVE), sum(counts.values()))


@dataclass(frozen=True, slots=True)
class ReleasedMonth:
    """A month's answers as they may be shown: small numbers withheld, others rounded, shares from what is shown.

    `is_small`: whether the month as a whole has too few answers to show anything of it, a comment either.
    """

    month: date
    total: Figure
    counts: Mapping[Experience, Figure]
    percent_positive: Decimal | None
    percent_negative: Decimal | None
    is_small: bool


def released(month: date, counts: Counts, policy: Policy = HES_2018) -> ReleasedMonth:
    """Return a month after disclosure control. Where the whole is withheld so is each part of it, zeros too."""
    whole = policy.count(sum(counts.values()))
    is_small = whole.status is not Release.released
    shown = {each: whole if is_small else policy.count(counts.get(each, 0)) for each in Experience}
    shares = (_share(policy.count(_sum(counts, part)), whole) for part in (POSITIVE, NEGATIVE))
    positive, negative = shares
    return ReleasedMonth(month, whole, shown, positive, negative, is_small)


def _share(part: Figure, whole: Figure) -> Decimal | None:
    if part.value is None or whole.value is None:
        return None
    return percentage(int(part.value), int(whole.value))


def _sum(counts: Counts, which: tuple[Experience, ...]) -> int:
    return sum(counts.get(each, 0) for each in which)
