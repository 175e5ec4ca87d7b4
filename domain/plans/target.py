"""What a goal aims at: one sign (or one part of a blood pressure) on one side of a value by a date. Pure.

Knows the catalogue, so that a target is always in the unit that readings are kept in; knows no readings, and does
not know which target would be good for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.errors import Fault, Invalid
from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Sides
from domain.observations.vital_sign import Limits, Shape, VitalSign

# As for readings: no device measures finer, and rows and arithmetic stay small.
MOST_SIGNIFICANT_DIGITS = 17


class Comparator(StrEnum):
    """On which side of the value the readings should lie."""

    below = "<"
    at_most = "<="
    above = ">"
    at_least = ">="

    @property
    def downwards(self) -> bool:
        """Return whether smaller is nearer to the target."""
        return self in {Comparator.below, Comparator.at_most}


@dataclass(frozen=True, slots=True)
class Target:
    """A measurable target in the sign's canonical unit; `part` is systolic or diastolic for blood pressure only."""

    sign: str
    part: str | None
    comparator: Comparator
    value: Decimal
    unit: str
    due_on: date

    def holds(self, value: Decimal) -> bool:
        """Return whether a value is within the target."""
        match self.comparator:
            case Comparator.below:
                return value < self.value
            case Comparator.at_most:
                return value <= self.value
            case Comparator.above:
                return value > self.value
            case Comparator.at_least:
                return value >= self.value

    def within(self, sides: Sides) -> int:
        """Return how many readings are within the target, by the side of its value that they lie on."""
        beyond = sides.below if self.comparator.downwards else sides.above
        return beyond + (sides.level if self.holds(self.value) else 0)


def require_measurable(target: Target, start_on: date) -> None:
    """Raise Invalid, with all faults, unless readings can be held against the target."""
    sign = CATALOGUE.get(target.sign)
    if sign is None or sign.shape is Shape.coded or sign.derived:
        raise _invalid(Fault("/target/sign", "sign_unfit", "Name a vital sign that is measured as a number."))
    faults = [*_faults_of_part(target, sign), *_faults_of_value(target, sign)]
    if target.due_on < start_on:
        faults.append(Fault("/target/due_on", "due_before_start", "The target is due before the goal starts."))
    if faults:
        raise _invalid(*faults)


def _faults_of_part(target: Target, sign: VitalSign) -> list[Fault]:
    if sign.shape is Shape.pair:
        parts = [part.key for part in sign.parts]
        if target.part not in parts:
            return [Fault("/target/part", "part_missing", f"Say which part: {' or '.join(parts)}.")]
    elif target.part is not None:
        return [Fault("/target/part", "part_unexpected", "Only blood pressure has parts.")]
    return []


def _faults_of_value(target: Target, sign: VitalSign) -> list[Fault]:
    kept = sorted({unit.kept_as for unit in sign.units})
    if target.unit not in kept:
        return [Fault("/target/unit", "unit_not_canonical", f"Give the target in {' or '.join(kept)}.")]
    limits = _limits(target, sign)
    if limits is None:
        return []
    if not target.value.is_finite() or len(target.value.as_tuple().digits) > MOST_SIGNIFICANT_DIGITS:
        return [Fault("/target/value", "value_unfit", "Give an ordinary number.")]
    if not limits.hold(target.value):
        return [Fault("/target/value", "out_of_range", "No measurement of this sign can be at this value.")]
    return []


def _limits(target: Target, sign: VitalSign) -> Limits | None:
    if sign.shape is Shape.pair:
        return next((part.hard for part in sign.parts if part.key == target.part), None)
    return sign.range_of(target.unit).hard


def _invalid(*faults: Fault) -> Invalid:
    return Invalid("The target cannot be measured as written.", faults)
