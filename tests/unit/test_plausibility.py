"""Which measurements can be what they say: limits and their edges, the likely unit, pairs, sudden changes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.catalogue import CATALOGUE
from domain.observations.plausibility import objection
from domain.observations.reading import Measurement, Reading, measured
from domain.observations.verdict import Refusal, RefusalCode
from domain.observations.vital_sign import Shape

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
QUANTITIES = [
    (sign, unit)
    for sign in CATALOGUE.values()
    if sign.shape is Shape.quantity and not sign.derived
    for unit in sign.units
    if unit.ucum == unit.kept_as
]
EACH_QUANTITY = pytest.mark.parametrize(("sign", "unit"), QUANTITIES, ids=[f"{s.key} {u.ucum}" for s, u in QUANTITIES])


def measurement(sign: str, value: object = None, unit: str | None = None, **more: Any) -> Measurement:
    number = None if value is None else Decimal(str(value))
    found = measured(Reading("c", sign, NOW, unit, number, **more))
    assert isinstance(found, Measurement), found
    return found


def pressure(systolic: int, diastolic: int, **more: Any) -> Measurement:
    return measurement(
        "blood_pressure", unit="mm[Hg]", systolic=Decimal(systolic), diastolic=Decimal(diastolic), **more
    )


def code_of(refusal: Refusal | None) -> str | None:
    return None if refusal is None else refusal.code.value


@EACH_QUANTITY
def test_the_ends_of_the_hard_limits_are_accepted_when_confirmed_and_nothing_beyond_them_ever_is(
    sign: Any, unit: Any
) -> None:
    hard, step = sign.range_of(unit.kept_as).hard, 1 if sign.whole else Decimal("0.0001")
    for inside in (hard.low, hard.high):
        assert objection(measurement(sign.key, inside, unit.ucum, confirmed=True)) is None
    for outside in (hard.low - step, hard.high + step):
        refusal = objection(measurement(sign.key, outside, unit.ucum, confirmed=True))
        assert code_of(refusal) == "out_of_range"
        assert refusal is not None
        assert not refusal.can_retry


@EACH_QUANTITY
def test_what_is_unusual_needs_confirmation_and_its_edges_do_not(sign: Any, unit: Any) -> None:
    found, step = sign.range_of(unit.kept_as), 1 if sign.whole else Decimal("0.0001")
    for ordinary in (found.confirm.low, found.confirm.high):
        assert objection(measurement(sign.key, ordinary, unit.ucum)) is None
    for unusual in (found.confirm.low - step, found.confirm.high + step):
        if found.hard.hold(unusual):
            refusal = objection(measurement(sign.key, unusual, unit.ucum))
            assert code_of(refusal) == "needs_confirmation"
            assert refusal is not None
            assert refusal.can_retry
            assert objection(measurement(sign.key, unusual, unit.ucum, confirmed=True)) is None


@pytest.mark.parametrize(
    ("sign", "value", "unit", "code", "hint"),
    [
        ("body_temperature", "98.6", "Cel", "out_of_range", "The number looks like [degF] rather than Cel."),
        ("body_temperature", "37", "[degF]", "out_of_range", "The number looks like Cel rather than [degF]."),
        ("blood_glucose", "100", "mmol/L", "out_of_range", "The number looks like mg/dL rather than mmol/L."),
        ("blood_glucose", "5.4", "mg/dL", "out_of_range", "The number looks like mmol/L rather than mg/dL."),
        ("blood_glucose", "5.5", "mg/dL", "needs_confirmation", "The number looks like mmol/L rather than mg/dL."),
        ("blood_glucose", "1.5", "mmol/L", "needs_confirmation", None),
        ("body_height", "1.76", "cm", "out_of_range", "The number looks like m rather than cm."),
        ("body_height", "176", "m", "out_of_range", "The number looks like cm rather than m."),
        ("body_height", "68", "cm", "needs_confirmation", "The number looks like [in_i] rather than cm."),
        ("body_height", "0.4", "m", "needs_confirmation", None),
        ("body_weight", "80000", "kg", "out_of_range", "The number looks like g rather than kg."),
        ("body_weight", "80", "g", "out_of_range", "The number looks like kg rather than g."),
        ("body_weight", "12", "kg", "needs_confirmation", "The number looks like stone rather than kg."),
        ("body_weight", "176", "kg", None, None),
        ("oxygen_saturation", "101", "%", "out_of_range", None),
        ("oxygen_saturation", "0", "%", "out_of_range", None),
        ("oxygen_saturation", "0.97", "%", "out_of_range", "The number looks like a fraction of one rather than %."),
        ("inspired_oxygen", "28", "L/min", "needs_confirmation", "The number looks like % rather than L/min."),
        ("inspired_oxygen", "2", "%", "out_of_range", "The number looks like L/min rather than %."),
        ("hba1c", "7", "mmol/mol", "out_of_range", "The number looks like % rather than mmol/mol."),
        ("hba1c", "48", "%", "out_of_range", "The number looks like mmol/mol rather than %."),
        ("peak_expiratory_flow", "7", "L/min", "out_of_range", "The number looks like L/s rather than L/min."),
        ("heart_rate", "-60", "/min", "out_of_range", None),
    ],
)
def test_a_likely_wrong_unit_is_named_in_the_hint(
    sign: str, value: str, unit: str, code: str | None, hint: str | None
) -> None:
    refusal = objection(measurement(sign, value, unit))
    assert code_of(refusal) == code
    assert (refusal.hint if refusal else None) == hint


@pytest.mark.parametrize(
    ("systolic", "diastolic", "code", "field"),
    [
        (128, 82, None, None),
        (60, 120, "systolic_not_above_diastolic", "systolic"),
        (100, 100, "systolic_not_above_diastolic", "systolic"),
        (301, 100, "out_of_range", "systolic"),
        (29, 10, "out_of_range", "systolic"),
        (220, 201, "out_of_range", "diastolic"),
        (251, 100, "needs_confirmation", "systolic"),
        (59, 40, "needs_confirmation", "systolic"),
        (200, 151, "needs_confirmation", "diastolic"),
        (90, 29, "needs_confirmation", "diastolic"),
    ],
)
def test_a_pair_is_judged_part_by_part_and_as_a_pair(
    systolic: int, diastolic: int, code: str | None, field: str | None
) -> None:
    refusal = objection(pressure(systolic, diastolic))
    assert (code_of(refusal), refusal and refusal.field) == (code, field)


def test_confirming_lets_an_extreme_pair_pass_but_never_turns_one_round() -> None:
    assert objection(pressure(251, 151, confirmed=True)) is None
    assert code_of(objection(pressure(60, 120, confirmed=True))) == "systolic_not_above_diastolic"


def test_a_pressure_in_kilopascals_is_recognised() -> None:
    refusal = objection(pressure(17, 11))
    assert code_of(refusal) == "out_of_range"
    assert refusal is not None
    assert refusal.hint == "The number looks like kPa rather than mm[Hg]."


@pytest.mark.parametrize(
    ("value", "previous", "code"),
    [
        ("80", None, None),
        ("88", "80", None),
        ("88.0001", "80", "needs_confirmation"),
        ("72", "80", None),
        ("71.9999", "80", "needs_confirmation"),
    ],
)
def test_a_weight_more_than_a_tenth_from_the_last_one_needs_confirmation(
    value: str, previous: str | None, code: str | None
) -> None:
    before = Decimal(previous) if previous else None
    assert code_of(objection(measurement("body_weight", value, "kg"), previous=before)) == code
    assert objection(measurement("body_weight", value, "kg", confirmed=True), previous=before) is None


def test_pounds_sent_as_kilograms_are_recognised_by_the_last_weight() -> None:
    refusal = objection(measurement("body_weight", "176", "kg"), previous=Decimal("80.2"))
    assert refusal is not None
    assert refusal.hint == "The number looks like [lb_av] rather than kg."


def test_a_sudden_change_matters_only_where_the_catalogue_says_so() -> None:
    assert objection(measurement("heart_rate", "120", "/min"), previous=Decimal(60)) is None


@pytest.mark.parametrize("answer", "ACVPU")
def test_only_a_carer_or_clinician_says_that_a_person_does_not_respond_normally(answer: str) -> None:
    observed = measurement("consciousness_acvpu", code=answer)
    assert objection(observed) is None
    assert code_of(objection(observed, by_the_patient=True)) == (None if answer in "AC" else "code_not_permitted")


@given(
    st.sampled_from(QUANTITIES),
    st.decimals(0, 10_000, places=2),
    st.booleans(),
    st.none() | st.decimals(1, 300, places=1),
)
def test_confirming_never_makes_a_measurement_less_acceptable(
    quantity: tuple[Any, Any], value: Decimal, by_the_patient: bool, previous: Decimal | None
) -> None:
    sign, unit = quantity
    if sign.whole:
        value = value.to_integral_value()
    plain = objection(measurement(sign.key, value, unit.ucum), by_the_patient=by_the_patient, previous=previous)
    confirmed = objection(
        measurement(sign.key, value, unit.ucum, confirmed=True), by_the_patient=by_the_patient, previous=previous
    )
    assert code_of(confirmed) in (None, "out_of_range")
    assert plain is not None or confirmed is None
    assert (code_of(plain) == "out_of_range") == (confirmed is not None)


def test_every_code_has_words_of_its_own_and_only_a_confirmation_is_worth_a_retry() -> None:
    details = {Refusal(code, "value").detail for code in RefusalCode}
    assert len(details) == len(RefusalCode)
    assert [code for code in RefusalCode if Refusal(code, "value").can_retry] == [RefusalCode.needs_confirmation]
