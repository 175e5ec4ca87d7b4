"""What a reading measures: sign, shape, unit and numbers understood, or refused for a stated reason; and its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instant import CLOCK_SKEW_TOLERATED, OLDEST_ACCEPTED, offset_minutes
from domain.observations.catalogue import CATALOGUE
from domain.observations.reading import Measurement, Reading, measured
from domain.observations.timing import (
    clock_skew_seconds,
    objection_to_sending,
    objection_to_time,
)
from domain.observations.verdict import Refusal, RefusalCode
from domain.observations.vital_sign import Shape

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
BORN = date(1950, 3, 14)


def claim(sign: str, value: str | None = None, unit: str | None = None, **more: Any) -> Reading:
    return Reading("c-1", sign, NOW, unit, Decimal(value) if value is not None else None, **more)


def understood(reading: Reading) -> Measurement:
    found = measured(reading)
    assert isinstance(found, Measurement), found
    return found


def refused(reading: Reading) -> Refusal:
    found = measured(reading)
    assert isinstance(found, Refusal)
    return found


@pytest.mark.parametrize(
    ("reading", "kept"),
    [
        (claim("body_temperature", "98.6", "[degF]"), "37"),
        (claim("body_temperature", "98", "[degF]"), "36.6667"),
        (claim("body_temperature", "36.75", "Cel"), "36.75"),
        (claim("body_weight", "176", "[lb_av]"), "79.8323"),
        (claim("body_weight", "81500", "g"), "81.5"),
        (claim("body_height", "1.76", "m"), "176"),
        (claim("blood_glucose", "97", "mg/dL"), "5.3834"),
        (claim("peak_expiratory_flow", "700", "cL/s"), "420"),
        (claim("hba1c", "6.5", "%"), "47.541"),
        (claim("steps", "8000", "{steps}"), "8000"),
        (claim("inspired_oxygen", "2", "L/min"), "2"),
        (claim("inspired_oxygen", "28", "%"), "28"),
    ],
)
def test_a_value_is_kept_in_the_canonical_unit_with_the_senders_own_beside_it(reading: Reading, kept: str) -> None:
    measurement = understood(reading)
    assert measurement.value == Decimal(kept)
    assert measurement.reading is reading


def test_a_conversion_is_rounded_half_up_once_and_never_through_a_float() -> None:
    degrees = CATALOGUE["body_temperature"].unit("[degF]")
    grams = CATALOGUE["body_weight"].unit("g")
    assert degrees is not None
    assert grams is not None
    assert str(degrees.convert(Decimal("97.3"))) == "36.2778"
    assert grams.convert(Decimal("80000.05")) == Decimal("80.0001")
    assert grams.convert(Decimal("80000.0499999999")) == Decimal("80.0000")
    assert degrees.convert(Decimal(-40)) == Decimal(-40)


def test_a_value_already_in_the_canonical_unit_keeps_every_digit_that_was_sent() -> None:
    assert str(understood(claim("body_temperature", "36.666666666666664", "Cel")).value) == "36.666666666666664"


@pytest.mark.parametrize("zero", ["-0", "-0.0", "0", "0.0"])
def test_minus_zero_is_zero(zero: str) -> None:
    assert str(understood(claim("inspired_oxygen", zero, "L/min")).value) == "0"


def test_blood_pressure_is_one_reading_of_two_numbers() -> None:
    measurement = understood(claim("blood_pressure", None, "mm[Hg]", systolic=Decimal(128), diastolic=Decimal("81.5")))
    assert (measurement.systolic, measurement.diastolic, measurement.value) == (Decimal(128), Decimal("81.5"), None)


def test_consciousness_is_an_answer_without_unit_or_number() -> None:
    measurement = understood(claim("consciousness_acvpu", code="C"))
    assert (measurement.unit, measurement.value, measurement.reading.code) == (None, None, "C")


def test_a_glucose_meter_may_say_low_or_high() -> None:
    assert understood(claim("blood_glucose", "1.1", "mmol/L", comparator="<")).reading.comparator == "<"


@pytest.mark.parametrize(
    ("reading", "code", "field"),
    [
        (claim("phq9", "28", "{score}"), "sign_unknown", "sign"),
        (claim("bmi", "24", "kg/m2"), "sign_derived", "sign"),
        (claim("news2_total", "3", "{ScoreOf}"), "sign_derived", "sign"),
        (claim("heart_rate", "72"), "unit_missing", "unit"),
        (claim("heart_rate", None, "/min"), "value_missing", "value"),
        (claim("heart_rate", "72", "bpm"), "unit_unknown", "unit"),
        (claim("heart_rate", "72", "/min", comparator="<"), "comparator_unexpected", "comparator"),
        (claim("heart_rate", "72", "/min", code="A"), "value_unexpected", "code"),
        (claim("heart_rate", "72", "/min", systolic=Decimal(120)), "value_unexpected", "systolic"),
        (claim("blood_pressure", "120", "mm[Hg]"), "value_unexpected", "value"),
        (claim("blood_pressure", None, "mm[Hg]", systolic=Decimal(120)), "value_missing", "diastolic"),
        (claim("blood_pressure", None, "mm[Hg]", diastolic=Decimal(80)), "value_missing", "systolic"),
        (claim("blood_pressure", None, None, systolic=Decimal(120), diastolic=Decimal(80)), "unit_missing", "unit"),
        (claim("consciousness_acvpu"), "value_missing", "code"),
        (claim("consciousness_acvpu", code="X"), "code_unknown", "code"),
        (claim("consciousness_acvpu", "1", code="A"), "value_unexpected", "value"),
        (claim("consciousness_acvpu", None, "{score}", code="A"), "unit_unexpected", "unit"),
        (claim("heart_rate", "NaN", "/min"), "value_not_finite", "value"),
        (claim("heart_rate", "Infinity", "/min"), "value_not_finite", "value"),
        (claim("heart_rate", "sNaN", "/min"), "value_not_finite", "value"),
        (claim("heart_rate", "72.123456789012345678", "/min"), "too_many_digits", "value"),
        (claim("heart_rate", "1e-300", "/min"), "too_many_digits", "value"),
        (claim("heart_rate", "1e300", "/min"), "too_many_digits", "value"),
        (claim("pain_score", "5.5", "{score}"), "not_whole", "value"),
        (claim("steps", "10.5", "{count}"), "not_whole", "value"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_code_and_its_field(
    reading: Reading, code: str, field: str
) -> None:
    refusal = refused(reading)
    assert (refusal.code, refusal.field, refusal.can_retry) == (code, field, False)


def test_a_time_without_an_offset_is_refused_before_anything_compares_it() -> None:
    refusal = refused(replace(claim("heart_rate", "72", "/min"), effective_at=NOW.replace(tzinfo=None)))
    assert (refusal.code, refusal.field) == (RefusalCode.naive_time, "effective_at")


@pytest.mark.parametrize(
    ("sign", "unit", "hint"),
    [
        ("blood_glucose", "MMOL/l", "Spelt mmol/L in UCUM."),
        ("blood_glucose", "mg/dl", "Spelt mg/dL in UCUM."),
        ("body_temperature", "cel", "Spelt Cel in UCUM."),
        ("body_temperature", "°F", "Spelt [degF] in UCUM."),
        ("heart_rate", "{Beats}/min", "Spelt /min in UCUM."),
        ("body_weight", "stone", "One of: kg, g, [lb_av]."),
    ],
)
def test_ucum_is_case_sensitive_and_a_near_miss_is_told_the_right_spelling(sign: str, unit: str, hint: str) -> None:
    refusal = refused(claim(sign, "5.4", unit))
    assert (refusal.code, refusal.hint) == (RefusalCode.unit_unknown, hint)


def test_a_missing_unit_is_told_what_there_is_to_choose_from() -> None:
    assert refused(claim("blood_glucose", "5.4")).hint == "One of: mmol/L, mg/dL."


@given(st.sampled_from(sorted(CATALOGUE)), st.decimals(), st.text(max_size=12))
def test_no_claim_at_all_breaks_understanding_and_no_refusal_repeats_the_number(
    sign: str, number: Decimal, unit: str
) -> None:
    found = measured(Reading("c", sign, NOW, unit, number))
    if isinstance(found, Refusal) and number.is_finite() and len(str(number)) > 3:
        assert str(number) not in f"{found.detail}{found.hint}"


@given(
    st.sampled_from(
        [(s.key, u.ucum) for s in CATALOGUE.values() if s.shape is Shape.quantity and not s.derived for u in s.units]
    ),
    st.integers(0, 10**7).map(lambda n: Decimal(n).scaleb(-2)),
)
def test_what_is_kept_is_within_half_a_ten_thousandth_of_the_truth(sent: tuple[str, str], number: Decimal) -> None:
    if CATALOGUE[sent[0]].whole:
        number = number.to_integral_value()
    measurement = understood(Reading("c", sent[0], NOW, sent[1], number))
    unit = measurement.unit
    assert unit is not None
    assert measurement.value is not None
    exact = number.as_integer_ratio()
    truth = unit.scale * exact[0] / exact[1] + unit.offset
    assert abs(truth - truth.__class__(measurement.value)) * 20_000 <= 1


def test_a_repeat_agrees_when_it_says_the_same_in_another_unit_or_with_trailing_zeros() -> None:
    first = understood(claim("body_temperature", "37", "Cel"))
    assert first.states() == understood(claim("body_temperature", "98.60", "[degF]")).states()
    assert first.states() == understood(replace(first.reading, value=Decimal("37.000"))).states()
    assert first.states() != understood(replace(first.reading, value=Decimal("37.001"))).states()
    assert first.states() != understood(replace(first.reading, source="ward-1")).states()


def test_a_flow_and_a_concentration_of_the_same_number_do_not_agree() -> None:
    flow = understood(claim("inspired_oxygen", "28", "L/min"))
    assert flow.states() != understood(claim("inspired_oxygen", "28", "%")).states()


# Times


@pytest.mark.parametrize(
    ("effective_at", "code"),
    [
        (NOW, None),
        (NOW + CLOCK_SKEW_TOLERATED, None),
        (NOW + CLOCK_SKEW_TOLERATED + timedelta(microseconds=1), "future_time"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "future_time"),
        (NOW - timedelta(days=3 * 365), None),
        (NOW - OLDEST_ACCEPTED, None),
        (NOW - OLDEST_ACCEPTED - timedelta(microseconds=1), "past_time"),
        (datetime(1950, 3, 13, 23, 59, tzinfo=UTC), "before_birth"),
        (datetime(1, 1, 1, tzinfo=UTC), "before_birth"),
    ],
)
def test_a_reading_from_the_future_the_far_past_or_before_birth_is_refused(
    effective_at: datetime, code: str | None
) -> None:
    refusal = objection_to_time(effective_at, received_at=NOW, born_on=BORN)
    assert (refusal and refusal.code) == code


def test_a_newborn_may_be_measured_on_the_day_of_birth_where_it_was_born() -> None:
    just_after_midnight = datetime(2026, 7, 1, 0, 10, tzinfo=timezone(timedelta(hours=1)))
    assert just_after_midnight.astimezone(UTC).date() == date(2026, 6, 30)
    assert objection_to_time(just_after_midnight, received_at=NOW, born_on=date(2026, 7, 1)) is None
    refusal = objection_to_time(just_after_midnight, received_at=NOW, born_on=date(2026, 7, 2))
    assert refusal is not None
    assert refusal.code is RefusalCode.before_birth


@pytest.mark.parametrize("minutes", [-720, -210, 0, 60, 345, 840])
def test_the_offset_an_instant_was_written_with_is_kept_in_minutes(minutes: int) -> None:
    assert offset_minutes(NOW.astimezone(timezone(timedelta(minutes=minutes)))) == minutes


def test_an_instant_without_an_offset_has_none_to_keep() -> None:
    with pytest.raises(ValueError, match="offset"):
        offset_minutes(NOW.replace(tzinfo=None))


def test_a_clock_that_is_ahead_shows_by_what_it_sends_or_by_what_it_says() -> None:
    ahead = NOW + timedelta(seconds=30, microseconds=1)
    assert clock_skew_seconds(ahead, received_at=NOW, sent_at=None) == 31
    assert clock_skew_seconds(NOW, received_at=NOW, sent_at=None) is None
    assert clock_skew_seconds(NOW - timedelta(days=1), received_at=NOW, sent_at=None) is None
    assert clock_skew_seconds(ahead, received_at=NOW, sent_at=NOW - timedelta(minutes=5)) == -300


def test_a_phone_clock_off_by_more_than_a_year_says_nothing() -> None:
    assert objection_to_sending(NOW - timedelta(days=366), received_at=NOW) is None
    assert objection_to_sending(NOW - timedelta(days=367), received_at=NOW) is RefusalCode.invalid_time
    assert objection_to_sending(NOW.replace(tzinfo=None), received_at=NOW) is RefusalCode.naive_time
