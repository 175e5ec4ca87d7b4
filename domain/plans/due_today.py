"""What of an action is due on one of a person's days, and what became of each time. Pure.

Counts as `adherence` does: what was done counts for the day on which it was done. For which of several times it was
done nobody has said: it is held against the time that it was nearest to, and told with the instant at which it was
done, so that one of two doses is never told as both, and the evening's not as the morning's.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from domain.people.local_days import LocalDays
from domain.plans.adherence import InForce
from domain.plans.pause import is_paused
from domain.plans.schedule import Occurrence, Schedule, days_due, occurrences_on


class DueState(StrEnum):
    """What became of one time that an action is due on a day that is not over.

    overdue: its time of day has passed, and it was neither done nor skipped; it can be until the day is over. Without
    a time of day an action is due by the end of its day, and so never overdue on it.
    """

    not_yet = "not_yet"
    overdue = "overdue"
    done = "done"
    skipped = "skipped"


@dataclass(frozen=True, slots=True)
class Answer:
    """That an action was done at an instant, or skipped for a reason: by what was recorded of it (`completion_id`).

    Or that what it asks for is in the record: which reading, questionnaire or diary entry (`record_id`).
    """

    completion_id: UUID | None
    at: datetime
    skipped: str | None
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DueTime:
    """One time that an action is due today, and what answers it, if anything does."""

    at_time: time | None
    due_at: datetime
    state: DueState
    answer: Answer | None


# How many answers are left over, how many of those kept are skips, and how far they are from their times, in seconds.
_Cost = tuple[int, int, float]
# The last pair, and those before it: none is copied while the ways are compared.
_Pairs = tuple[tuple[int, int], "_Pairs"] | None


def due_on(
    schedule: Schedule, answers: Sequence[Answer], in_force: InForce, days: LocalDays, *, day: date, at: datetime
) -> list[DueTime]:
    """Return each time that an action is due on a day, as it stands at an instant; none on a day of a pause.

    `answers` are those of the day, in any order.
    """
    if is_paused(in_force.pauses, day) or not days_due(schedule, day, day):
        return []
    due = [each for each in occurrences_on(schedule, day, days) if each.due_at > in_force.from_at]
    given = _within_reach(due, sorted(answers, key=lambda answer: answer.at))
    answered = dict(_nearest(due, given))
    return [due_time(each, given[answered[n]] if n in answered else None, at) for n, each in enumerate(due)]


def due_time(due: Occurrence, answer: Answer | None, at: datetime) -> DueTime:
    """Return a time that an action is due as it stands at an instant, with what answers it."""
    if answer is not None:
        state = DueState.done if answer.skipped is None else DueState.skipped
    else:
        state = DueState.overdue if due.due_at <= at else DueState.not_yet
    return DueTime(due.at_time, due.due_at, state, answer)


def _within_reach(due: Sequence[Occurrence], given: Sequence[Answer]) -> list[Answer]:
    """Return which answers can be held against a time at all: to each side of each as many as there are times.

    Of those that were done, and of those that were skipped. One farther off is left over as well as a nearer one that
    would be left over in its place, however many there are.
    """
    kept: set[int] = set()
    for is_skipped in (False, True):
        places = [place for place, answer in enumerate(given) if (answer.skipped is not None) is is_skipped]
        instants = [given[place].at for place in places]
        for each in due:
            middle = bisect(instants, each.due_at)
            kept.update(places[max(0, middle - len(due)) : middle + len(due)])
    return [given[place] for place in sorted(kept)]


def _nearest(due: Sequence[Occurrence], given: Sequence[Answer]) -> list[tuple[int, int]]:
    """Return which time each answer is held against, both by their place; both in the order of time.

    As many as there are times for, of these as many as were done, and of all such pairs those that lie nearest.
    """
    row: list[tuple[_Cost, _Pairs]] = [((n, 0, 0.0), None) for n in range(len(given) + 1)]
    for number, each in enumerate(due):
        before, row = row, [row[0]]
        for place, answer in enumerate(given):
            (left, skips, apart), pairs = before[place]
            distance = abs((answer.at - each.due_at).total_seconds())
            paired = (left, skips + (answer.skipped is not None), apart + distance), ((number, place), pairs)
            (over, skips_over, apart_over), pairs_over = row[place]
            left_over = (over + 1, skips_over, apart_over), pairs_over
            row.append(min(paired, left_over, before[place + 1], key=lambda one: one[0]))
    found, rest = [], row[-1][1]
    while rest is not None:
        pair, rest = rest
        found.append(pair)
    return found
