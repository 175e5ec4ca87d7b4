"""What an action asks to be recorded, and which record meets which of the times that it is due. Pure.

Each time has its stretch of the day, up to half-way to the next: a record meets the time in whose stretch it lies, and
no other, so that two readings of one morning are never told as the morning's and the evening's. What was recorded as
done counts beside it, by the same stretches; nothing is kept of what can be worked out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.errors import Fault
from domain.observations.catalogue import CATALOGUE
from domain.people.local_days import LocalDays
from domain.plans.adherence import DayCount, InForce, days_looked_at
from domain.plans.due_today import Answer, DueState, DueTime, due_time
from domain.plans.pause import is_paused
from domain.plans.schedule import Occurrence, Schedule, days_due, occurrences_on
from domain.questionnaires.catalogue import INSTRUMENTS


class RecordKind(StrEnum):
    """What somebody can be asked to record."""

    reading = "reading"
    questionnaire = "questionnaire"
    diary_entry = "diary_entry"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What an action asks for; `of`: of which sign, or which questionnaire; None of a diary entry."""

    kind: RecordKind
    of: str | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One time that an action is due, and the part of the day (its end not included) in which a record meets it."""

    due: Occurrence
    from_at: datetime
    until_at: datetime


def faults_of_asked(asked: AskedFor | None, pointer: str) -> list[Fault]:
    """Return what is wrong with what an action asks for: a sign or a questionnaire that nobody can record."""
    if asked is None:
        return []
    sign, instrument = CATALOGUE.get(asked.of or ""), INSTRUMENTS.get(asked.of or "")
    known = {
        RecordKind.reading: sign is not None and not sign.derived,
        RecordKind.questionnaire: instrument is not None and not instrument.anonymous,
        RecordKind.diary_entry: asked.of is None,
    }
    if known[asked.kind]:
        return []
    message = "Name a sign that is measured, or a questionnaire that is not anonymous; of a diary entry, nothing."
    return [Fault(f"{pointer}/of", "unknown_record", message)]


def stretches_on(schedule: Schedule, day: date, days: LocalDays) -> list[Stretch]:
    """Return each time of a day that the schedule names, with its stretch: one after the other, they fill the day.

    A time that lies beyond a day which is short, because somebody flew east, has a stretch before its end.
    """
    due = occurrences_on(schedule, day, days)
    begins, ends = days.instant(day), days.instant(day + timedelta(days=1))
    within = [min(each.due_at, ends) for each in due]
    halves = [one + (other - one) / 2 for one, other in pairwise(within)]
    return [Stretch(each, *span) for each, span in zip(due, pairwise([begins, *halves, ends]), strict=True)]


def stretches_asked(schedule: Schedule, in_force: InForce, days: LocalDays, *, day: date) -> list[Stretch]:
    """Return the stretches of a day on which the plan asks for something: not of a pause, nor from before the plan.

    None goes on after the plan's end.
    """
    if is_paused(in_force.pauses, day) or not days_due(schedule, day, day):
        return []
    asked = [each for each in stretches_on(schedule, day, days) if each.due.due_at > in_force.from_at]
    if in_force.until_at is None:
        return asked
    ends = in_force.until_at
    return [Stretch(each.due, each.from_at, min(each.until_at, ends)) for each in asked if each.from_at < ends]


def stretches_of_week(schedule: Schedule, in_force: InForce, days: LocalDays, *, at: datetime) -> list[Stretch]:
    """Return the stretches of all days that adherence looks at when it is asked for at an instant."""
    first, last = days_looked_at(min(at, in_force.until_at or at), days)
    looked_at = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [each for day in looked_at for each in stretches_asked(schedule, in_force, days, day=day)]


def due_of_asked(
    schedule: Schedule, answers: Sequence[Answer], in_force: InForce, days: LocalDays, *, day: date, at: datetime
) -> list[DueTime]:
    """Return each time of a day that something is asked for, as it stands at an instant; `answers` in any order."""
    asked = stretches_asked(schedule, in_force, days, day=day)
    in_order = sorted(answers, key=_when)
    return [due_time(each.due, _met_by(each, in_order), at) for each in asked]


def counts_of_asked(
    schedule: Schedule, answers: Sequence[Answer], in_force: InForce, days: LocalDays, *, at: datetime
) -> Mapping[date, DayCount]:
    """Return how often on each day that adherence looks at what was asked for was met, skipped, and due by now."""
    until = min(at, in_force.until_at or at)
    first, last = days_looked_at(until, days)
    answers = sorted(answers, key=_when)
    return {
        day: _count(due_of_asked(schedule, answers, in_force, days, day=day, at=until))
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
    }


def _count(due: Sequence[DueTime]) -> DayCount:
    states = [each.state for each in due]
    done, skipped = states.count(DueState.done), states.count(DueState.skipped)
    return DayCount(done, skipped, due=done + skipped + states.count(DueState.overdue))


def _when(answer: Answer) -> datetime:
    return answer.at


def _met_by(stretch: Stretch, answers: Sequence[Answer]) -> Answer | None:
    """Return the first record that meets a time, or what skipped it where none does; `answers` in the order of time."""
    within = answers[
        bisect_left(answers, stretch.from_at, key=_when) : bisect_left(answers, stretch.until_at, key=_when)
    ]
    return min(within, key=lambda answer: (answer.skipped is not None, answer.at), default=None)
