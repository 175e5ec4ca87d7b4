"""Schedules of actions: iCalendar's own examples, Britain's clock changes, leap days, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.plans.schedule import (
    MOST_INTERVAL,
    Rule,
    Schedule,
    days_between,
    london_instant,
    occurrences_on,
    read_rule,
    schedule_of,
)

FAR = timedelta(days=800)
ONE_DAY = timedelta(days=1)


def days(rrule: str, start: date, last: date | None = None) -> list[date]:
    return list(days_between(schedule_of(rrule, start, ()), start, last or start + FAR))


def september(*numbers: int) -> list[date]:
    return [date(1997, 9, number) for number in numbers]


# RFC 5545 section 3.8.5.3, the examples within the part of the standard that is known here. All start on 2 Sept 1997.
RFC_START = date(1997, 9, 2)


def test_rfc_example_daily_for_ten_occurrences() -> None:
    assert days("FREQ=DAILY;COUNT=10", RFC_START) == september(*range(2, 12))


def test_rfc_example_daily_until_christmas_eve() -> None:
    found = days("FREQ=DAILY;UNTIL=19971224", RFC_START)
    assert (found[0], found[-1], len(found)) == (RFC_START, date(1997, 12, 24), 114)


def test_rfc_example_every_other_day() -> None:
    found = days("FREQ=DAILY;INTERVAL=2", RFC_START, date(1997, 10, 5))
    assert found == [*september(*range(2, 31, 2)), date(1997, 10, 2), date(1997, 10, 4)]


def test_rfc_example_every_ten_days_five_times() -> None:
    assert days("FREQ=DAILY;INTERVAL=10;COUNT=5", RFC_START) == [
        *september(2, 12, 22),
        date(1997, 10, 2),
        date(1997, 10, 12),
    ]


def test_rfc_example_weekly_for_ten_occurrences() -> None:
    found = days("FREQ=WEEKLY;COUNT=10", RFC_START)
    assert (found[:3], found[-1], len(found)) == (september(2, 9, 16), date(1997, 11, 4), 10)


def test_rfc_example_tuesday_and_thursday_for_five_weeks() -> None:
    expected = [*september(2, 4, 9, 11, 16, 18, 23, 25, 30), date(1997, 10, 2)]
    assert days("FREQ=WEEKLY;COUNT=10;BYDAY=TU,TH", RFC_START) == expected


def test_rfc_example_every_other_week_on_three_days_until_christmas_eve() -> None:
    # "starting on Monday, September 1, 1997"
    found = days("FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224;BYDAY=MO,WE,FR", date(1997, 9, 1))
    assert found[:9] == [*september(1, 3, 5, 15, 17, 19, 29), date(1997, 10, 1), date(1997, 10, 3)]
    # The standard's UNTIL there is a midnight, which leaves out the 24th; ours is a date, and a date is included.
    assert found[-2:] == [date(1997, 12, 22), date(1997, 12, 24)]


def test_rfc_example_weeks_begin_on_monday() -> None:
    found = days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU", date(1997, 8, 5))
    assert found == [date(1997, 8, day) for day in (5, 10, 19, 24)]


def test_what_is_to_be_done_once_falls_on_its_day_only() -> None:
    only = schedule_of("FREQ=DAILY;COUNT=1", date(2026, 3, 29), ())
    assert only.rule.text() == "FREQ=DAILY;COUNT=1"
    assert list(days_between(only, date(2026, 1, 1), date(2027, 1, 1))) == [date(2026, 3, 29)]


def test_leap_day_is_a_day_like_any_other() -> None:
    assert days("FREQ=DAILY;INTERVAL=1", date(2028, 2, 28), date(2028, 3, 1)) == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]
    assert days("FREQ=WEEKLY;BYDAY=TU", date(2028, 2, 1), date(2028, 3, 7))[-2:] == [
        date(2028, 2, 29),
        date(2028, 3, 7),
    ]


def test_a_time_keeps_its_place_on_the_clock_when_the_clocks_change() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 3, 28), (time(8),))
    due = [
        occurrences_on(schedule, day)[0].due_at for day in days_between(schedule, date(2026, 3, 28), date(2026, 3, 30))
    ]
    assert due == [
        datetime(2026, 3, 28, 8, tzinfo=UTC),
        datetime(2026, 3, 29, 7, tzinfo=UTC),
        datetime(2026, 3, 30, 7, tzinfo=UTC),
    ]


def test_a_time_that_the_clocks_skip_in_spring_is_due_an_hour_later() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 3, 29), (time(1, 30), time(2, 15)))
    due = [(one.at_time, one.due_at) for one in occurrences_on(schedule, date(2026, 3, 29))]
    # 01:30 does not exist; it is 02:30 British Summer Time, and so after 02:15.
    assert due == [
        (time(2, 15), datetime(2026, 3, 29, 1, 15, tzinfo=UTC)),
        (time(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ]


def test_a_time_that_comes_twice_in_autumn_is_due_once_at_the_first() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 10, 25), (time(1, 30),))
    assert [one.due_at for one in occurrences_on(schedule, date(2026, 10, 25))] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_what_has_no_time_is_due_by_the_end_of_its_day_however_long_that_is(day: date, hours: int) -> None:
    [only] = occurrences_on(schedule_of("FREQ=DAILY", day, ()), day)
    assert only.due_at - london_instant(day) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=MONTHLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=8",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=MO,MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=367",
        "FREQ=DAILY;INTERVAL=٢",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;UNTIL=20260101T000000Z",
        "FREQ=DAILY;UNTIL=00010101",
        "freq=daily",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ",
    ],
)
def test_what_is_not_understood_is_refused_rather_than_half_understood(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_rule(text)
    assert refused.value.faults[0].code == "rrule_unknown"


def test_a_rule_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260102", date(2026, 1, 1), (), "/actions/0/schedule")
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/actions/0/schedule/rrule", "never_due")]


def test_a_rule_whose_days_never_come_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of("FREQ=DAILY;INTERVAL=7;BYDAY=MO", date(2026, 1, 1), ())  # a Thursday
    assert refused.value.faults[0].code == "never_due"


@pytest.mark.parametrize(
    "times", [(time(8), time(8)), (time(8, 0, 1),), tuple(time(0, minute) for minute in range(25))]
)
def test_times_of_day_are_hours_and_minutes_each_once(times: tuple[time, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of("FREQ=DAILY", date(2026, 1, 1), times)
    assert refused.value.faults[0].code == "times_unfit"


starts = st.dates(date(2020, 1, 1), date(2035, 12, 31))
rules = st.builds(
    Rule,
    weekly=st.booleans(),
    interval=st.integers(1, 20) | st.integers(1, MOST_INTERVAL),
    weekdays=st.sets(st.integers(0, 6)).map(lambda chosen: tuple(sorted(chosen))),
    count=st.none() | st.integers(1, 40),
)
schedules = st.builds(Schedule, rules, starts)


def by_definition(schedule: Schedule, last: date) -> list[date]:
    """Return the days by the words of the standard, looking at every day there is."""
    rule, start = schedule.rule, schedule.starts_on
    found: list[date] = []
    for number in range((last - start).days + 1):
        day = start + timedelta(days=number)
        iso_weeks = (day - timedelta(days=day.weekday()) - (start - timedelta(days=start.weekday()))).days // 7
        if rule.weekly:
            due = iso_weeks % rule.interval == 0 and day.weekday() in (rule.weekdays or (start.weekday(),))
        else:
            due = number % rule.interval == 0 and (not rule.weekdays or day.weekday() in rule.weekdays)
        if due and (rule.count is None or len(found) < rule.count):
            found.append(day)
    return found


@given(schedules, st.integers(0, 1100), st.integers(-30, 60))
def test_any_window_shows_exactly_the_days_the_standard_s_words_name(
    schedule: Schedule, ahead: int, width: int
) -> None:
    first = schedule.starts_on + timedelta(days=ahead)
    last = first + timedelta(days=width)
    expected = [day for day in by_definition(schedule, max(last, schedule.starts_on)) if first <= day <= last]
    assert list(days_between(schedule, first, last)) == expected


class CountedDate(date):
    """A date that counts how often one is reckoned from it: what unfolding a rule costs."""

    reckoned = 0

    def __add__(self, other: timedelta) -> CountedDate:
        CountedDate.reckoned += 1
        return super().__add__(other)


@pytest.mark.parametrize(
    "rrule", ["FREQ=WEEKLY;INTERVAL=366;BYDAY=MO", "FREQ=WEEKLY;COUNT=3660;INTERVAL=366", "FREQ=DAILY;COUNT=3660"]
)
def test_neither_a_long_interval_nor_a_start_long_ago_makes_a_rule_slow(rrule: str) -> None:
    start = CountedDate(2019, 12, 31)
    schedule = schedule_of(rrule, start, ())
    CountedDate.reckoned = 0
    assert schedule_of(rrule, start, ()) == schedule
    list(days_between(schedule, date(2026, 11, 1), date(2026, 11, 7)))
    assert CountedDate.reckoned < 50


@given(rules, st.none() | starts)
def test_a_rule_is_read_back_as_it_was_told(rule: Rule, until_on: date | None) -> None:
    if rule.count is None:
        rule = Rule(rule.weekly, rule.interval, rule.weekdays, None, until_on)
    assert read_rule(rule.text()) == rule


@given(rules, starts)
def test_every_rule_without_an_end_names_a_day(rule: Rule, start: date) -> None:
    always_the_same_weekday = not rule.weekly and rule.interval % 7 == 0
    assume(not (always_the_same_weekday and rule.weekdays and start.weekday() not in rule.weekdays))
    assert schedule_of(rule.text(), start, ()).starts_on == start


minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.lists(minutes, min_size=1, max_size=24, unique=True))
def test_each_time_of_each_day_is_due_once_within_that_london_day(day: date, times: list[time]) -> None:
    found = occurrences_on(schedule_of("FREQ=DAILY", day, tuple(times)), day)
    assert sorted(one.at_time for one in found if one.at_time) == sorted(times)
    assert all(london_instant(day) <= one.due_at < london_instant(day + ONE_DAY) for one in found)
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)


@given(st.integers(2000, 2098), minutes)
def test_a_year_of_days_has_a_due_time_for_each_across_both_clock_changes(year: int, at: time) -> None:
    assume(at >= time(2) or at < time(1))
    schedule = schedule_of("FREQ=DAILY", date(year, 1, 1), (at,))
    due = [
        occurrences_on(schedule, day)[0].due_at for day in days_between(schedule, date(year, 1, 1), date(year, 12, 31))
    ]
    gaps = {after - before for before, after in pairwise(due)}
    assert len(due) == (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert gaps == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}
