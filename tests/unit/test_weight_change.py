"""A rise of over 2 kg in three days is seen from whichever of them it began, never from a reading that is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.catalogue import CATALOGUE
from domain.observations.evidence import Measured
from domain.observations.sufficiency import Sufficiency
from domain.observations.weight_change import WeightChange, weight_change
from domain.people.local_days import LONDON_DAYS

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def weighed(*at_and_kg: tuple[float, str], bound: str | None = None) -> list[Measured]:
    """Return weights by how many days after the first morning they were taken."""
    return [Measured(UUID(int=n), MORNING + day * DAY, Decimal(kg), bound) for n, (day, kg) in enumerate(at_and_kg)]


def told(readings: list[Measured], *, days: float = 3.5) -> WeightChange:
    return weight_change(readings, as_of=MORNING + days * DAY, days=LONDON_DAYS)


def test_the_newest_is_held_against_the_lowest_of_the_three_days_before() -> None:
    found = told(weighed((0, "80.0"), (1, "78.4"), (2, "79.0"), (3, "80.5")))
    assert (found.data, found.change, found.rise_to_tell) == (Sufficiency.enough, Decimal("2.1"), True)
    assert found.lowest is not None and found.lowest.value == Decimal("78.4")
    assert len(found.compared) == 3


@pytest.mark.parametrize(("newest", "tell"), [("82.0", False), ("82.0001", True), ("79.0", False)])
def test_exactly_two_kilograms_are_not_more_than_two(newest: str, tell: bool) -> None:
    assert told(weighed((0, "80.0"), (3, newest))).rise_to_tell is tell


def test_pounds_are_compared_as_exactly_as_they_were_converted() -> None:
    pound = CATALOGUE["body_weight"].unit("[lb_av]")
    assert pound is not None
    first, last = (str(pound.convert(Decimal(lb))) for lb in ("176.0", "180.4"))
    assert told(weighed((0, first), (3, last))).change == Decimal(last) - Decimal(first) == Decimal("1.9958")


def test_ten_minutes_later_than_three_days_ago_still_counts_as_three_days() -> None:
    assert told(weighed((0, "78"), (3.01, "81"))).rise_to_tell is True


@pytest.mark.parametrize("others", [[], [(2.9, "79.0")], [(-1, "70.0")]])
def test_without_a_reading_on_the_three_days_before_there_is_nothing_to_compare_with(
    others: list[tuple[float, str]],
) -> None:
    found = told(weighed(*others, (3, "80.0")))
    assert (found.data, found.change, found.rise_to_tell) == (Sufficiency.not_enough, None, None)
    assert found.newest is not None


def test_without_readings_nothing_is_told() -> None:
    found = told([])
    assert (found.data, found.newest, found.change) == (Sufficiency.none, None, None)


def test_a_weight_of_which_a_scale_showed_only_a_limit_is_left_out_and_counted() -> None:
    limit = weighed((3, "200"), bound=">")
    found = told([*weighed((0, "80.0"), (2, "80.5")), *limit])
    assert (found.change, found.unclear, found.rise_to_tell) == (Decimal("0.5"), 1, False)
    assert told(limit).data is Sufficiency.not_enough


def test_after_a_week_the_change_is_stale_and_no_rise_is_told_or_ruled_out() -> None:
    found = told(weighed((0, "78.0"), (3, "81.0")), days=10.1)
    assert (found.data, found.change, found.rise_to_tell) == (Sufficiency.stale, Decimal("3.0"), None)


@given(
    st.lists(st.tuples(st.integers(0, 20 * 1440), st.integers(300, 2500)), max_size=40, unique_by=lambda one: one[0])
)
def test_no_rise_within_three_days_goes_unseen(weights: list[tuple[int, int]]) -> None:
    readings = [
        Measured(UUID(int=n), MORNING + timedelta(minutes=minutes), Decimal(tenths) / 10)
        for n, (minutes, tenths) in enumerate(weights)
    ]
    as_of = MORNING + 20 * DAY
    found = weight_change(readings, as_of=as_of, days=LONDON_DAYS)
    if found.data is Sufficiency.enough and found.newest is not None and found.change is not None:
        for each in readings:
            days = (found.newest.at.date() - each.at.date()).days  # no clock changes in this month
            if 1 <= days <= 3:
                assert found.newest.value - each.value <= found.change
    else:
        assert found.rise_to_tell is None
