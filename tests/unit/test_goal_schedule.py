"""Schedules of actions: iCalendar's own examples, Britain's clock changes, leap days, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil import rrule as library
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.people.local_days import LONDON_DAYS
from domain.plans.recurrence import MOST_INTERVAL, Frequency, Rule, read_rule
from domain.plans.schedule import Occurrence, Schedule, days_between, occurrences_on, schedule_of
from tests.unit.recurrences import by_definition, by_the_library, day_rules, month_rules, schedules, starts, week_rules

FAR = timedelta(days=800)
ONE_DAY = timedelta(days=1)


def due_on(schedule: Schedule, day: date) -> list[Occurrence]:
    return occurrences_on(schedule, day, LONDON_DAYS)


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
    due = [due_on(schedule, day)[0].due_at for day in days_between(schedule, date(2026, 3, 28), date(2026, 3, 30))]
    assert due == [
        datetime(2026, 3, 28, 8, tzinfo=UTC),
        datetime(2026, 3, 29, 7, tzinfo=UTC),
        datetime(2026, 3, 30, 7, tzinfo=UTC),
    ]


def test_a_time_that_the_clocks_skip_in_spring_is_due_an_hour_later() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 3, 29), (time(1, 30), time(2, 15)))
    due = [(one.at_time, one.due_at) for one in due_on(schedule, date(2026, 3, 29))]
    # 01:30 does not exist; it is 02:30 British Summer Time, and so after 02:15.
    assert due == [
        (time(2, 15), datetime(2026, 3, 29, 1, 15, tzinfo=UTC)),
        (time(1, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ]


def test_a_time_that_comes_twice_in_autumn_is_due_once_at_the_first() -> None:
    schedule = schedule_of("FREQ=DAILY", date(2026, 10, 25), (time(1, 30),))
    assert [one.due_at for one in due_on(schedule, date(2026, 10, 25))] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_what_has_no_time_is_due_by_the_end_of_its_day_however_long_that_is(day: date, hours: int) -> None:
    [only] = due_on(schedule_of("FREQ=DAILY", day, ()), day)
    assert only.due_at - LONDON_DAYS.instant(day) == timedelta(hours=hours)


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


@given(schedules, st.integers(0, 1100), st.integers(-30, 60))
def test_any_window_shows_exactly_the_days_the_standard_s_words_name(
    schedule: Schedule, ahead: int, width: int
) -> None:
    first = schedule.starts_on + timedelta(days=ahead)
    last = first + timedelta(days=width)
    expected = [day for day in by_definition(schedule, max(last, schedule.starts_on)) if first <= day <= last]
    assert list(days_between(schedule, first, last)) == expected


@given(schedules, st.integers(0, 9000), st.integers(0, 800))
def test_a_start_moved_on_shows_what_the_library_unfolds_from_the_start(
    schedule: Schedule, ahead: int, width: int
) -> None:
    first = schedule.starts_on + timedelta(days=ahead)
    last = first + timedelta(days=width)
    assert list(days_between(schedule, first, last)) == [
        day for day in by_the_library(schedule, last) if first <= day <= last and day not in schedule.except_on
    ]


@given(month_rules, st.dates(date(2016, 1, 1), date(2030, 12, 31)), st.data())
def test_days_left_out_are_missing_and_nothing_else_is(rule_text: str, start: date, data: st.DataObject) -> None:
    year = start + timedelta(days=1500)
    named = list(days_between(Schedule(read_rule(rule_text), start), start, year))
    assume(len(named) > 1)
    left_out = data.draw(st.sets(st.sampled_from(named), max_size=min(60, len(named) - 1)))
    schedule = schedule_of(rule_text, start, (), except_on=tuple(left_out))
    assert list(days_between(schedule, start, year)) == [day for day in named if day not in left_out]


@pytest.mark.parametrize(
    "left_out",
    [(date(2026, 1, 6),), (date(2026, 1, 5),) * 2, tuple(date(2026, 1, 5) + timedelta(days=7 * n) for n in range(61))],
)
def test_a_day_left_out_that_would_not_be_due_is_refused_as_a_slip(left_out: tuple[date, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of("FREQ=WEEKLY;BYDAY=MO", date(2026, 1, 1), (), "/schedule", except_on=left_out)
    assert [(f.pointer, f.code) for f in refused.value.faults] == [("/schedule/except_on", "except_on_unfit")]


def test_a_day_left_out_still_counts() -> None:
    schedule = schedule_of("FREQ=DAILY;COUNT=3", date(2026, 1, 1), (), except_on=(date(2026, 1, 2),))
    found = list(days_between(schedule, date(2026, 1, 1), date(2026, 2, 1)))
    assert found == [date(2026, 1, 1), date(2026, 1, 3)]


def test_a_schedule_of_which_every_day_is_left_out_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of("FREQ=DAILY;COUNT=1", date(2026, 1, 1), (), except_on=(date(2026, 1, 1),))
    assert refused.value.faults[0].code == "never_due"


@pytest.mark.parametrize(
    ("rrule", "start", "expected"),
    [
        ("FREQ=YEARLY", date(2024, 2, 29), [date(2024, 2, 29), date(2028, 2, 29), date(2032, 2, 29)]),
        ("FREQ=MONTHLY", date(2026, 1, 31), [date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31)]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2028, 1, 31), [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]),
        ("FREQ=MONTHLY;BYDAY=5MO", date(2026, 1, 1), [date(2026, 3, 30), date(2026, 6, 29), date(2026, 8, 31)]),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 1), [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 27)]),
        (
            "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",  # when the clocks change
            date(2026, 1, 1),
            [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)],
        ),
    ],
)
def test_month_ends_leap_days_and_last_sundays_come_as_the_standard_has_it(
    rrule: str, start: date, expected: list[date]
) -> None:
    found = days_between(schedule_of(rrule, start, ()), start, start + timedelta(days=4000))
    assert [day for day, _ in zip(found, expected, strict=False)] == expected


def test_rfc_example_the_day_on_which_weeks_begin_matters() -> None:
    found = days("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", date(1997, 8, 5))
    assert found == [date(1997, 8, day) for day in (5, 17, 19, 31)]


def test_rfc_example_the_first_and_last_sunday_of_every_other_month() -> None:
    found = days("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", date(1997, 9, 7))
    assert found[:4] == [date(1997, 9, 7), date(1997, 9, 28), date(1997, 11, 2), date(1997, 11, 30)]


def test_rfc_example_every_friday_the_thirteenth() -> None:
    found = days("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", date(1997, 9, 2), date(2000, 12, 31))
    assert found[:3] == [date(1998, 2, 13), date(1998, 3, 13), date(1998, 11, 13)]


@pytest.mark.parametrize(
    ("rrule", "start"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 1, 1)),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=5MO", date(2026, 1, 1)),
        ("FREQ=MONTHLY;INTERVAL=24;BYMONTH=2;BYMONTHDAY=29", date(2025, 2, 1)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3", date(2025, 2, 1)),
        ("FREQ=MONTHLY;BYMONTHDAY=29;BYMONTH=2;BYDAY=MO", date(2025, 2, 1)),  # not before 2044
    ],
)
def test_a_rule_whose_first_day_never_comes_or_comes_too_late_is_refused_without_looking_for_ever(
    rrule: str, start: date
) -> None:
    with pytest.raises(Invalid) as refused:
        schedule_of(rrule, start, ())
    assert refused.value.faults[0].code == "never_due"


class CountedDates:
    """Counts how many days the library looks at: what unfolding a rule costs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looked_at = 0
        for name in ("ddayset", "wdayset", "mdayset", "ydayset"):
            monkeypatch.setattr(library._iterinfo, name, self._counted(getattr(library._iterinfo, name)))

    def _counted(self, known: Any) -> Any:
        def turn(*asked: Any) -> Any:
            self.looked_at += 1
            return known(*asked)

        return turn


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=366;BYDAY=MO",
        "FREQ=WEEKLY;COUNT=3660;INTERVAL=366",
        "FREQ=DAILY;COUNT=3660",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_neither_a_long_interval_nor_a_start_long_ago_makes_a_rule_slow(
    rrule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = date(2004, 2, 28)
    schedule = schedule_of(rrule, start, ())
    list(days_between(schedule, date(2026, 11, 1), date(2026, 11, 7)))  # a rule with COUNT is counted once
    counted = CountedDates(monkeypatch)
    list(days_between(schedule, date(2026, 11, 1), date(2026, 11, 7)))
    assert counted.looked_at < 20


@given(day_rules | week_rules, starts)
def test_a_rule_of_days_or_weeks_in_any_month_names_a_day(rule: Rule, start: date) -> None:
    schedule = schedule_of(rule.text(), start, ())
    longest = timedelta(weeks=MOST_INTERVAL[Frequency.weekly])
    assert any(days_between(schedule, start, start + longest))


minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.lists(minutes, min_size=1, max_size=24, unique=True))
def test_each_time_of_each_day_is_due_once_within_that_london_day(day: date, times: list[time]) -> None:
    found = due_on(schedule_of("FREQ=DAILY", day, tuple(times)), day)
    assert sorted(one.at_time for one in found if one.at_time) == sorted(times)
    assert all(LONDON_DAYS.instant(day) <= one.due_at < LONDON_DAYS.instant(day + ONE_DAY) for one in found)
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)


@given(st.integers(2000, 2098), minutes)
def test_a_year_of_days_has_a_due_time_for_each_across_both_clock_changes(year: int, at: time) -> None:
    assume(at >= time(2) or at < time(1))
    schedule = schedule_of("FREQ=DAILY", date(year, 1, 1), (at,))
    due = [due_on(schedule, day)[0].due_at for day in days_between(schedule, date(year, 1, 1), date(year, 12, 31))]
    gaps = {after - before for before, after in pairwise(due)}
    assert len(due) == (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert gaps == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}
