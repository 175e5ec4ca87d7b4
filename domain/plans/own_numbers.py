"""A person's own numbers, each held against the targets that they have taken on. Pure.

Good and bad are not known here: a figure lies within a target of the person's own, or it does not, or there is no
telling. Only a figure that enough and recent readings carry is held against anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from domain.observations.glucose_range import GlucoseRange
from domain.observations.home_blood_pressure import HomeAverage
from domain.observations.observation import Latest
from domain.observations.peak_flow import MeasuredBest, PeakFlow
from domain.observations.sufficiency import Sufficiency
from domain.observations.trend import Trend
from domain.observations.weight_change import WeightChange
from domain.people.local_days import LocalDays
from domain.plans.target import SignTarget


@dataclass(frozen=True, slots=True)
class OwnTarget:
    """A target of one of the person's goals that is under way."""

    goal_id: UUID
    target: SignTarget


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure against a target: whether it is met, and by how much the figure is above the target's value.

    Both are None unless the readings carry a judgement.
    """

    goal_id: UUID
    target: SignTarget
    met: bool | None
    difference: Fraction | None


@dataclass(frozen=True, slots=True)
class SignTrend:
    """The trend of one sign, or of one part of a pair."""

    sign: str
    part: str | None
    trend: Trend
    latest: Latest
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """What a person's readings say at an instant, days being the person's own.

    `latest` is the latest reading of each sign that was ever taken.
    """

    as_of: datetime
    days: LocalDays
    latest: dict[str, Latest]
    blood_pressure: HomeAverage
    blood_pressure_targets: tuple[Comparison, ...]
    glucose: GlucoseRange
    glucose_ids: tuple[UUID, ...]
    weight: WeightChange
    weight_targets: tuple[Comparison, ...]
    peak_flow: PeakFlow
    measured_best: MeasuredBest
    peak_flow_targets: tuple[Comparison, ...]
    trends: tuple[SignTrend, ...]


def compared(
    targets: Sequence[OwnTarget], sign: str, part: str | None, figure: Fraction | None, data: Sufficiency
) -> tuple[Comparison, ...]:
    """Return a figure, in the sign's canonical unit, against each target of that sign and part."""
    carries = data is Sufficiency.enough and figure is not None
    return tuple(
        Comparison(
            own.goal_id,
            own.target,
            met=own.target.comparator.holds(figure, own.target.value) if carries and figure is not None else None,
            difference=figure - Fraction(own.target.value) if carries and figure is not None else None,
        )
        for own in targets
        if (own.target.sign, own.target.part) == (sign, part)
    )
