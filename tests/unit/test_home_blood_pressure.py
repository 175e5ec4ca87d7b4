"""NICE's home average: the first day is dropped, a gap is never averaged over, and too few are told as too few."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import LONDON
from domain.observations.home_blood_pressure import HomeAverage, Missing, Pressure, home_average
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LONDON_DAYS, LocalDays, ZoneFrom

BEGUN = date(2026, 11, 2)
TWICE = [(130, 80)] * 4
APART = timedelta(minutes=1)
TIMES = (time(8, 0), time(8, 2), time(20, 0), time(20, 2))
VECTOR = Path(__file__).parents[1] / "vectors" / "home_bp" / "bp_jhs.csv"


def pressure(at: datetime, systolic: int = 130, diastolic: int = 80) -> Pressure:
    number = int((at - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return Pressure(UUID(int=number), at, Decimal(systolic), Decimal(diastolic))


def taken(on: date, *values: tuple[int, int], times: tuple[time, ...] = TIMES) -> list[Pressure]:
    """Return a day's readings in London, at the hours NICE expects."""
    return [
        pressure(datetime.combine(on, at, LONDON), *value) for at, value in zip(times, values or TWICE, strict=False)
    ]


def days(number: int, *, begun: date = BEGUN, value: tuple[int, int] = (130, 80)) -> list[Pressure]:
    return [each for n in range(number) for each in taken(begun + timedelta(days=n), *[value] * 4)]


def evening_of(on: date) -> datetime:
    return datetime.combine(on, time(21, 0), LONDON)


UTC_DAYS, NEW_YORK_DAYS = (LocalDays((ZoneFrom(name, date.min),)) for name in ("UTC", "America/New_York"))


def averaged(readings: list[Pressure], *, as_of: datetime | None = None) -> HomeAverage:
    newest = max((each.at for each in readings), default=evening_of(BEGUN))
    return home_average(readings, as_of=as_of or newest + timedelta(minutes=1), days=LONDON_DAYS)


def test_of_seven_days_the_first_is_dropped_and_the_rest_is_averaged() -> None:
    readings = days(1, value=(180, 110)) + days(6, begun=BEGUN + timedelta(days=1), value=(131, 79))
    found = averaged(readings)
    assert (found.data, found.systolic, found.diastolic) == (Sufficiency.enough, Fraction(131), Fraction(79))
    assert (found.days, found.dropped_on, found.dropped, len(found.used)) == (7, BEGUN, 4, 24)
    assert (found.first_on, found.last_on) == (BEGUN, BEGUN + timedelta(days=6))
    assert found.missing is None


def test_four_days_are_enough_and_three_lack_one_day_and_its_four_readings() -> None:
    assert averaged(days(4)).data is Sufficiency.enough
    short = averaged(days(3))
    assert (short.data, short.systolic, short.diastolic) == (Sufficiency.not_enough, None, None)
    assert short.missing == Missing(days=1, readings=4, new_run=False)


def test_one_reading_a_day_is_told_how_many_readings_are_missing_however_many_the_days() -> None:
    single = [each for n in range(7) for each in taken(BEGUN + timedelta(days=n), (120, 70))]
    found = averaged(single)
    assert (found.data, found.systolic) == (Sufficiency.not_enough, None)
    assert found.missing == Missing(days=0, readings=6, new_run=False)


def test_an_average_is_exact_and_each_number_apart() -> None:
    readings = days(3) + taken(BEGUN + timedelta(days=3), (131, 80), (130, 81), (130, 80), (130, 80))
    found = averaged(readings)
    assert found.systolic == 130 + Fraction(1, 12)
    assert found.diastolic == 80 + Fraction(1, 12)


def test_only_the_last_seven_days_of_a_longer_row_count() -> None:
    found = averaged(days(10, value=(200, 120)) + days(7, begun=BEGUN + timedelta(days=10), value=(130, 80)))
    assert (found.days, found.first_on, found.systolic) == (7, BEGUN + timedelta(days=10), Fraction(130))


def test_a_day_without_a_reading_ends_the_run_and_what_was_before_it_is_not_averaged_in() -> None:
    found = averaged(days(5, value=(190, 110)) + days(2, begun=BEGUN + timedelta(days=6)))
    assert (found.data, found.days) == (Sufficiency.not_enough, 2)
    assert found.missing == Missing(days=2, readings=8, new_run=False)


def test_a_run_that_has_ended_cannot_be_made_longer_so_that_a_new_one_is_missing() -> None:
    last_on = BEGUN + timedelta(days=2)
    yesterday = averaged(days(3), as_of=evening_of(last_on + timedelta(days=1)))
    assert yesterday.missing == Missing(days=1, readings=4, new_run=False)
    ended = averaged(days(3), as_of=evening_of(last_on + timedelta(days=2)))
    assert ended.missing == Missing(days=4, readings=12, new_run=True)


def test_an_average_of_long_ago_is_stale_from_the_fifteenth_day_on() -> None:
    last_on = BEGUN + timedelta(days=6)
    assert averaged(days(7), as_of=evening_of(last_on + timedelta(days=14))).data is Sufficiency.enough
    assert averaged(days(7), as_of=evening_of(last_on + timedelta(days=15))).data is Sufficiency.stale


def test_a_reading_less_than_a_minute_after_the_last_that_counts_is_left_out() -> None:
    extra = pressure(datetime.combine(BEGUN + timedelta(days=3), time(20, 2, 59), LONDON), 220, 120)
    found = averaged([*days(4), extra])
    assert (found.too_close, found.systolic, len(found.used)) == (1, Fraction(130), 12)
    at_a_minute = pressure(datetime.combine(BEGUN + timedelta(days=3), time(20, 3), LONDON), 143, 80)
    assert len(averaged([*days(4), at_a_minute]).used) == 13


def test_without_readings_four_days_are_missing() -> None:
    found = averaged([])
    assert (found.data, found.systolic, found.missing) == (Sufficiency.none, None, Missing(4, 12, new_run=True))


def test_what_is_after_the_instant_asked_for_is_not_looked_at() -> None:
    found = averaged(days(4), as_of=evening_of(BEGUN + timedelta(days=2)))
    assert (found.data, found.days) == (Sufficiency.not_enough, 3)


@pytest.mark.parametrize("first", [date(2026, 10, 23), date(2026, 3, 27)])
def test_days_are_the_persons_own_when_the_clocks_change(first: date) -> None:
    late = (time(0, 5), time(0, 10), time(23, 50), time(23, 55))
    readings = [each for n in range(4) for each in taken(first + timedelta(days=n), *[(130, 80)] * 4, times=late)]
    found = averaged(readings)
    assert (found.data, found.days, found.dropped, len(found.used)) == (Sufficiency.enough, 4, 4, 12)


def test_which_day_a_reading_is_of_is_the_zones_to_say() -> None:
    readings = [pressure(datetime(2026, 7, 1 + n, 23, 30, tzinfo=UTC)) for n in range(2)]
    assert home_average(readings, as_of=readings[-1].at, days=UTC_DAYS).first_on == date(2026, 7, 1)
    assert home_average(readings, as_of=readings[-1].at, days=LONDON_DAYS).first_on == date(2026, 7, 2)
    assert home_average(readings, as_of=readings[-1].at, days=NEW_YORK_DAYS).first_on == date(2026, 7, 1)


def recorded() -> list[Pressure]:
    with VECTOR.open(newline="") as file:
        return [
            pressure(
                datetime.fromisoformat(row["DateTime"]).replace(tzinfo=UTC),
                int(row["Sys.mmHg."]),
                int(row["Dias.mmHg."]),
            )
            for row in csv.DictReader(file)
        ]


def test_the_average_of_what_one_person_measured_is_that_of_counting_by_hand_on_every_day() -> None:
    readings = recorded()
    seen = set()
    for on in sorted({each.at.date() for each in readings}):
        as_of = datetime.combine(on, time(23, 59, 59), UTC)
        found = home_average(readings, as_of=as_of, days=UTC_DAYS)
        by_day = {n: [r for r in readings if r.at.date() == on - timedelta(days=n)] for n in range(8)}
        length = next(n for n in range(8) if n == 7 or not by_day[n])
        kept = [r for n in range(length - 1) for r in by_day[n]]
        too_close = found.too_close
        assert found.days == length
        if not too_close:
            assert len(found.used) == len(kept)
            if found.systolic is not None:
                assert found.systolic == Fraction(sum(int(r.systolic) for r in kept), len(kept))
        seen.add(found.data)
    assert seen == {Sufficiency.enough, Sufficiency.not_enough}


moments = st.integers(0, 30 * 24 * 60).map(lambda minutes: datetime(2026, 10, 10, tzinfo=UTC) + minutes * APART)


@given(
    st.lists(st.tuples(moments, st.integers(90, 200), st.integers(40, 89)), max_size=80, unique_by=lambda one: one[0]),
    moments,
)
def test_whatever_was_measured_the_figures_agree_with_each_other(
    measured: list[tuple[datetime, int, int]], as_of: datetime
) -> None:
    readings = [pressure(*each) for each in measured]
    found = home_average(readings, as_of=as_of, days=LONDON_DAYS)
    known = [each for each in readings if each.at <= as_of]
    assert (found.data is Sufficiency.none) == (not known)
    assert found.days <= 7 and set(found.used) <= set(known)
    assert (found.systolic is None) == (found.diastolic is None) == (found.missing is not None)
    if found.systolic is not None:
        assert found.days >= 4 and len(found.used) >= 12
        assert min(r.systolic for r in found.used) <= found.systolic <= max(r.systolic for r in found.used)
        assert all(r.at.astimezone(LONDON).date() > found.dropped_on for r in found.used if found.dropped_on)
    assert home_average(reversed(readings), as_of=as_of, days=LONDON_DAYS) == found
