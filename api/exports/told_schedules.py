"""When an action is to be done, as a page tells it. Pure: a rule it cannot read is shown as it is, never guessed at."""

from __future__ import annotations

import calendar
from datetime import date

from api.exports.plain_words import Item, day, listed, number, times
from domain.errors import Invalid
from domain.plans.recurrence import Frequency, Rule, Weekday, read_rule

_UNITS = {Frequency.daily: "day", Frequency.weekly: "week", Frequency.monthly: "month", Frequency.yearly: "year"}
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def schedule_in_words(schedule: Item) -> str:
    """Return "Every day at 08:00 and 20:30, from 3 March 2026 on, but not on 25 December 2026"."""
    begins = day(schedule.get("starts_on"))
    at = f" at {listed([str(each) for each in schedule['times']])}" if schedule.get("times") else ""
    days = [day(each) for each in schedule.get("except_on") or []]
    left_out = f", but not on {listed(days)}" if days else ""
    try:
        rule = read_rule(str(schedule.get("rrule")))
    except Invalid:
        return f"{schedule.get('rrule')}{at}, from {begins} on{left_out}"
    if rule.count == 1 and rule == Rule(rule.frequency, rule.interval, count=1):
        return f"Once, on {begins}{at}"
    return f"{_every(rule, schedule.get('starts_on'))}{at}, from {begins} on{_ending(rule)}{left_out}"


def _every(rule: Rule, starts_on: object) -> str:
    unit = _UNITS[rule.frequency]
    every = f"Every {unit}" if rule.interval == 1 else f"Every {number(rule.interval)} {unit}s"
    months, month_days = _of_start(rule, starts_on)
    named = f" in {listed([calendar.month_name[month] for month in months])}" if months else ""
    on = [f"the {_nth_day(each)}" for each in month_days]
    weekdays = [_weekday(rule, each) for each in rule.weekdays]
    if on and weekdays:
        return f"{every}{named} on {listed(on)} if it is a {_either(weekdays)}"
    return f"{every}{named} on {listed(on or weekdays)}" if on or weekdays else f"{every}{named}"


def _of_start(rule: Rule, starts_on: object) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the rule's months and days of the month, from its start where iCalendar takes them from there."""
    if rule.frequency not in {Frequency.monthly, Frequency.yearly} or rule.month_days or rule.weekdays:
        return rule.months, rule.month_days
    try:
        start = date.fromisoformat(str(starts_on))
    except ValueError:
        return rule.months, ()
    yearly = rule.frequency is Frequency.yearly
    return rule.months or ((start.month,) if yearly else ()), (start.day,)


def _weekday(rule: Rule, each: Weekday) -> str:
    name = calendar.day_name[each.day]
    if each.ordinal is None:
        return (
            f"each {name}" if rule.frequency in {Frequency.monthly, Frequency.yearly} and not rule.month_days else name
        )
    return f"the {_from_the_end(each.ordinal) if each.ordinal < 0 else _PLACES[each.ordinal]} {name}"


def _either(names: list[str]) -> str:
    return " or ".join(name.removeprefix("the ") for name in names)


def _nth_day(number_of_day: int) -> str:
    if number_of_day < 0:
        return f"{_from_the_end(number_of_day)} day"
    teens = 10 < number_of_day < 20
    return f"{number_of_day}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number_of_day % 10, 'th')}"


def _from_the_end(place: int) -> str:
    return "last" if place == -1 else f"{_PLACES.get(-place, f'{_nth_day(-place)}')}-last"


def _ending(rule: Rule) -> str:
    if rule.count is not None:
        return f", {times(rule.count)} in all"
    return f", until {day(rule.until_on)}" if rule.until_on else ""
