"""A trend is told from enough readings on both sides, beyond what measuring twice makes, and judges nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.catalogue import CATALOGUE
from domain.observations.sufficiency import Sufficiency
from domain.observations.trend import LEAST_DIFFERENCE, Direction, Heap, trend, week_of, weeks_before

ENOUGH = Heap(3, 2, Decimal(390))


def heap(mean: str, *, count: int = 10, days: int = 5) -> Heap:
    return Heap(count, days, Decimal(mean) * count)


@pytest.mark.parametrize(
    ("week", "direction"),
    [
        ("135", Direction.about_the_same),
        ("135.1", Direction.is_higher),
        ("125", Direction.about_the_same),
        ("124.9", Direction.is_lower),
    ],
)
def test_a_difference_is_told_only_beyond_what_measuring_twice_makes(week: str, direction: Direction) -> None:
    found = trend("blood_pressure", heap(week), heap("130"))
    assert (found.data, found.direction) == (Sufficiency.enough, direction)


@pytest.mark.parametrize("few", [Heap(2, 2, Decimal(260)), Heap(9, 1, Decimal(1170))])
def test_two_readings_or_those_of_one_day_are_not_enough_on_either_side(few: Heap) -> None:
    for week, before in ((few, heap("130")), (heap("130"), few), (heap("130"), Heap())):
        found = trend("blood_pressure", week, before)
        assert (found.data, found.direction, found.difference) == (Sufficiency.not_enough, None, None)
    assert trend("blood_pressure", ENOUGH, ENOUGH).data is Sufficiency.enough


def test_a_week_without_a_reading_is_stale_and_not_the_same_as_before() -> None:
    found = trend("heart_rate", Heap(), heap("70"))
    assert (found.data, found.direction) == (Sufficiency.stale, None)
    assert trend("heart_rate", Heap(), Heap()).data is Sufficiency.stale
    assert trend("heart_rate", Heap(), Heap(), ever=False).data is Sufficiency.none


def test_the_week_and_the_four_before_it_meet_at_midnight() -> None:
    as_of = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    week, before = week_of(as_of), weeks_before(as_of)
    assert (week.from_at, week.until_at) == (datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
    assert before.until_at == week.from_at and before.until_at - before.from_at == timedelta(days=28)


def test_every_sign_with_a_trend_has_one_unit_and_a_difference_finer_than_its_range() -> None:
    for key, least in LEAST_DIFFERENCE.items():
        assert CATALOGUE[key].canonical_unit is not None
        assert least > 0
    assert {"steps", "inspired_oxygen", "news2_total"}.isdisjoint(LEAST_DIFFERENCE)


heaps = st.builds(
    lambda count, days, mean: Heap(count, min(days, count), Decimal(mean) * count),
    st.integers(0, 50),
    st.integers(1, 7),
    st.integers(30, 250),
)


@given(st.sampled_from(sorted(LEAST_DIFFERENCE)), heaps, heaps)
def test_whichever_is_first_the_other_direction_is_told(sign: str, one: Heap, other: Heap) -> None:
    there, back = trend(sign, one, other), trend(sign, other, one)
    if there.data is not Sufficiency.enough:
        assert there.direction is None and there.difference is None
        return
    turned = {Direction.is_higher: Direction.is_lower, Direction.is_lower: Direction.is_higher}
    assert there.direction is not None
    assert back.direction is turned.get(there.direction, Direction.about_the_same)
