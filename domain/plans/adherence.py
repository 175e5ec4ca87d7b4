"""How often an action was done of the times it was due, over the last seven London days. Pure.

Counts days as the person lives them: what was done counts for the London day on which it was done, and more than
was due on a day does not make up for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.clock import london_date
from domain.plans.schedule import Schedule, days_between, occurrences_on

DAYS_LOOKED_AT = 7


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often an action was recorded as done, and as skipped, on one London day."""

    done: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Adherence:
    """How often an action was due from a London day up to an instant, and what became of that.

    `due` = `done` + `skipped` + `missed`.
    """

    from_on: date
    until_at: datetime
    due: int
    done: int
    skipped: int
    missed: int


def adherence(
    schedule: Schedule,
    counts: Mapping[date, DayCount],
    *,
    in_force_from: datetime,
    in_force_until: datetime | None,
    at: datetime,
) -> Adherence:
    """Return the adherence over the last seven London days, today included, while the plan was in force.

    What is due later today is counted once it has been answered: doing it early is not lost, waiting is not missed.
    """
    until = min(at, in_force_until or at)
    first = window_start(until)
    due = done = skipped = 0
    for day in days_between(schedule, first, london_date(until)):
        instants = [one.due_at for one in occurrences_on(schedule, day) if one.due_at > in_force_from]
        count = counts.get(day, DayCount())
        passed = sum(instant <= until for instant in instants)
        due_that_day = max(passed, min(len(instants), count.done + count.skipped))
        done_that_day = min(due_that_day, count.done)
        due += due_that_day
        done += done_that_day
        skipped += min(due_that_day - done_that_day, count.skipped)
    return Adherence(max(first, london_date(in_force_from)), until, due, done, skipped, due - done - skipped)


def window_start(until: datetime) -> date:
    """Return the first London day looked at when adherence is asked for at an instant."""
    return london_date(until) - timedelta(days=DAYS_LOOKED_AT - 1)
