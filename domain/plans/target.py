"""What a goal aims at by a date: a vital sign on one side of a value, or something done so often. Pure.

Knows the catalogue, so that a target is always in the unit that readings are kept in; knows no readings, and does
not know which target would be good for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.errors import Fault, Invalid
from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Sides
from domain.observations.vital_sign import Limits, Shape, VitalSign

# As for readings: no device measures finer, and rows and arithmetic stay small.
MOST_SIGNIFICANT_DIGITS = 17
# More than anybody does of one thing: beyond it somebody slipped.
MOST_TIMES = 10_000


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

    def holds(self, found: Decimal | Fraction, bound: Decimal) -> bool:
        """Return whether what was found lies on this side of the bound."""
        match self:
            case Comparator.below:
                return found < bound
            case Comparator.at_most:
                return found <= bound
            case Comparator.above:
                return found > bound
            case Comparator.at_least:
                return found >= bound


@dataclass(frozen=True, slots=True)
class SignTarget:
    """A measurable target in the sign's canonical unit; `part` is systolic or diastolic for blood pressure only."""

    sign: str
    part: str | None
    comparator: Comparator
    value: Decimal
    unit: str
    due_on: date

    def holds(self, value: Decimal) -> bool:
        """Return whether a value is within the target."""
        return self.comparator.holds(value, self.value)

    def within(self, sides: Sides) -> int:
        """Return how many readings are within the target, by the side of its value that they lie on."""
        beyond = sides.below if self.comparator.downwards else sides.above
        return beyond + (sides.level if self.holds(self.value) else 0)


class Counted(StrEnum):
    """What is counted towards a goal that no vital sign measures."""

    completions = "completions"


class Per(StrEnum):
    """Over which time the doings are counted, as UCUM writes it: each day, each week, or all until the date."""

    day = "/d"
    week = "/wk"
    in_all = "1"


@dataclass(frozen=True, slots=True)
class CountTarget:
    """How often the actions that serve the goal are to be done: "at least 3 a week", "50 times in all"."""

    counted: Counted
    comparator: Comparator
    value: Decimal
    per: Per
    due_on: date


Target = SignTarget | CountTarget


def count_target(
    counted: Counted | None, comparator: Comparator, value: Decimal, unit: str, due_on: date, *, part: str | None
) -> CountTarget:
    """Return the target to which something is counted by this unit. Raises Invalid."""
    if counted is None:
        raise two_at_once()
    if part is not None:
        raise _invalid(Fault("/target/part", "part_unexpected", "Only blood pressure has parts."))
    if unit not in {per.value for per in Per}:
        said = 'Give "/d" for each day, "/wk" for each week, or "1" for all together.'
        raise _invalid(Fault("/target/unit", "unit_not_canonical", said))
    return CountTarget(counted, comparator, value, Per(unit), due_on)


def two_at_once() -> Invalid:
    """Return the refusal of a target that is measured by both or by neither of a sign and what is counted."""
    return _invalid(Fault("/target/sign", "one_of_two", "Give either a sign or what is counted."))


def require_measurable(target: Target, start_on: date) -> None:
    """Raise Invalid, with all faults, unless readings or doings can be held against the target."""
    faults = _faults_of_count(target) if isinstance(target, CountTarget) else _faults_of_sign(target)
    if target.due_on < start_on:
        faults.append(Fault("/target/due_on", "due_before_start", "The target is due before the goal starts."))
    if faults:
        raise _invalid(*faults)


def _faults_of_count(target: CountTarget) -> list[Fault]:
    if target.value != target.value.to_integral_value() or not 0 <= target.value <= MOST_TIMES:
        return [Fault("/target/value", "value_unfit", f"Give a whole number from 0 to {MOST_TIMES}.")]
    if target.comparator is Comparator.at_least and target.value == 0:
        return [Fault("/target/value", "value_unfit", "Nothing at all would meet this target.")]
    if target.comparator is Comparator.below and target.value == 0:
        return [Fault("/target/value", "value_unfit", "Nothing could ever meet this target.")]
    return []


def _faults_of_sign(target: SignTarget) -> list[Fault]:
    sign = CATALOGUE.get(target.sign)
    if sign is None or sign.shape is Shape.coded or sign.derived:
        return [Fault("/target/sign", "sign_unfit", "Name a vital sign that is measured as a number.")]
    return [*_faults_of_part(target, sign), *_faults_of_value(target, sign)]


def _faults_of_part(target: SignTarget, sign: VitalSign) -> list[Fault]:
    if sign.shape is Shape.pair:
        parts = [part.key for part in sign.parts]
        if target.part not in parts:
            return [Fault("/target/part", "part_missing", f"Say which part: {' or '.join(parts)}.")]
    elif target.part is not None:
        return [Fault("/target/part", "part_unexpected", "Only blood pressure has parts.")]
    return []


def _faults_of_value(target: SignTarget, sign: VitalSign) -> list[Fault]:
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


def _limits(target: SignTarget, sign: VitalSign) -> Limits | None:
    if sign.shape is Shape.pair:
        return next((part.hard for part in sign.parts if part.key == target.part), None)
    return sign.range_of(target.unit).hard


def _invalid(*faults: Fault) -> Invalid:
    return Invalid("The target cannot be measured as written.", faults)
