"""A reading (what a device claims) and the measurement it becomes once its sign, unit and shape are understood.

Pure. Whether the measurement can be believed is not known here: see `plausibility` and `timing`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.observations.catalogue import CATALOGUE
from domain.observations.verdict import Refusal, RefusalCode
from domain.observations.vital_sign import Shape, Unit, VitalSign

MANUAL_SOURCE = "manual"

# An IEEE 754 double never needs more digits than this to be told exactly; the bounds keep arithmetic and rows small.
MOST_SIGNIFICANT_DIGITS = 17
MOST_DECIMALS = 17
LARGEST_MAGNITUDE = 9  # powers of ten

_FIELDS = ("value", "systolic", "diastolic", "code")
_NUMBERS = _FIELDS[:3]
# Which of the fields a reading carries.
_QUANTITY, _PAIR, _CODED = (True, False, False, False), (False, True, True, False), (False, False, False, True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a device or a person claims: one vital sign of one instant, in the sender's own unit.

    `client_id` is the sender's own name for it and never names another; `source` is the device.
    """

    client_id: str
    sign: str
    effective_at: datetime
    unit: str | None = None
    value: Decimal | None = None
    systolic: Decimal | None = None
    diastolic: Decimal | None = None
    code: str | None = None
    comparator: str | None = None
    source: str = MANUAL_SOURCE
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A claim that is not even a reading; it gets its verdict like any other, and stops no other."""

    client_id: str | None
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Measurement:
    """A reading that is understood: its sign known, its numbers in the unit we keep, the sender's own beside them.

    A pair has one unit only, so its numbers are kept as they were sent.
    """

    reading: Reading
    sign: VitalSign
    unit: Unit | None
    value: Decimal | None
    systolic: Decimal | None
    diastolic: Decimal | None

    def states(self) -> tuple[object, ...]:
        """Return what a repeat must agree on: the same sign, instant, source and measured content."""
        reading = self.reading
        return (
            reading.sign,
            reading.effective_at,
            reading.source,
            self.value,
            self.systolic,
            self.diastolic,
            reading.code,
            reading.comparator,
            None if self.unit is None else self.unit.kept_as,
        )


def measured(reading: Reading) -> Measurement | Refusal:
    """Return what the reading measures, in the unit we keep; or why it cannot be understood."""
    sign = CATALOGUE.get(reading.sign)
    if sign is None:
        return Refusal(RefusalCode.sign_unknown, "sign")
    if sign.derived:
        return Refusal(RefusalCode.sign_derived, "sign")
    if reading.effective_at.utcoffset() is None:
        return Refusal(RefusalCode.naive_time, "effective_at")
    refusal = _misshapen(reading, sign) or _unfit_number(reading, sign)
    if refusal is not None:
        return refusal
    unit = _unit_of(reading, sign)
    if isinstance(unit, Refusal):
        return unit
    value = _positive_zero(reading.value)
    return Measurement(
        reading,
        sign,
        unit,
        unit.convert(value) if unit is not None and value is not None else None,
        _positive_zero(reading.systolic),
        _positive_zero(reading.diastolic),
    )


def _misshapen(reading: Reading, sign: VitalSign) -> Refusal | None:
    shape = sign.shape
    wanted = _QUANTITY if shape is Shape.quantity else _PAIR if shape is Shape.pair else _CODED
    given = (
        reading.value is not None,
        reading.systolic is not None,
        reading.diastolic is not None,
        reading.code is not None,
    )
    if given != wanted:
        field, is_given = next(
            (field, has) for field, has, needs in zip(_FIELDS, given, wanted, strict=True) if has != needs
        )
        return Refusal(RefusalCode.value_unexpected if is_given else RefusalCode.value_missing, field)
    if reading.comparator is not None and not sign.comparators:
        return Refusal(RefusalCode.comparator_unexpected, "comparator")
    if shape is Shape.coded and reading.code not in dict(sign.answers):
        return Refusal(RefusalCode.code_unknown, "code", hint=_one_of(answer for answer, _ in sign.answers))
    return None


def _unfit_number(reading: Reading, sign: VitalSign) -> Refusal | None:
    for field, number in zip(_NUMBERS, (reading.value, reading.systolic, reading.diastolic), strict=True):
        if number is None:
            continue
        if not number.is_finite():
            return Refusal(RefusalCode.value_not_finite, field)
        _, digits, exponent = number.as_tuple()
        decimals = -exponent if isinstance(exponent, int) else 0
        if len(digits) > MOST_SIGNIFICANT_DIGITS or decimals > MOST_DECIMALS or number.adjusted() > LARGEST_MAGNITUDE:
            return Refusal(RefusalCode.too_many_digits, field)
        if sign.whole and number != number.to_integral_value():
            return Refusal(RefusalCode.not_whole, field)
    return None


def _unit_of(reading: Reading, sign: VitalSign) -> Unit | Refusal | None:
    if sign.shape is Shape.coded:
        return None if reading.unit is None else Refusal(RefusalCode.unit_unexpected, "unit")
    if reading.unit is None:
        return Refusal(RefusalCode.unit_missing, "unit", hint=_one_of(unit.ucum for unit in sign.units))
    return sign.unit(reading.unit) or Refusal(RefusalCode.unit_unknown, "unit", hint=_spelling(reading.unit, sign))


def _spelling(sent: str, sign: VitalSign) -> str:
    """Return the right spelling of a unit that was nearly right, or all the spellings there are."""
    folded = sent.casefold()
    for unit in sign.units:
        if folded in (unit.ucum.casefold(), unit.display.casefold()):
            return f"Spelt {unit.ucum} in UCUM."
    if len(sign.units) == 1 and folded in (alias.casefold() for alias in sign.aliases.ucum):
        return f"Spelt {sign.units[0].ucum} in UCUM."
    return _one_of(unit.ucum for unit in sign.units)


def _one_of(choices: Iterable[str]) -> str:
    return f"One of: {', '.join(choices)}."


def _positive_zero(number: Decimal | None) -> Decimal | None:
    """Return the number, minus zero made zero: they are equal, but would be shown and compared as text unlike."""
    return Decimal(0) if number is not None and not number else number
