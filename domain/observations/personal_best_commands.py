"""Saying what a person's best peak flow is, and taking back what was said in error. Nothing of it is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.audit.commands import record_audit
from domain.errors import Conflict, Fault, IllegalTransition, Invalid, NotFound
from domain.events.commands import append_event
from domain.observations.catalogue import CATALOGUE
from domain.observations.personal_best_queries import MOST_STATED
from domain.observations.recent_queries import PEAK_FLOW
from domain.observations.tables import PersonalBestRow
from domain.people.permission import Action
from domain.people.queries import permitted_patient
from domain.versions import Seen, require_seen

# One after another, so that of two who state the same at once one finds the other's.
_ONE_WRITER = text("select pg_advisory_xact_lock(hashtextextended('best ' || cast(cast(:id as uuid) as text), 0))")


@dataclass(frozen=True, slots=True)
class NewBest:
    """What a person's best peak flow is to be, in L/min, and why."""

    value: Decimal
    unit: str
    reason: str


async def state_personal_best(
    session: AsyncSession, actor: Actor, patient_id: UUID, new: NewBest, seen: Seen | None = None
) -> UUID:
    """Return the id of what now stands as the patient's best peak flow.

    Who says again what they said last changes nothing, so a repeat after a lost answer is safe. Raises NotFound,
    NotPermitted, Invalid, Stale when `seen` has passed, and Conflict when it was stated a hundred times.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    _require_possible(new.value, new.unit)
    await session.execute(_ONE_WRITER, {"id": patient_id})
    before = await _stated(session, patient_id)
    last = next((each for each in before if each.retracted_at is None), None)
    said = (new.value, new.reason, actor.account_id)
    if last is not None and (last.value, last.reason, last.stated_by) == said:
        await record_audit(session, actor, "personal_best.state", patient, subject_id=last.id, count=0)
        return last.id
    require_seen(1 if last is None else 1 + last.number, seen)
    if len(before) >= MOST_STATED:
        raise Conflict("This person's best was stated 100 times, which is as often as is kept.")
    row = PersonalBestRow(
        patient_id=patient_id,
        number=len(before) + 1,
        value=new.value,
        reason=new.reason,
        stated_at=actor.at,
        stated_by=actor.account_id,
        stated_as=patient.ground.basis,
    )
    session.add(row)
    await session.flush()
    await append_event(session, "personal_best.changed", patient_id=patient_id, subject_ids=[row.id])
    await record_audit(session, actor, "personal_best.state", patient, subject_id=row.id, count=1)
    return row.id


async def retract_personal_best(
    session: AsyncSession, actor: Actor, patient_id: UUID, best_id: UUID, reason: str
) -> None:
    """Mark a stated best as entered in error: what was stated before it, or the readings, hold again. Safe to repeat.

    Raises NotFound, NotPermitted, and IllegalTransition when somebody else has, or for another reason.
    """
    patient = await permitted_patient(session, actor, patient_id, Action.decide_goals_and_plans)
    await session.execute(_ONE_WRITER, {"id": patient_id})
    row = next((each for each in await _stated(session, patient_id) if each.id == best_id), None)
    if row is None:
        raise NotFound
    if row.retracted_at is not None:
        if (row.retraction_reason, row.retracted_by) != (reason, actor.account_id):
            raise IllegalTransition("It was entered in error already.")
    else:
        row.retracted_at, row.retracted_by, row.retraction_reason = actor.at, actor.account_id, reason
        session.add(row)
        await session.flush()
        await append_event(session, "personal_best.changed", patient_id=patient_id, subject_ids=[best_id])
    await record_audit(session, actor, "personal_best.retract", patient, subject_id=best_id)


async def _stated(session: AsyncSession, patient_id: UUID) -> list[PersonalBestRow]:
    """Return all that was stated, newest first."""
    newest = (
        select(PersonalBestRow)
        .where(col(PersonalBestRow.patient_id) == patient_id)
        .order_by(col(PersonalBestRow.number).desc())
        .execution_options(populate_existing=True)
    )
    return list((await session.execute(newest)).scalars())


def _require_possible(value: Decimal, unit: str) -> None:
    kept = CATALOGUE[PEAK_FLOW].canonical_unit
    if unit != kept:
        raise Invalid("The personal best is not acceptable.", [Fault("/unit", "unit_not_canonical", f"Give {kept}.")])
    if not value.is_finite() or not CATALOGUE[PEAK_FLOW].range_of(unit).hard.hold(value):
        fault = Fault("/value", "out_of_range", "No peak flow can be at this value.")
        raise Invalid("The personal best is not acceptable.", [fault])
