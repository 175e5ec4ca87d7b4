"""How often an action was done of the times it was due, over the last seven of a person's days. Pure.

Counts days as the person lives them: what was done counts for the day on which it was done, and more than was due on a
day does not make up for another. Days on which the plan was paused are left out, and told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.people.local_days import LocalDays
from domain.plans.pause import Pause, is_paused
from domain.plans.schedule import Schedule, days_due, occurrences_on

DAYS_LOOKED_AT = 7


@dataclass(frozen=True, slots=True)
class DayCount:
    """How often an action was recorded as done, and as skipped, on one day.

    `due`: how often it had been due or was answered, where it is known which of its times each record is for (`asked`).
    """

    done: int = 0
    skipped: int = 0
    due: int | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """From when until when a plan was in force (None while it is), and when it was paused meanwhile."""

    from_at: datetime
    until_at: datetime | None = None
    pauses: Collection[Pause] = ()


@dataclass(frozen=True, slots=True)
class Adherence:
    """How often an action was due from a day up to an instant, and what became of that.

    `due` = `done` + `skipped` + `missed`. `paused_days`: on how many days of the rule nothing was due for a pause.
    """

    from_on: date
    until_at: datetime
    due: int
    done: int
    skipped: int
    missed: int
    paused_days: int


def adherence(
    schedule: Schedule, counts: Mapping[date, DayCount], in_force: InForce, days: LocalDays, *, at: datetime
) -> Adherence:
    """Return the adherence over the last seven days, today included, while the plan was in force.

    What is due later today is counted once it has been answered: doing it early is not lost, waiting is not missed.
    """
    until = min(at, in_force.until_at or at)
    first, last = days_looked_at(until, days)
    due = done = skipped = paused = 0
    for day in days_due(schedule, first, last):
        instants = [one.due_at for one in occurrences_on(schedule, day, days) if one.due_at > in_force.from_at]
        if is_paused(in_force.pauses, day):
            paused += bool(instants)
            continue
        count = counts.get(day, DayCount())
        passed = sum(instant <= until for instant in instants)
        answered = min(len(instants), count.done + count.skipped)
        due_that_day = max(passed, answered) if count.due is None else count.due
        done_that_day = min(due_that_day, count.done)
        due += due_that_day
        done += done_that_day
        skipped += min(due_that_day - done_that_day, count.skipped)
    begins = max(first, days.day_of(in_force.from_at))
    return Adherence(begins, until, due, done, skipped, due - done - skipped, paused)


def days_looked_at(until: datetime, days: LocalDays) -> tuple[date, date]:
    """Return the first and the last day looked at when adherence is asked for at an instant."""
    last = days.day_of(until)
    return last - timedelta(days=DAYS_LOOKED_AT - 1), last
