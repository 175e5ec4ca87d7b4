"""Each calendar day of a person is reckoned in one time zone, and a change of zone rewrites no day that has begun."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.people.local_days import LONDON_DAYS, LocalDays, ZoneFrom, require_zone

ONE_DAY = timedelta(days=1)
# Far ahead and far behind; half hours; clocks that change by half an hour, at midnight, in the south, and not at all.
ZONES = (
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Honolulu",
    "UTC",
)
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2019, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))
journeys = st.lists(st.tuples(zones, instants), max_size=5).map(lambda found: sorted(found, key=lambda step: step[1]))


def after(journey: list[tuple[str, datetime]]) -> LocalDays:
    days = LONDON_DAYS
    for zone, at in journey:
        days = days.chosen(zone, at)
    return days


@given(zones, instants)
def test_in_one_zone_a_day_is_what_the_calendar_there_says(zone: str, at: datetime) -> None:
    days = LocalDays((ZoneFrom(zone, date(1900, 1, 1)),))
    assert days.day_of(at) == at.astimezone(ZoneInfo(zone)).date()


@given(journeys, st.dates(date(2019, 1, 2), date(2037, 12, 30)))
def test_days_follow_one_another_however_much_somebody_travels(journey: list[tuple[str, datetime]], day: date) -> None:
    days = after(journey)
    assert days.instant(day) <= days.instant(day + ONE_DAY)
    assert days.instant(day + ONE_DAY) - days.instant(day) <= timedelta(hours=51)


@given(journeys, st.dates(date(2019, 1, 2), date(2037, 12, 20)), st.integers(0, 400))
def test_days_from_a_day_on_need_no_choice_that_holds_no_more(
    journey: list[tuple[str, datetime]], first: date, later: int
) -> None:
    days, day = after(journey), first + timedelta(days=min(later, (date(2037, 12, 20) - first).days))
    kept = days.since(first)
    assert kept.zone_name(day) == days.zone_name(day)
    assert kept.day_of(days.instant(day)) == days.day_of(days.instant(day))
    assert sum(choice.from_on <= first for choice in kept.choices) <= 1


@given(journeys, instants)
def test_every_instant_is_within_the_day_it_is_said_to_be_in(journey: list[tuple[str, datetime]], at: datetime) -> None:
    days = after(journey)
    day = days.day_of(at)
    assert days.instant(day) <= at < days.instant(day + ONE_DAY)


@given(journeys, zones, instants)
def test_a_choice_changes_no_day_that_has_begun(journey: list[tuple[str, datetime]], zone: str, at: datetime) -> None:
    before = after([step for step in journey if step[1] <= at])
    days = before.chosen(zone, at)
    today = before.day_of(at)
    assert days.day_of(at) == today
    for back in range(4):
        assert days.zone_name(today - back * ONE_DAY) == before.zone_name(today - back * ONE_DAY)
    assert all(days.zone_name(today + ahead * ONE_DAY) == zone for ahead in (2, 3))


@given(journeys, zones, instants, st.times())
def test_each_time_of_each_day_comes_once_and_what_was_due_before_the_choice_stays(
    journey: list[tuple[str, datetime]], zone: str, at: datetime, of_day: time
) -> None:
    of_day = of_day.replace(second=0, microsecond=0)
    before = after([step for step in journey if step[1] <= at])
    days, today = before.chosen(zone, at), before.day_of(at)
    week = [today + number * ONE_DAY for number in range(-3, 4)]
    assert [days.instant(day, of_day) for day in week[:4]] == [before.instant(day, of_day) for day in week[:4]]
    assert all(days.instant(day, of_day) >= days.instant(day) for day in week)


def test_flying_west_makes_the_day_longer_and_flying_east_shorter() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    west = LONDON_DAYS.chosen("America/New_York", noon)
    assert west.choices == (ZoneFrom("America/New_York", date(2026, 7, 2)),)
    assert west.instant(date(2026, 7, 2)) - west.instant(date(2026, 7, 1)) == timedelta(hours=29)
    east = LONDON_DAYS.chosen("Asia/Tokyo", noon)
    assert east.instant(date(2026, 7, 2)) - east.instant(date(2026, 7, 1)) == timedelta(hours=16)


def test_over_the_date_line_no_day_comes_twice() -> None:
    auckland = LocalDays((ZoneFrom("Pacific/Auckland", date(2026, 1, 1)),))
    at = datetime(2026, 7, 1, 20, tzinfo=UTC)  # the 2nd in Auckland, still the 1st in Honolulu
    days = auckland.chosen("Pacific/Honolulu", at)
    assert (days.day_of(at), days.choices[-1].from_on) == (date(2026, 7, 2), date(2026, 7, 3))


def test_a_time_that_the_clocks_skip_is_as_much_later_and_one_that_comes_twice_is_the_first() -> None:
    lord_howe = LocalDays((ZoneFrom("Australia/Lord_Howe", date(2026, 1, 1)),))
    # On 4 October 2026 the clocks there go from 02:00 to 02:30; on 5 April they go back from 02:00 to 01:30.
    assert lord_howe.instant(date(2026, 10, 4), time(2, 15)) == datetime(2026, 10, 3, 15, 45, tzinfo=UTC)
    assert lord_howe.instant(date(2026, 4, 5), time(1, 45)) == datetime(2026, 4, 4, 14, 45, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "EST", "GMT", "Europe/Atlantis", "europe/london", "../etc/passwd", "London"])
def test_what_is_no_place_s_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_zone(name)
    assert refused.value.faults[0].code == "unknown_time_zone"


@pytest.mark.parametrize("name", [*ZONES, "Asia/Calcutta"])  # which browsers still say
def test_a_zone_that_a_device_may_say_is_known(name: str) -> None:
    require_zone(name)
