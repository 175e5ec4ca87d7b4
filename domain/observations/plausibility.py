"""Whether a measurement can be what it says: limits, the order of a pair, a sudden change, and the likely unit.

Pure. It only tells slips and wrong units from measurements; which value is worrying is not known here. A true
extreme can always be recorded, by confirming it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from domain.observations.reading import Measurement
from domain.observations.verdict import Refusal, RefusalCode
from domain.observations.vital_sign import Shape, Unit

# The answers a person cannot give of themself: to answer at all is to be alert.
NOT_SELF_REPORTED = frozenset({"V", "P", "U"})


def objection(
    measurement: Measurement, *, by_the_patient: bool = False, previous: Decimal | None = None
) -> Refusal | None:
    """Return why the measurement cannot be accepted as it stands, or None.

    `previous` is the last accepted value of the sign before this one, in its canonical unit. Nothing a person
    confirms can pass the hard limits or turn a pair round.
    """
    match measurement.sign.shape:
        case Shape.coded:
            return _objection_to_code(measurement, by_the_patient=by_the_patient)
        case Shape.pair:
            return _objection_to_pair(measurement)
        case Shape.quantity:
            return _objection_to_quantity(measurement, previous)


def _objection_to_code(measurement: Measurement, *, by_the_patient: bool) -> Refusal | None:
    if by_the_patient and measurement.reading.code in NOT_SELF_REPORTED:
        return Refusal(RefusalCode.code_not_permitted, "code")
    return None


def _objection_to_pair(measurement: Measurement) -> Refusal | None:
    numbers = _numbers(measurement)
    for part, number in zip(measurement.sign.parts, numbers, strict=True):
        if not part.hard.hold(number):
            return Refusal(RefusalCode.out_of_range, part.key, _unit_hint(measurement))
    systolic, diastolic = numbers
    if systolic <= diastolic:
        return Refusal(RefusalCode.systolic_not_above_diastolic, "systolic", "The two may be the wrong way round.")
    for part, number in zip(measurement.sign.parts, numbers, strict=True):
        if not measurement.reading.confirmed and not part.confirm.hold(number):
            return Refusal(RefusalCode.needs_confirmation, part.key, _unit_hint(measurement))
    return None


def _objection_to_quantity(measurement: Measurement, previous: Decimal | None) -> Refusal | None:
    value, unit = measurement.value, measurement.unit
    if value is None or unit is None:
        raise ValueError("a quantity has a value and a unit")
    limits = measurement.sign.range_of(unit.kept_as)
    if not limits.hard.hold(value):
        return Refusal(RefusalCode.out_of_range, "value", _unit_hint(measurement))
    if measurement.reading.confirmed:
        return None
    if not limits.confirm.hold(value):
        return Refusal(RefusalCode.needs_confirmation, "value", _unit_hint(measurement))
    if previous is not None and not _near(measurement, previous)(value):
        return Refusal(RefusalCode.needs_confirmation, "value", _unit_hint(measurement, _near(measurement, previous)))
    return None


def _near(measurement: Measurement, previous: Decimal) -> Callable[[Decimal], bool]:
    """Return the question whether a value is within the sign's allowed change of the previous one."""
    allowed = measurement.sign.change_to_confirm
    return lambda value: allowed is None or abs(value - previous) <= allowed * previous


def _unit_hint(measurement: Measurement, also: Callable[[Decimal], bool] = lambda _: True) -> str | None:
    """Return which other unit would make the numbers ordinary, in words; None when none would."""
    sent = measurement.unit
    for candidate in (*measurement.sign.units, *measurement.sign.mistakable):
        if candidate is not sent and sent is not None and _ordinary(measurement, candidate, also):
            name = candidate.ucum if candidate in measurement.sign.units else candidate.display
            return f"The number looks like {name} rather than {sent.ucum}."
    return None


def _ordinary(measurement: Measurement, unit: Unit, also: Callable[[Decimal], bool]) -> bool:
    numbers = [unit.convert(number) for number in _numbers(measurement)]
    if measurement.sign.shape is Shape.pair:
        return all(part.confirm.hold(n) for part, n in zip(measurement.sign.parts, numbers, strict=True))
    return all(measurement.sign.range_of(unit.kept_as).confirm.hold(n) and also(n) for n in numbers)


def _numbers(measurement: Measurement) -> list[Decimal]:
    """Return the numbers as they were sent: one, or systolic and diastolic."""
    reading = measurement.reading
    return [n for n in (reading.value, reading.systolic, reading.diastolic) if n is not None]
