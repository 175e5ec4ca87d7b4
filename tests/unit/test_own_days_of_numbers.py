"""One's own numbers go by the days that one lived: across clock changes, and where one travelled meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.observations.evidence import Measured
from domain.observations.home_blood_pressure import HomeAverage, Pressure, home_average
from domain.observations.peak_flow import measured_best
from domain.observations.sufficiency import Sufficiency
from domain.observations.weight_change import weight_change
from domain.people.local_days import LocalDays, ZoneFrom
from tests.unit.test_due_today import ZONES

CHANGES = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25)]
NEVER_CHANGES = LocalDays((ZoneFrom("UTC", date.min),))
JULY = date(2026, 7, 1)
ONE_DAY = timedelta(days=1)
# A time that no clock skips, and that comes once: never between midnight and three.
times = st.integers(4 * 60, 23 * 60).map(lambda minutes: time(minutes // 60, minutes % 60))


@st.composite
def lives(draw: st.DrawFn) -> tuple[LocalDays, date]:
    """Draw the days of somebody, and one of them on which clocks change somewhere."""
    return LocalDays((ZoneFrom(draw(st.sampled_from(ZONES)), date.min),)), draw(st.sampled_from(CHANGES))


lived = st.lists(
    st.tuples(st.integers(-4, 4), times, st.integers(90, 200)), min_size=1, max_size=40, unique_by=lambda m: m[:2]
)


def pressures(measured: list[tuple[int, time, int]], instant: Callable[[int, time], datetime]) -> list[Pressure]:
    return [
        Pressure(UUID(int=place), instant(day, at), Decimal(value), Decimal(60))
        for place, (day, at, value) in enumerate(sorted(measured))
    ]


def of_what(found: HomeAverage) -> tuple[object, ...]:
    """Return what an average is made of, without on which calendar days and instants that was."""
    return (
        found.data,
        found.systolic,
        found.days,
        found.dropped,
        found.too_close,
        [each.observation_id for each in found.used],
        found.missing,
    )


@given(lives(), lived)
def test_the_home_average_is_the_same_about_a_clock_change_as_in_a_month_without_one(
    life: tuple[LocalDays, date], measured: list[tuple[int, time, int]]
) -> None:
    days, around = life
    here = pressures(measured, lambda day, at: days.instant(around + timedelta(days=day), at))
    plain = pressures(measured, lambda day, at: NEVER_CHANGES.instant(JULY + timedelta(days=day), at))
    there = home_average(here, as_of=days.instant(around + timedelta(days=4), time(23, 30)), days=days)
    elsewhere = home_average(
        plain, as_of=NEVER_CHANGES.instant(JULY + timedelta(days=4), time(23, 30)), days=NEVER_CHANGES
    )
    assert of_what(there) == of_what(elsewhere)


@given(lives(), lived)
def test_the_weight_change_and_the_days_of_a_best_are_the_same_about_a_clock_change(
    life: tuple[LocalDays, date], measured: list[tuple[int, time, int]]
) -> None:
    days, around = life

    def weighed(kept: LocalDays, on: date) -> list[Measured]:
        return [
            Measured(each.observation_id, each.at, each.systolic)
            for each in pressures(measured, lambda day, at: kept.instant(on + timedelta(days=day), at))
        ]

    here, plain = weighed(days, around), weighed(NEVER_CHANGES, JULY)
    as_of, then = (
        days.instant(around + 4 * ONE_DAY, time(23, 30)),
        NEVER_CHANGES.instant(JULY + 4 * ONE_DAY, time(23, 30)),
    )
    there, elsewhere = (
        weight_change(here, as_of=as_of, days=days),
        weight_change(plain, as_of=then, days=NEVER_CHANGES),
    )
    # How old the newest is goes by the clock: an hour more or less about its limit is another age.
    assert but_for_age(there.data) == but_for_age(elsewhere.data)
    assert (there.change, [each.observation_id for each in there.compared]) == (
        elsewhere.change,
        [each.observation_id for each in elsewhere.compared],
    )
    assert measured_best(here, as_of=as_of, days=days).days == measured_best(plain, as_of=then, days=NEVER_CHANGES).days


def but_for_age(data: Sufficiency) -> Sufficiency:
    return Sufficiency.enough if data is Sufficiency.stale else data


@given(lived, st.sampled_from(ZONES), st.integers(-3, 3))
def test_days_that_were_lived_keep_their_zone_when_somebody_goes_elsewhere(
    measured: list[tuple[int, time, int]], name: str, moves: int
) -> None:
    around = date(2026, 7, 10)
    home = LocalDays((ZoneFrom("Europe/London", date.min),))
    away = LocalDays((*home.choices, ZoneFrom(name, around + timedelta(days=moves))))
    before = [each for each in measured if each[0] < moves - 1]
    readings = pressures(before, lambda day, at: home.instant(around + timedelta(days=day), at))
    as_of = home.instant(around + timedelta(days=4))
    there, here = (home_average(readings, as_of=as_of, days=days) for days in (away, home))
    assert (there.first_on, there.last_on, there.used) == (here.first_on, here.last_on, here.used)


def test_a_reading_late_in_the_evening_before_a_journey_is_of_that_evening_still() -> None:
    evening = datetime.combine(date(2026, 7, 9), time(23, 30))
    home = LocalDays((ZoneFrom("Europe/London", date.min),))
    at = home.instant(evening.date(), evening.time())
    away = LocalDays((*home.choices, ZoneFrom("Asia/Kathmandu", date(2026, 7, 11))))
    as_of = away.instant(date(2026, 7, 12))
    found = home_average([Pressure(UUID(int=1), at, Decimal(130), Decimal(80))], as_of=as_of, days=away)
    assert found.first_on == date(2026, 7, 9)
