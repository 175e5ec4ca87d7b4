"""Reading action plans back: their versions, actions and how these are kept to.

What is read is audited here, one row a request. A superseded version is ended, and says by which other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import NotFound
from domain.people.local_days import LONDON_DAYS, LocalDays
from domain.people.local_days_queries import local_days
from domain.people.permission import Action as Deed
from domain.people.queries import permitted_patient
from domain.plans.acknowledgement_queries import Acknowledgement, acknowledgements_of, is_to_be_acknowledged
from domain.plans.adherence import Adherence, DayCount, InForce, adherence, days_looked_at
from domain.plans.agreed_zone_queries import zones_of_plans
from domain.plans.asked import AskedFor, RecordKind, counts_of_asked
from domain.plans.asked_queries import Asking, records_asked_for
from domain.plans.completion_queries import Completion, answers_between, counts_by_day, recent_completions
from domain.plans.goal_lifecycle import Party
from domain.plans.pause import Pause
from domain.plans.pause_queries import pauses_of_plans
from domain.plans.recurrence import read_rule
from domain.plans.schedule import Schedule
from domain.plans.tables import (
    ActionGoalRow,
    ActionPlanEndRow,
    ActionPlanGoalRow,
    ActionPlanRow,
    ActionRow,
)
from domain.plans.templates import TemplateVersion
from domain.plans.zone_rules import AgreedZone

_GOALS_OF_ACTION = func.array(
    select(col(ActionGoalRow.goal_id))
    .where(col(ActionGoalRow.action_id) == col(ActionRow.id))
    .order_by(col(ActionGoalRow.goal_id))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a plan version: what to do, and when, which of the plan's goals it serves, and what it asks for."""

    id: UUID
    title: str
    instructions: str | None
    schedule: Schedule
    goal_ids: tuple[UUID, ...]
    asks_for: AskedFor | None


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
    """One version of an agreed plan with its actions in order; `ending` is None while it is active.

    With the person's days, and the pauses that hold on any of those that adherence looks at, or later.
    """

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
    template: TemplateVersion | None
    goal_ids: tuple[UUID, ...]
    actions: tuple[Action, ...]
    zones: tuple[AgreedZone, ...]
    ending: Ending | None
    days: LocalDays
    pauses: tuple[Pause, ...]
    acknowledgements: tuple[Acknowledgement, ...]

    @property
    def is_to_be_acknowledged(self) -> bool:
        """Return whether it is in force, not the person's own writing, and not what was said last "understood"."""
        last = self.acknowledgements[0].answer if self.acknowledgements else None
        return self.ending is None and is_to_be_acknowledged(self.published_as, last)

    def in_force_until(self, at: datetime) -> datetime:
        """Return when the version ended, or the instant asked about if that is earlier or it has not."""
        return at if self.ending is None else min(at, self.ending.at)

    @property
    def edition(self) -> int:
        """Return 1 while it is in force and 2 when it has ended: nothing else of a published version ever changes."""
        return 1 if self.ending is None else 2


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands beside a plan version: actions in order, goals, zones, when it rests, and what was said of it."""

    actions: tuple[Action, ...]
    goal_ids: tuple[UUID, ...]
    zones: tuple[AgreedZone, ...]
    pauses: tuple[Pause, ...]
    acknowledgements: tuple[Acknowledgement, ...]


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
    found = await _assembled(session, (await session.execute(query)).all(), actor.at)
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
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    action_ids = [action.id for action in plan.actions]
    in_force = InForce(plan.published_at, None if plan.ending is None else plan.ending.at, plan.pauses)
    counts = await counts_by_day(
        session, action_ids, days_looked_at(plan.in_force_until(actor.at), plan.days), plan.days
    )
    counts = {**counts, **await _counts_of_asking(session, plan, in_force, actor.at)}
    kept = {
        action.id: adherence(action.schedule, counts.get(action.id, {}), in_force, plan.days, at=actor.at)
        for action in plan.actions
    }
    return PlanInUse(plan, kept, await recent_completions(session, action_ids))


async def _counts_of_asking(
    session: AsyncSession, plan: ActionPlan, in_force: InForce, at: datetime
) -> Mapping[UUID, Mapping[date, DayCount]]:
    asking = [
        Asking(each.id, each.asks_for, each.schedule, in_force) for each in plan.actions if each.asks_for is not None
    ]
    if not asking:
        return {}
    records = await records_asked_for(session, plan.patient_id, asking, plan.days, at=at)
    first = days_looked_at(plan.in_force_until(at), plan.days)[0]
    given = await answers_between(session, [each.action_id for each in asking], plan.days.instant(first))
    answers = {each.action_id: [*records[each.action_id], *given[each.action_id]] for each in asking}
    return {
        each.action_id: counts_of_asked(each.schedule, answers[each.action_id], in_force, plan.days, at=at)
        for each in asking
    }


async def plan_of_patient(session: AsyncSession, patient_id: UUID, plan_id: UUID, at: datetime) -> ActionPlan:
    """Return one plan version of a patient, for callers who have authorised already. Raises NotFound."""
    query = _plans().where(col(ActionPlanRow.id) == plan_id, col(ActionPlanRow.patient_id) == patient_id)
    found = await _assembled(session, (await session.execute(query)).all(), at)
    if not found:
        raise NotFound
    return found[0]


async def plans_by_ids(session: AsyncSession, patient_id: UUID, ids: Sequence[UUID], at: datetime) -> list[ActionPlan]:
    """Return those of these plan versions that are this patient's, for callers who have authorised already."""
    query = _plans().where(col(ActionPlanRow.id).in_(ids), col(ActionPlanRow.patient_id) == patient_id)
    return await _assembled(session, (await session.execute(query)).all(), at)


async def plan_by_client_id(session: AsyncSession, patient_id: UUID, client_id: str, at: datetime) -> ActionPlan | None:
    """Return the plan version that was recorded under a sender's own name for it, if any."""
    query = _plans().where(col(ActionPlanRow.patient_id) == patient_id, col(ActionPlanRow.client_id) == client_id)
    found = await _assembled(session, (await session.execute(query)).all(), at)
    return found[0] if found else None


def _plans() -> Select[ActionPlanRow, ActionPlanEndRow]:
    return (
        select(ActionPlanRow, ActionPlanEndRow)
        .outerjoin(ActionPlanEndRow, col(ActionPlanEndRow.plan_id) == col(ActionPlanRow.id))
        .order_by(col(ActionPlanRow.id).desc())
    )


async def _assembled(
    session: AsyncSession, rows: Sequence[Row[ActionPlanRow, ActionPlanEndRow]], at: datetime
) -> list[ActionPlan]:
    plan_ids = [plan.id for plan, _ in rows]
    actions: dict[UUID, list[Action]] = defaultdict(list)
    goals: dict[UUID, list[UUID]] = defaultdict(list)
    if plan_ids:
        in_order = (
            select(ActionRow, _GOALS_OF_ACTION)
            .where(col(ActionRow.plan_id).in_(plan_ids))
            .order_by(col(ActionRow.plan_id), col(ActionRow.place))
        )
        for action, served_by_it in await session.execute(in_order):
            actions[action.plan_id].append(_action(action, served_by_it))
        served = select(ActionPlanGoalRow).where(col(ActionPlanGoalRow.plan_id).in_(plan_ids))
        for link in (await session.execute(served.order_by(col(ActionPlanGoalRow.goal_id)))).scalars():
            goals[link.plan_id].append(link.goal_id)
    days = await local_days(session, rows[0][0].patient_id) if rows else LONDON_DAYS
    ended = [end.ended_at for _, end in rows if end is not None]
    pauses = (
        await pauses_of_plans(session, plan_ids, from_on=days_looked_at(min([at, *ended]), days)[0]) if rows else {}
    )
    zones = await zones_of_plans(session, plan_ids)
    said = await acknowledgements_of(session, plan_ids)
    parts = {
        each: Parts(tuple(actions[each]), tuple(goals[each]), zones[each], pauses.get(each, ()), said[each])
        for each in plan_ids
    }
    return [_plan(plan, end, parts[plan.id], days) for plan, end in rows]


def _plan(row: ActionPlanRow, end: ActionPlanEndRow | None, parts: Parts, days: LocalDays) -> ActionPlan:
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
        template=None if row.template is None else TemplateVersion.read(row.template),
        goal_ids=parts.goal_ids,
        actions=parts.actions,
        zones=parts.zones,
        ending=None
        if end is None
        else Ending(end.ended_at, end.ended_by, Party(end.ended_as), end.reason, end.successor_id),
        days=days,
        pauses=parts.pauses,
        acknowledgements=parts.acknowledgements,
    )


def _action(row: ActionRow, goal_ids: Sequence[UUID]) -> Action:
    schedule = Schedule(read_rule(row.rrule), row.starts_on, tuple(row.times), tuple(row.except_on))
    asks_for = None if row.asks_kind is None else AskedFor(RecordKind(row.asks_kind), row.asks_of)
    return Action(row.id, row.title, row.instructions, schedule, tuple(goal_ids), asks_for)


def is_review_overdue(plan: ActionPlan, at: datetime) -> bool:
    """Return whether an active plan should have been reviewed by now; the day itself still counts."""
    return plan.ending is None and plan.days.day_of(at) > plan.review_on
