"""How often the actions that serve a goal were done, counted over days or weeks from the goal's start. Pure.

Counts by the days of a time zone, as the person lives them. Does not know how often would be good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.plans.target import Per

DAYS = {Per.day: 1, Per.week: 7}
# The latest that are looked at: a quarter of days, a year of weeks.
MOST_PERIODS = {Per.day: 92, Per.week: 52}


@dataclass(frozen=True, slots=True)
class Period:
    """How often it was done and skipped from a day to another, both included."""

    from_on: date
    until_on: date
    done: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done since a goal's start: in all, when last, and by period, oldest first; the last is the present one.

    `ids` are those of the latest records, the newest first. Without periods when all is counted together.
    """

    done: int
    skipped: int
    latest_at: datetime | None
    ids: tuple[UUID, ...]
    periods: tuple[Period, ...]
    complete: bool


def first_period(per: Per, start_on: date, today: date) -> int:
    """Return the number of the first period that is looked at; 0 is the one that begins with the goal."""
    if per is Per.in_all:
        return 0
    return max(0, (today - start_on).days // DAYS[per] - MOST_PERIODS[per])


def periods(per: Per, start_on: date, today: date, counts: dict[int, tuple[int, int]]) -> tuple[Period, ...]:
    """Return the periods up to the one that today lies in; `counts` are done and skipped, by the period's number."""
    if per is Per.in_all or today < start_on:
        return ()
    length = timedelta(days=DAYS[per])
    last = (today - start_on).days // DAYS[per]
    return tuple(
        Period(begins := start_on + number * length, begins + length - timedelta(days=1), *counts.get(number, (0, 0)))
        for number in range(first_period(per, start_on, today), last + 1)
    )
