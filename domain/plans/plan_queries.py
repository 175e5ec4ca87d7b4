"""Reading action plans back: their versions, actions and how these are kept to.

What is read is audited here, one row a request. A superseded version is ended, and says by which other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

from sqlalchemy import Row, Select, select, text, tuple_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.clock import london_date
from domain.errors import NotFound
from domain.people.permission import Action as Deed
from domain.people.queries import permitted_patient
from domain.plans.adherence import Adherence, DayCount, adherence, window_start
from domain.plans.goal_lifecycle import Party
from domain.plans.schedule import Schedule, london_instant, read_rule
from domain.plans.tables import (
    ActionCompletionRow,
    ActionPlanEndRow,
    ActionPlanGoalRow,
    ActionPlanRow,
    ActionRow,
)

MOST_RECENT_COMPLETIONS = 50

_COUNTS = text(
    """
    select action_id, cast(done_at at time zone 'Europe/London' as date) as day,
        count(*) filter (where skipped is null) as done, count(skipped) as skipped
    from action_completion
    where action_id = any(cast(:action_ids as uuid[])) and done_at >= :from_at
    group by 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan version: what to do, and when."""

    id: UUID
    title: str
    instructions: str | None
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Ending:
    """When, by whom and why a plan version ended; `successor_id` if another took its place."""

    at: datetime
    ended_by: UUID
    ended_as: Party
    reason: str | None
    successor_id: UUID | None


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """One version of an agreed plan with its actions in order; `ending` is None while it is active."""

    id: UUID
    patient_id: UUID
    title: str
    agreed_on: date
    review_on: date
    version: int
    supersedes_id: UUID | None
    published_by: UUID
    published_as: Party
    published_at: datetime
    goal_ids: tuple[UUID, ...]
    actions: tuple[Action, ...]
    ending: Ending | None

    @property
    def edition(self) -> int:
        """Return 1 while it is in force and 2 when it has ended: nothing else of a published version ever changes."""
        return 1 if self.ending is None else 2


@dataclass(frozen=True, slots=True)
class Completion:
    """That an action was done, or skipped for a reason; `done_at` has the offset it was sent with."""

    id: UUID
    action_id: UUID
    client_id: str
    done_at: datetime
    note: str | None
    skipped: str | None
    recorded_by: UUID
    recorded_as: Party
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StepDone:
    """A completion with what it is of: the titles of the plan and of the step, as they stood in that version."""

    completion: Completion
    plan: str
    step: str


@dataclass(frozen=True, slots=True)
class PlanInUse:
    """A plan with the adherence to each of its actions, by id, and its latest completions, newest first."""

    plan: ActionPlan
    adherence: dict[UUID, Adherence]
    completions: tuple[Completion, ...]


async def plans_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: UUID | None, limit: int
) -> list[ActionPlan]:
    """Return a page of a visible patient's plan versions, newest first: one more than the limit if any."""
    patient = await permitted_patient(session, actor, patient_id, Deed.read_record)
    query = _plans().where(col(ActionPlanRow.patient_id) == patient_id).limit(limit + 1)
    if before is not None:
        query = query.where(col(ActionPlanRow.id) < before)
    found = await _assembled(session, (await session.execute(query)).all())
    await record_audit(session, actor, "action_plan.list", patient, count=min(limit, len(found)))
    return found


async def plan_read(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID) -> PlanInUse:
    """Return one plan version of a visible patient and how it is kept to, audited. Raises NotFound."""
    patient = await permitted_patient(session, actor, patient_id, Deed.read_record)
    found = await plan_in_use(session, actor, patient_id, plan_id)
    await record_audit(session, actor, "action_plan.read", patient, subject_id=plan_id)
    return found


async def plan_in_use(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID) -> PlanInUse:
    """Return one plan version and how it is kept to, for callers who have authorised and audited already."""
    plan = await plan_of_patient(session, patient_id, plan_id)
    recent = await session.execute(
        select(ActionCompletionRow)
        .where(col(ActionCompletionRow.action_id).in_([action.id for action in plan.actions]))
        .order_by(col(ActionCompletionRow.done_at).desc(), col(ActionCompletionRow.id).desc())
        .limit(MOST_RECENT_COMPLETIONS)
    )
    completions = tuple(as_completion(row) for row in recent.scalars())
    return PlanInUse(plan, await _adherence(session, plan, actor.at), completions)


async def steps_done_read(
    session: AsyncSession, actor: Actor, patient_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[StepDone]:
    """Return a page of all that a visible patient did or skipped of any plan, the latest first; audited.

    One more than the limit if there is any. `before` is the instant and the id of the last one of the page before.
    """
    patient = await permitted_patient(session, actor, patient_id, Deed.read_record)
    done = (col(ActionCompletionRow.done_at), col(ActionCompletionRow.id))
    query: Select[ActionCompletionRow, str, str] = (
        select(ActionCompletionRow, col(ActionPlanRow.title).label("plan"), col(ActionRow.title).label("step"))
        .join(ActionRow, col(ActionRow.id) == col(ActionCompletionRow.action_id))
        .join(ActionPlanRow, col(ActionPlanRow.id) == col(ActionRow.plan_id))
        .where(col(ActionPlanRow.patient_id) == patient_id)
        .order_by(*(column.desc() for column in done))
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(tuple_(*done) < before)
    found = [StepDone(as_completion(row), plan, step) for row, plan, step in (await session.execute(query)).all()]
    await record_audit(session, actor, "action.list", patient, count=min(limit, len(found)))
    return found


async def plan_of_patient(session: AsyncSession, patient_id: UUID, plan_id: UUID) -> ActionPlan:
    """Return one plan version of a patient, for callers who have authorised already. Raises NotFound."""
    query = _plans().where(col(ActionPlanRow.id) == plan_id, col(ActionPlanRow.patient_id) == patient_id)
    found = await _assembled(session, (await session.execute(query)).all())
    if not found:
        raise NotFound
    return found[0]


async def plan_by_client_id(session: AsyncSession, patient_id: UUID, client_id: str) -> ActionPlan | None:
    """Return the plan version that was recorded under a sender's own name for it, if any."""
    query = _plans().where(col(ActionPlanRow.patient_id) == patient_id, col(ActionPlanRow.client_id) == client_id)
    found = await _assembled(session, (await session.execute(query)).all())
    return found[0] if found else None


def as_completion(row: ActionCompletionRow) -> Completion:
    """Return the row's completion, its instant in the offset it was sent with."""
    return Completion(
        id=row.id,
        action_id=row.action_id,
        client_id=row.client_id,
        done_at=row.done_at.astimezone(timezone(timedelta(minutes=row.done_offset_minutes))),
        note=row.note,
        skipped=row.skipped,
        recorded_by=row.recorded_by,
        recorded_as=Party(row.recorded_as),
        recorded_at=row.recorded_at,
    )


def _plans() -> Select[ActionPlanRow, ActionPlanEndRow]:
    return (
        select(ActionPlanRow, ActionPlanEndRow)
        .outerjoin(ActionPlanEndRow, col(ActionPlanEndRow.plan_id) == col(ActionPlanRow.id))
        .order_by(col(ActionPlanRow.id).desc())
    )


async def _assembled(session: AsyncSession, rows: Sequence[Row[ActionPlanRow, ActionPlanEndRow]]) -> list[ActionPlan]:
    plan_ids = [plan.id for plan, _ in rows]
    actions: dict[UUID, list[Action]] = defaultdict(list)
    goals: dict[UUID, list[UUID]] = defaultdict(list)
    if plan_ids:
        in_order = (
            select(ActionRow)
            .where(col(ActionRow.plan_id).in_(plan_ids))
            .order_by(col(ActionRow.plan_id), col(ActionRow.place))
        )
        for action in (await session.execute(in_order)).scalars():
            actions[action.plan_id].append(_action(action))
        served = select(ActionPlanGoalRow).where(col(ActionPlanGoalRow.plan_id).in_(plan_ids))
        for link in (await session.execute(served.order_by(col(ActionPlanGoalRow.goal_id)))).scalars():
            goals[link.plan_id].append(link.goal_id)
    return [_plan(plan, end, actions[plan.id], goals[plan.id]) for plan, end in rows]


def _plan(
    row: ActionPlanRow, end: ActionPlanEndRow | None, actions: Iterable[Action], goal_ids: Iterable[UUID]
) -> ActionPlan:
    return ActionPlan(
        id=row.id,
        patient_id=row.patient_id,
        title=row.title,
        agreed_on=row.agreed_on,
        review_on=row.review_on,
        version=row.version,
        supersedes_id=row.supersedes_id,
        published_by=row.published_by,
        published_as=Party(row.published_as),
        published_at=row.published_at,
        goal_ids=tuple(goal_ids),
        actions=tuple(actions),
        ending=None
        if end is None
        else Ending(end.ended_at, end.ended_by, Party(end.ended_as), end.reason, end.successor_id),
    )


def _action(row: ActionRow) -> Action:
    schedule = Schedule(read_rule(row.rrule), row.starts_on, tuple(row.times))
    return Action(row.id, row.title, row.instructions, schedule)


async def _adherence(session: AsyncSession, plan: ActionPlan, at: datetime) -> dict[UUID, Adherence]:
    until = at if plan.ending is None else min(at, plan.ending.at)
    found = await session.execute(
        _COUNTS,
        {"action_ids": [action.id for action in plan.actions], "from_at": london_instant(window_start(until))},
    )
    counts: dict[UUID, dict[date, DayCount]] = defaultdict(dict)
    for row in found:
        counts[row.action_id][row.day] = DayCount(row.done, row.skipped)
    return {
        action.id: adherence(
            action.schedule, counts[action.id], in_force_from=plan.published_at, in_force_until=until, at=at
        )
        for action in plan.actions
    }


def is_review_overdue(plan: ActionPlan, at: datetime) -> bool:
    """Return whether an active plan should have been reviewed by now; the day itself still counts."""
    return plan.ending is None and london_date(at) > plan.review_on
