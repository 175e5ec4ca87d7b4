"""When an action is due: a small part of iCalendar's recurrence rules, read, told and unfolded. Pure.

A rule says on which days; times of day stand beside it, because "08:00 and 20:30" is not one rule in iCalendar.
Days and times are London's. The text is kept in iCalendar's own words (RFC 5545 section 3.3.10), so that a richer
rule can be read later from the same column. Refuses the parts of the standard it does not know, rather than skip them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.clock import LONDON
from domain.errors import Fault, Invalid

MOST_TIMES_A_DAY = 24
# Nothing is planned further ahead than this; a rule that names no day in so long a time is a slip.
MOST_COUNT = 3660
MOST_INTERVAL = 366

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_EARLIEST_UNTIL = "19000101"
_UNTIL = re.compile(r"[0-9]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """On which days something recurs: every `interval` days or weeks, on `weekdays` (0 is Monday; empty: any)."""

    weekly: bool
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    count: int | None = None
    until_on: date | None = None

    def text(self) -> str:
        """Return the rule as an iCalendar RRULE value, always in the same order."""
        parts = [f"FREQ={'WEEKLY' if self.weekly else 'DAILY'}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in self.weekdays))
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until_on is not None:
            parts.append(f"UNTIL={self.until_on:%Y%m%d}")
        return ";".join(parts)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule from a day on, at times of the day; without times, once at any time of each day."""

    rule: Rule
    starts_on: date
    times: tuple[time, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an action falls due: its London day and time of day, and the instant by which it is due.

    Without a time of day it is due by the end of its day.
    """

    on: date
    at_time: time | None
    due_at: datetime


def read_rule(text: str, pointer: str = "/rrule") -> Rule:
    """Return the rule that an RRULE value names. Raises Invalid for anything outside the small part known here."""
    given: dict[str, str] = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        if not separator or name in given:
            raise _unreadable(pointer)
        given[name] = value
    frequency = given.pop("FREQ", "")
    rule = Rule(
        weekly=frequency == "WEEKLY",
        interval=_number(given.pop("INTERVAL", "1"), MOST_INTERVAL, pointer),
        weekdays=_weekdays(given.pop("BYDAY", None), pointer),
        count=_number(given.pop("COUNT"), MOST_COUNT, pointer) if "COUNT" in given else None,
        until_on=_until(given.pop("UNTIL"), pointer) if "UNTIL" in given else None,
    )
    if frequency not in {"DAILY", "WEEKLY"} or given or (rule.count is not None and rule.until_on is not None):
        raise _unreadable(pointer)
    return rule


def schedule_of(rrule: str, starts_on: date, times: tuple[time, ...], pointer: str = "") -> Schedule:
    """Return the schedule, its times in order. Raises Invalid when it is unreadable or names no day at all."""
    rule = read_rule(rrule, f"{pointer}/rrule")
    if len(times) > MOST_TIMES_A_DAY or len(set(times)) != len(times):
        raise _fault(f"{pointer}/times", "times_unfit", "Name each time of the day once, 24 at most.")
    if any(at.second or at.microsecond or at.tzinfo is not None for at in times):
        raise _fault(f"{pointer}/times", "times_unfit", "Name times of the day by hour and minute.")
    schedule = Schedule(rule, starts_on, tuple(sorted(times)))
    if not _names_a_day(schedule):
        raise _fault(f"{pointer}/rrule", "never_due", "The rule names no day from its start to its end.")
    return schedule


def days_between(schedule: Schedule, first: date, last: date) -> Iterator[date]:
    """Yield the days, both ends included, on which the schedule falls, in order.

    However far from the start, it begins near `first`: the days before are counted, not walked through.
    """
    rule, turns = schedule.rule, _turns(schedule)
    last = min(last, rule.until_on or last)
    before = sum(turns.begins_on + offset < schedule.starts_on for offset in turns.offsets)
    turn = max(0, (first - turns.begins_on) // turns.length)
    while turns.offsets:
        for place, offset in enumerate(turns.offsets):
            day, number = turns.begins_on + turn * turns.length + offset, turn * len(turns.offsets) + place - before
            if day > last or (rule.count is not None and number >= rule.count):
                return
            if number >= 0 and day >= first:
                yield day
        turn += 1


def occurrences_on(schedule: Schedule, day: date) -> list[Occurrence]:
    """Return what falls due on a day that the schedule names, by instant.

    A time that the clocks skip in spring is an hour later that day; one that comes twice in autumn means the first
    (RFC 5545 section 3.3.5). That is what Python's `fold=0` does.
    """
    if not schedule.times:
        return [Occurrence(day, None, london_instant(day + _ONE_DAY))]
    found = [Occurrence(day, at, london_instant(day, at)) for at in schedule.times]
    return sorted(found, key=lambda one: (one.due_at, one.at_time or time()))


def london_instant(day: date, at: time = time()) -> datetime:
    """Return the instant (UTC) of a London day's time, its beginning if none is given.

    In UTC, because Python compares two datetimes of one zone by the hands of the clock, not by the instant.
    """
    return datetime.combine(day, at, LONDON).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Turns:
    """A schedule as what it repeats: from a day on, every so long, the same few days (at most seven)."""

    begins_on: date
    length: timedelta
    offsets: tuple[timedelta, ...]


def _turns(schedule: Schedule) -> _Turns:
    """Return what the schedule repeats. Weeks begin on Monday; every so many days meet each weekday in seven steps."""
    rule, start = schedule.rule, schedule.starts_on
    if rule.weekly:
        weekdays = rule.weekdays or (start.weekday(),)
        return _Turns(start - start.weekday() * _ONE_DAY, rule.interval * _WEEK, tuple(n * _ONE_DAY for n in weekdays))
    step = rule.interval * _ONE_DAY
    if not rule.weekdays:
        return _Turns(start, step, (timedelta(),))
    steps = (n * step for n in range(7))
    return _Turns(start, 7 * step, tuple(each for each in steps if (start + each).weekday() in rule.weekdays))


def _names_a_day(schedule: Schedule) -> bool:
    """Return whether the schedule falls on any day: if so, on one of its first two turns."""
    horizon = schedule.starts_on + 2 * _turns(schedule).length
    return next(days_between(schedule, schedule.starts_on, horizon), None) is not None


def _number(text: str, most: int, pointer: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise _unreadable(pointer)
    return int(text)


def _weekdays(text: str | None, pointer: str) -> tuple[int, ...]:
    if text is None:
        return ()
    names = text.split(",")
    if len(set(names)) != len(names) or not set(names) <= set(WEEKDAYS):
        raise _unreadable(pointer)
    return tuple(sorted(WEEKDAYS.index(name) for name in names))


def _until(text: str, pointer: str) -> date:
    try:
        if _UNTIL.fullmatch(text) and text >= _EARLIEST_UNTIL:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass  # 30 February: told like every other text that is no date
    raise _unreadable(pointer)


def _unreadable(pointer: str) -> Invalid:
    return _fault(
        pointer,
        "rrule_unknown",
        "Use FREQ=DAILY or FREQ=WEEKLY, with INTERVAL, BYDAY (MO to SU), and COUNT or UNTIL (a date) if needed.",
    )


def _fault(pointer: str, code: str, message: str) -> Invalid:
    return Invalid("The schedule cannot be kept as written.", [Fault(pointer, code, message)])
