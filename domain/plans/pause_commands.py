"""Letting plans rest for a while, and going on with them before the time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import AlreadyExists, Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.ids import new_id
from domain.people.local_days_queries import local_days
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.plans.commands import one_writer
from domain.plans.pause import NewPause, Pause, require_sensible
from domain.plans.pause_queries import as_pause
from domain.plans.plan_queries import plan_of_patient
from domain.plans.queries import acting_as
from domain.plans.tables import PlanPauseRow

# More than one a week for ten years: beyond it an app repeats itself, or somebody fills the record.
MOST_PAUSES = 520


async def pause_plans(session: AsyncSession, actor: Actor, patient_id: UUID, new: NewPause) -> UUID:
    """Return the id of a pause of one plan or of all, by the person or their clinicians.

    Safe to repeat with a `client_id`. Raises NotFound, NotPermitted, Invalid, IllegalTransition when the plan has
    ended, AlreadyExists when a repeat disagrees, and Conflict when 520 pauses are recorded already.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    await one_writer(session, patient_id)
    repeated = await _repeated(session, patient_id, new)
    if repeated is not None:
        await record_audit(session, actor, "pause.create", patient, subject_id=repeated, count=0)
        return repeated
    require_sensible(new, (await local_days(session, patient_id)).day_of(actor.at))
    await _require_plan_in_force(session, actor, patient_id, new.plan_id)
    pause_id = new_id()
    row = PlanPauseRow(
        id=pause_id,
        patient_id=patient_id,
        client_id=new.client_id,
        plan_id=new.plan_id,
        kind=new.kind.value,
        reason=new.reason,
        from_on=new.from_on,
        until_on=new.until_on,
        made_by=actor.account_id,
        made_as=acting_as(patient).value,
        made_at=actor.at,
    )
    session.add(row)
    await session.flush()
    await _require_room(session, patient_id)
    await append_event(session, "plan.paused", patient_id=patient_id, subject_ids=[pause_id])
    await record_audit(session, actor, "pause.create", patient, subject_id=pause_id, count=1)
    return pause_id


async def end_pause(session: AsyncSession, actor: Actor, patient_id: UUID, pause_id: UUID) -> None:
    """End a pause from the person's today on; one that is still to come, before it begins.

    Days that have passed stay paused. To ask again changes nothing. Raises NotFound, NotPermitted, and
    IllegalTransition when it was over before.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    row = await _locked(session, patient_id, pause_id)
    changed = row.ended_at is None
    if changed:
        today = (await local_days(session, patient_id)).day_of(actor.at)
        if row.until_on is not None and row.until_on < today:
            raise IllegalTransition("This pause is over.")
        row.due_again_on = max(today, row.from_on)
        row.ended_by, row.ended_as, row.ended_at = actor.account_id, acting_as(patient).value, actor.at
        session.add(row)
        await session.flush()
        await append_event(session, "plan.resumed", patient_id=patient_id, subject_ids=[pause_id])
    await record_audit(session, actor, "pause.end", patient, subject_id=pause_id, count=int(changed))


async def _repeated(session: AsyncSession, patient_id: UUID, new: NewPause) -> UUID | None:
    """Return the pause recorded under the sender's own name for it, if any. Raises AlreadyExists."""
    if new.client_id is None:
        return None
    found = await session.execute(
        select(PlanPauseRow).where(
            col(PlanPauseRow.patient_id) == patient_id, col(PlanPauseRow.client_id) == new.client_id
        )
    )
    row: PlanPauseRow | None = found.scalar_one_or_none()
    if row is None:
        return None
    if _as_new(as_pause(row)) != new:
        raise AlreadyExists("A different pause is recorded under this client_id.")
    return row.id


def _as_new(pause: Pause) -> NewPause:
    return NewPause(pause.plan_id, pause.kind, pause.reason, pause.from_on, pause.until_on, pause.client_id)


async def _require_plan_in_force(session: AsyncSession, actor: Actor, patient_id: UUID, plan_id: UUID | None) -> None:
    if plan_id is None:
        return
    try:
        plan = await plan_of_patient(session, patient_id, plan_id, actor.at)
    except NotFound:
        fault = Fault("/plan_id", "unknown_plan", "Name a plan of this patient.")
        raise Invalid("There is no such plan to pause.", [fault]) from None
    if plan.ending is not None:
        raise IllegalTransition("This version of the plan has ended.")


async def _require_room(session: AsyncSession, patient_id: UUID) -> None:
    """Raise Conflict when the pause just made is one too many."""
    made = select(func.count()).select_from(PlanPauseRow).where(col(PlanPauseRow.patient_id) == patient_id)
    if (await session.execute(made)).scalar_one() > MOST_PAUSES:
        raise Conflict(f"There are {MOST_PAUSES} pauses recorded already.")


async def _locked(session: AsyncSession, patient_id: UUID, pause_id: UUID) -> PlanPauseRow:
    found = await session.execute(
        select(PlanPauseRow)
        .where(col(PlanPauseRow.id) == pause_id, col(PlanPauseRow.patient_id) == patient_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: PlanPauseRow | None = found.scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
