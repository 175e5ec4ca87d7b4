"""Goal Attainment Scaling: how far a person came on all their scaled goals together, as one T-score. Pure.

Each goal has five levels in words, from -2 (much less than expected) over 0 (the expected outcome) to +2, and a weight
of importance times difficulty. Knows no rows, and does not know which outcome would be good for anybody.

Source: Kiresuk and Sherman, 1968, for the T-score; Turner-Stokes, Goal attainment scaling (GAS) in rehabilitation: a
practical guide, Clinical Rehabilitation 2009; 23: 362-370, for the weights. The formula as printed in that article is
wrong (erratum); the one here is Kiresuk and Sherman's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from math import sqrt
from uuid import UUID

from domain.errors import Fault, Invalid

# The expected correlation between the levels of one person's goals (Kiresuk and Sherman).
CORRELATION = 0.3
MEAN, STANDARD_DEVIATION = 50, 10
# Each of a weight's two parts: not at all, a little, moderately, very (Turner-Stokes, 2009).
MOST_IMPORTANT = MOST_DIFFICULT = 3
T_DECIMALS = 1


class Level(IntEnum):
    """How the outcome compares with the one that was expected when the goal was scaled."""

    much_less = -2
    less = -1
    expected = 0
    more = 1
    much_more = 2


@dataclass(frozen=True, slots=True)
class Scale:
    """A goal's five levels in words, from much less than expected to much more, its weight's parts, and its start.

    `baseline` is the level at which the person stood when the goal was scaled: not above the expected one.
    """

    levels: tuple[str, ...]
    importance: int
    difficulty: int
    baseline: Level

    @property
    def weight(self) -> int:
        """Return how much the goal counts beside the others: 0 to 9."""
        return self.importance * self.difficulty


@dataclass(frozen=True, slots=True)
class Rated:
    """One scaled goal: its weight, and at which level it stands."""

    weight: int
    level: Level


def require_scalable(scale: Scale) -> None:
    """Raise Invalid, with all faults, unless the scale can be rated on."""
    faults = [
        Fault(f"/scale/{part}", "out_of_range", f"Give a whole number from 0 (not at all) to {most} (very).")
        for part, value, most in (
            ("importance", scale.importance, MOST_IMPORTANT),
            ("difficulty", scale.difficulty, MOST_DIFFICULT),
        )
        if not 0 <= value <= most
    ]
    if scale.baseline > Level.expected:
        faults.append(Fault("/scale/baseline", "out_of_range", "Give -2, -1 or 0: more is not expected yet."))
    if len(set(scale.levels)) != len(Level):
        faults.append(Fault("/scale/levels", "levels_unfit", "Give five levels that differ."))
    if faults:
        raise Invalid("The goal cannot be scaled as written.", faults)


def t_score(goals: Sequence[Rated]) -> float | None:
    """Return the T-score: 50 when every goal came out as expected, 10 a standard deviation.

    T = 50 + 10 Σ(w x) / √((1 - ρ) Σ w² + ρ (Σ w)²) with ρ = 0.3. None without a goal, and when no goal has any weight:
    then it is undefined, and not 50.
    """
    weighed = sum(each.weight for each in goals)
    if weighed == 0:
        return None
    spread = (1 - CORRELATION) * sum(each.weight**2 for each in goals) + CORRELATION * weighed**2
    attained = sum(each.weight * each.level for each in goals)
    return MEAN + STANDARD_DEVIATION * attained / sqrt(spread)


@dataclass(frozen=True, slots=True)
class ScaledGoal:
    """One scaled goal and where it stands by its latest rating, if there is one on the scale in use."""

    goal_id: UUID
    weight: int
    baseline: Level
    level: Level | None
    rated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attainment:
    """How a person's scaled goals came out together. All three figures are None when there is none to tell.

    `t` and `change` are None while a goal is not rated: of some of the goals the score would say something else.
    """

    as_of: datetime
    goals: tuple[ScaledGoal, ...]
    baseline_t: float | None
    t: float | None
    change: float | None


def attainment(goals: Sequence[ScaledGoal], *, as_of: datetime) -> Attainment:
    """Return how these goals came out together, in scores of one decimal."""
    rated = [Rated(each.weight, each.level) for each in goals if each.level is not None]
    before = t_score([Rated(each.weight, each.baseline) for each in goals])
    after = t_score(rated) if len(rated) == len(goals) else None
    return Attainment(
        as_of=as_of,
        goals=tuple(goals),
        baseline_t=_shown(before),
        t=_shown(after),
        change=None if after is None or before is None else _shown(after - before),
    )


def _shown(score: float | None) -> float | None:
    return None if score is None else round(score, T_DECIMALS)
