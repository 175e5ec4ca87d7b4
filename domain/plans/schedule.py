"""When an action is due: an iCalendar recurrence rule with times of day and single days left out beside it. Pure.

A rule says on which days; times of day stand beside it, because "08:00 and 20:30" is not one rule in iCalendar.
What the text may say is decided here, strictly; which days it names, by dateutil, which alone would take more than it
keeps (it drops the "1" of "1MO" from a daily rule, and never returns from INTERVAL=0). The text is kept in iCalendar's
own words (RFC 5545 section 3.3.10). Refuses the parts of the standard it does not know, rather than skip them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from domain.errors import Fault, Invalid
from domain.people.local_days import LocalDays
from domain.plans.recurrence import Frequency, Rule, read_rule

MOST_TIMES_A_DAY = 24
MOST_DAYS_LEFT_OUT = 60
# Nothing is planned further ahead than this; a rule that names no day in so long a time is a slip.
LONGEST_WAIT = timedelta(days=3660)
# No plan is kept to for longer. It bounds what a rule with COUNT costs, which must be counted from its start.
LONGEST_RUN = timedelta(days=30 * 366)
# An interval so long that the next turn would lie beyond the last year there is: the library then stops after one.
_ONE_TURN = 9999 * 366
_ONE_DAY = timedelta(days=1)
_FREQUENCIES: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.daily: DAILY,
    Frequency.weekly: WEEKLY,
    Frequency.monthly: MONTHLY,
    Frequency.yearly: YEARLY,
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule from a day on, but for single days, at times of the day; without times, once at any time of each day.

    A day that is left out still counts towards the rule's COUNT, as with iCalendar's EXDATE.
    """

    rule: Rule
    starts_on: date
    times: tuple[time, ...] = ()
    except_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an action falls due: its day and time of day, and the instant by which it is due.

    Without a time of day it is due by the end of its day.
    """

    on: date
    at_time: time | None
    due_at: datetime


def schedule_of(
    text: str, starts_on: date, times: tuple[time, ...], pointer: str = "", *, except_on: tuple[date, ...] = ()
) -> Schedule:
    """Return the schedule, its times and days in order. Raises Invalid when it is unreadable or names no day at all."""
    rule = read_rule(text, f"{pointer}/rrule")
    if len(times) > MOST_TIMES_A_DAY or len(set(times)) != len(times):
        raise _fault(f"{pointer}/times", "times_unfit", "Name each time of the day once, 24 at most.")
    if any(at.second or at.microsecond or at.tzinfo is not None for at in times):
        raise _fault(f"{pointer}/times", "times_unfit", "Name times of the day by hour and minute.")
    schedule = Schedule(rule, starts_on, tuple(sorted(times)), tuple(sorted(except_on)))
    if not _names_a_day(schedule):
        message = "The rule names no day from its start to its end, or none within ten years."
        raise _fault(f"{pointer}/rrule", "never_due", message)
    _require_left_out(schedule, pointer)
    return schedule


def days_between(schedule: Schedule, first: date, last: date) -> Iterator[date]:
    """Yield the days, both ends included, on which the schedule falls, in order, up to thirty years from its start.

    However far from the start, it begins near `first`: the start is moved on in whole turns of the rule.
    """
    rule, start = schedule.rule, schedule.starts_on
    first, last = max(first, start), min(last, rule.until_on or last, start + LONGEST_RUN)
    if rule.count is not None:
        last = min(last, _last_day(rule, start) or last)
    if first > last:
        return
    for each in _unfolded(rule, start, _turns_before(rule, start, first)):
        day = each.date()
        if day > last:
            return
        if day >= first and day not in schedule.except_on:
            yield day


@lru_cache(maxsize=4096)
def days_due(schedule: Schedule, first: date, last: date) -> tuple[date, ...]:
    """Return what `days_between` yields, kept: the same days are asked for whenever somebody looks at their plan."""
    return tuple(days_between(schedule, first, last))


def occurrences_on(schedule: Schedule, day: date, days: LocalDays) -> list[Occurrence]:
    """Return what falls due on a day that the schedule names, by instant, as the person's days are reckoned."""
    if not schedule.times:
        return [Occurrence(day, None, days.instant(day + _ONE_DAY))]
    found = [Occurrence(day, at, days.instant(day, at)) for at in schedule.times]
    return sorted(found, key=lambda one: (one.due_at, one.at_time or time()))


def _unfolded(rule: Rule, start: date, turns: int, *, interval: int | None = None) -> Iterator[datetime]:
    """Return the days (at midnight) that the library makes of a rule without its end, from a number of turns on."""
    return iter(
        rrule(
            _FREQUENCIES[rule.frequency],
            dtstart=datetime.combine(_turn_start(rule, start, turns), time()),
            interval=interval or rule.interval,
            wkst=rule.week_start,
            bymonth=rule.months or ([start.month] if rule.frequency is Frequency.yearly else None),
            bymonthday=_month_days(rule, start),
            byweekday=_weekdays(rule, start),
        )
    )


def _month_days(rule: Rule, start: date) -> list[int] | None:
    """Return the rule's days of the month; the start's where iCalendar takes them from it."""
    of_months = rule.frequency in {Frequency.monthly, Frequency.yearly}
    if of_months and not rule.month_days and not rule.weekdays:
        return [start.day]
    return list(rule.month_days) or None


def _weekdays(rule: Rule, start: date) -> list[weekday] | None:
    """Return the rule's weekdays; the start's where iCalendar takes them from it."""
    if rule.frequency is Frequency.weekly and not rule.weekdays:
        return [weekday(start.weekday())]
    return [weekday(each.day, each.ordinal) for each in rule.weekdays] or None


def _turn_start(rule: Rule, start: date, turns: int) -> date:
    """Return the first day of a later turn: of its week, month or year. The first turn begins with the schedule."""
    if turns == 0:
        return start
    steps = turns * rule.interval
    match rule.frequency:
        case Frequency.daily:
            return start + steps * _ONE_DAY
        case Frequency.weekly:
            return start + (7 * steps - (start.weekday() - rule.week_start) % 7) * _ONE_DAY
        case Frequency.monthly:
            years, month = divmod(start.month - 1 + steps, 12)
            return date(start.year + years, month + 1, 1)
        case Frequency.yearly:
            return date(start.year + steps, 1, 1)


def _turns_before(rule: Rule, start: date, day: date) -> int:
    """Return how many turns have passed whole before the one that a day is in, or is after."""
    match rule.frequency:
        case Frequency.daily:
            passed = (day - start).days
        case Frequency.weekly:
            passed = ((day - start).days + (start.weekday() - rule.week_start) % 7) // 7
        case Frequency.monthly:
            passed = 12 * (day.year - start.year) + day.month - start.month
        case Frequency.yearly:
            passed = day.year - start.year
    return passed // rule.interval


@lru_cache(maxsize=4096)
def _last_day(rule: Rule, start: date) -> date | None:
    """Return the last day of a rule with COUNT; None when it runs on beyond what any plan does."""
    for number, each in enumerate(_unfolded(rule, start, 0), start=1):
        if each.date() - start > LONGEST_RUN:
            return None
        if number == rule.count:
            return each.date()
    return None


def _names_a_day(schedule: Schedule) -> bool:
    """Return whether the schedule falls on any day that is soon enough."""
    rule, start = schedule.rule, schedule.starts_on
    latest = min(rule.until_on or date.max, start + LONGEST_WAIT)
    for number, day in enumerate(_first_days(rule, start, latest)):
        if day > latest or number == rule.count:
            return False
        if day not in schedule.except_on:
            return True
    return False


def _first_days(rule: Rule, start: date, latest: date) -> Iterator[date]:
    """Yield days of the rule from its start, none if it has none.

    The library looks for a first day until the year 9999. By days and weeks there always is one soon, but for a weekday
    that is never met; by months and years it is asked for one turn at a time.
    """
    if rule.frequency in {Frequency.daily, Frequency.weekly}:
        met = {(start + step * rule.interval * _ONE_DAY).weekday() for step in range(7)}
        if rule.frequency is Frequency.weekly or not rule.weekdays or met & {each.day for each in rule.weekdays}:
            yield from (each.date() for each in _unfolded(rule, start, 0))
        return
    turns = 0
    while _turn_start(rule, start, turns) <= latest:
        yield from (each.date() for each in _unfolded(rule, start, turns, interval=_ONE_TURN))
        turns += 1


def _require_left_out(schedule: Schedule, pointer: str) -> None:
    """Raise Invalid for a day left out that is named twice or would not be due: a date mistyped must not be lost."""
    days, whole = schedule.except_on, Schedule(schedule.rule, schedule.starts_on)
    fit = len(days) <= MOST_DAYS_LEFT_OUT and len(set(days)) == len(days)
    if not fit or not all(list(days_between(whole, day, day)) for day in days):
        message = "Leave out days on which the action would be due, each once, 60 at most."
        raise _fault(f"{pointer}/except_on", "except_on_unfit", message)


def _fault(pointer: str, code: str, message: str) -> Invalid:
    return Invalid("The schedule cannot be kept as written.", [Fault(pointer, code, message)])
