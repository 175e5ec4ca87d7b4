"""On which days something recurs, as an iCalendar RRULE says it: read strictly, and told always in one way. Pure.

Takes days, weeks, months and years of RFC 5545 section 3.3.10. Refuses what is shorter than a day, BYSETPOS and the
parts by number of the week or the year, and two forms that calendars read differently: a yearly rule by weekdays or
days of the month without BYMONTH (every month, or the start's alone), and "MO" beside "1MO" (either, or both at once).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from domain.errors import Fault, Invalid

MOST_COUNT = 3660
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_SIGNED = re.compile(r"[+-]?[1-9][0-9]?", re.ASCII)
_WEEKDAY = re.compile(rf"([+-]?[1-5])?({'|'.join(WEEKDAYS)})", re.ASCII)
_UNTIL = re.compile(r"[0-9]{8}", re.ASCII)
_EARLIEST_UNTIL = "19000101"
_T = TypeVar("_T")


class Frequency(StrEnum):
    """What a rule goes by."""

    daily = "DAILY"
    weekly = "WEEKLY"
    monthly = "MONTHLY"
    yearly = "YEARLY"


# Nothing is planned further ahead than ten years; for days and weeks, as it has always been.
MOST_INTERVAL = {Frequency.daily: 366, Frequency.weekly: 366, Frequency.monthly: 120, Frequency.yearly: 10}
_BY_MONTH = frozenset({Frequency.monthly, Frequency.yearly})


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week (0 is Monday); with an ordinal, that one of its month, from the end if negative."""

    day: int
    ordinal: int | None = None

    def text(self) -> str:
        """Return the weekday in iCalendar's letters."""
        return f"{self.ordinal or ''}{WEEKDAYS[self.day]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """On which days something recurs: every `interval` days, weeks, months or years.

    On `weekdays`, on `month_days` (1 to 31, from the end if negative) and in `months` (1 to 12); empty: whatever the
    start says. Weeks begin on `week_start` (0 is Monday).
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    count: int | None = None
    until_on: date | None = None
    week_start: int = 0

    def text(self) -> str:
        """Return the rule as an iCalendar RRULE value, always in the same order."""
        parts = {
            "FREQ": self.frequency.value,
            "INTERVAL": "" if self.interval == 1 else str(self.interval),
            "BYMONTH": ",".join(str(month) for month in self.months),
            "BYMONTHDAY": ",".join(str(day) for day in self.month_days),
            "BYDAY": ",".join(each.text() for each in self.weekdays),
            "COUNT": "" if self.count is None else str(self.count),
            "UNTIL": "" if self.until_on is None else f"{self.until_on:%Y%m%d}",
            "WKST": "" if self.week_start == 0 else WEEKDAYS[self.week_start],
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


@lru_cache(maxsize=4096)
def read_rule(text: str, pointer: str = "/rrule") -> Rule:
    """Return the rule that an RRULE value names. Raises Invalid for anything outside the part known here.

    Kept, because the rules of plans are read whenever somebody looks at their day.
    """
    given: dict[str, str] = {}
    for part in text.split(";"):
        name, separator, value = part.partition("=")
        if not separator or name in given:
            raise _unreadable(pointer)
        given[name] = value
    try:
        rule = _rule(given)
    except ValueError:
        raise _unreadable(pointer) from None
    if given or not _is_whole(rule):
        raise _unreadable(pointer)
    return rule


def _rule(given: dict[str, str]) -> Rule:
    """Return the rule of the parts, taking out those it knows. Raises ValueError."""
    frequency = Frequency(given.pop("FREQ", ""))
    until, count = given.pop("UNTIL", None), given.pop("COUNT", None)
    return Rule(
        frequency=frequency,
        interval=_number(given.pop("INTERVAL", "1"), MOST_INTERVAL[frequency]),
        weekdays=_in_order([_weekday(each) for each in _items(given, "BYDAY")], key=_by_place),
        month_days=_in_order(
            [_month_day(each) for each in _items(given, "BYMONTHDAY")], key=lambda day: (day < 0, day)
        ),
        months=_in_order([_number(each, 12) for each in _items(given, "BYMONTH")], key=lambda month: (month,)),
        count=None if count is None else _number(count, MOST_COUNT),
        until_on=None if until is None else _until(until),
        week_start=WEEKDAYS.index(given.pop("WKST", "MO")),
    )


def _is_whole(rule: Rule) -> bool:
    """Return whether the parts go together, and every calendar would read them alike."""
    ordinals = [each.ordinal is not None for each in rule.weekdays]
    return not (
        (rule.count is not None and rule.until_on is not None)
        or (any(ordinals) and (not all(ordinals) or rule.frequency not in _BY_MONTH))
        or (rule.month_days and rule.frequency not in _BY_MONTH)
        or (rule.frequency is Frequency.yearly and (rule.month_days or rule.weekdays) and not rule.months)
    )


def _items(given: dict[str, str], name: str) -> list[str]:
    return given.pop(name).split(",") if name in given else []


def _in_order(found: list[_T], key: Callable[[_T], tuple[int, ...]]) -> tuple[_T, ...]:
    """Return what was listed, in one order. Raises ValueError when anything is named twice."""
    if len(set(found)) != len(found):
        raise ValueError
    return tuple(sorted(found, key=key))


def _by_place(each: Weekday) -> tuple[int, ...]:
    return (each.ordinal or 0, each.day)


def _number(text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise ValueError
    return int(text)


def _month_day(text: str) -> int:
    if not _SIGNED.fullmatch(text) or abs(int(text)) > 31:
        raise ValueError
    return int(text)


def _weekday(text: str) -> Weekday:
    match = _WEEKDAY.fullmatch(text)
    if match is None:
        raise ValueError
    return Weekday(WEEKDAYS.index(match[2]), None if match[1] is None else int(match[1]))


def _until(text: str) -> date:
    if not _UNTIL.fullmatch(text) or text < _EARLIEST_UNTIL:
        raise ValueError
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _unreadable(pointer: str) -> Invalid:
    message = (
        "Use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY, with INTERVAL, BYDAY (MO to SU; 1MO or -1FR for months),"
        " BYMONTHDAY, BYMONTH, and COUNT or UNTIL (a date) if needed; a yearly rule by days needs BYMONTH."
    )
    return Invalid("The schedule cannot be kept as written.", [Fault(pointer, "rrule_unknown", message)])
