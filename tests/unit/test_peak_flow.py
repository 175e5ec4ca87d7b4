"""A personal best comes from enough readings or from somebody's word, and without one nothing looks green."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observations.evidence import Measured
from domain.observations.peak_flow import (
    BestSource,
    MeasuredBest,
    PersonalBest,
    against_best,
    measured_best,
)
from domain.observations.sufficiency import Sufficiency
from domain.people.local_days import LONDON_DAYS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def twice_daily(days: int, *, until: datetime = NOW, value: int = 400) -> list[Measured]:
    return [
        Measured(UUID(int=2 * n + half), until - n * DAY - half * timedelta(hours=1), Decimal(value))
        for n in range(days)
        for half in range(2)
    ]


def best_of(readings: list[Measured]) -> MeasuredBest:
    return measured_best(readings, as_of=NOW, days=LONDON_DAYS)


def best(value: str) -> PersonalBest:
    return PersonalBest(Decimal(value), BestSource.stated, UUID(int=7), NOW)


def reading(value: str, *, hours: float = 1, bound: str | None = None) -> Measured:
    return Measured(UUID(int=9), NOW - timedelta(hours=hours), Decimal(value), bound)


def test_the_best_of_a_fortnight_twice_daily_is_its_highest_reading() -> None:
    top = Measured(UUID(int=99), NOW - 5 * DAY, Decimal(455))
    found = best_of([*twice_daily(14), top])
    assert found.best == PersonalBest(Decimal(455), BestSource.measured, UUID(int=99), NOW - 5 * DAY)
    assert (found.days, found.count) == (14, 29)


def test_thirteen_days_are_no_best_and_say_how_many_there_are() -> None:
    found = best_of(twice_daily(13))
    assert (found.best, found.days) == (None, 13)


def test_days_with_one_reading_or_spread_over_more_than_four_weeks_do_not_make_one() -> None:
    once = twice_daily(30)[::2]
    assert best_of(once).best is None
    spread = [each for n in range(14) for each in twice_daily(1, until=NOW - 3 * n * DAY)]
    assert best_of(spread).days == 10
    assert best_of([each for n in range(14) for each in twice_daily(1, until=NOW - 2 * n * DAY)]).best is not None


@pytest.mark.parametrize(("last", "days"), [(27, 14), (28, 13)])
def test_four_weeks_in_a_row_are_twenty_eight_days_the_first_and_the_last_included(last: int, days: int) -> None:
    together = [*range(13), last]
    found = best_of([each for n in together for each in twice_daily(1, until=NOW - n * DAY)])
    assert (found.days, found.best is not None) == (days, days == 14)


def test_a_best_does_not_sink_with_the_person_for_a_year() -> None:
    well = twice_daily(14, until=NOW - 300 * DAY, value=500)
    poorly = twice_daily(20, value=250)
    found = best_of([*well, *poorly])
    assert found.best is not None and found.best.value == 500
    assert against_best(reading("250"), found.best, as_of=NOW).percent == 50


def test_what_is_older_than_a_year_or_yet_to_come_does_not_count() -> None:
    assert best_of(twice_daily(14, until=NOW - 366 * DAY)).count == 0
    assert best_of(twice_daily(14, until=NOW + 20 * DAY)).count == 0


@pytest.mark.parametrize(("value", "percent"), [("400", 80), ("399.9", 79), ("250", 50), ("249.9", 49), ("510", 102)])
def test_a_share_of_the_best_is_rounded_down(value: str, percent: int) -> None:
    found = against_best(reading(value), best("500"), as_of=NOW)
    assert (found.data, found.percent) == (Sufficiency.enough, percent)


def test_without_a_best_nothing_is_told_of_a_reading() -> None:
    found = against_best(reading("500"), None, as_of=NOW)
    assert (found.data, found.percent) == (Sufficiency.not_enough, None)


def test_yesterdays_reading_or_a_meters_limit_is_not_the_days() -> None:
    assert against_best(reading("500", hours=25), best("500"), as_of=NOW).data is Sufficiency.stale
    assert against_best(reading("500", hours=25), best("500"), as_of=NOW).percent is None
    assert against_best(reading("500", bound=">"), best("500"), as_of=NOW).percent is None
    assert against_best(None, best("500"), as_of=NOW).data is Sufficiency.none


@given(st.lists(st.tuples(st.integers(0, 500 * 24), st.integers(50, 800)), max_size=120))
def test_a_best_is_a_reading_of_the_year_and_none_is_higher(measured: list[tuple[int, int]]) -> None:
    readings = [
        Measured(UUID(int=n), NOW - timedelta(hours=hours), Decimal(value)) for n, (hours, value) in enumerate(measured)
    ]
    found = best_of(readings)
    year = [each for each in readings if each.at > NOW - 365 * DAY]
    assert found.count == len(year)
    if found.best is not None:
        assert found.best.value == max(each.value for each in year)
        assert found.best.source_id in {each.observation_id for each in year}
