"""What a person's own day holds, in one answer: what is due of each plan, where each goal stands, what is open.

One read, audited once, by as many statements whatever there is of plans, goals and readings. What a list of its own
says at length (evidence of a goal, history of an alert, versions of a plan) is not told again here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from domain.access.actor import Actor
from domain.alerts.queries import OpenNow, open_alerts_of
from domain.audit.commands import record_audit
from domain.people.local_days import LocalDays
from domain.people.local_days_queries import local_days
from domain.people.own_queries import own_patient
from domain.plans.acknowledgement_queries import PlanAnswer, is_to_be_acknowledged
from domain.plans.adherence import Adherence, DayCount, InForce, adherence, days_looked_at
from domain.plans.asked import AskedFor, RecordKind, counts_of_asked, due_of_asked
from domain.plans.asked_queries import Asking, records_asked_for
from domain.plans.due_today import Answer, DueTime, due_on
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause, Rest, rest_on
from domain.plans.pause_queries import pauses_of_plans
from domain.plans.queries import Goal, open_goals
from domain.plans.recurrence import read_rule
from domain.plans.schedule import Schedule
from domain.plans.zone_queries import ZoneNow, zones_now
from domain.statements import Statement, Work, rows_of

# Whole plans in force, a row for each action: at most 20 plans of 50 actions (`plan_commands`).
_IN_FORCE = Statement(
    text(
        """
    select p.id as plan_id, p.title as plan, p.version, p.review_on, p.published_at, p.published_as,
        (select s.answer from plan_acknowledgement s where s.plan_id = p.id order by s.said_at desc, s.id desc limit 1)
        as answer, a.id, a.title, a.instructions,
        a.rrule, a.starts_on, a.times, a.except_on, a.asks_kind, a.asks_of,
        array(select g.goal_id from action_goal g where g.action_id = a.id order by g.goal_id) as goal_ids
    from action_plan p join action a on a.plan_id = p.id
    where p.patient_id = :patient and not exists (select from action_plan_end e where e.plan_id = p.id)
    order by p.id desc, a.place
    """
    )
)
# By day as adherence counts, and what answers each time: of the last day, or of each where something is asked for.
# Said twice from when to when: a plan that is made once for all goes through years of records if it meets the days only
# in the join.
_EACH = "d.day = :today or c.action_id = any(cast(:asking as uuid[]))"
_ANSWERED = Statement(
    text(
        f"""
    select c.action_id, d.day, count(*) filter (where c.skipped is null) as done, count(c.skipped) as skipped,
        array_agg(c.id order by c.done_at, c.id) filter (where {_EACH}) as ids,
        array_agg(c.done_at order by c.done_at, c.id) filter (where {_EACH}) as done_at,
        array_agg(c.skipped order by c.done_at, c.id) filter (where {_EACH}) as reasons
    from unnest(cast(:days as date[]), cast(:starts as timestamptz[]), cast(:ends as timestamptz[]))
        as d (day, starts_at, ends_at)
    join action_completion c on c.action_id = any(cast(:action_ids as uuid[]))
        and c.done_at >= d.starts_at and c.done_at < d.ends_at
    where c.done_at >= :first_at and c.done_at < :until_at
        and c.id not in (select r.completion_id from completion_retraction r where r.patient_id = :patient)
    group by 1, 2
    """
    )
)


@dataclass(frozen=True, slots=True)
class ActionToday:
    """A step of a plan that is due today: each time of it, and how it was kept to over the last seven days."""

    id: UUID
    title: str
    instructions: str | None
    goal_ids: tuple[UUID, ...]
    asks_for: AskedFor | None
    due: tuple[DueTime, ...]
    adherence: Adherence


@dataclass(frozen=True, slots=True)
class PlanToday:
    """A plan in force, and what of it is due today: nothing while it rests. `zone`: None of a plan without zones."""

    id: UUID
    title: str
    version: int
    review_on: date
    review_overdue: bool
    rest: Rest | None
    to_be_acknowledged: bool
    zone: ZoneNow | None
    actions: tuple[ActionToday, ...]


@dataclass(frozen=True, slots=True)
class GoalToday:
    """A goal that has not ended; of one that is measured by a sign, whether today's readings are among those seen."""

    goal: Goal
    measured_today: bool | None


@dataclass(frozen=True, slots=True)
class Today:
    """A person's day at an instant, from its first instant to the first of the next, as their own clock has it."""

    as_of: datetime
    patient_id: UUID
    day: date
    time_zone: str
    from_at: datetime
    until_at: datetime
    plans: tuple[PlanToday, ...]
    goals: tuple[GoalToday, ...]
    alerts: tuple[OpenNow, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was recorded of actions lately: how often on each day, and of today each record.

    Of an action that asks for something each record of those days, and what in the record meets it.
    """

    counts: Mapping[UUID, Mapping[date, DayCount]]
    answers: Mapping[UUID, Sequence[Answer]]
    records: Mapping[UUID, Sequence[Answer]]


async def today_read(work: Work, actor: Actor) -> Today:
    """Return the caller's own day, audited. Raises NotFound for who is no patient."""
    patient = await own_patient(work, actor)
    days = await local_days(work, patient.id)
    day = days.day_of(actor.at)
    found = Today(
        as_of=actor.at,
        patient_id=patient.id,
        day=day,
        time_zone=days.zone_name(day),
        from_at=days.instant(day),
        until_at=days.instant(day + timedelta(days=1)),
        plans=await _plans(work, patient.id, days, day, actor.at),
        goals=tuple(_goal_today(goal, days, day) for goal in await open_goals(work, actor, patient.id, days)),
        alerts=tuple(await open_alerts_of(work, patient.id)),
    )
    await record_audit(work, actor, "today.read", patient, count=len(found.plans) + len(found.goals))
    return found


async def _plans(work: Work, patient_id: UUID, days: LocalDays, day: date, at: datetime) -> tuple[PlanToday, ...]:
    actions: dict[UUID, list[Any]] = defaultdict(list)
    for row in await rows_of(work, _IN_FORCE, {"patient": patient_id}):
        actions[row.plan_id].append(row)
    span = days_looked_at(at, days)
    action_ids = [row.id for rows in actions.values() for row in rows]
    pauses = await pauses_of_plans(work, list(actions), from_on=span[0])
    asking = [
        Asking(row.id, asked_for, _schedule(row), InForce(row.published_at, None, pauses.get(plan_id, ())))
        for plan_id, rows in actions.items()
        for row in rows
        if (asked_for := _asked_for(row)) is not None
    ]
    records = await records_asked_for(work, patient_id, asking, days, at=at)
    kept = await _kept(work, patient_id, action_ids, span, days, records)
    zones = {each.plan_id: each for each in await zones_now(work, patient_id, days, at)}
    return tuple(
        replace(_plan(rows, kept, pauses.get(plan_id, ()), days, day, at), zone=zones.get(plan_id))
        for plan_id, rows in actions.items()
    )


async def _kept(
    work: Work,
    patient_id: UUID,
    action_ids: list[UUID],
    span: tuple[date, date],
    days: LocalDays,
    records: Mapping[UUID, Sequence[Answer]],
) -> _Kept:
    first, last = span
    looked_at = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    starts = [days.instant(day) for day in (*looked_at, last + timedelta(days=1))]
    asked = {
        "patient": patient_id,
        "action_ids": action_ids,
        "days": looked_at,
        "starts": starts[:-1],
        "ends": starts[1:],
        "first_at": starts[0],
        "until_at": starts[-1],
        "today": last,
        "asking": list(records),
    }
    counts: dict[UUID, dict[date, DayCount]] = defaultdict(dict)
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for row in await rows_of(work, _ANSWERED, asked):
        counts[row.action_id][row.day] = DayCount(row.done, row.skipped)
        if row.ids is not None:
            answers[row.action_id] += [Answer(*each) for each in zip(row.ids, row.done_at, row.reasons, strict=True)]
    return _Kept(counts, answers, records)


def _plan(
    rows: Sequence[Any], kept: _Kept, pauses: tuple[Pause, ...], days: LocalDays, day: date, at: datetime
) -> PlanToday:
    plan = rows[0]
    in_force = InForce(plan.published_at, None, pauses)
    actions = [_action(row, kept, in_force, days, day, at) for row in rows]
    return PlanToday(
        id=plan.plan_id,
        title=plan.plan,
        version=plan.version,
        review_on=plan.review_on,
        review_overdue=day > plan.review_on,
        rest=rest_on(pauses, day),
        to_be_acknowledged=is_to_be_acknowledged(Party(plan.published_as), plan.answer and PlanAnswer(plan.answer)),
        zone=None,
        actions=tuple(each for each in actions if each.due),
    )


def _action(row: Any, kept: _Kept, in_force: InForce, days: LocalDays, day: date, at: datetime) -> ActionToday:
    schedule, asked_for, answers = _schedule(row), _asked_for(row), kept.answers.get(row.id, ())
    counts = kept.counts.get(row.id, {})
    if asked_for is None:
        due = due_on(schedule, answers, in_force, days, day=day, at=at)
    else:
        answers = [*kept.records[row.id], *answers]
        due = due_of_asked(schedule, answers, in_force, days, day=day, at=at)
        counts = counts_of_asked(schedule, answers, in_force, days, at=at)
    return ActionToday(
        id=row.id,
        title=row.title,
        instructions=row.instructions,
        goal_ids=tuple(row.goal_ids),
        asks_for=asked_for,
        due=tuple(due),
        adherence=adherence(schedule, counts, in_force, days, at=at),
    )


def _schedule(row: Any) -> Schedule:
    return Schedule(read_rule(row.rrule), row.starts_on, tuple(row.times), tuple(row.except_on))


def _asked_for(row: Any) -> AskedFor | None:
    return None if row.asks_kind is None else AskedFor(RecordKind(row.asks_kind), row.asks_of)


def _goal_today(goal: Goal, days: LocalDays, day: date) -> GoalToday:
    progress = goal.progress
    if progress is None or progress.tally is not None:
        return GoalToday(goal, None)
    return GoalToday(goal, progress.latest is not None and days.day_of(progress.latest.at) == day)
