"""Publishing action plans and ending them.

A version never changes once it is published: a change is a new version that supersedes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotPermitted
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import VisiblePatient, permitted_patient
from domain.plans.asked import AskedFor, faults_of_asked
from domain.plans.commands import one_writer
from domain.plans.goal_lifecycle import Party
from domain.plans.plan_queries import ActionPlan, plan_by_client_id, plan_of_patient
from domain.plans.queries import acting_as, goals_among
from domain.plans.schedule import Schedule
from domain.plans.tables import (
    ActionGoalRow,
    ActionPlanEndRow,
    ActionPlanGoalRow,
    ActionPlanRow,
    ActionPlanZoneRow,
    ActionRow,
)
from domain.plans.templates import TemplateVersion, require_known_template
from domain.plans.zone import COLOURS
from domain.plans.zone_rules import AgreedZone, as_json, require_sensible_zones
from domain.versions import Seen, require_seen

OLDEST_AGREEMENT = timedelta(days=5 * 365 + 2)
LATEST_DATE = timedelta(days=10 * 366)
# With 50 actions each, more than anybody can keep to: beyond it an app repeats itself, or somebody fills the record.
MOST_PLANS_IN_FORCE = 20
# Over all plans in force, whichever days an action is for: one every seven minutes, day and night. To tell somebody's
# own day costs as much as there are, for each of the last seven days.
MOST_TIMES_A_DAY = 200
_ENDED = "This version of the plan has ended already."


@dataclass(frozen=True, slots=True)
class NewAction:
    """One step of a plan to be published, which of the plan's goals it serves, and what it asks to be recorded."""

    title: str
    instructions: str | None
    schedule: Schedule
    goal_ids: tuple[UUID, ...] = ()
    asks_for: AskedFor | None = None


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan version to be published. `client_id` is the sender's own name for it: sent again, it is kept once."""

    title: str
    agreed_on: date
    review_on: date
    goal_ids: tuple[UUID, ...]
    actions: tuple[NewAction, ...]
    zones: tuple[AgreedZone, ...] = ()
    template: TemplateVersion | None = None
    supersedes_id: UUID | None = None
    client_id: str | None = None


async def publish_plan(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewPlan) -> UUID:
    """Return the id of a published plan version; the one it supersedes ends with it.

    Safe to repeat with a `client_id`. Raises NotFound, NotPermitted, Invalid, IllegalTransition when the version to
    supersede has ended, AlreadyExists when a repeat disagrees, and Conflict when 20 plans are in force already, or when
    all in force together would name more than 200 times of a day.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    party = acting_as(patient)
    await one_writer(session, patient_id)
    before = await _locked(session, patient_id, new.supersedes_id)
    repeated = None if new.client_id is None else await plan_by_client_id(session, patient_id, new.client_id, actor.at)
    if repeated is None:
        await _require_replaceable(session, actor, party, before)
        require_known_template(new.template)
        require_sensible_zones(new.zones)
        await _require_sensible(session, patient, new, (await local_days(session, patient_id)).day_of(actor.at))
        made = await _insert_plan(session, actor, patient_id, new, party, before)
        if made is not None:
            await _announce(session, actor, patient, party, made, before)
            await _require_room(session, patient_id)
            return made
        repeated = await plan_by_client_id(session, patient_id, new.client_id or "", actor.at)
    if repeated is None or _as_new(repeated, new.client_id) != _in_order(new):
        raise AlreadyExists("A different plan is recorded under this client_id.")
    await record_audit(session, actor, "action_plan.publish", patient, subject_id=repeated.id, count=0)
    return repeated.id


async def end_plan(
    session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID, reason: str, seen: Seen | None = None
) -> None:
    """End a plan version without another in its place. Raises NotFound, NotPermitted, Stale, IllegalTransition."""
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    party = acting_as(patient)
    # As who publishes does: the plan's row and its end would else be locked in one order here and another there.
    await one_writer(session, patient_id)
    plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    require_seen(plan.edition, seen)
    await _end(session, actor, party, plan_id, reason=reason, successor_id=None)
    await append_event(session, "plan.ended", patient_id=patient_id, subject_ids=[plan_id])
    await record_audit(session, actor, "action_plan.end", patient, subject_id=plan_id)


async def _require_replaceable(session: AsyncSession, actor: Actor, party: Party, before: ActionPlanRow | None) -> None:
    if before is None:
        return
    if party is Party.patient and before.published_by != actor.account_id:
        raise NotPermitted("A clinician's plan is changed by a clinician. You may end it.")
    if await session.get(ActionPlanEndRow, before.id) is not None:
        raise IllegalTransition(_ENDED)


async def _locked(session: AsyncSession, patient_id: UUID, plan_id: UUID | None) -> ActionPlanRow | None:
    """Return the version to supersede, locked so that only one other can take its place. Raises Invalid."""
    if plan_id is None:
        return None
    found = await session.execute(
        select(ActionPlanRow)
        .where(col(ActionPlanRow.id) == plan_id, col(ActionPlanRow.patient_id) == patient_id)
        .with_for_update()
    )
    row: ActionPlanRow | None = found.scalar_one_or_none()
    if row is None:
        fault = Fault("/supersedes_id", "unknown_plan", "Name a plan of this patient.")
        raise Invalid("There is no such plan to supersede.", [fault])
    return row


async def _require_sensible(session: AsyncSession, patient: VisiblePatient, new: NewPlan, today: date) -> None:
    faults: list[Fault] = []
    if not max(patient.born_on, today - OLDEST_AGREEMENT) <= new.agreed_on <= today:
        faults.append(Fault("/agreed_on", "implausible", "Give a date up to today, within five years back."))
    if not new.agreed_on <= new.review_on <= today + LATEST_DATE:
        faults.append(Fault("/review_on", "implausible", "Give a date after the agreement, within ten years."))
    known = await goals_among(session, patient.id, list(new.goal_ids))
    for place, goal_id in enumerate(new.goal_ids):
        if goal_id not in known or goal_id in new.goal_ids[:place]:
            faults.append(Fault(f"/goal_ids/{place}", "unknown_goal", "Name each goal of this patient once."))
    for place, action in enumerate(new.actions):
        if not new.agreed_on <= action.schedule.starts_on <= today + LATEST_DATE:
            pointer = f"/actions/{place}/schedule/starts_on"
            faults.append(Fault(pointer, "implausible", "An action starts on or after the day of the agreement."))
        faults += _faults_of_goals(new, place)
        faults += faults_of_asked(action.asks_for, f"/actions/{place}/asks_for")
    if faults:
        raise Invalid("The plan cannot be published as written.", faults)


def _faults_of_goals(new: NewPlan, place: int) -> list[Fault]:
    served = new.actions[place].goal_ids
    return [
        Fault(f"/actions/{place}/goal_ids/{number}", "unknown_goal", "Name goals that the plan serves, each once.")
        for number, goal_id in enumerate(served)
        if goal_id not in new.goal_ids or goal_id in served[:number]
    ]


async def _insert_plan(
    session: AsyncSession, actor: Actor, patient_id: UUID, new: NewPlan, party: Party, before: ActionPlanRow | None
) -> UUID | None:
    """Return the id of the new version with its actions and goals; None when its client_id is taken."""
    statement = insert(ActionPlanRow).values(
        id=new_id(),
        patient_id=patient_id,
        client_id=new.client_id,
        title=new.title,
        agreed_on=new.agreed_on,
        review_on=new.review_on,
        version=1 if before is None else before.version + 1,
        supersedes_id=None if before is None else before.id,
        published_by=actor.account_id,
        published_as=party.value,
        published_at=actor.at,
        template=None if new.template is None else new.template.text(),
    )
    once = statement.on_conflict_do_nothing(index_elements=["patient_id", "client_id"])
    made: UUID | None = (await session.execute(once.returning(col(ActionPlanRow.id)))).scalar_one_or_none()
    if made is None:
        return None
    rows = [_action_row(made, place, action) for place, action in enumerate(new.actions)]
    session.add_all([*rows, *(ActionPlanGoalRow(plan_id=made, goal_id=goal_id) for goal_id in new.goal_ids)])
    await session.flush()
    for row, action in zip(rows, new.actions, strict=True):
        session.add_all(ActionGoalRow(action_id=row.id, goal_id=goal_id) for goal_id in action.goal_ids)
    session.add_all(_zone_row(made, agreed) for agreed in new.zones)
    await session.flush()
    return made


async def _require_room(session: AsyncSession, patient_id: UUID) -> None:
    """Raise Conflict when the plan just published is one too many."""
    ended = exists().where(col(ActionPlanEndRow.plan_id) == col(ActionPlanRow.id))
    in_force = select(func.count()).where(col(ActionPlanRow.patient_id) == patient_id, ~ended)
    if (await session.execute(in_force)).scalar_one() > MOST_PLANS_IN_FORCE:
        raise Conflict(f"There are {MOST_PLANS_IN_FORCE} plans in force. End one before publishing another.")
    a_day = select(func.coalesce(func.sum(func.greatest(func.cardinality(col(ActionRow.times)), 1)), 0))
    times = a_day.join(ActionPlanRow, col(ActionPlanRow.id) == col(ActionRow.plan_id))
    named = (await session.execute(times.where(col(ActionPlanRow.patient_id) == patient_id, ~ended))).scalar_one()
    if named > MOST_TIMES_A_DAY:
        message = "With this plan all plans in force would name {0} times of a day, and {1} is the most. {2}"
        mend = "Name fewer times or actions, or end another plan."
        raise Conflict(message.format(named, MOST_TIMES_A_DAY, mend))


def _action_row(plan_id: UUID, place: int, action: NewAction) -> ActionRow:
    schedule = action.schedule
    return ActionRow(
        plan_id=plan_id,
        place=place,
        title=action.title,
        instructions=action.instructions,
        rrule=schedule.rule.text(),
        starts_on=schedule.starts_on,
        times=list(schedule.times),
        except_on=list(schedule.except_on),
        asks_kind=None if action.asks_for is None else action.asks_for.kind.value,
        asks_of=None if action.asks_for is None else action.asks_for.of,
    )


def _zone_row(plan_id: UUID, agreed: AgreedZone) -> ActionPlanZoneRow:
    contact = agreed.contact
    return ActionPlanZoneRow(
        plan_id=plan_id,
        colour=agreed.zone.colour.value,
        any_of=as_json(agreed.zone),
        instructions=agreed.instructions,
        contact_name=None if contact is None else contact.name,
        contact_phone=None if contact is None else contact.phone,
        contact_hours=None if contact is None else contact.hours,
    )


async def _announce(
    session: AsyncSession, actor: Actor, patient: VisiblePatient, party: Party, made: UUID, before: ActionPlanRow | None
) -> None:
    if before is not None:
        await _end(session, actor, party, before.id, reason=None, successor_id=made)
        await append_event(session, "plan.ended", patient_id=patient.id, subject_ids=[before.id])
    await append_event(session, "plan.published", patient_id=patient.id, subject_ids=[made])
    await record_audit(session, actor, "action_plan.publish", patient, subject_id=made, count=1)


async def _end(
    session: AsyncSession, actor: Actor, party: Party, plan_id: UUID, *, reason: str | None, successor_id: UUID | None
) -> None:
    ended = await session.execute(
        insert(ActionPlanEndRow)
        .values(
            plan_id=plan_id,
            ended_at=actor.at,
            ended_by=actor.account_id,
            ended_as=party.value,
            reason=reason,
            successor_id=successor_id,
        )
        .on_conflict_do_nothing()
        .returning(col(ActionPlanEndRow.plan_id))
    )
    if ended.scalar_one_or_none() is None:
        raise IllegalTransition(_ENDED)


def _as_new(plan: ActionPlan, client_id: str | None) -> NewPlan:
    actions = tuple(
        NewAction(one.title, one.instructions, one.schedule, one.goal_ids, one.asks_for) for one in plan.actions
    )
    return NewPlan(
        plan.title,
        plan.agreed_on,
        plan.review_on,
        plan.goal_ids,
        actions,
        plan.zones,
        plan.template,
        plan.supersedes_id,
        client_id,
    )


def _in_order(new: NewPlan) -> NewPlan:
    """Return the plan as it reads when it is told again: goals by their ids, zones from green to red."""
    actions = tuple(replace(one, goal_ids=tuple(sorted(one.goal_ids))) for one in new.actions)
    zones = tuple(sorted(new.zones, key=lambda each: COLOURS.index(each.zone.colour)))
    return replace(new, goal_ids=tuple(sorted(new.goal_ids)), actions=actions, zones=zones)
