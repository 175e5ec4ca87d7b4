"""What may be said of a change: the claim ladder.

The level comes from the design, the sentence from the level; nobody types one. Pure: it is handed figures that have
been released already, and refuses to know how they were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

# Published matched-control results lie between 18 and 29 per cent, the best subgroup at 39. A larger fall without
# controls is more likely selection of people who were at their worst.
IMPLAUSIBLE_FALL_PERCENT = 40


class Level(IntEnum):
    """The rungs of the ladder; an evaluation earns a higher one by its design."""

    counts_only = 0
    uncontrolled_before_after = 1
    sustained_shift = 2
    interrupted_time_series = 3
    matched_comparators = 4
    randomised = 5


DESIGNS: dict[Level, str] = {
    Level.counts_only: "counts only",
    Level.uncontrolled_before_after: "uncontrolled before and after comparison of the same people",
    Level.sustained_shift: "statistical process control: a sustained special cause at go-live",
    Level.interrupted_time_series: "interrupted time series with trend and season",
    Level.matched_comparators: "matched difference in differences, or controlled interrupted time series",
    Level.randomised: "randomised or stepped wedge",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A released change in per cent with its interval; negative is a fall."""

    percent: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Claim:
    """The level a result stands on, and the only sentence that may be shown for it."""

    level: Level
    sentence: str
    implausible_effect: bool

    @property
    def name(self) -> str:
        """Return the level's short name, L0 to L5."""
        return f"L{self.level.value}"


def before_after_claim(change: Change | None) -> Claim:
    """Return the claim of an uncontrolled comparison before and after; counts only when no change was released."""
    if change is None:
        return Claim(Level.counts_only, "Counts only: no comparison can be shown.", implausible_effect=False)
    level = Level.uncontrolled_before_after
    sentence = (
        f"Rate was {_moved(change.percent)} than before (uncontrolled; may be regression to the mean, season, coding)."
        f" 95% interval: {_moved(change.low)} to {_moved(change.high)}{_no_change(change)}."
    )
    return Claim(level, sentence, implausible_effect=is_implausible(level, change.percent))


def is_implausible(level: Level, percent: float) -> bool:
    """Return whether a fall is too large to be believed at this level."""
    return level <= Level.sustained_shift and percent < -IMPLAUSIBLE_FALL_PERCENT


def _moved(percent: float) -> str:
    if percent == 0:
        return "no different"
    return f"{abs(percent):g}% {'lower' if percent < 0 else 'higher'}"


def _no_change(change: Change) -> str:
    return ", which includes no change" if change.low <= 0 <= change.high else ""
