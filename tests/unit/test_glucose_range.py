"""Time in range is told of a sensor that covered the fortnight; of finger-prick readings only their share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.catalogue import CATALOGUE
from domain.observations.glucose_range import WINDOW, Bands, Glucose, GlucoseKind, GlucoseRange, glucose_range
from domain.observations.sufficiency import Sufficiency

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)
EVERY = int(WINDOW / FIVE)
MG_DL = CATALOGUE["blood_glucose"].unit("mg/dL")


def sensed(*values: str, every: timedelta = FIVE, until: datetime = NOW) -> list[Glucose]:
    """Return readings at equal steps, the last one step before the end."""
    return [Glucose(until - (len(values) - n) * every, Decimal(value)) for n, value in enumerate(values)]


def told(readings: list[Glucose], *, complete: bool = True) -> GlucoseRange:
    return glucose_range(readings, as_of=NOW, complete=complete)


def of(*parts: Fraction | int) -> Bands:
    return Bands(*map(Fraction, parts))


def test_a_fortnight_of_a_sensor_is_told_as_time_in_range_with_its_coverage() -> None:
    found = told(sensed(*["2.9"] * 1008, *["3.5"] * 1008, *["6.0"] * 1008, *["11.0"] * 504, *["15.0"] * 503))
    assert (found.kind, found.data, found.count) == (GlucoseKind.time_in_range, Sufficiency.enough, 4031)
    assert found.bands is not None and sum(Fraction(getattr(found.bands, b)) for b in found.bands.__slots__) == 1
    assert found.bands.very_low == Fraction(1008, 4031)
    assert found.coverage == Fraction(4031, 4032)


@pytest.mark.parametrize(
    ("mmol", "band"),
    [
        ("2.9", "very_low"),
        ("3.0", "low"),
        ("3.8", "low"),
        ("3.9", "in_range"),
        ("10.0", "in_range"),
        ("10.1", "high"),
        ("13.9", "high"),
        ("14.0", "very_high"),
    ],
)
def test_the_consensus_limits_in_mmol(mmol: str, band: str) -> None:
    assert getattr(told(sensed(*[mmol] * EVERY)).bands, band) == 1


@pytest.mark.parametrize(
    ("mg_dl", "band"),
    [
        (53, "very_low"),
        (54, "low"),
        (69, "low"),
        (70, "in_range"),
        (180, "in_range"),
        (181, "high"),
        (250, "high"),
        (251, "very_high"),
    ],
)
def test_the_consensus_limits_in_mg_dl_converted_as_readings_are(mg_dl: int, band: str) -> None:
    assert MG_DL is not None
    value = str(MG_DL.convert(Decimal(mg_dl)))
    assert getattr(told(sensed(*[value] * EVERY)).bands, band) == 1


def test_less_than_seventy_per_cent_of_the_fortnight_is_not_enough_and_tells_no_share() -> None:
    just = told(sensed(*["6.0"] * int(EVERY * 0.7 + 1)))
    assert (just.data, just.bands) == (Sufficiency.enough, of(0, 0, 1, 0, 0))
    short = told(sensed(*["6.0"] * int(EVERY * 0.69)))
    assert (short.kind, short.data, short.bands) == (GlucoseKind.time_in_range, Sufficiency.not_enough, None)
    assert short.coverage is not None and Fraction(68, 100) < short.coverage < Fraction(70, 100)


def test_a_sensors_pause_is_not_covered_by_the_reading_before_it() -> None:
    before = sensed(*["15.0"] * 2000, until=NOW - timedelta(days=2))
    after = sensed(*["6.0"] * 576)
    found = told([*before, *after])
    assert found.coverage == Fraction(2576, EVERY) and found.data is Sufficiency.not_enough
    resumed = told([*sensed(*["15.0"] * 3400, until=NOW - timedelta(days=1)), *sensed(*["6.0"] * 200)])
    assert resumed.bands == of(0, 0, Fraction(200, 3600), 0, Fraction(3400, 3600))


def test_a_minute_of_a_quicker_sensor_weighs_a_fifth_of_five() -> None:
    quick = sensed(*["15.0"] * 1440, every=timedelta(minutes=1))
    slow = sensed(*["6.0"] * 3600, until=NOW - timedelta(days=1))
    found = told([*slow, *quick])
    assert found.bands is not None
    assert found.bands.very_high == Fraction(1440, 1440 + 3600 * 5)


def test_finger_prick_readings_are_never_called_time_in_range() -> None:
    pricked = sensed(*["6.0"] * 30, *["2.0"] * 10, *["12.0"] * 8, every=timedelta(hours=6))
    found = told(pricked)
    assert (found.kind, found.data, found.coverage) == (GlucoseKind.readings_in_range, Sufficiency.enough, None)
    assert found.bands == of(Fraction(10, 48), 0, Fraction(30, 48), Fraction(8, 48), 0)
    close_together = told(sensed(*["6.0"] * 95))
    assert close_together.kind is GlucoseKind.readings_in_range


def test_thirteen_finger_prick_readings_are_not_enough() -> None:
    assert told(sensed(*["6.0"] * 13, every=timedelta(hours=12))).bands is None
    assert told(sensed(*["6.0"] * 14, every=timedelta(hours=12))).data is Sufficiency.enough


def test_a_meters_limit_counts_where_it_decides_and_is_left_out_where_it_does_not() -> None:
    step = timedelta(hours=6)
    usual = sensed(*["6.0"] * 20, every=step)
    shown = [("2.0", "<"), ("27.8", ">"), ("6.0", "<"), ("9.0", ">")]
    limits = [Glucose(NOW - timedelta(minutes=60 - n), Decimal(value), bound) for n, (value, bound) in enumerate(shown)]
    found = told([*usual, *limits])
    assert (found.count, found.judged) == (24, 22)
    assert found.bands == of(Fraction(1, 22), 0, Fraction(20, 22), 0, Fraction(1, 22))


def test_without_readings_nothing_is_told_and_old_ones_are_stale() -> None:
    nothing = told([])
    assert (nothing.data, nothing.bands, nothing.count) == (Sufficiency.none, None, 0)
    assert told(sensed(*["6.0"] * 20, every=timedelta(hours=6), until=NOW - timedelta(days=2))).data is (
        Sufficiency.stale
    )
    before_the_window = sensed(*["6.0"] * 20, until=NOW - WINDOW)
    assert told(before_the_window).data is Sufficiency.none


def test_more_readings_than_are_looked_at_are_not_judged() -> None:
    found = told(sensed(*["6.0"] * EVERY), complete=False)
    assert (found.data, found.bands) == (Sufficiency.not_enough, None)


glucose = st.builds(
    lambda minutes, tenths, bound: Glucose(NOW - timedelta(minutes=minutes), Decimal(tenths) / 10, bound),
    st.integers(-60, 22_000),
    st.integers(3, 600),
    st.sampled_from([None, None, None, "<", ">"]),
)


@given(st.lists(glucose, max_size=300).map(lambda found: sorted(found, key=lambda each: each.at)))
def test_whatever_was_measured_the_bands_are_parts_of_one_whole(readings: list[Glucose]) -> None:
    found = told(readings)
    assert (found.bands is None) == (found.data in {Sufficiency.none, Sufficiency.not_enough})
    assert found.judged <= found.count
    assert found.coverage is None or 0 <= found.coverage <= 1
    assert (found.coverage is None) == (found.kind is GlucoseKind.readings_in_range)
    if found.bands is not None:
        parts = [Fraction(getattr(found.bands, band)) for band in found.bands.__slots__]
        assert sum(parts) == 1 and min(parts) >= 0
