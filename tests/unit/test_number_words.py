"""The words of one's own numbers: what is missing or old is said so, and nothing is praised."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.observations.evidence import Measured
from domain.observations.glucose_range import BANDS, Bands, Glucose, GlucoseKind, glucose_range
from domain.observations.home_blood_pressure import Pressure, home_average
from domain.observations.peak_flow import BestSource, PersonalBest, against_best, measured_best
from domain.observations.sufficiency import Sufficiency
from domain.observations.weight_change import weight_change
from domain.people.local_days import LONDON_DAYS
from domain.plans import number_words as words
from domain.plans.own_numbers import Comparison, OwnNumbers, OwnTarget, compared
from domain.plans.target import Comparator, SignTarget

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PRAISE = re.compile(r"\b(normal|good|great|fine|healthy|well done|on track|safe|bad|poor)\b", re.IGNORECASE)


def numbers(
    pressures: list[Pressure] | None = None,
    glucose: list[Glucose] | None = None,
    weights: list[Measured] | None = None,
    flows: list[Measured] | None = None,
    best: PersonalBest | None = None,
) -> OwnNumbers:
    blown = sorted(flows or [], key=lambda each: each.at, reverse=True)
    return OwnNumbers(
        as_of=NOW,
        days=LONDON_DAYS,
        latest={},
        blood_pressure=home_average(pressures or [], as_of=NOW, days=LONDON_DAYS),
        blood_pressure_targets=(),
        glucose=glucose_range(glucose or [], as_of=NOW),
        glucose_ids=(),
        weight=weight_change(weights or [], as_of=NOW, days=LONDON_DAYS),
        weight_targets=(),
        peak_flow=against_best(blown[0] if blown else None, best, as_of=NOW),
        measured_best=measured_best(blown, as_of=NOW, days=LONDON_DAYS),
        peak_flow_targets=(),
        trends=(),
    )


def measured(days_ago: float, value: str) -> Measured:
    return Measured(UUID(int=int(days_ago * 1440)), NOW - days_ago * DAY, Decimal(value))


def all_said(of: OwnNumbers) -> list[words.Said]:
    return [
        words.said_of_pressure(of),
        words.said_of_glucose(of),
        words.said_of_weight(of, LONDON_DAYS),
        words.said_of_peak_flow(of, LONDON_DAYS),
    ]


def test_nothing_measured_is_said_as_nothing_measured() -> None:
    assert [said.key for said in all_said(numbers())] == [
        "blood_pressure_average.none",
        "glucose_range.none",
        "weight_change.none",
        "peak_flow.none",
    ]


def test_a_share_out_of_range_is_never_rounded_away() -> None:
    told = words.percentages(Bands(Fraction(1, 4032), Fraction(0), Fraction(4031, 4032), Fraction(0), Fraction(0)))
    assert (told["very_low"], told["in_range"], told["low"]) == (Decimal("0.1"), Decimal("99.9"), Decimal("0.0"))


def test_a_sensor_s_share_is_told_with_how_much_of_the_time_it_saw() -> None:
    step = timedelta(minutes=5)
    seen = [Glucose(NOW - n * step, Decimal(6)) for n in range(3000, 0, -1)]
    said = words.said_of_glucose(numbers(glucose=seen))
    assert said.key == "time_in_range.enough"
    assert "as far as your sensor saw them (74 %)" in said.english
    short = words.said_of_glucose(numbers(glucose=seen[-2000:]))
    assert (short.key, "49 % of 14 days" in short.english) == ("time_in_range.not_enough", True)


def test_an_old_weight_and_an_old_blow_are_said_to_be_old() -> None:
    old = numbers(
        weights=[measured(10, "80"), measured(11, "79")],
        flows=[measured(2, "400")],
        best=PersonalBest(Decimal(500), BestSource.stated, UUID(int=1), NOW),
    )
    weight, flow = words.said_of_weight(old, LONDON_DAYS), words.said_of_peak_flow(old, LONDON_DAYS)
    assert (weight.key, flow.key) == ("weight_change.stale.more", "peak_flow.stale")
    assert weight.english.startswith("No weight for more than a week.")
    assert "says nothing of today" in flow.english and "80" not in flow.english


def test_words_stand_in_the_singular_for_one() -> None:
    one_day_short = [
        Pressure(UUID(int=n), NOW - DAY * (1 + n // 4) + timedelta(minutes=5 * (n % 4)), Decimal(130), Decimal(80))
        for n in range(12)
    ]
    said = words.said_of_pressure(numbers(pressures=one_day_short))
    assert "1 more day and 4 more readings to go" in said.english


values = st.decimals(20, 900, places=1)
ages = st.floats(0, 40)


@given(
    st.lists(st.tuples(ages, values), max_size=30),
    st.lists(st.tuples(ages, st.decimals(1, 30, places=1)), max_size=60),
    st.lists(st.tuples(ages, st.integers(90, 200)), max_size=60),
    st.none() | values.map(lambda value: PersonalBest(value, BestSource.stated, UUID(int=1), NOW)),
)
def test_whatever_was_measured_it_is_neither_praised_nor_blamed_and_every_parameter_is_plain(
    weights: list[tuple[float, Decimal]],
    glucose: list[tuple[float, Decimal]],
    systolic: list[tuple[float, int]],
    best: PersonalBest | None,
) -> None:
    of = numbers(
        [Pressure(UUID(int=n), NOW - age * DAY, Decimal(top), Decimal(70)) for n, (age, top) in enumerate(systolic)],
        sorted((Glucose(NOW - age * DAY, value) for age, value in glucose), key=lambda each: each.at),
        [Measured(UUID(int=n), NOW - age * DAY, value) for n, (age, value) in enumerate(weights)],
        [Measured(UUID(int=n), NOW - age * DAY, value) for n, (age, value) in enumerate(weights)],
        best,
    )
    for said in all_said(of):
        assert not PRAISE.search(said.english), said.english
        assert "None" not in said.english and "Fraction" not in said.english
        assert re.fullmatch(r"[a-z_]+\.[a-z_.]+", said.key)
        assert all(isinstance(each, str | int) for each in said.parameters.values())


def test_every_caveat_that_is_told_has_words() -> None:
    pricked = numbers(glucose=[Glucose(NOW - DAY / 24, Decimal(6))], flows=[measured(0.1, "400")])
    rising = numbers(weights=[measured(1, "79"), measured(0, "82")])
    told = {
        *words.caveats_of_pressure(),
        *words.caveats_of_glucose(pricked),
        *words.caveats_of_weight(rising),
        *words.caveats_of_peak_flow(pricked),
    }
    assert told <= set(words.CAVEATS) and len(told) == 5
    assert pricked.glucose.kind is GlucoseKind.readings_in_range


TARGET = SignTarget("blood_pressure", "systolic", Comparator.below, Decimal(135), "mm[Hg]", NOW.date())


def test_a_third_is_held_against_a_target_exactly() -> None:
    own = [OwnTarget(UUID(int=1), TARGET)]
    for figure, met in ((Fraction(135) - Fraction(1, 3 * 10**30), True), (Fraction(135), False)):
        [against] = compared(own, "blood_pressure", "systolic", figure, Sufficiency.enough)
        assert (against.met, against.difference) == (met, figure - 135)


def test_only_a_figure_that_enough_readings_carry_is_held_against_a_target() -> None:
    own = [OwnTarget(UUID(int=1), TARGET), OwnTarget(UUID(int=2), replace(TARGET, part="diastolic"))]
    enough = compared(own, "blood_pressure", "systolic", Fraction(130), Sufficiency.enough)
    assert enough == (Comparison(UUID(int=1), TARGET, met=True, difference=Fraction(-5)),)
    for data in set(Sufficiency) - {Sufficiency.enough}:
        [against] = compared(own, "blood_pressure", "systolic", Fraction(130), data)
        assert (against.met, against.difference) == (None, None)


def test_bands_are_told_in_the_order_of_glucose() -> None:
    assert BANDS == ("very_low", "low", "in_range", "high", "very_high")
