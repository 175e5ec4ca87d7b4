"""Rules of every kind to try, and the days they name by the standard's words and by the library from their start."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from dateutil import rrule as library
from hypothesis import strategies as st

from domain.plans.recurrence import MOST_INTERVAL, Frequency, Rule, Weekday
from domain.plans.schedule import Schedule

starts = st.dates(date(2015, 1, 1), date(2035, 12, 31)) | st.sampled_from(
    [date(2016, 2, 29), date(2024, 2, 29), date(2026, 1, 31), date(2023, 12, 31)]
)
_some_months = st.sets(st.integers(1, 12), max_size=4).map(lambda chosen: tuple(sorted(chosen)))
_plain_days = st.sets(st.integers(0, 6)).map(lambda chosen: tuple(Weekday(day) for day in sorted(chosen)))
_placed_days = st.sets(st.tuples(st.sampled_from([*range(-5, 0), *range(1, 6)]), st.integers(0, 6)), max_size=4).map(
    lambda chosen: tuple(Weekday(day, place) for place, day in sorted(chosen))
)
_month_days = st.sets(st.integers(1, 31) | st.integers(-31, -1), max_size=4).map(
    lambda chosen: tuple(sorted(chosen, key=lambda day: (day < 0, day)))
)


def _intervals(frequency: Frequency) -> st.SearchStrategy[int]:
    most = MOST_INTERVAL[frequency]
    return st.integers(1, min(20, most)) | st.integers(1, most)


def _of(frequency: Frequency) -> st.SearchStrategy[Rule]:
    by_month = frequency in {Frequency.monthly, Frequency.yearly}
    return st.builds(
        Rule,
        frequency=st.just(frequency),
        interval=_intervals(frequency),
        weekdays=_plain_days | _placed_days if by_month else _plain_days,
        month_days=_month_days if by_month else st.just(()),
        months=_some_months,
        count=st.none() | st.integers(1, 40),
        week_start=st.integers(0, 6),
    ).filter(lambda rule: frequency is not Frequency.yearly or bool(rule.months) or not rule.weekdays + rule.month_days)


rules = st.sampled_from(Frequency).flatmap(_of)
# Rules of months that name some days within a few years, nearly all of them: of these some can be left out.
month_rules = _of(Frequency.monthly).map(
    lambda rule: replace(
        rule,
        interval=1 + rule.interval % 12,
        months=() if rule.interval % 12 else rule.months,
        count=None if rule.count is None else 2 + rule.count,
    ).text()
)
schedules = st.builds(Schedule, rules, starts)
# Rules of days and weeks that are bound to name a day: no month is asked for, and not one weekday every so many weeks.
day_rules = _of(Frequency.daily).map(
    lambda rule: replace(rule, months=(), weekdays=() if rule.interval % 7 == 0 else rule.weekdays)
)
week_rules = _of(Frequency.weekly).map(lambda rule: replace(rule, months=()))


def by_the_library(schedule: Schedule, last: date) -> list[date]:
    """Return the days up to one that dateutil makes of the rule's text, read and unfolded whole from the start."""
    whole = library.rrulestr(schedule.rule.text(), dtstart=datetime.combine(schedule.starts_on, time()))
    found: list[date] = []
    for each in whole:
        if each.date() > last:
            break
        found.append(each.date())
    return found


def by_definition(schedule: Schedule, last: date) -> list[date]:
    """Return the days up to one by the words of the standard, looking at every day there is."""
    rule, start = schedule.rule, schedule.starts_on
    found: list[date] = []
    for number in range((last - start).days + 1):
        day = start + timedelta(days=number)
        if _is_named(rule, start, day) and (rule.count is None or len(found) < rule.count):
            found.append(day)
    return found


def _is_named(rule: Rule, start: date, day: date) -> bool:
    match rule.frequency:
        case Frequency.daily:
            passed = (day - start).days
        case Frequency.weekly:
            passed = (_week(rule, day) - _week(rule, start)).days // 7
        case Frequency.monthly:
            passed = 12 * (day.year - start.year) + day.month - start.month
        case Frequency.yearly:
            passed = day.year - start.year
    months = rule.months
    weekdays, month_days = rule.weekdays, rule.month_days
    if rule.frequency is Frequency.weekly and not weekdays:
        weekdays = (Weekday(start.weekday()),)
    if rule.frequency in {Frequency.monthly, Frequency.yearly} and not weekdays and not month_days:
        month_days = (start.day,)
    if rule.frequency is Frequency.yearly and not months:
        months = (start.month,)
    length = calendar.monthrange(day.year, day.month)[1]
    return (
        passed % rule.interval == 0
        and (not months or day.month in months)
        and (not month_days or day.day in month_days or day.day - length - 1 in month_days)
        and (not weekdays or any(_is_that(each, day, length) for each in weekdays))
    )


def _week(rule: Rule, day: date) -> date:
    return day - timedelta(days=(day.weekday() - rule.week_start) % 7)


def _is_that(each: Weekday, day: date, length: int) -> bool:
    if each.day != day.weekday():
        return False
    from_start, from_end = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
    return each.ordinal is None or each.ordinal in {from_start, from_end}
