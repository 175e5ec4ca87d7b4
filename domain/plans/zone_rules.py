"""What the zones of a plan may say, and how they are kept as JSON. Pure; decides nobody's zone (`zone`).

All three colours or none: a plan that named red alone would leave a person to guess the rest. Refuses what could never
hold and what readings or the diary cannot be held against, with every fault and its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.diary.symptom import GREATEST_LEVEL, LEAST_LEVEL, SYMPTOMS
from domain.errors import Fault, Invalid
from domain.observations.catalogue import CATALOGUE
from domain.observations.vital_sign import Limits, Shape, VitalSign
from domain.plans.target import MOST_SIGNIFICANT_DIGITS, Comparator
from domain.plans.zone import Colour, Criterion, ReadingBasis, ReadingCriterion, SymptomCriterion, Zone

PEAK_FLOW = "peak_expiratory_flow"
MOST_GROUPS = MOST_CRITERIA = 10
# A month is as far back as a plan looks; two to five readings in a row are what anybody is asked for. [proposal]
MOST_DAYS = 30
LEAST_IN_A_ROW, MOST_IN_A_ROW = 2, 5
LEAST_DAYS_OF_CHANGE = 2
MOST_PER_CENT = Decimal(200)
PER_CENT = "%"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to turn to in a zone, and when they are there."""

    name: str
    phone: str | None
    hours: str | None


@dataclass(frozen=True, slots=True)
class AgreedZone:
    """A zone as it was agreed: when it is entered, what to do then in people's words, and whom to turn to."""

    zone: Zone
    instructions: str
    contact: Contact | None


def unit_of(criterion: ReadingCriterion) -> str | None:
    """Return the unit of a criterion's value: per cent of the best, else the sign's own, None for an unknown sign."""
    if criterion.basis is ReadingBasis.percent_of_best:
        return PER_CENT
    sign = CATALOGUE.get(criterion.sign)
    return None if sign is None else sign.canonical_unit


def require_sensible_zones(agreed: Sequence[AgreedZone]) -> None:
    """Raise Invalid, with all faults, unless these are the three zones of a plan, or none."""
    if not agreed:
        return
    faults = list(_faults_of_colours(agreed))
    for place, each in enumerate(agreed):
        faults += _faults_of_zone(each.zone, f"/zones/{place}")
    if faults:
        raise Invalid("The zones cannot be kept to as written.", faults)


def _faults_of_colours(agreed: Sequence[AgreedZone]) -> Iterator[Fault]:
    named = [each.zone.colour for each in agreed]
    if sorted(named) != sorted(Colour):
        yield Fault(
            "/zones", "colours_incomplete", "Give a green, an amber and a red zone, each once, or none of them."
        )


def _faults_of_zone(zone: Zone, pointer: str) -> Iterator[Fault]:
    if not 1 <= len(zone.groups) <= MOST_GROUPS:
        yield Fault(f"{pointer}/any_of", "groups_unfit", f"Give 1 to {MOST_GROUPS} groups of criteria.")
    for number, group in enumerate(zone.groups):
        at = f"{pointer}/any_of/{number}/all_of"
        if not 1 <= len(group) <= MOST_CRITERIA:
            yield Fault(at, "criteria_unfit", f"Give 1 to {MOST_CRITERIA} criteria.")
        for place, criterion in enumerate(group):
            if isinstance(criterion, SymptomCriterion):
                yield from _faults_of_symptom(criterion, f"{at}/{place}")
            else:
                yield from _faults_of_reading(criterion, f"{at}/{place}")


def _faults_of_symptom(criterion: SymptomCriterion, pointer: str) -> Iterator[Fault]:
    if criterion.symptom not in SYMPTOMS:
        yield Fault(f"{pointer}/symptom", "unknown_symptom", "Name a symptom of GET /v1/symptoms.")
    if not LEAST_LEVEL <= criterion.level <= GREATEST_LEVEL:
        yield Fault(f"{pointer}/level", "out_of_range", f"Give a step from {LEAST_LEVEL} to {GREATEST_LEVEL}.")
    if not any(criterion.comparator.holds(Decimal(n), Decimal(criterion.level)) for n in range(GREATEST_LEVEL + 1)):
        yield Fault(f"{pointer}/level", "never_met", "No step of this symptom would meet this.")
    yield from _faults_of_days(criterion.days, 1, pointer)


def _faults_of_days(days: int, least: int, pointer: str) -> Iterator[Fault]:
    if not least <= days <= MOST_DAYS:
        yield Fault(f"{pointer}/days", "out_of_range", f"Look at {least} to {MOST_DAYS} days, today included.")


def _faults_of_reading(criterion: ReadingCriterion, pointer: str) -> Iterator[Fault]:
    sign = CATALOGUE.get(criterion.sign)
    if sign is None or sign.shape is Shape.coded or sign.derived or sign.canonical_unit is None:
        yield Fault(f"{pointer}/sign", "sign_unfit", "Name a vital sign that is measured as a number of one unit.")
        return
    parts = [part.key for part in sign.parts] if sign.shape is Shape.pair else [None]
    if criterion.part not in parts:
        said = "Say systolic or diastolic." if sign.shape is Shape.pair else "Only blood pressure has parts."
        yield Fault(f"{pointer}/part", "part_unfit", said)
        return
    least_days = LEAST_DAYS_OF_CHANGE if criterion.basis is ReadingBasis.change else 1
    yield from _faults_of_days(criterion.days, least_days, pointer)
    in_a_row = criterion.basis is ReadingBasis.in_a_row
    if not (LEAST_IN_A_ROW if in_a_row else 1) <= criterion.times <= (MOST_IN_A_ROW if in_a_row else 1):
        yield Fault(f"{pointer}/times", "out_of_range", "Give 2 to 5 for readings in a row, and 1 for all else.")
    if criterion.basis is ReadingBasis.percent_of_best and criterion.sign != PEAK_FLOW:
        yield Fault(f"{pointer}/basis", "basis_unfit", "Only peak flow is held against a personal best.")
    yield from _faults_of_value(criterion, sign, pointer)


def _faults_of_value(criterion: ReadingCriterion, sign: VitalSign, pointer: str) -> Iterator[Fault]:
    value, limits = criterion.value, _limits(criterion, sign)
    if not value.is_finite() or len(value.as_tuple().digits) > MOST_SIGNIFICANT_DIGITS:
        yield Fault(f"{pointer}/value", "value_unfit", "Give an ordinary number.")
    elif not limits.hold(value):
        yield Fault(f"{pointer}/value", "out_of_range", "No measurement could be held against this value.")


def _limits(criterion: ReadingCriterion, sign: VitalSign) -> Limits:
    if criterion.basis is ReadingBasis.percent_of_best:
        return Limits(Decimal(0), MOST_PER_CENT)
    if sign.shape is Shape.pair:
        hard = next(part.hard for part in sign.parts if part.key == criterion.part)
    else:
        hard = sign.range_of(sign.canonical_unit or "").hard
    width = hard.high - hard.low
    return Limits(-width, width) if criterion.basis is ReadingBasis.change else hard


def as_json(zone: Zone) -> list[list[dict[str, Any]]]:
    """Return when a zone is entered as it is kept."""
    return [[_criterion_as_json(each) for each in group] for group in zone.groups]


def _criterion_as_json(criterion: Criterion) -> dict[str, Any]:
    if isinstance(criterion, SymptomCriterion):
        return {
            "symptom": criterion.symptom,
            "comparator": criterion.comparator.value,
            "level": criterion.level,
            "days": criterion.days,
        }
    return {
        "sign": criterion.sign,
        "part": criterion.part,
        "basis": criterion.basis.value,
        "comparator": criterion.comparator.value,
        "value": str(criterion.value),
        "days": criterion.days,
        "times": criterion.times,
    }


def from_json(colour: str, groups: Sequence[Sequence[Mapping[str, Any]]]) -> Zone:
    """Return the zone that is kept so."""
    return Zone(Colour(colour), tuple(tuple(_criterion_from_json(each) for each in group) for group in groups))


def _criterion_from_json(kept: Mapping[str, Any]) -> Criterion:
    comparator = Comparator(kept["comparator"])
    if "symptom" in kept:
        return SymptomCriterion(kept["symptom"], comparator, kept["level"], kept["days"])
    return ReadingCriterion(
        sign=kept["sign"],
        part=kept["part"],
        basis=ReadingBasis(kept["basis"]),
        comparator=comparator,
        value=Decimal(kept["value"]),
        days=kept["days"],
        times=kept["times"],
    )
